/** Figures of a simulated run that is compared with others. */
import { numbersOf, quantileOf, type Trade } from '@donch/core';
import { deepestDrawdown, mean, standardDeviation, tradeStatistics } from '@donch/stats';
import type { BacktestResult } from '../run-backtest.ts';
import type { StressDistribution, StressFigures } from './stress-report.ts';

/** Value of the entry, USD. */
export function entryNotionalUsd({ qty, entryPrice }: Pick<Trade, 'qty' | 'entryPrice'>): number {
  return qty * entryPrice;
}

export function stressFigures({ trades, openAtEnd, equity, abortReason }: BacktestResult): StressFigures {
  const usd = numbersOf(equity, 'equity_usd');
  const { expectancy, profitFactor, winRateFrac } = tradeStatistics(trades.map(({ pnlR }) => pnlR));
  let costsUsd = 0;
  let turnoverUsd = 0;
  for (const { feesUsd, slippageUsd, qty, entryPrice, exitPrice } of [...trades, ...openAtEnd]) {
    costsUsd += feesUsd + slippageUsd;
    turnoverUsd += qty * (entryPrice + exitPrice);
  }
  const finalEquityUsd = usd[usd.length - 1];
  return {
    trades: trades.length,
    meanR: expectancy,
    profitFactor,
    winRateFrac,
    finalEquityUsd,
    totalReturnFrac: finalEquityUsd / usd[0] - 1,
    drawdownFrac: deepestDrawdown(usd).depth,
    costsUsd,
    turnoverUsd,
    abortReason,
  };
}

const TAIL = 0.05;

/** What draws of a figure look like; the values are sorted in place. */
export function distributionOf(values: Float64Array): StressDistribution {
  values.sort();
  return {
    values,
    mean: mean(values),
    sd: standardDeviation(values, 1),
    p05: quantileOf(values, TAIL),
    median: quantileOf(values, 0.5),
    p95: quantileOf(values, 1 - TAIL),
  };
}
