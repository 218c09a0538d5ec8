/** How many independent trials a number of similar ones is worth. Every method is an opinion: the raw number stands beside them. */
import { invariant } from '@donch/core';
import { refuseSharpe, SHARPE_OBSERVATIONS_MIN, type SharpeRefusal } from '../sharpe/sharpe-sample.ts';
import { clusterTrials } from './cluster-trials.ts';
import { averageOffDiagonal, productMatrix, type SquareMatrix, standardised } from './correlation.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

export interface EffectiveTrials {
  readonly kind: 'effective_trials';
  /** Trials that were given: the raw number. */
  readonly trials: number;
  /** Trials whose returns vary; the others (which never traded) have no correlation and are left out of the figures below. */
  readonly measured: number;
  readonly averageCorrelation: number;
  /** By the average correlation: see `trialsByCorrelation`. */
  readonly byCorrelation: number;
  /** By the spectrum: see `effectiveRank`. Never above the number of observations. */
  readonly byEffectiveRank: number;
  /** By clusters: see `clusterTrials`. */
  readonly byClusters: number;
  /** Mean silhouette of the clusters; NaN when there is no structure. */
  readonly silhouette: number;
  /** Cluster of each trial, from 0; -1 = not measured. */
  readonly labels: Int32Array;
}

/** Three matrices of doubles of this size are 216 MB; a sample of the trials serves as well. */
const TRIALS_MAX = 3_000;

/**
 * Effective number of trials given as columns of returns per period. Refused below two trials whose returns vary, below
 * `SHARPE_OBSERVATIONS_MIN` observations and when a return is missing. At most 3,000 columns.
 */
export function effectiveTrials(columns: readonly Float64Array[]): EffectiveTrials | SharpeRefusal {
  invariant(columns.length <= TRIALS_MAX, `a correlation matrix has at most ${TRIALS_MAX} rows`);
  const observations = columns[0]?.length ?? 0;
  invariant(
    columns.every((column) => column.length === observations),
    'every trial has the same observations',
  );
  if (!(columns.length >= 2)) return refuseSharpe('too_few_trials', columns.length, 2);
  if (!(observations >= SHARPE_OBSERVATIONS_MIN)) {
    return refuseSharpe('too_few_observations', observations, SHARPE_OBSERVATIONS_MIN);
  }
  const missing = columns.reduce((sum, column) => sum + column.filter((value) => !Number.isFinite(value)).length, 0);
  if (missing > 0) return refuseSharpe('missing_value', missing, 0);
  const vectors = columns.map(standardised);
  const varying = vectors.filter((vector) => vector !== null);
  if (!(varying.length >= 2)) return refuseSharpe('too_few_trials', varying.length, 2);
  const correlations = productMatrix(varying);
  const averageCorrelation = averageOffDiagonal(correlations);
  const { clusters, labels, silhouette } = clusterTrials(correlations);
  let at = 0;
  return {
    kind: 'effective_trials',
    trials: columns.length,
    measured: varying.length,
    averageCorrelation,
    byCorrelation: trialsByCorrelation(averageCorrelation, varying.length),
    byEffectiveRank: effectiveRank(smallerMatrix(correlations, varying)),
    byClusters: clusters,
    silhouette,
    labels: Int32Array.from(vectors, (vector) => (vector === null ? -1 : labels[at++])),
  };
}

/** With fewer observations than trials, the products of the observations: the same eigenvalues but for zeros. */
function smallerMatrix(correlations: SquareMatrix, vectors: readonly Float64Array[]): SquareMatrix {
  const observations = vectors[0].length;
  if (observations >= correlations.size) return correlations;
  return productMatrix(
    Array.from({ length: observations }, (_, row) => Float64Array.from(vectors, (vector) => vector[row])),
  );
}

/**
 * N = rho + (1 - rho) M for M trials with the average correlation rho: one trial for rho = 1, M for rho = 0 (num_independent_trials of
 * rubenbriones/Probabilistic-Sharpe-Ratio, before rounding). A negative rho gives up to M + 1.
 */
export function trialsByCorrelation(averageCorrelation: number, trials: number): number {
  return averageCorrelation + (1 - averageCorrelation) * trials;
}

/**
 * Effective rank of a correlation matrix: exp of the entropy of its eigenvalues, scaled to sum 1 (O. Roy, M. Vetterli 2007). n for
 * independent trials, 1 for identical ones. Correlations that were estimated from few observations have an uneven spectrum, so the
 * number comes out too low when there are not many more observations than trials.
 */
export function effectiveRank(correlations: SquareMatrix): number {
  // what is not above 0 is 0 up to rounding: the matrix is one of products
  const eigenvalues = symmetricEigenvalues(correlations).filter((value) => value > 0);
  const sum = eigenvalues.reduce((total, value) => total + value, 0);
  let entropy = 0;
  for (const value of eigenvalues) entropy -= (value / sum) * Math.log(value / sum);
  return Math.exp(entropy);
}
