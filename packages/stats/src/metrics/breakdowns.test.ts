import { DAY_MS, daysFromCivil, HOUR_MS } from '@donch/core';
import { array, assert, double, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import hand from '../../test-data/trade_stats_hand.json' with { type: 'json' };
import { concentrationOf } from './concentration.ts';
import { dailyReturns } from './daily-returns.ts';
import { deepestDrawdown, underwaterFrac } from './drawdown.ts';
import { histogram } from './histogram.ts';
import { compoundReturn, monthlyReturns } from './monthly-returns.ts';
import { grossOf } from './profit-factor.ts';
import { tradeCosts } from './trade-costs.ts';

const dayMs = (year: number, month: number, day: number): number => daysFromCivil({ year, month, day }) * DAY_MS;

describe('monthlyReturns', () => {
  it('equals a calculation by hand: cut first month, a mark on the boundary, a month without a mark', () => {
    // 100 on 20 January, 110 on the 31st, 99 at 00:00 of 1 March (= the close of February), nothing in March, 148.5 on 2 April
    const times = [dayMs(2024, 1, 20), dayMs(2024, 1, 31), dayMs(2024, 3, 1), dayMs(2024, 4, 2) + HOUR_MS];
    const { monthStartMs, equity, returns } = monthlyReturns(times, [100, 110, 99, 148.5]);
    expect([...monthStartMs]).toEqual([1, 2, 3, 4].map((month) => dayMs(2024, month, 1)));
    expect([...equity]).toEqual([110, 99, 99, 148.5]);
    expect(returns[0]).toBeCloseTo(0.1, 14);
    expect(returns[1]).toBeCloseTo(-0.1, 14);
    expect(returns[2]).toBe(0);
    expect(returns[3]).toBeCloseTo(0.5, 14);
    expect(compoundReturn(returns)).toBeCloseTo(0.485, 14);
  });

  it('has no month for a curve of the starting capital alone', () => {
    expect(monthlyReturns([dayMs(2024, 1, 1)], [100]).returns).toHaveLength(0);
    expect(compoundReturn([])).toBe(0);
    expect(compoundReturn([0.1, Number.NaN])).toBeNaN();
  });

  it('compounds to the same total as daily returns', () => {
    const steps = array(tuple(integer({ min: 1, max: 40 * 24 }), double({ min: 1, max: 1e4, noNaN: true })), {
      minLength: 1,
      maxLength: 40,
    });
    assert(
      property(steps, (marks) => {
        const times = [dayMs(2023, 11, 17)];
        for (const [hours] of marks) times.push((times.at(-1) ?? 0) + hours * HOUR_MS);
        const equity = [1_000, ...marks.map(([, value]) => value)];
        const months = compoundReturn(monthlyReturns(times, equity).returns);
        expect(months).toBeCloseTo(compoundReturn(dailyReturns(times, equity).returns), 9);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('histogram', () => {
  it('begins bins at multiples of their width; an edge belongs to the bin on its right', () => {
    const { start, counts } = histogram([-1, -0.9, -0.5, 0, 0.49, 0.5, 1.2], 0.5);
    expect([start, ...counts]).toEqual([-1, 2, 1, 2, 1, 1]);
  });

  it('puts a value that rounding has moved below its edge into the right bin', () => {
    expect(histogram([0.1 * 3, 0.7 + 0.1], 0.1)).toMatchObject({
      start: 3 * 0.1,
      counts: Int32Array.of(1, 0, 0, 0, 0, 1),
    });
  });

  it('counts every value once, and has no bin without values', () => {
    expect(histogram([], 0.5).counts).toHaveLength(0);
    assert(
      property(array(double({ min: -50, max: 50, noNaN: true })), (values) => {
        const { counts } = histogram(values, 0.25);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

describe('concentrationOf', () => {
  it('equals a calculation by hand on the ten trades', () => {
    const found = concentrationOf(hand.trades, 1);
    const best = Math.max(...hand.trades);
    expect(found.best).toBe(best);
    expect(found.shareOfGainsFrac).toBeCloseTo(best / hand.gross_profit, 14);
    expect(found.restSum).toBeCloseTo(hand.expectancy * 10 - best, 12);
    expect(found.restMean).toBeCloseTo((hand.expectancy * 10 - best) / 9, 12);
  });

  it.each([
    {
      results: [5, -1, 3, 2],
      count: 2,
      expected: { count: 2, best: 8, shareOfGainsFrac: 0.8, restSum: 1, restMean: 0.5 },
    },
    { results: [1], count: 5, expected: { count: 1, best: 1, shareOfGainsFrac: 1, restSum: 0, restMean: Number.NaN } },
    {
      results: [-1, -3],
      count: 1,
      expected: { count: 1, best: -1, shareOfGainsFrac: Number.NaN, restSum: -3, restMean: -3 },
    },
    {
      results: [4, -2],
      count: 2,
      expected: { count: 2, best: 2, shareOfGainsFrac: 1, restSum: 0, restMean: Number.NaN },
    },
    {
      results: [],
      count: 1,
      expected: { count: 0, best: 0, shareOfGainsFrac: Number.NaN, restSum: 0, restMean: Number.NaN },
    },
  ])('of $results without the best $count', ({ results, count, expected }) => {
    expect(concentrationOf(results, count)).toEqual(expected);
  });

  it('takes nothing away from the sum', () => {
    const results = array(integer({ min: -1_000, max: 1_000 }));
    assert(
      property(results, integer({ min: 1, max: 10 }), (values, count) => {
        const { best, restSum, shareOfGainsFrac } = concentrationOf(values, count);
        const { profit, loss } = grossOf(values);
        expect(best + restSum).toBe(profit - loss);
        expect(shareOfGainsFrac > 1).toBe(false);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

describe('tradeCosts', () => {
  it('equals a calculation by hand in USD and in R', () => {
    const { usd, r } = tradeCosts({
      pnlUsd: [18, -11.5],
      riskUsd: [10, 5],
      feesUsd: [1, 0.5],
      slippageUsd: [0.5, 0.5],
      fundingUsd: [-0.5, 0.25],
    });
    expect(usd).toEqual({ gross: 9.25, fees: 1.5, slippage: 1, funding: -0.25, costs: 2.75, net: 6.5 });
    expect(r.net).toBeCloseTo(1.8 - 2.3, 14);
    expect(r.fees).toBeCloseTo(0.1 + 0.1, 14);
    expect(r.slippage).toBeCloseTo(0.05 + 0.1, 14);
    expect(r.funding).toBeCloseTo(-0.05 + 0.05, 14);
    expect(r.gross).toBeCloseTo(-0.5 + 0.35, 14);
  });

  it('is nothing without trades', () => {
    const none = { pnlUsd: [], riskUsd: [], feesUsd: [], slippageUsd: [], fundingUsd: [] };
    expect(tradeCosts(none).usd).toEqual({ gross: 0, fees: 0, slippage: 0, funding: 0, costs: 0, net: 0 });
  });
});

describe('underwaterFrac', () => {
  it('has the deepest drawdown as its minimum, on the ten trades', () => {
    const depths = underwaterFrac(hand.equity);
    expect(depths[0]).toBe(0);
    expect(Math.min(...depths)).toBeCloseTo(hand.max_drawdown_rel, 14);
    expect(depths[hand.trough_index]).toBe(deepestDrawdown(hand.equity).depth);
    expect(depths[hand.peak_index]).toBe(0);
  });
});
