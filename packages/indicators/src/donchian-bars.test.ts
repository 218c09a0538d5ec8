import { HOUR_MS, type Candles } from '@donch/core';
import { kernelContract, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { DonchianBars } from './donchian-bars.ts';
import { DonchianTime } from './donchian-time.ts';
import { ExtremeWindow } from './extreme-window.ts';

const candles = randomCandles({ seed: 19, length: 600 });
for (const length of [1, 20, 300]) {
  kernelContract(`DonchianBars(${length})`, {
    create: () => new DonchianBars(length),
    candles,
    outputs: ({ upper, lower }) => [upper, lower],
  });
}
kernelContract('DonchianTime of a day', {
  create: () => new DonchianTime({ windowMs: 24 * HOUR_MS, intervalMs: HOUR_MS / 12 }),
  candles,
  outputs: ({ upper, lower, count }) => [upper, lower, count],
  windowFrom: (i) => i - 288,
});

function extremes(rows: Candles, from: number, to: number): number[] {
  return [Math.max(...rows.high.subarray(from, to)), Math.min(...rows.low.subarray(from, to))];
}

describe('DonchianBars', () => {
  it('is the extremes of the n rows before, ties and gaps included', () => {
    const gappy = randomCandles({ seed: 20, length: 400, gapFrac: 0.2 });
    for (let i = 0; i < gappy.length; i += 1) gappy.high[i] = Math.round(gappy.high[i] * 4) / 4;
    const kernel = new DonchianBars(37);
    for (let i = 0; i < gappy.length; i += 1) {
      kernel.step(gappy, i);
      const expected = i < 37 ? [Number.NaN, Number.NaN] : extremes(gappy, i - 37, i);
      expect([kernel.upper, kernel.lower]).toEqual(expected);
    }
  });
});

describe('DonchianTime', () => {
  it('holds the bars of the window of time that exist and is not ready when too few do', () => {
    const gappy = randomCandles({ seed: 21, length: 400, gapFrac: 0.25 });
    const windowMs = 3 * HOUR_MS;
    const kernel = new DonchianTime({ windowMs, intervalMs: gappy.intervalMs, coverageMinFrac: 0.75 });
    let ready = 0;
    for (let i = 0; i < gappy.length; i += 1) {
      kernel.step(gappy, i);
      const from = gappy.openTimeMs.findIndex((openTimeMs) => openTimeMs >= gappy.openTimeMs[i] - windowMs);
      expect(kernel.count).toBe(i - from);
      const isReady = i - from >= 27;
      if (isReady) ready += 1;
      expect([kernel.upper, kernel.lower]).toEqual(isReady ? extremes(gappy, from, i) : [Number.NaN, Number.NaN]);
    }
    expect(ready).toBeGreaterThan(100);
    expect(ready).toBeLessThan(390);
  });
});

describe('ExtremeWindow', () => {
  it('grows beyond its first capacity and has no maximum when empty', () => {
    const window = new ExtremeWindow(2);
    expect(window.max).toBeNaN();
    for (let row = 0; row < 1_000; row += 1) window.push(row, -row);
    expect(window.max).toBe(-0);
    window.dropBelow(997);
    expect(window.max).toBe(-997);
    window.dropBelow(1_000);
    expect(window.max).toBeNaN();
  });
});
