/** Two hours of the live edge; `npm run test:long -- live-day` has the day of a whole market. */
import { expect, it } from 'vitest';
import { runLiveDay } from './testing/live-day.ts';

/** 4 s of work where nobody else works. */
const BUSY_MACHINE_MS = 120_000;

it(
  'two hours of 40 instruments: every bar once and true, whatever happens to streams and answers',
  async () => {
    const report = await runLiveDay({ symbols: 40, hours: 2, streamFaults: 10, faultFrac: 0.05 });
    expect(report.wrong).toEqual([]);
    expect(report.barSets).toBe(2 * 12 + 1);
    expect(report).toMatchObject({ bars: 40 * (2 * 12 + 3), revisions: 0, rateLimitViolations: 0 });
    // the streams have done their part, and were met with every fault
    expect(report.confirmedSets).toBeGreaterThan(12);
    expect(report.dials).toBeGreaterThan(10);
    expect(report.reconnectedWakes).toBeGreaterThan(4);
    expect(report.accountWakes).toBeGreaterThan(3);
    expect(report.refusedSignIns).toBeGreaterThan(0);
    expect(report.lateBars).toBeGreaterThan(20);
    expect(report.frozenMaxMs).toBe(15_000);
    expect(report.spoiltAnswers).toBeGreaterThan(50);
  },
  BUSY_MACHINE_MS,
);
