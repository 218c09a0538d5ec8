import { medianOf } from '@donch/core';
import { averageLoss, averageWin, expectancy, payoffRatio } from './average-trade.ts';
import { losingStreakMax } from './losing-streak.ts';
import { profitFactor } from './profit-factor.ts';
import { systemQuality } from './system-quality.ts';
import { winRateFrac } from './win-rate.ts';

/** What a list of closed trades says, in the unit of the trades (R or USD). Undefined figures are NaN, see each metric. */
export interface TradeStatistics {
  readonly trades: number;
  readonly winRateFrac: number;
  readonly profitFactor: number;
  readonly expectancy: number;
  readonly median: number;
  readonly averageWin: number;
  readonly averageLoss: number;
  readonly payoffRatio: number;
  readonly losingStreakMax: number;
  readonly systemQuality: number;
}

/** All trade statistics at once; `pnl` in the order in which the trades were closed. */
export function tradeStatistics(pnl: ArrayLike<number>): TradeStatistics {
  return {
    trades: pnl.length,
    winRateFrac: winRateFrac(pnl),
    profitFactor: profitFactor(pnl),
    expectancy: expectancy(pnl),
    median: medianOf(pnl),
    averageWin: averageWin(pnl),
    averageLoss: averageLoss(pnl),
    payoffRatio: payoffRatio(pnl),
    losingStreakMax: losingStreakMax(pnl),
    systemQuality: systemQuality(pnl),
  };
}
