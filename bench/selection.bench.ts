/**
 * The verdict on a search against PBO alone, which is one of its parts: everything else together (deflation with clusters, walk-forward,
 * CPCV, corrections, reality check and SPA against two benchmarks) is to cost no more than a few times that.
 */
import { createPrng } from '@donch/core';
import { judgeSelection, overfittingProbability, returnMoments, type SelectionInput } from '@donch/stats';
import { type BenchReport, compare } from './harness.ts';

/** A sweep of one evening. */
const USUAL = { trials: 200, days: 400 };
/** All returns that the ledger keeps of a window. */
const FULL = { trials: 2_000, days: 500 };

/** The ratio was 2.4 when this was written. */
const LIMIT = 5;

export async function run(): Promise<BenchReport> {
  const input = searchOf(USUAL);
  const columns = input.trials.map(({ returns }) => returns);
  const report = await compare({
    name: 'selection',
    candidate: () => judgeSelection(input),
    reference: () => overfittingProbability(columns),
    limit: LIMIT,
  });
  const full = searchOf(FULL);
  const startMs = performance.now();
  judgeSelection(full);
  const fullMs = performance.now() - startMs;
  return { ...report, figures: { fullMs, fullTrials: FULL.trials, fullDays: FULL.days } };
}

/** Noise around a common market. */
function searchOf({ trials, days }: { readonly trials: number; readonly days: number }): SelectionInput {
  const prng = createPrng(1, 'selection bench');
  const market = Float64Array.from({ length: days }, () => prng.normal() / 100);
  const columns = Array.from({ length: trials }, () => market.map((value) => value / 2 + prng.normal() / 100));
  const moments = columns.map(returnMoments);
  const ids = columns.map((_, k) => `trial ${k}`);
  return {
    trials: columns.map((returns, k) => ({ id: ids[k], tag: ids[k], returns, isDrawn: true })),
    chosenId: ids[0],
    firstDayMs: 0,
    configurations: trials,
    ledger: {
      ids,
      days: moments.map((found) => found.days),
      sharpe: moments.map(({ mean, sd }) => mean / sd),
      skewness: moments.map(({ skew }) => skew),
      kurtosis: moments.map(({ kurtosis }) => kurtosis),
    },
    benchmarks: [{ name: 'market', returns: market }],
    seed: 1,
  };
}
