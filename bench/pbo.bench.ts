/**
 * Probability of backtest overfitting from sums per block against metrics recomputed from the rows of every combination, as the
 * definition says and as others do it.
 */

import { createPrng } from '@donch/core';
import { combinations, overfittingProbability, sharpeRatio } from '@donch/stats';
import { type BenchReport, compare } from './harness.ts';

/** 70 combinations of a small case; the rest of the work grows alike for both. */
const SMALL = { trials: 40, rows: 400, blocks: 8 };
/** What a sweep brings: 12,870 combinations. */
const FULL = { trials: 2_000, rows: 500, blocks: 16 };

/** The ratio was 0.01 when this was written. */
const LIMIT = 0.1;

export async function run(): Promise<BenchReport> {
  const columns = noise(SMALL.trials, SMALL.rows);
  const report = await compare({
    name: 'pbo',
    candidate: () => overfittingProbability(columns, { blocks: SMALL.blocks }),
    reference: () => naive(columns, SMALL.blocks),
    limit: LIMIT,
  });
  const many = noise(FULL.trials, FULL.rows);
  const startMs = performance.now();
  overfittingProbability(many, { blocks: FULL.blocks });
  const fullMs = performance.now() - startMs;
  return { ...report, figures: { fullMs, fullTrials: FULL.trials, fullRows: FULL.rows, fullCombinations: 12_870 } };
}

function naive(columns: readonly Float64Array[], blocks: number): number {
  const size = columns[0].length / blocks;
  const rowsOf = (chosen: readonly number[]): number[] =>
    chosen.flatMap((block) => Array.from({ length: size }, (_, row) => block * size + row));
  const sharpes = (rows: readonly number[]): number[] =>
    columns.map((column) => sharpeRatio(Float64Array.from(rows, (row) => column[row])));
  const choices = combinations(blocks, blocks / 2);
  const all = Array.from({ length: blocks }, (_, block) => block);
  const overfitted = choices.filter((chosen) => {
    const inSample = sharpes(rowsOf(chosen));
    const outOfSample = sharpes(rowsOf(all.filter((block) => !chosen.includes(block))));
    const winner = outOfSample[inSample.indexOf(Math.max(...inSample))];
    const rank = outOfSample.filter((value) => value <= winner).length;
    return rank / (columns.length + 1) <= 0.5;
  });
  return overfitted.length / choices.length;
}

function noise(trials: number, rows: number): Float64Array[] {
  const prng = createPrng(1, 'bench/pbo');
  return Array.from({ length: trials }, () => Float64Array.from({ length: rows }, () => prng.normal()));
}
