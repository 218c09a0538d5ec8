import { HOUR_MS } from '@donch/core';
import { candlesOfCloses, kernelContract, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { Bollinger } from './bollinger.ts';
import { stepAll } from './kernel.ts';
import { PercentRank } from './percent-rank.ts';
import { RealisedVolatility } from './realised-volatility.ts';
import { RollingSd, sdOfRows } from './rolling-sd.ts';

const candles = randomCandles({ seed: 41, length: 500 });
kernelContract('RollingSd(50)', { create: () => new RollingSd(50), candles });
kernelContract('Bollinger(20, 2)', {
  create: () => new Bollinger({ length: 20, width: 2 }),
  candles,
  outputs: ({ mid, upper, lower }) => [mid, upper, lower],
});
kernelContract('PercentRank(100)', { create: () => new PercentRank(100), candles });
kernelContract('RealisedVolatility of 6 hours', {
  create: () => new RealisedVolatility({ windowMs: 6 * HOUR_MS, intervalMs: candles.intervalMs }),
  candles,
  outputs: ({ count }) => [count],
  windowFrom: (i) => i - 72,
});

describe('sdOfRows', () => {
  it('keeps its digits at high prices', () => {
    const values = Float64Array.from({ length: 10 }, (_, k) => 1e9 + k);
    expect(sdOfRows(values, { from: 0, to: 10, ddof: 1 })).toBe(Math.sqrt(82.5 / 9));
    expect(sdOfRows(values, { from: 0, to: 10, ddof: 0 })).toBe(Math.sqrt(8.25));
  });

  it('is missing without enough values', () => {
    expect(sdOfRows(new Float64Array(3), { from: 1, to: 2, ddof: 1 })).toBeNaN();
    expect(sdOfRows(new Float64Array(3), { from: 1, to: 1, ddof: 0 })).toBeNaN();
  });
});

describe('Bollinger', () => {
  it('shows three equal lines on a constant series', () => {
    const kernel = new Bollinger({ length: 3, width: 2 });
    stepAll(kernel, candlesOfCloses([7, 7, 7, 7]));
    expect([kernel.lower, kernel.mid, kernel.upper]).toEqual([7, 7, 7]);
  });
});

describe('RealisedVolatility', () => {
  it('is the sample sd of the log returns that end inside the window of time', () => {
    const gappy = randomCandles({ seed: 42, length: 400, gapFrac: 0.25 });
    const windowMs = 2 * HOUR_MS;
    const kernel = new RealisedVolatility({ windowMs, intervalMs: gappy.intervalMs, coverageMinFrac: 0.7 });
    let ready = 0;
    for (let i = 0; i < gappy.length; i += 1) {
      const found = kernel.step(gappy, i);
      const returns: number[] = [];
      for (let row = 1; row <= i; row += 1) {
        if (gappy.openTimeMs[row] <= gappy.openTimeMs[i] - windowMs) continue;
        returns.push(Math.log(gappy.close[row] / gappy.close[row - 1]));
      }
      const isReady = returns.length >= 17;
      if (isReady) ready += 1;
      expect(kernel.count).toBe(returns.length);
      const sd = sdOfRows(Float64Array.from(returns), { from: 0, to: returns.length, ddof: 1 });
      expect(found).toBe(isReady ? sd : Number.NaN);
    }
    expect(ready).toBeGreaterThan(100);
    expect(ready).toBeLessThan(390);
  });

  it('is 0 on a constant and on a steadily growing series', () => {
    const kernel = () => new RealisedVolatility({ windowMs: 10 * 60_000, intervalMs: 60_000 });
    expect(stepAll(kernel(), candlesOfCloses(Array.from({ length: 20 }, () => 5))).at(-1)).toBe(0);
    expect(stepAll(kernel(), candlesOfCloses(Array.from({ length: 20 }, (_, k) => 2 ** k))).at(-1)).toBe(0);
  });
});

describe('PercentRank', () => {
  it('counts the previous closes that lie strictly below', () => {
    const found = stepAll(new PercentRank(4), candlesOfCloses([1, 2, 3, 4, 3, 9, 0]));
    expect([...found.subarray(4)]).toEqual([50, 100, 0]);
    expect([...stepAll(new PercentRank(2), candlesOfCloses([1, 1, 1]))]).toEqual([Number.NaN, Number.NaN, 0]);
  });
});
