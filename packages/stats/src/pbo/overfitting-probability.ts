/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation (CSCV). D. Bailey, J. Borwein, M. Lopez de Prado,
 * Q. Zhu, "The Probability of Backtest Overfitting" (2017), SSRN 2326253. It measures the way a configuration is chosen, not one
 * configuration: the matrix must hold ALL trials, also the discarded ones.
 */
import { invariant } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { mean } from '../moments.ts';
import { type Dominance, stochasticDominance } from './dominance.ts';
import { type HalfMetric, SHARPE_METRIC } from './half-metric.ts';
import { blockSums, forEachHalves, type TrialSums } from './halves.ts';

/**
 * Why there is no probability; `found` and `needed` in brackets.
 * `too_few_trials`: (trials; 2). `too_few_observations`: (rows; the least for this number of blocks). `missing_value`: a return is NaN
 * or infinite (how many; 0). `undefined_metric`: a trial has no metric in a half, its returns are all the same and not 0 (how many
 * cases; 0).
 */
export type OverfittingRefusalReason = 'too_few_trials' | 'too_few_observations' | 'missing_value' | 'undefined_metric';

export type OverfittingRefusal = Refusal<OverfittingRefusalReason>;

export interface OverfittingOptions {
  /** Even number of blocks S, default 16 as in the paper: 12,870 combinations. */
  readonly blocks?: number;
  /** What trials are ranked by, default the Sharpe ratio. */
  readonly metric?: HalfMetric;
}

/** One entry per combination, in lexicographic order of the blocks in sample. */
export interface OverfittingCombinations {
  /** Trial with the highest metric in sample; the first one of equals. */
  readonly selected: Int32Array;
  /** Metric of that trial in sample and out of sample. */
  readonly inSample: Float64Array;
  readonly outOfSample: Float64Array;
  /** Rank of its metric out of sample among all trials, 1 = lowest; equals share the mean of their ranks. */
  readonly rank: Float64Array;
  /** ln(w / (1 - w)) with w = rank / (trials + 1). */
  readonly logit: Float64Array;
}

/** Least squares of the metric out of sample on the one in sample; NaN when the latter does not vary. */
export interface Degradation {
  readonly slope: number;
  readonly intercept: number;
  readonly rSquared: number;
}

export interface OverfittingProbability {
  readonly kind: 'pbo';
  /** Share of combinations with logit <= 0: the trial that is best in sample is not above the median out of sample. */
  readonly pbo: number;
  /** The other reading, logit < 0. With an odd number of trials the median has logit 0, and few combinations make the two differ. */
  readonly pboStrict: number;
  /** Share of combinations in which the selected trial has a metric below 0 out of sample. */
  readonly lossFrac: number;
  readonly degradation: Degradation;
  /** Selected trials against a trial drawn by lot: the mean of all trials out of sample, combination by combination. */
  readonly dominance: Dominance;
  readonly trials: number;
  readonly blocks: number;
  readonly rowsPerBlock: number;
  /** Oldest rows, left out because the blocks are equal. */
  readonly droppedRows: number;
  readonly combinations: OverfittingCombinations;
}

/** The paper's choice. */
const BLOCKS = 16;
/** C(20, 10) = 184,756 combinations; every two blocks more are four times as many. */
const BLOCKS_MAX = 20;

/**
 * PBO of trials given as columns of returns per period, one column per trial, rows in order of time. Rows are cut into S equal
 * blocks (rows % S oldest rows are left out); for every choice of S/2 blocks the best trial there is ranked in the other ones.
 * w = rank / (N + 1); variants that divide by N call the best rank infinite. Refused below two trials, for too few rows and for
 * missing returns. Cost: about (S/2 blocks choices) x trials, whatever the number of rows.
 */
export function overfittingProbability(
  columns: readonly Float64Array[],
  { blocks = BLOCKS, metric = SHARPE_METRIC }: OverfittingOptions = {},
): OverfittingProbability | OverfittingRefusal {
  invariant(Number.isInteger(blocks) && blocks % 2 === 0, 'the number of blocks is even');
  invariant(blocks >= 2 && blocks <= BLOCKS_MAX, `there are 2 to ${BLOCKS_MAX} blocks`);
  const rows = columns[0]?.length ?? 0;
  invariant(
    columns.every((column) => column.length === rows),
    'every trial has the same rows',
  );
  const refusal = refusalOf(columns, rows, blocks * Math.ceil(metric.observationsMin / (blocks / 2)));
  if (refusal !== null) return refusal;
  const rowsPerBlock = Math.floor(rows / blocks);
  const droppedRows = rows % blocks;
  const sums = blockSums(columns, { blocks, rowsPerBlock, firstRow: droppedRows });
  const found = evaluate(sums, metric, rowsPerBlock * (blocks / 2));
  if (found.undefinedMetrics > 0) return refuse('undefined_metric', found.undefinedMetrics, 0);
  const { combinations, allOutOfSample } = found;
  return {
    kind: 'pbo',
    pbo: shareOf(combinations.logit, (logit) => logit <= 0),
    pboStrict: shareOf(combinations.logit, (logit) => logit < 0),
    lossFrac: shareOf(combinations.outOfSample, (value) => value < 0),
    degradation: regress(combinations.inSample, combinations.outOfSample),
    dominance: stochasticDominance(combinations.outOfSample, allOutOfSample),
    trials: columns.length,
    blocks,
    rowsPerBlock,
    droppedRows,
    combinations,
  };
}

function refuse(reason: OverfittingRefusalReason, found: number, needed: number): OverfittingRefusal {
  return { kind: 'refused', reason, found, needed };
}

function refusalOf(columns: readonly Float64Array[], rows: number, rowsMin: number): OverfittingRefusal | null {
  if (!(columns.length >= 2)) return refuse('too_few_trials', columns.length, 2);
  if (!(rows >= rowsMin)) return refuse('too_few_observations', rows, rowsMin);
  let missing = 0;
  for (const column of columns) for (const value of column) if (!Number.isFinite(value)) missing += 1;
  return missing > 0 ? refuse('missing_value', missing, 0) : null;
}

interface Evaluation {
  readonly combinations: OverfittingCombinations;
  /** Mean metric of all trials out of sample, per combination. */
  readonly allOutOfSample: Float64Array;
  readonly undefinedMetrics: number;
}

/** Every pair of halves is two combinations: either half is once in sample. */
function evaluate(blocks: readonly TrialSums[], metric: HalfMetric, rowsPerHalf: number): Evaluation {
  const count = combinationCount(blocks.length);
  const trials = blocks[0].sums.length;
  const column = (): Float64Array => new Float64Array(count);
  const combinations: OverfittingCombinations = {
    selected: new Int32Array(count),
    inSample: column(),
    outOfSample: column(),
    rank: column(),
    logit: column(),
  };
  const allOutOfSample = column();
  const first = new Float64Array(trials);
  const second = new Float64Array(trials);
  let undefinedMetrics = 0;
  let at = 0;
  forEachHalves(blocks, (firstSums, secondSums) => {
    undefinedMetrics += measure(first, firstSums, metric, rowsPerHalf);
    undefinedMetrics += measure(second, secondSums, metric, rowsPerHalf);
    // the complement of the k-th combination in lexicographic order is the k-th from the end
    const mirror = count - 1 - at;
    record(combinations, at, first, second);
    record(combinations, mirror, second, first);
    allOutOfSample[at] = mean(second);
    allOutOfSample[mirror] = mean(first);
    at += 1;
  });
  invariant(2 * at === count, 'every combination is evaluated once');
  return { combinations, allOutOfSample, undefinedMetrics };
}

/** C(n, n/2). */
function combinationCount(n: number): number {
  let count = 1;
  for (let k = 1; k <= n / 2; k += 1) count = (count * (n - k + 1)) / k;
  return count;
}

/** Metric of every trial in a half; returns how many are undefined. */
function measure(out: Float64Array, { sums, squares }: TrialSums, { ofSums }: HalfMetric, rows: number): number {
  let missing = 0;
  for (let trial = 0; trial < out.length; trial += 1) {
    const value = ofSums(sums[trial], squares[trial], rows);
    out[trial] = value;
    if (Number.isNaN(value)) missing += 1;
  }
  return missing;
}

function record(into: OverfittingCombinations, at: number, inSample: Float64Array, outOfSample: Float64Array): void {
  const trials = inSample.length;
  let best = 0;
  for (let trial = 1; trial < trials; trial += 1) if (inSample[trial] > inSample[best]) best = trial;
  const metric = outOfSample[best];
  let below = 0;
  let equal = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    if (outOfSample[trial] < metric) below += 1;
    else if (outOfSample[trial] === metric) equal += 1;
  }
  const rank = below + (equal + 1) / 2;
  into.selected[at] = best;
  into.inSample[at] = inSample[best];
  into.outOfSample[at] = metric;
  into.rank[at] = rank;
  // w / (1 - w) without the digits that 1 - w loses; exactly 1, logit 0, for the median
  into.logit[at] = Math.log(rank / (trials + 1 - rank));
}

function shareOf(values: Float64Array, isCounted: (value: number) => boolean): number {
  let count = 0;
  for (const value of values) if (isCounted(value)) count += 1;
  return count / values.length;
}

function regress(x: Float64Array, y: Float64Array): Degradation {
  const [centerX, centerY] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  for (let k = 0; k < x.length; k += 1) {
    xx += (x[k] - centerX) ** 2;
    xy += (x[k] - centerX) * (y[k] - centerY);
    yy += (y[k] - centerY) ** 2;
  }
  const slope = xx > 0 ? xy / xx : Number.NaN;
  return { slope, intercept: centerY - slope * centerX, rSquared: xy ** 2 / (xx * yy) };
}
