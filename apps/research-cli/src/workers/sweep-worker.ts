/** What a sweep thread does: some variants of one set of signals, and the engine's second opinion on a sample of them. */
import { VARIANT_SHAPES, VariantEvaluator, variantLayer, variantRow, type SweepVariant } from '@donch/backtester';
import { TableBuilder, type ColumnShape, type Table } from '@donch/core';
import type { TrialReturns } from '@donch/data';
import { compileStrategy, type CompiledStrategy, type CompileInput } from '@donch/strategy';
import { configurationHashes } from '../pipeline/record-trials.ts';
import { answer, type Answer } from './sent-error.ts';
import { marketOf, readyCandles, termsOf, type MarketCandles, type MarketTask } from './simulated-market.ts';

export interface ChunkTask extends MarketTask {
  /** Of the set of signals: the thread keeps what it knows of them. */
  readonly groupHash: string;
  readonly variants: readonly SweepVariant[];
  readonly checks: ChunkChecks;
  /** Of the resampling. */
  readonly seed: number;
}

/** Variants that the engine simulates as well. */
export interface ChunkChecks {
  /** So many of those that do not need the engine anyway. */
  readonly count: number;
  /** Places of all variants, as they were drawn. */
  readonly order: readonly number[];
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
  return answer(async () => evaluate(task, await openGroup(task)));
}

/** Signals that the thread has gone through: chunks of the same ones follow each other. A thread serves one sweep. */
interface OpenGroup {
  readonly hash: string;
  readonly market: MarketCandles;
  readonly evaluator: VariantEvaluator;
}

let open: OpenGroup | null = null;

async function openGroup(task: ChunkTask): Promise<OpenGroup> {
  if (open?.hash === task.groupHash) return open;
  const market = await readyCandles(task, open?.market ?? null);
  open = { hash: task.groupHash, market, evaluator: new VariantEvaluator(marketOf(task, market), task.seed) };
  return open;
}

function evaluate(task: ChunkTask, { market, evaluator }: OpenGroup): ChunkResult {
  const compiled = task.variants.map((variant) => compileVariant(task.strategies, variant));
  const terms = compiled.map((strategies) => termsOf(strategies, task, market));
  evaluator.add(terms);
  const rows = new TableBuilder('variants', CHUNK_SHAPES, task.variants.length);
  const returns: TrialReturns[] = [];
  const differences = differencesOf(task.checks, (place) => evaluator.difference(terms[place]));
  for (const [index, variant] of task.variants.entries()) {
    const outcome = evaluator.evaluate(terms[index]);
    const { specHash, configHash } = configurationHashes(compiled[index]);
    rows.append({
      ...variantRow(variant.id, outcome),
      spec_hash: specHash,
      config_hash: configHash,
      is_checked: differences.has(index),
    });
    returns.push({ firstDayMs: outcome.daily.dayStartMs[0], values: outcome.daily.returns });
  }
  const [first] = [...differences].filter(([, found]) => found !== '');
  const difference = first === undefined ? '' : `${task.variants[first[0]].tag}: ${first[1]}`;
  return { rows: rows.finish(), returns, difference };
}

/** What the engine says of as many variants as are wanted, by place; '' = the same. */
function differencesOf(
  { count, order }: ChunkChecks,
  difference: (place: number) => string | null,
): Map<number, string> {
  const found = new Map<number, string>();
  for (const place of order) {
    if (found.size >= count) break;
    const words = difference(place);
    if (words !== null) found.set(place, words);
  }
  return found;
}

function compileVariant(inputs: readonly CompileInput[], variant: SweepVariant): CompiledStrategy[] {
  return inputs.map((input) => compileStrategy({ ...input, layers: [...input.layers, variantLayer(variant)] }));
}
