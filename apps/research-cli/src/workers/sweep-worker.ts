/** What a sweep thread does: some variants of one set of signals, and the engine's second opinion on a sample of them. */
import { VariantEvaluator, variantLayer, type SweepVariant, type VariantOutcome } from '@donch/backtester';
import { TableBuilder, type ColumnShape, type Row, type Table } from '@donch/core';
import type { TrialReturns } from '@donch/data';
import { compileStrategy, type CompiledStrategy, type CompileInput } from '@donch/strategy';
import { configurationHashes, momentsOf } from '../pipeline/record-trials.ts';
import { answer, type Answer } from './sent-error.ts';
import { marketOf, termsOf, withCandles, type MarketCandles, type MarketTask } from './simulated-market.ts';

export interface ChunkTask extends MarketTask {
  readonly variants: readonly SweepVariant[];
  /** Places of variants that the engine simulates as well. */
  readonly checks: readonly number[];
  /** Of the resampling. */
  readonly seed: number;
}

export interface ChunkResult {
  /** `VARIANT_SHAPES`, in the order of the variants. */
  readonly rows: Table;
  /** Daily returns, parallel to the rows. */
  readonly returns: readonly TrialReturns[];
  /** First difference between pass and engine, with the variant; '' = none. */
  readonly difference: string;
}

/** A variant as its thread knows it: names of TABLES.leaderboard and TABLES.ledger. */
export const VARIANT_SHAPES: readonly ColumnShape[] = [
  ...['variant_id', 'spec_hash', 'config_hash', 'engine_reason', 'abort_reason'].map((name): ColumnShape => ({
    name,
    type: 'text',
  })),
  ...['trades', 'open_at_end', 'days'].map((name): ColumnShape => ({ name, type: 'int' })),
  { name: 'is_checked', type: 'bool' },
  ...(
    'win_rate_frac profit_factor mean_r mean_r_low mean_r_high median_r total_return_frac cagr_frac max_drawdown_frac mar_ratio ' +
    'daily_sharpe min_block_sharpe final_equity_usd fees_usd slippage_usd funding_usd return_mean return_sd return_skew return_kurtosis'
  )
    .split(' ')
    .map((name): ColumnShape => ({ name, type: 'float' })),
];

/** Evaluates the variants of a task. */
export function chunk(task: ChunkTask): Promise<Answer<ChunkResult>> {
  return answer(() => withCandles(task, (candles) => evaluate(task, candles)));
}

function evaluate(task: ChunkTask, candles: MarketCandles): ChunkResult {
  const compiled = task.variants.map((variant) => compileVariant(task.strategies, variant));
  const evaluator = new VariantEvaluator(
    marketOf(task, candles),
    compiled.map((strategies) => termsOf(strategies, task, candles)),
    task.seed,
  );
  const rows = new TableBuilder('variants', VARIANT_SHAPES, task.variants.length);
  const returns: TrialReturns[] = [];
  let difference = '';
  for (const [index, variant] of task.variants.entries()) {
    const outcome = evaluator.evaluate(index);
    const found = task.checks.includes(index) && difference === '' ? evaluator.difference(index) : null;
    if (found !== null && found !== '') difference = `${variant.tag}: ${found}`;
    const { specHash, configHash } = configurationHashes(compiled[index]);
    rows.append({
      variant_id: variant.id,
      spec_hash: specHash,
      config_hash: configHash,
      is_checked: found !== null,
      ...figuresOf(outcome),
    });
    returns.push({ firstDayMs: outcome.daily.dayStartMs[0], values: outcome.daily.returns });
  }
  return { rows: rows.finish(), returns, difference };
}

function compileVariant(inputs: readonly CompileInput[], variant: SweepVariant): CompiledStrategy[] {
  return inputs.map((input) => compileStrategy({ ...input, layers: [...input.layers, variantLayer(variant)] }));
}

function figuresOf({ summary, meanR, daily, engineReason }: VariantOutcome): Row {
  const { tradesR, dailyEquity } = summary;
  const moments = momentsOf(daily.returns);
  const interval = meanR.kind === 'interval' ? meanR : { low: Number.NaN, high: Number.NaN };
  return {
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
