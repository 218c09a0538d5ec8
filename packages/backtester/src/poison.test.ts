import {
  CANDLE_COLUMNS,
  createPrng,
  firstDifference,
  lowerBound,
  numbersOf,
  takeRows,
  type Candles,
  type Table,
} from '@donch/core';
import { randomBacktest, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { poisonAfter, poisonEventsAfter, withMovedCloses } from './poison.ts';
import { runBacktest } from './run-backtest.ts';
import { firstDecisionMs } from './scan-window.ts';

function columnsOf(candles: Candles, from: number, to: number): number[][] {
  return CANDLE_COLUMNS.map((column) => [...candles[column].subarray(from, to)]);
}

describe('poisonAfter', () => {
  const candles = randomCandles({ seed: 1, length: 200, gapFrac: 0.1 });
  const cutMs = candles.openTimeMs[120] + candles.intervalMs;
  const poisoned = poisonAfter(candles, cutMs, createPrng(1, 'poison'));

  it('leaves every bar that has closed by then, the one that closes just then included', () => {
    expect(columnsOf(poisoned, 0, 121)).toEqual(columnsOf(candles, 0, 121));
  });

  it('changes every later bar and no time', () => {
    expect([...poisoned.openTimeMs]).toEqual([...candles.openTimeMs.subarray(0, 200)]);
    for (let i = 121; i < 200; i += 1) {
      for (const column of ['open', 'high', 'low', 'close', 'volume'] as const)
        expect(poisoned[column][i]).not.toBe(candles[column][i]);
      expect(poisoned.low[i]).toBeLessThanOrEqual(Math.min(poisoned.open[i], poisoned.close[i]));
      expect(poisoned.high[i]).toBeGreaterThanOrEqual(Math.max(poisoned.open[i], poisoned.close[i]));
      expect(poisoned.low[i]).toBeGreaterThan(0);
    }
  });

  it('leaves the original alone', () => {
    expect(columnsOf(candles, 0, 200)).toEqual(
      columnsOf(randomCandles({ seed: 1, length: 200, gapFrac: 0.1 }), 0, 200),
    );
  });
});

describe('poisonEventsAfter', () => {
  it('changes every later value, and nothing else', () => {
    const [times, values] = [Float64Array.of(10, 20, 30), Float64Array.of(1e-4, 2e-4, -3e-4)];
    const poisoned = poisonEventsAfter(times, values, { timeMs: 20, prng: createPrng(1, 'events') });
    expect(poisoned.subarray(0, 2)).toEqual(values.subarray(0, 2));
    expect(poisoned[2]).not.toBe(values[2]);
    expect(poisoned[2]).toBeLessThan(0);
  });
});

describe('withMovedCloses', () => {
  it('moves the close of the rows to the far end of their range, and nothing else', () => {
    const candles = randomCandles({ seed: 2, length: 20 });
    const moved = withMovedCloses(candles, [3, 7]);
    for (let i = 0; i < 20; i += 1) {
      expect([moved.open[i], moved.high[i], moved.low[i]]).toEqual([candles.open[i], candles.high[i], candles.low[i]]);
      const ends = [candles.high[i], candles.low[i]];
      expect(i === 3 || i === 7 ? ends.includes(moved.close[i]) : moved.close[i] === candles.close[i]).toBe(true);
    }
    expect(Math.abs(moved.close[3] - candles.close[3])).toBeGreaterThanOrEqual((candles.high[3] - candles.low[3]) / 2);
  });
});

describe('garbage after t', () => {
  const until = (table: Table, column: string, timeMs: number): Table => {
    const times = numbersOf(table, column);
    const rows = Array.from({ length: table.length }, (_, row) => row);
    return takeRows(
      table,
      rows.filter((row) => times[row] <= timeMs),
    );
  };

  it('changes no trade, decision or equity row at or before t', () => {
    let compared = 0;
    for (let seed = 1; seed <= 150; seed += 1) {
      const world = randomBacktest(seed, { symbols: 3, bars: 100, signals: 8 });
      const prng = createPrng(seed, 'cut');
      const { startMs, endMs } = world.window;
      const cutMs = firstDecisionMs({ startMs: startMs + (endMs - startMs) * prng.next(), endMs }, world.intervalMs);
      const poisoned = new Map(
        [...world.candles].map(([id, candles]) => [id, poisonAfter(candles, cutMs, createPrng(seed, id))] as const),
      );
      const truth = runBacktest(world);
      const changed = runBacktest({ ...world, candlesOf: (id) => poisoned.get(id) ?? world.candlesOf(id) });
      for (const [left, right, column] of [
        [truth.decisions, changed.decisions, 'decision_time'],
        [truth.equity, changed.equity, 'time'],
      ] as const)
        expect(firstDifference(until(left, column, cutMs), until(right, column, cutMs))).toBeNull();
      // a market order of the cut itself fills at an open that has been changed
      const over = truth.trades.filter(({ exitTimeMs }) => exitTimeMs < cutMs);
      const same = changed.trades.filter(({ exitTimeMs }) => exitTimeMs < cutMs);
      expect(JSON.stringify(same)).toBe(JSON.stringify(over));
      compared += over.length;
    }
    expect(compared).toBeGreaterThan(300);
  });

  it('reaches the trades: behind t everything may be different', () => {
    const world = randomBacktest(5, { symbols: 3, bars: 100, signals: 8 });
    const cutMs = world.window.startMs + (world.window.endMs - world.window.startMs) / 4;
    const truth = runBacktest(world);
    const changed = runBacktest({
      ...world,
      candlesOf: (id) => poisonAfter(world.candlesOf(id), cutMs, createPrng(5, id)),
    });
    expect(firstDifference(changed.equity, truth.equity)).not.toBeNull();
    expect(lowerBound(world.candlesOf([...world.candles.keys()][0]), cutMs)).toBeGreaterThan(0);
  });
});
