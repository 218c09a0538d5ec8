import { DAY_MS, HOUR_MS, type Candles } from '@donch/core';
import { kernelContract, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { AnchoredVwap } from './anchored-vwap.ts';
import { stepAll } from './kernel.ts';
import { RollingVwap, vwapOfRows } from './rolling-vwap.ts';
import { SessionVwap } from './session-vwap.ts';
import { VwapStack } from './vwap-stack.ts';

const candles = randomCandles({ seed: 31, length: 700 });
const anchorRow = 100;
kernelContract('RollingVwap(48)', { create: () => new RollingVwap(48), candles });
kernelContract('VwapStack(12 bars, 0.2 %)', {
  create: () => new VwapStack({ lengthBars: 12, bandFrac: 0.002 }),
  candles,
  outputs: ({ frac, expansion, slopePerHour, vwap }) => [frac, expansion, slopePerHour, vwap],
});
kernelContract('SessionVwap', {
  create: () => new SessionVwap(),
  candles,
  outputs: ({ vwap, sd }) => [vwap, sd],
  windowFrom: (i) => i - (i % 288),
});
kernelContract('AnchoredVwap', {
  create: () => new AnchoredVwap(candles.openTimeMs[0]),
  candles,
  windowFrom: () => 0,
});

describe('AnchoredVwap', () => {
  it('is the same bits as the sum over the rows from the anchor, whenever it is first asked', () => {
    const kernel = new AnchoredVwap(candles.openTimeMs[anchorRow]);
    const late = new AnchoredVwap(candles.openTimeMs[anchorRow]);
    const found = stepAll(kernel, candles);
    expect(found.slice(0, anchorRow).every(Number.isNaN)).toBe(true);
    expect(found[anchorRow]).toBe(vwapOfRows(candles, anchorRow, anchorRow + 1));
    expect(found[500]).toBe(vwapOfRows(candles, anchorRow, 501));
    expect(late.step(candles, 500)).toBe(found[500]);
  });

  it('starts at the first bar from the anchor time on when the anchor bar is missing', () => {
    const kernel = new AnchoredVwap(candles.openTimeMs[anchorRow] - 1);
    expect(stepAll(kernel, candles)[anchorRow + 3]).toBe(vwapOfRows(candles, anchorRow, anchorRow + 4));
  });

  it('has no value while nothing is traded', () => {
    const dead = randomCandles({ seed: 32, length: 5 });
    dead.volume.fill(0, 0, 4);
    expect([...stepAll(new AnchoredVwap(0), dead)].map(Number.isNaN)).toEqual([true, true, true, true, false]);
  });
});

/** The stack by its definition. */
function stackOf(rows: Candles, i: number, length: number): number[] {
  const vwap = (row: number) => vwapOfRows(rows, row + 1 - length, row + 1);
  let inside = 0;
  for (let row = i - length; row < i; row += 1) {
    if (Math.abs(rows.close[row] - vwap(row)) <= 0.002 * vwap(row)) inside += 1;
  }
  const hours = (rows.openTimeMs[i] - rows.openTimeMs[i - length]) / HOUR_MS;
  return [inside / length, Math.abs(rows.close[i] / vwap(i) - 1), (vwap(i) / vwap(i - length) - 1) / hours];
}

describe('VwapStack', () => {
  it('agrees with its definition, gaps included', () => {
    const gappy = randomCandles({ seed: 33, length: 300, gapFrac: 0.2 });
    const kernel = new VwapStack({ lengthBars: 12, bandFrac: 0.002 });
    const fracs = new Set<number>();
    for (let i = 0; i < gappy.length; i += 1) {
      kernel.step(gappy, i);
      const expected = i < 23 ? [Number.NaN, Number.NaN, Number.NaN] : stackOf(gappy, i, 12);
      expect([kernel.frac, kernel.expansion, kernel.slopePerHour]).toEqual(expected);
      if (i >= 23) fracs.add(kernel.frac);
    }
    expect(fracs.size).toBeGreaterThan(5);
  });

  it('measures the slope per hour on any interval', () => {
    for (const intervalMs of [HOUR_MS / 12, HOUR_MS]) {
      const rising = randomCandles({ seed: 34, length: 60, intervalMs });
      for (let i = 0; i < rising.length; i += 1) {
        const price = 100 * 1.01 ** ((i * intervalMs) / HOUR_MS);
        for (const column of ['open', 'high', 'low', 'close'] as const) rising[column][i] = price;
        rising.volume[i] = 1;
      }
      const kernel = new VwapStack({ lengthBars: 12, bandFrac: 0.002 });
      stepAll(kernel, rising);
      const hours = (12 * intervalMs) / HOUR_MS;
      expect(kernel.slopePerHour).toBeCloseTo((1.01 ** hours - 1) / hours, 10);
    }
  });

  it('has no share while one of its VWAPs has no traded bar', () => {
    const dead = randomCandles({ seed: 35, length: 100 });
    dead.volume.fill(0, 40, 53);
    const kernel = new VwapStack({ lengthBars: 12, bandFrac: 0.002 });
    const missing = [...stepAll(kernel, dead)].flatMap((frac, i) => (Number.isNaN(frac) && i >= 23 ? [i] : []));
    // Bars 51 and 52 end a window of 12 bars without volume; they are among the previous 12 until bar 64.
    expect(missing).toEqual([52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64]);
  });
});

describe('SessionVwap', () => {
  it('begins anew at 00:00 UTC', () => {
    const days = randomCandles({ seed: 36, length: 60, intervalMs: HOUR_MS, startMs: 3 * DAY_MS });
    const found = stepAll(new SessionVwap(), days);
    expect(found[24]).toBe(vwapOfRows(days, 24, 25));
    expect(found[47]).toBe(vwapOfRows(days, 24, 48));
  });
});
