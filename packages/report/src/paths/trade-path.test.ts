import { CandleBuffer, createPrng, DAY_MS, HOUR_MS, INTERVALS, intervalMs, MINUTE_MS, type Candles } from '@donch/core';
import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePath } from '../page/trade-chart.ts';
import { encodePath, pathWindow } from './trade-path.ts';

const START_MS = 19_723 * DAY_MS;
const BASE_MS = 5 * MINUTE_MS;

function randomCandles(count: number, missing: ReadonlySet<number> = new Set()): Candles {
  const prng = createPrng(3, 'candles');
  const candles = new CandleBuffer(BASE_MS);
  let open = 100;
  for (let k = 0; k < count; k += 1) {
    const close = open + prng.normal();
    const bar = { open, close, high: Math.max(open, close) + prng.next(), low: Math.min(open, close) - prng.next() };
    if (!missing.has(k)) candles.append({ ...bar, openTimeMs: START_MS + k * BASE_MS, volume: 1, turnover: 1 });
    open = close;
  }
  return candles;
}

describe('pathWindow', () => {
  const options = { baseMs: BASE_MS, candlesMax: 96 };
  const times = (bars: number, breakBars = Number.NaN) => ({
    breakTimeMs: START_MS - breakBars * BASE_MS,
    decisionTimeMs: START_MS,
    entryTimeMs: START_MS,
    exitTimeMs: START_MS + bars * BASE_MS,
  });

  it('holds the trade and its surroundings in at most so many candles of the shortest usual interval', () => {
    const lengths = new Set(INTERVALS.map(intervalMs));
    assert(
      property(integer({ min: 0, max: 5_000 }), integer({ min: 0, max: 2_000 }), (bars, breakBars) => {
        const { fromMs, toMs, candleMs } = pathWindow(times(bars, breakBars), options);
        const count = Math.ceil((toMs - fromMs) / candleMs);
        expect(fromMs).toBeLessThanOrEqual(START_MS - 30 * BASE_MS);
        expect(toMs).toBeGreaterThanOrEqual(START_MS + (bars + 12) * BASE_MS);
        expect(count).toBeLessThanOrEqual(96);
        expect([fromMs % candleMs, lengths.has(candleMs)]).toEqual([0, true]);
        const shorter = [...lengths].filter((length) => length < candleMs && length >= BASE_MS).at(-1) ?? 0;
        expect(shorter === 0 || (toMs - fromMs) / shorter > 94).toBe(true);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('begins before a near breakout and leaves a far one out', () => {
    expect(pathWindow(times(10, 45), options).fromMs).toBeLessThan(START_MS - 45 * BASE_MS);
    expect(pathWindow(times(10, 500), options).fromMs).toBe(pathWindow(times(10), options).fromMs);
  });

  it('finds a length for a trade of years too', () => {
    const { fromMs, toMs, candleMs } = pathWindow(times(3_000 * 288), { baseMs: BASE_MS, candlesMax: 30 });
    expect((toMs - fromMs) / candleMs).toBeLessThanOrEqual(30);
  });
});

describe('encodePath', () => {
  it('gives base bars back to 1/4095 of their range', () => {
    const candles = randomCandles(50);
    const path = encodePath(candles, { fromMs: START_MS, toMs: START_MS + 50 * BASE_MS, candleMs: BASE_MS });
    const decoded = decodePath(path ?? [0, 1, 0, 0, '']);
    const [, , low, high] = path ?? [0, 0, 0, 0, ''];
    expect(decoded).toHaveLength(50);
    for (const [k, candle] of decoded.entries()) {
      expect(candle.timeMs).toBe(candles.openTimeMs[k]);
      for (const name of ['open', 'high', 'low', 'close'] as const) {
        expect(Math.abs(candle[name] - candles[name][k])).toBeLessThanOrEqual((high - low) / 4_095);
      }
    }
  });

  it('joins bars into longer candles: first open, highest high, lowest low, last close', () => {
    const candles = randomCandles(24);
    const decoded = decodePath(
      encodePath(candles, { fromMs: START_MS, toMs: START_MS + 2 * HOUR_MS, candleMs: HOUR_MS }) ?? [0, 1, 0, 0, ''],
    );
    expect(decoded.map(({ timeMs }) => timeMs)).toEqual([START_MS, START_MS + HOUR_MS]);
    for (const [k, { open, high, low, close }] of decoded.entries()) {
      const [from, to] = [k * 12, k * 12 + 12];
      expect(open).toBeCloseTo(candles.open[from], 1);
      expect(high).toBeCloseTo(Math.max(...candles.high.subarray(from, to)), 1);
      expect(low).toBeCloseTo(Math.min(...candles.low.subarray(from, to)), 1);
      expect(close).toBeCloseTo(candles.close[to - 1], 1);
    }
  });

  it('keeps a gap a gap, at the begin too', () => {
    const candles = randomCandles(10, new Set([0, 1, 5]));
    const window = { fromMs: START_MS, toMs: START_MS + 10 * BASE_MS, candleMs: BASE_MS };
    const decoded = decodePath(encodePath(candles, window) ?? [0, 1, 0, 0, '']);
    expect(decoded.map(({ timeMs }) => (timeMs - START_MS) / BASE_MS)).toEqual([2, 3, 4, 6, 7, 8, 9]);
  });

  it('is null without a bar, and a price that does not move is drawn', () => {
    const window = { fromMs: START_MS, toMs: START_MS + 10 * BASE_MS, candleMs: BASE_MS };
    expect(encodePath(new CandleBuffer(BASE_MS), window)).toBeNull();
    const still = new CandleBuffer(BASE_MS);
    still.append({ openTimeMs: START_MS, open: 7, high: 7, low: 7, close: 7, volume: 0, turnover: 0 });
    expect(decodePath(encodePath(still, window) ?? [0, 1, 0, 0, ''])).toMatchObject([{ open: 7, close: 7 }]);
  });
});
