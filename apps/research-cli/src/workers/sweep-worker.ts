/** What a sweep thread does: some variants of one set of signals, and the engine's second opinion on a sample of them. */
import { VARIANT_SHAPES, VariantEvaluator, variantLayer, variantRow, type SweepVariant } from '@donch/backtester';
import { TableBuilder, type ColumnShape, type Table } from '@donch/core';
import type { TrialReturns } from '@donch/data';
import { compileStrategy, type CompiledStrategy, type CompileInput } from '@donch/strategy';
import { configurationHashes } from '../pipeline/record-trials.ts';
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
  /** `CHUNK_SHAPES`, in the order of the variants. */
  readonly rows: Table;
  /** Daily returns, parallel to the rows. */
  readonly returns: readonly TrialReturns[];
  /** First difference between pass and engine, with the variant; '' = none. */
  readonly difference: string;
}

/** A variant as its thread knows it, with what its trial is identified by. */
export const CHUNK_SHAPES: readonly ColumnShape[] = [
  ...VARIANT_SHAPES,
  { name: 'spec_hash', type: 'text' },
  { name: 'config_hash', type: 'text' },
  { name: 'is_checked', type: 'bool' },
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
  const rows = new TableBuilder('variants', CHUNK_SHAPES, task.variants.length);
  const returns: TrialReturns[] = [];
  let difference = '';
  for (const [index, variant] of task.variants.entries()) {
    const outcome = evaluator.evaluate(index);
    const found = task.checks.includes(index) && difference === '' ? evaluator.difference(index) : null;
    if (found !== null && found !== '') difference = `${variant.tag}: ${found}`;
    const { specHash, configHash } = configurationHashes(compiled[index]);
    rows.append({
      ...variantRow(variant.id, outcome),
      spec_hash: specHash,
      config_hash: configHash,
      is_checked: found !== null,
    });
    returns.push({ firstDayMs: outcome.daily.dayStartMs[0], values: outcome.daily.returns });
  }
  return { rows: rows.finish(), returns, difference };
}

function compileVariant(inputs: readonly CompileInput[], variant: SweepVariant): CompiledStrategy[] {
  return inputs.map((input) => compileStrategy({ ...input, layers: [...input.layers, variantLayer(variant)] }));
}
