import { CandleBuffer, DAY_MS } from '@donch/core';
import { FREE_OF_COSTS, TEST_START_MS, testInstrument } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { buyAndHold, holdingSeries, type DailyCloses } from './buy-and-hold.ts';

const MARKS = Float64Array.from([0, 1, 2, 3], (day) => TEST_START_MS + day * DAY_MS);

function closes(symbol: string, values: readonly number[], lastDay = 3): DailyCloses {
  return {
    instrumentId: testInstrument(symbol),
    closes: Float64Array.from(values),
    lastMs: TEST_START_MS + lastDay * DAY_MS,
  };
}

describe('holding in equal parts', () => {
  it('is rebalanced every day', () => {
    const { returns, totalReturnFrac, drawdownFrac, costsFrac } = holdingSeries(
      [closes('A', [100, 200, 200, 100]), closes('B', [50, 50, 100, 100])],
      MARKS,
      0,
    );
    expect(Array.from(returns)).toEqual([0.5, 0.5, -0.25]);
    expect(totalReturnFrac).toBeCloseTo(1.5 * 1.5 * 0.75 - 1, 12);
    expect(drawdownFrac).toBeCloseTo(-0.25, 12);
    expect(costsFrac).toBe(0);
  });

  it('pays for what it buys and sells', () => {
    const { returns, costsFrac } = holdingSeries(
      [closes('A', [100, 200, 200, 200]), closes('B', [50, 50, 50, 50])],
      MARKS,
      0.01,
    );
    // all of it at first; 2/3 and 1/3 back to 1/2 each on the second day: 1/3 is traded
    expect(returns[0]).toBeCloseTo(0.99 * 1.5 - 1, 12);
    expect(returns[1]).toBeCloseTo(1 - 0.01 / 3 - 1, 12);
    expect(returns[2]).toBeCloseTo(0, 12);
    expect(costsFrac).toBeCloseTo(0.01 + 0.01 / 3, 12);
  });

  it('takes what is listed later when it is there, and leaves what has ended at its last price', () => {
    const late = closes('LATE', [Number.NaN, 10, 20, 20]);
    const gone = closes('GONE', [100, 50, 50, 50], 1);
    const { returns } = holdingSeries([late, gone], MARKS, 0);
    expect(Array.from(returns)).toEqual([-0.5, 1, 0]);
    expect(Array.from(holdingSeries([], MARKS, 0).returns)).toEqual([0, 0, 0]);
  });
});

describe('a run and its market', () => {
  const candles = new CandleBuffer(DAY_MS);
  [100, 110, 99, 118.8].forEach((close, day) => {
    candles.append({
      openTimeMs: TEST_START_MS + (day - 1) * DAY_MS,
      open: close,
      high: close,
      low: close,
      close,
      volume: 1,
      turnover: close,
    });
  });
  const costs = { ...FREE_OF_COSTS, feeFrac: 0.001, slippageFrac: 0.001 };
  const runReturns = Float64Array.from([0.21, -0.19, 0.41]);

  it('move together as far as the returns say, costs left out', () => {
    const reference = { instrumentId: testInstrument('BTC'), candles };
    const found = buyAndHold([], { marksMs: MARKS, costs, runReturns, reference });
    // the market made 10 %, -10 %, 20 %: the run twice as much and 1 % more
    expect(found.correlation).toBeCloseTo(1, 12);
    expect(found.beta).toBeCloseTo(2, 12);
    expect(found.reference?.returns[0]).toBeCloseTo(0.998 * 1.1 - 1, 12);
    expect(found.reference?.totalReturnFrac).toBeCloseTo(0.998 * 1.188 - 1, 12);
    expect(found.costFrac).toBe(0.002);
  });

  it('have nothing to compare where the market is not stored', () => {
    const found = buyAndHold([], { marksMs: MARKS, costs, runReturns, reference: null });
    expect(found).toMatchObject({ reference: null, correlation: Number.NaN, beta: Number.NaN });
  });
});
