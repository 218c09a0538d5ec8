import { lowerBound, MINUTE_MS } from '@donch/core';
import { randomCandles, TEST_START_MS } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { RowCursor } from './row-cursor.ts';

describe('RowCursor', () => {
  it.each([0, 0.02, 0.3, 0.9])('finds the same rows as a search, with a share of %d bars missing', (gapFrac) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const candles = randomCandles({ seed, length: 60, gapFrac, startMs: TEST_START_MS });
      const { intervalMs, openTimeMs } = candles;
      const lastMs = openTimeMs[59];
      const fromMs = TEST_START_MS + (seed % 4) * 7 * intervalMs;
      const cursor = new RowCursor(candles, fromMs);
      for (let timeMs = fromMs; timeMs <= lastMs + 3 * intervalMs; timeMs += intervalMs) {
        const row = lowerBound(candles, timeMs);
        expect(cursor.rowAt(timeMs)).toBe(openTimeMs[row] === timeMs && row < 60 ? row : -1);
        expect(cursor.isOver(timeMs)).toBe(timeMs >= lastMs);
      }
    }
  });

  it('may skip instants', () => {
    const candles = randomCandles({ seed: 3, length: 100, gapFrac: 0.2, startMs: TEST_START_MS });
    const cursor = new RowCursor(candles, TEST_START_MS);
    for (let row = 0; row < 100; row += 7) expect(cursor.rowAt(candles.openTimeMs[row])).toBe(row);
  });

  it.each([
    { name: 'no bars at all', length: 0, fromMs: TEST_START_MS },
    { name: 'bars that ended before', length: 5, fromMs: TEST_START_MS + 60 * MINUTE_MS },
  ])('has nothing to give for $name, and is over', ({ length, fromMs }) => {
    const candles = randomCandles({ seed: 1, length, startMs: TEST_START_MS });
    const cursor = new RowCursor(candles, fromMs);
    expect(cursor.rowAt(fromMs)).toBe(-1);
    expect(cursor.isOver(fromMs)).toBe(true);
  });
});
