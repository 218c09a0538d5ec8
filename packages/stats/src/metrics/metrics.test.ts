import { readFileSync } from 'node:fs';
import { DAY_MS, HOUR_MS } from '@donch/core';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import random60 from '../../test-data/random_60.json' with { type: 'json' };
import hand from '../../test-data/trade_stats_hand.json' with { type: 'json' };
import { averageLoss, averageWin, expectancy, payoffRatio } from './average-trade.ts';
import { dailyReturns } from './daily-returns.ts';
import {
  deepestCashDrawdown,
  deepestDrawdown,
  drawdownEpisodes,
  longestUnderwater,
  longestUnderwaterMs,
  ulcerIndexFrac,
} from './drawdown.ts';
import { equityStatistics } from './equity-statistics.ts';
import { exposureOf } from './exposure.ts';
import { annualisedFrac, cagrFrac, totalReturnFrac } from './growth.ts';
import { losingStreakMax } from './losing-streak.ts';
import { grossOf, profitFactor } from './profit-factor.ts';
import { marRatio, recoveryFactor } from './return-over-drawdown.ts';
import { annualSharpeRatio, minBlockSharpeRatio, sharpeRatio } from './sharpe-ratio.ts';
import { annualSortinoRatio, downsideDeviation, sortinoRatio } from './sortino-ratio.ts';
import { systemQuality } from './system-quality.ts';
import { tradeStatistics } from './trade-statistics.ts';
import { annualVolatilityFrac } from './volatility.ts';
import { winRateFrac } from './win-rate.ts';

/** Equity from compounded returns, the starting capital first. */
function compound(returns: readonly number[], start = 1): number[] {
  const equity = [start];
  for (const value of returns) equity.push((equity.at(-1) ?? start) * (1 + value));
  return equity;
}

const last = (values: readonly number[]): number => values.at(-1) ?? Number.NaN;

describe('trade statistics of ten trades computed by hand', () => {
  const { trades, equity } = hand;
  it.each([
    { name: 'profit factor', found: profitFactor(trades), expected: hand.profit_factor },
    { name: 'gross profit', found: grossOf(trades).profit, expected: hand.gross_profit },
    { name: 'gross loss', found: grossOf(trades).loss, expected: hand.gross_loss },
    { name: 'win rate', found: winRateFrac(trades), expected: hand.win_rate },
    { name: 'average win', found: averageWin(trades), expected: hand.avg_win },
    { name: 'average loss', found: averageLoss(trades), expected: hand.avg_loss },
    { name: 'payoff ratio', found: payoffRatio(trades), expected: hand.payoff_ratio },
    { name: 'expectancy', found: expectancy(trades), expected: hand.expectancy },
    { name: 'relative drawdown', found: deepestDrawdown(equity).depth, expected: hand.max_drawdown_rel },
    { name: 'cash drawdown', found: -deepestCashDrawdown(equity).depth, expected: hand.max_drawdown_abs },
    { name: 'peak of the drawdown', found: deepestDrawdown(equity).peakIndex, expected: hand.peak_index },
    { name: 'trough of the drawdown', found: deepestDrawdown(equity).troughIndex, expected: hand.trough_index },
    { name: 'longest losing streak', found: losingStreakMax(trades), expected: hand.max_consecutive_losses },
    {
      name: 'recovery factor',
      found: recoveryFactor(last(equity) - hand.start, deepestCashDrawdown(equity).depth),
      expected: hand.recovery_factor,
    },
    { name: 'system quality', found: systemQuality(trades), expected: hand.sqn },
  ])('$name is $expected', ({ found, expected }) => {
    expect(found).toBeCloseTo(expected, 12);
  });

  it('come together in one object', () => {
    expect(tradeStatistics(trades)).toEqual({
      trades: 10,
      winRateFrac: 0.5,
      profitFactor: 730 / 370,
      expectancy: 36,
      median: -5,
      averageWin: 146,
      averageLoss: -74,
      payoffRatio: 146 / 74,
      losingStreakMax: 2,
      systemQuality: systemQuality(trades),
    });
  });
});

describe('trade statistics at the edges', () => {
  it.each([
    { pnl: [], winRate: Number.NaN, factor: Number.NaN, win: Number.NaN, loss: Number.NaN, streak: 0 },
    { pnl: [0, 0], winRate: 0, factor: Number.NaN, win: Number.NaN, loss: Number.NaN, streak: 0 },
    { pnl: [2, 0], winRate: 0.5, factor: Number.POSITIVE_INFINITY, win: 2, loss: Number.NaN, streak: 0 },
    { pnl: [-2, -1, 0, -1], winRate: 0, factor: 0, win: Number.NaN, loss: -4 / 3, streak: 2 },
    { pnl: [1, Number.NaN], winRate: Number.NaN, factor: Number.NaN, win: 1, loss: Number.NaN, streak: Number.NaN },
  ])('of $pnl', ({ pnl, winRate, factor, win, loss, streak }) => {
    expect(winRateFrac(pnl)).toBe(winRate);
    expect(profitFactor(pnl)).toBe(factor);
    expect(averageWin(pnl)).toBe(win);
    expect(averageLoss(pnl)).toBe(loss);
    expect(losingStreakMax(pnl)).toBe(streak);
  });

  it('have no system quality below two trades or without spread', () => {
    expect(systemQuality([1])).toBeNaN();
    expect(systemQuality([1, 1, 1])).toBeNaN();
  });
});

describe('metrics of 60 random daily returns (numpy, plain loops)', () => {
  const { returns, expected } = random60;
  const equity = compound(returns);
  const growth = { start: 1, end: last(equity), days: 60 };
  it.each([
    { name: 'total return', found: totalReturnFrac(growth), expected: expected.total_return },
    { name: 'drawdown', found: deepestDrawdown(equity).depth, expected: expected.max_drawdown },
    { name: 'annualised growth', found: annualisedFrac(growth), expected: expected.cagr },
    { name: 'volatility', found: annualVolatilityFrac(returns), expected: expected.vol_annual },
    { name: 'Sharpe ratio', found: annualSharpeRatio(returns), expected: expected.sharpe_annual },
    {
      name: 'downside deviation',
      found: downsideDeviation(returns) * Math.sqrt(365),
      expected: expected.downside_dev_annual,
    },
    { name: 'Sortino ratio', found: annualSortinoRatio(returns), expected: expected.sortino_annual },
    {
      name: 'growth over drawdown',
      found: marRatio(annualisedFrac(growth), deepestDrawdown(equity).depth),
      expected: expected.calmar,
    },
    { name: 'profit factor', found: profitFactor(returns), expected: expected.profit_factor },
    {
      name: 'longest time under water',
      found: longestUnderwater(equity),
      expected: expected.longest_underwater_periods,
    },
    { name: 'ulcer index', found: ulcerIndexFrac(equity), expected: expected.ulcer_index_rms },
  ])('$name', ({ found, expected: wanted }) => {
    expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-10);
  });
});

describeWithShared('metrics against the tests of empyrical', () => {
  interface EmpyricalCase {
    readonly metric: string;
    readonly returns: readonly (number | null)[];
    readonly periods_per_year: number;
    readonly expected: number;
  }
  const file: unknown = JSON.parse(readFileSync(sharedDir('vectors/performance/empyrical.json'), 'utf8'));
  const { cases } = file as { readonly cases: readonly EmpyricalCase[] };
  const metrics: Readonly<Record<string, (returns: readonly number[], perYear: number) => number>> = {
    max_drawdown: (returns) => deepestDrawdown(compound(returns)).depth,
    cagr: (returns, perYear) => growthOf(returns, perYear),
    sharpe: annualSharpeRatio,
    sortino: annualSortinoRatio,
    vol_annual: annualVolatilityFrac,
    calmar: (returns, perYear) => marRatio(growthOf(returns, perYear), deepestDrawdown(compound(returns)).depth),
    downside_dev: (returns, perYear) => downsideDeviation(returns) * Math.sqrt(perYear),
  };
  const growthOf = (returns: readonly number[], perYear: number) =>
    annualisedFrac({ start: 1, end: last(compound(returns)), days: (365 * returns.length) / perYear });

  it.each(cases)('$metric is $expected', ({ metric, returns, periods_per_year: perYear, expected }) => {
    const numbers = returns.filter((value) => value !== null);
    expect(Math.abs(metrics[metric](numbers, perYear) - expected)).toBeLessThanOrEqual(1e-8);
  });
});

describeWithShared('metrics against the tests of freqtrade', () => {
  interface Freqtrade {
    readonly cagr_365_days: readonly { start: number; end: number; days: number; expected: number; abs: number }[];
    readonly max_drawdown_closed_trades: readonly {
      readonly profits: readonly number[];
      readonly start: number;
      readonly largest_absolute: { readonly abs: number; readonly relative_at_that_point: number };
    }[];
    readonly expectancy: {
      readonly profits: readonly number[];
      readonly expectancy: number;
      readonly expectancy_ratio: number;
      readonly profit_factor: number;
      readonly win_rate: number;
    };
  }
  const file: unknown = JSON.parse(readFileSync(sharedDir('vectors/performance/freqtrade.json'), 'utf8'));
  const vectors = file as Freqtrade;

  it.each(vectors.cagr_365_days)('annual growth from $start to $end in $days days', ({ expected, abs, ...growth }) => {
    expect(Math.abs(annualisedFrac(growth) - expected)).toBeLessThanOrEqual(abs);
  });

  it.each(vectors.max_drawdown_closed_trades)(
    'largest cash drawdown of $profits',
    ({ profits, start, ...expected }) => {
      const equity = [start];
      for (const profit of profits) equity.push(last(equity) + profit);
      const { depth, peakIndex, troughIndex } = deepestCashDrawdown(equity);
      const { abs, relative_at_that_point: relative } = expected.largest_absolute;
      expect(depth).toBe(-abs);
      expect(1 - equity[troughIndex] / equity[peakIndex]).toBeCloseTo(relative, 6);
      expect(deepestDrawdown(equity).troughIndex, 'the largest relative one is another event').not.toBe(troughIndex);
    },
  );

  it('expectancy, profit factor and win rate', () => {
    const { profits, expectancy: expected, expectancy_ratio: ratio, profit_factor: factor } = vectors.expectancy;
    const { win_rate: rate } = vectors.expectancy;
    expect(expectancy(profits)).toBe(expected);
    // Its ratio is the expectancy per average loss.
    expect(Math.abs(expectancy(profits) / -averageLoss(profits) - ratio)).toBeLessThanOrEqual(5e-9);
    expect(profitFactor(profits)).toBe(factor);
    expect(winRateFrac(profits)).toBe(rate);
  });
});

describe('drawdown', () => {
  it('is 0 without a fall and counts a fall of the first period', () => {
    expect(deepestDrawdown([100, 110, 120])).toEqual({ depth: 0, peakIndex: 0, troughIndex: 0 });
    expect(deepestDrawdown([100, 90])).toEqual({ depth: 90 / 100 - 1, peakIndex: 0, troughIndex: 1 });
    expect(deepestDrawdown([100]).depth).toBe(0);
    expect(() => deepestDrawdown([])).toThrow('has its starting capital');
  });

  it('lists every stay under water, the open one last', () => {
    const equity = [100, 120, 90, 60, 120, 130, 117, 130, 140, 133];
    expect(drawdownEpisodes(equity)).toEqual([
      { depthFrac: -0.5, peakIndex: 1, troughIndex: 3, recoveryIndex: 4 },
      { depthFrac: 117 / 130 - 1, peakIndex: 5, troughIndex: 6, recoveryIndex: 7 },
      { depthFrac: 133 / 140 - 1, peakIndex: 8, troughIndex: 9, recoveryIndex: -1 },
    ]);
    expect(longestUnderwater(equity)).toBe(2);
    const timesMs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 100];
    expect(longestUnderwaterMs(equity, timesMs)).toBe(92);
  });

  it('has nothing to list on a rising or flat curve', () => {
    expect(drawdownEpisodes([1, 1, 2, 2, 3])).toEqual([]);
    expect(longestUnderwater([1, 1, 2])).toBe(0);
  });
});

describe('growth', () => {
  it('shows no annual rate below one year', () => {
    expect(cagrFrac({ start: 100, end: 150, days: 364.9 })).toBeNaN();
    expect(cagrFrac({ start: 100, end: 150, days: 365 })).toBeCloseTo(0.5, 12);
    expect(cagrFrac({ start: 100, end: 225, days: 730 })).toBeCloseTo(0.5, 12);
  });

  it('does not hide ruin', () => {
    expect(cagrFrac({ start: 100, end: 0, days: 730 })).toBe(-1);
    expect(cagrFrac({ start: 100, end: -50, days: 730 })).toBe(-1);
  });
});

describe('ratios', () => {
  it('are infinite for a gain without any loss and missing for nothing', () => {
    expect(sortinoRatio([0.01, 0.02])).toBe(Number.POSITIVE_INFINITY);
    expect(sortinoRatio([0, 0])).toBeNaN();
    expect(marRatio(0.5, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(marRatio(Number.NaN, -0.1)).toBeNaN();
    expect(recoveryFactor(0, 0)).toBeNaN();
  });

  it('have no Sharpe ratio where returns do not vary', () => {
    expect(sharpeRatio([0.01, 0.01, 0.01])).toBeNaN();
    expect(sharpeRatio([0.1 + 0.2, 0.3, 0.3])).toBeNaN();
    expect(sharpeRatio([0, 0, 0])).toBeNaN();
    expect(sharpeRatio([0.01])).toBeNaN();
  });

  it('find the worst block of time', () => {
    const good = [0.01, 0.02, 0.015];
    const bad = [-0.01, 0.01, -0.02];
    const returns = Float64Array.from([...good, 0.01, ...bad, ...good]);
    expect(minBlockSharpeRatio(returns, 3)).toBe(annualSharpeRatio(bad));
    expect(minBlockSharpeRatio(returns.subarray(0, 3), 4)).toBeNaN();
  });
});

describe('dailyReturns', () => {
  it('closes a day with the last mark up to 24:00 and carries it over days without marks', () => {
    const start = 20 * DAY_MS;
    const points = [
      [start, 100],
      [start + 5 * HOUR_MS, 90],
      [start + 24 * HOUR_MS, 110],
      [start + 24 * HOUR_MS + 1, 1],
      [start + 30 * HOUR_MS, 121],
      [start + 4 * DAY_MS, 121],
      [start + 4 * DAY_MS + HOUR_MS, 60.5],
    ];
    const { dayStartMs, equity, returns } = dailyReturns(
      points.map(([timeMs]) => timeMs),
      points.map(([, value]) => value),
    );
    expect([...dayStartMs]).toEqual([20, 21, 22, 23, 24].map((day) => day * DAY_MS));
    expect([...equity]).toEqual([110, 121, 121, 121, 60.5]);
    expect([...returns]).toEqual([110 / 100 - 1, 121 / 110 - 1, 0, 0, -0.5]);
  });

  it('compounds to the total return, whatever the first and last hour', () => {
    const timesMs = [7.3, 7.6, 8.01, 9.99, 12.4].map((day) => day * DAY_MS);
    const equity = [100, 104, 99, 120, 117];
    const { returns } = dailyReturns(timesMs, equity);
    expect(returns.length).toBe(6);
    expect(last(compound([...returns], 100))).toBeCloseTo(117, 10);
  });

  it('refuses marks that go back in time', () => {
    expect(() => dailyReturns([DAY_MS, 2 * DAY_MS, 1.5 * DAY_MS, 2 * DAY_MS], [1, 1, 1, 1])).toThrow('ascend');
  });

  it('has no day for a curve of its starting capital alone', () => {
    expect(dailyReturns([DAY_MS], [100]).returns.length).toBe(0);
  });
});

describe('exposureOf', () => {
  it('counts time in the market once and positions as often as they are open', () => {
    const held = { fromMs: [0, 10, 20, 60, -50, 99], toMs: [20, 30, 25, 70, -10, 200] };
    // Open: 0-30, 60-70, 99-100 of 100; summed 20 + 20 + 5 + 10 + 1.
    expect(exposureOf(held, 0, 100)).toEqual({ timeInMarketFrac: 0.41, positionsMean: 0.56, positionsMax: 2 });
  });

  it('does not count a position that ends when the next begins as overlapping', () => {
    expect(exposureOf({ fromMs: [0, 5], toMs: [5, 10] }, 0, 10)).toEqual({
      timeInMarketFrac: 1,
      positionsMean: 1,
      positionsMax: 1,
    });
  });

  it('agrees with counting minute by minute', () => {
    const fromMs = [3, 8, 8, 15, 40, 41, 77];
    const toMs = [9, 9, 30, 16, 60, 43, 78];
    const open = Array.from({ length: 80 }, (_, t) => fromMs.filter((from, k) => from <= t && t < toMs[k]).length);
    expect(exposureOf({ fromMs, toMs }, 0, 80)).toEqual({
      timeInMarketFrac: open.filter((count) => count > 0).length / 80,
      positionsMean: open.reduce((sum, count) => sum + count, 0) / 80,
      positionsMax: Math.max(...open),
    });
  });

  it('is empty without positions', () => {
    expect(exposureOf({ fromMs: [], toMs: [] }, 0, 10)).toEqual({
      timeInMarketFrac: 0,
      positionsMean: 0,
      positionsMax: 0,
    });
  });
});

describe('equityStatistics', () => {
  it('puts the metrics of a curve together', () => {
    const timesMs = Array.from({ length: 801 }, (_, k) => (k / 2) * DAY_MS);
    const equity = timesMs.map((_, k) => 1_000 * 1.001 ** k * (k >= 300 && k < 340 ? 0.8 : 1));
    const found = equityStatistics(timesMs, equity);
    const { returns } = dailyReturns(timesMs, equity);
    const growth = { start: 1_000, end: last(equity), days: 400 };
    expect(found).toEqual({
      days: 400,
      totalReturnFrac: totalReturnFrac(growth),
      cagrFrac: cagrFrac(growth),
      drawdownFrac: deepestDrawdown(equity).depth,
      drawdownUsd: deepestCashDrawdown(equity).depth,
      underwaterDaysMax: 20.5,
      marRatio: cagrFrac(growth) / Math.abs(deepestDrawdown(equity).depth),
      recoveryFactor: (last(equity) - 1_000) / Math.abs(deepestCashDrawdown(equity).depth),
      dailySharpe: annualSharpeRatio(returns),
      minBlockSharpe: minBlockSharpeRatio(returns, 4),
      dailySortino: annualSortinoRatio(returns),
      volatilityFrac: annualVolatilityFrac(returns),
    });
    expect(found.drawdownFrac).toBeCloseTo(0.8 * 1.001 - 1, 10);
  });
});
