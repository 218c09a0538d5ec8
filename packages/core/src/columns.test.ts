import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  barAt,
  type Bar,
  CANDLE_COLUMNS,
  CandleBuffer,
  candlesFromBars,
  lowerBound,
  rowAt,
  sliceCandles,
  turnoverUsd,
} from './columns.ts';

function bar(openTimeMs: number, price = openTimeMs + 1): Bar {
  return {
    openTimeMs,
    open: price,
    high: price + 2,
    low: price - 1,
    close: price + 1,
    volume: 10,
    turnover: Number.NaN,
  };
}

describe('CandleBuffer', () => {
  it('keeps every bar while it grows', () => {
    const bars = Array.from({ length: 100 }, (_, k) => bar(k * 3));
    const buffer = new CandleBuffer(3, 1);
    for (const one of bars) buffer.append(one);
    expect(buffer.length).toBe(100);
    expect(bars.map((_, i) => barAt(buffer, i))).toEqual(bars);
    for (const column of CANDLE_COLUMNS) expect(buffer[column].length).toBeGreaterThanOrEqual(100);
  });

  it.each([5, 4, Number.NaN])('refuses a bar at %d after one at 5', (openTimeMs) => {
    const buffer = new CandleBuffer(1);
    buffer.append(bar(5));
    expect(() => buffer.append(bar(openTimeMs))).toThrow('expected after 5');
    expect(buffer.length).toBe(1);
  });
});

describe('rows by time', () => {
  it('are found as a search through all rows finds them', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { maxLength: 25, size: 'max' });
    fc.assert(
      fc.property(times, fc.integer({ min: -1, max: 51 }), (list, timeMs) => {
        const sorted = list.toSorted((a, b) => a - b);
        const candles = candlesFromBars(
          1,
          sorted.map((openTimeMs) => bar(openTimeMs)),
        );
        const first = sorted.findIndex((openTimeMs) => openTimeMs >= timeMs);
        expect(lowerBound(candles, timeMs)).toBe(first < 0 ? sorted.length : first);
        expect(rowAt(candles, timeMs)).toBe(sorted.indexOf(timeMs));
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });

  it('never lie in the unused part of a buffer', () => {
    const buffer = new CandleBuffer(1, 16);
    buffer.append(bar(5));
    expect(lowerBound(buffer, 6)).toBe(1);
    expect(rowAt(buffer, 0)).toBe(-1);
  });
});

describe('sliceCandles', () => {
  it('shows the same memory', () => {
    const candles = candlesFromBars(1, [bar(0), bar(1), bar(2), bar(3)]);
    const slice = sliceCandles(candles, 1, 3);
    expect(slice.length).toBe(2);
    expect([barAt(slice, 0), barAt(slice, 1)]).toEqual([bar(1), bar(2)]);
    candles.close[1] = 77;
    expect(slice.close[0]).toBe(77);
    expect(sliceCandles(candles, 2, 2).length).toBe(0);
  });

  it.each([
    [-1, 2],
    [3, 2],
    [0, 5],
  ])('refuses rows %i to %i of 4', (from, to) => {
    const candles = candlesFromBars(1, [bar(0), bar(1), bar(2), bar(3)]);
    expect(() => sliceCandles(candles, from, to)).toThrow('inside the rows');
  });
});

describe('turnoverUsd', () => {
  it("is the venue's, also when it is 0, else volume times the mean price", () => {
    const rows = [
      { ...bar(0), turnover: 123 },
      { ...bar(1), turnover: 0 },
      { ...bar(2, 100), turnover: Number.NaN },
    ];
    const candles = candlesFromBars(1, rows);
    expect(rows.map((_, i) => turnoverUsd(candles, i))).toEqual([123, 0, (10 * (100 + 102 + 99 + 101)) / 4]);
  });
});

describe('barAt', () => {
  it('refuses rows that do not exist', () => {
    const candles = candlesFromBars(1, [bar(0)]);
    for (const i of [-1, 1]) expect(() => barAt(candles, i)).toThrow('inside the rows');
  });
});
