/** A day of a whole market at the live edge, through sockets and ccxt: no bar lost, no memory lost. */
import { expect, it } from 'vitest';
import { runLiveDay } from './testing/live-day.ts';

const SYMBOLS = 553;
const HOURS = 24;
const WINDOW_HOURS = 6;

it('24 hours of 553 instruments: every bar once and true, and memory stays where it is', async () => {
  const startMs = performance.now();
  const report = await runLiveDay({ symbols: SYMBOLS, hours: HOURS, streamFaults: 60, faultFrac: 0.01 });
  const { memoryMb, wrong } = report;
  // a single hour differs by a few MB from the next one
  const growthFrac = medianOf(memoryMb.slice(-WINDOW_HOURS)) / medianOf(memoryMb.slice(HOURS / 2, -WINDOW_HOURS)) - 1;
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  console.log(JSON.stringify({ ...report, wrong: wrong.length, growthFrac, seconds }));
  expect(wrong).toEqual([]);
  expect(report).toMatchObject({ barSets: HOURS * 12 + 1, bars: SYMBOLS * (HOURS * 12 + 3), rateLimitViolations: 0 });
  expect(memoryMb.length).toBe(HOURS + 1);
  expect(growthFrac).toBeLessThan(0.05);
  expect(report.confirmedSets).toBeGreaterThan(HOURS * 6);
  expect(report.dials).toBeGreaterThan(40);
  expect(report.lateBars).toBeGreaterThan(SYMBOLS);
});

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
