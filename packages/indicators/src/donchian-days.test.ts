import { CandleBuffer, DAY_MS, dayIndex, HOUR_MS, lowerBound, MINUTE_MS, type Candles } from '@donch/core';
import { kernelContract, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { DonchianDays } from './donchian-days.ts';

const INTERVALS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS];
for (const intervalMs of INTERVALS) {
  const candles = randomCandles({ seed: 16, length: Math.min(9_000, (6.4 * DAY_MS) / intervalMs), intervalMs });
  kernelContract(`DonchianDays(3) on bars of ${intervalMs / MINUTE_MS} minutes`, {
    create: () => new DonchianDays({ days: 3, intervalMs }),
    candles,
    outputs: ({ upper, lower, barsMin, consecutive, cutByStart }) => [
      upper,
      lower,
      barsMin,
      Number(consecutive),
      Number(cutByStart),
    ],
    windowFrom: (i) => lowerBound(candles, (dayIndex(candles.openTimeMs[i]) - 3) * DAY_MS),
  });
}

/** Levels by definition: all bars of the last n days that have bars, before the bar's own day. */
function bruteForce(candles: Candles, i: number, days: number): { upper: number; lower: number; bars: number[] } {
  const today = dayIndex(candles.openTimeMs[i]);
  const byDay = new Map<number, number[]>();
  for (let row = 0; row < i; row += 1) {
    const day = dayIndex(candles.openTimeMs[row]);
    if (day < today) byDay.set(day, [...(byDay.get(day) ?? []), row]);
  }
  const last = [...byDay.values()].slice(-days);
  if (last.length < days) return { upper: Number.NaN, lower: Number.NaN, bars: [] };
  return {
    upper: Math.max(...last.flat().map((row) => candles.high[row])),
    lower: Math.min(...last.flat().map((row) => candles.low[row])),
    bars: last.map((rows) => rows.length),
  };
}

describe('DonchianDays', () => {
  it('agrees with the definition on bars with outages', () => {
    const candles = randomCandles({ seed: 17, length: 500, intervalMs: HOUR_MS, startMs: 7.5 * HOUR_MS, gapFrac: 0.5 });
    const kernel = new DonchianDays({ days: 4, intervalMs: HOUR_MS });
    let levels = 0;
    for (let i = 0; i < candles.length; i += 1) {
      kernel.step(candles, i);
      const { upper, lower, bars } = bruteForce(candles, i, 4);
      expect([kernel.upper, kernel.lower]).toEqual([upper, lower]);
      expect(kernel.barsMin).toBe(bars.length === 0 ? 0 : Math.min(...bars));
      if (upper > 0) levels += 1;
    }
    expect(levels).toBeGreaterThan(300);
  });

  it('says whether the days are the calendar days before, and whether the data cut the oldest', () => {
    // Days 0 (from 12:00 on), 1, 2, 4, 5, 6 with bars of 12 hours; day 3 is missing.
    const opens = [0.5, 1, 1.5, 2, 2.5, 4, 4.5, 5, 5.5, 6, 6.5].map((day) => day * DAY_MS);
    const buffer = new CandleBuffer(DAY_MS / 2);
    for (const [k, openTimeMs] of opens.entries()) {
      buffer.append({ openTimeMs, open: 1, high: 10 + k, low: 10 - k, close: 1, volume: 1, turnover: Number.NaN });
    }
    const kernel = new DonchianDays({ days: 2, intervalMs: DAY_MS / 2 });
    const seen = opens.map((_, i) => {
      kernel.step(buffer, i);
      return [kernel.upper, kernel.barsMin, kernel.consecutive, kernel.cutByStart];
    });
    expect(seen[2]).toEqual([Number.NaN, 0, false, false]);
    expect(seen[3], 'day 2: days 0 and 1, of which 0 begins late').toEqual([12, 1, true, true]);
    expect(seen[5], 'day 4: days 1 and 2, but 3 is missing').toEqual([14, 2, false, false]);
    expect(seen[7], 'day 5: days 2 and 4').toEqual([16, 2, false, false]);
    expect(seen[9], 'day 6: days 4 and 5').toEqual([18, 2, true, false]);
  });

  it('holds the level through a day and ignores the day itself', () => {
    const candles = randomCandles({ seed: 18, length: 24 * 4, intervalMs: HOUR_MS });
    candles.high[24 * 2 + 5] = 1e6;
    const kernel = new DonchianDays({ days: 1, intervalMs: HOUR_MS });
    const levels = Array.from({ length: candles.length }, (_, i) => kernel.step(candles, i));
    expect(new Set(levels.slice(48, 72)).size).toBe(1);
    expect(levels[71]).toBeLessThan(1e6);
    expect(levels[72]).toBe(1e6);
  });
});
