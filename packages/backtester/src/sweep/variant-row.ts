/** What is kept of an evaluated variant: one row, the leaderboard is made of them. */
import type { ColumnShape, Row } from '@donch/core';
import { returnMoments } from '@donch/stats';
import type { VariantOutcome } from './variant-evaluator.ts';

const FLOATS = [
  'win_rate_frac',
  'profit_factor',
  'mean_r',
  'mean_r_low',
  'mean_r_high',
  'median_r',
  'total_return_frac',
  'cagr_frac',
  'max_drawdown_frac',
  'mar_ratio',
  'daily_sharpe',
  'min_block_sharpe',
  'final_equity_usd',
  'fees_usd',
  'slippage_usd',
  'funding_usd',
  'return_mean',
  'return_sd',
  'return_skew',
  'return_kurtosis',
];

/** Columns of a table of variants: names, units and nulls as in TABLES.leaderboard and TABLES.ledger. */
export const VARIANT_SHAPES: readonly ColumnShape[] = [
  { name: 'variant_id', type: 'text' },
  { name: 'engine_reason', type: 'text' },
  { name: 'abort_reason', type: 'text' },
  { name: 'trades', type: 'int' },
  { name: 'open_at_end', type: 'int' },
  { name: 'days', type: 'int' },
  ...FLOATS.map((name): ColumnShape => ({ name, type: 'float' })),
];

/** The row of a variant. */
export function variantRow(variantId: string, { summary, meanR, daily, engineReason }: VariantOutcome): Row {
  const { tradesR, dailyEquity } = summary;
  const moments = returnMoments(daily.returns);
  const interval = meanR.kind === 'interval' ? meanR : { low: Number.NaN, high: Number.NaN };
  return {
    variant_id: variantId,
    engine_reason: engineReason,
    abort_reason: summary.abortReason,
    trades: tradesR.trades,
    open_at_end: summary.openAtEnd,
    days: moments.days,
    win_rate_frac: tradesR.winRateFrac,
    profit_factor: tradesR.profitFactor,
    mean_r: tradesR.expectancy,
    mean_r_low: interval.low,
    mean_r_high: interval.high,
    median_r: tradesR.median,
    total_return_frac: dailyEquity.totalReturnFrac,
    cagr_frac: dailyEquity.cagrFrac,
    max_drawdown_frac: dailyEquity.drawdownFrac,
    mar_ratio: dailyEquity.marRatio,
    daily_sharpe: dailyEquity.dailySharpe,
    min_block_sharpe: dailyEquity.minBlockSharpe,
    final_equity_usd: summary.finalEquityUsd,
    fees_usd: summary.feesUsd,
    slippage_usd: summary.slippageUsd,
    funding_usd: summary.fundingUsd,
    return_mean: moments.mean,
    return_sd: moments.sd,
    return_skew: moments.skew,
    return_kurtosis: moments.kurtosis,
  };
}
