import { DAY_MS } from '@donch/core';
import { dailyReturns } from './daily-returns.ts';
import { deepestCashDrawdown, deepestDrawdown, longestUnderwaterMs } from './drawdown.ts';
import { cagrFrac, totalReturnFrac } from './growth.ts';
import { marRatio, recoveryFactor } from './return-over-drawdown.ts';
import { annualSharpeRatio, minBlockSharpeRatio } from './sharpe-ratio.ts';
import { annualSortinoRatio } from './sortino-ratio.ts';
import { annualVolatilityFrac } from './volatility.ts';

/** Blocks of time of which the worst Sharpe ratio is shown. */
const SHARPE_BLOCKS = 4;

/** What a marked equity curve says. Undefined figures are NaN, see each metric; drawdowns are <= 0. */
export interface EquityStatistics {
  readonly days: number;
  readonly totalReturnFrac: number;
  /** NaN below one year. */
  readonly cagrFrac: number;
  readonly drawdownFrac: number;
  readonly drawdownUsd: number;
  readonly underwaterDaysMax: number;
  readonly marRatio: number;
  readonly recoveryFactor: number;
  /** Of daily returns, per year of 365 days; so are the next three. */
  readonly dailySharpe: number;
  readonly minBlockSharpe: number;
  readonly dailySortino: number;
  readonly volatilityFrac: number;
}

/** All equity statistics at once. The first point is the starting capital; times ascend. */
export function equityStatistics(timesMs: ArrayLike<number>, equity: ArrayLike<number>): EquityStatistics {
  const last = equity.length - 1;
  const growth = { start: equity[0], end: equity[last], days: (timesMs[last] - timesMs[0]) / DAY_MS };
  const { returns } = dailyReturns(timesMs, equity);
  const drawdownFrac = deepestDrawdown(equity).depth;
  const drawdownUsd = deepestCashDrawdown(equity).depth;
  return {
    days: growth.days,
    totalReturnFrac: totalReturnFrac(growth),
    cagrFrac: cagrFrac(growth),
    drawdownFrac,
    drawdownUsd,
    underwaterDaysMax: longestUnderwaterMs(equity, timesMs) / DAY_MS,
    marRatio: marRatio(cagrFrac(growth), drawdownFrac),
    recoveryFactor: recoveryFactor(growth.end - growth.start, drawdownUsd),
    dailySharpe: annualSharpeRatio(returns),
    minBlockSharpe: minBlockSharpeRatio(returns, SHARPE_BLOCKS),
    dailySortino: annualSortinoRatio(returns),
    volatilityFrac: annualVolatilityFrac(returns),
  };
}
