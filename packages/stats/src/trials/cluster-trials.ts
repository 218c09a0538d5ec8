/**
 * Clusters of trials that are variants of one idea, after M. Lopez de Prado, M. Lewis, "Detection of False Investment Strategies Using
 * Unsupervised Learning Methods" (2018), SSRN 3167017; with a hierarchy instead of k-means, so that nothing is drawn by lot.
 */
import { averageLinkage, type Merge } from './average-linkage.ts';
import type { SquareMatrix } from './correlation.ts';
import { silhouettesOf } from './silhouettes.ts';

export interface TrialClusters {
  readonly clusters: number;
  /** Cluster of each trial, numbered in order of their first trials. */
  readonly labels: Int32Array;
  /** Mean silhouette of the cut, at most 1; NaN when no cut shows a structure. */
  readonly silhouette: number;
}

/** L. Kaufman, P. Rousseeuw, "Finding Groups in Data" (1990): no substantial structure up to here. */
const SILHOUETTE_MIN = 0.25;

/** Distance of trials that are the same up to rounding: a correlation of 1 - 2e-12. */
const IDENTICAL_DISTANCE = 1e-6;

/**
 * Clusters by average linkage on the distance sqrt((1 - correlation) / 2), cut at the number of clusters, from 2 to n - 1, with the
 * highest mean silhouette (the larger number of equals). Where that is not above 0.25 there are no groups: then every trial is one of
 * its own, and only identical ones are put together. Both rules err on the side of more trials.
 */
export function clusterTrials(correlations: SquareMatrix): TrialClusters {
  const { size, values } = correlations;
  const distances = { size, values: values.map((value) => Math.sqrt(Math.max(0, (1 - value) / 2))) };
  const merges = averageLinkage(distances);
  const silhouettes = silhouettesOf(distances, merges);
  let best = -1;
  let silhouette = SILHOUETTE_MIN;
  for (let m = 0; m < silhouettes.length; m += 1) {
    if (!(silhouettes[m] > silhouette)) continue;
    best = m;
    silhouette = silhouettes[m];
  }
  if (best >= 0) return { ...cut(size, merges.slice(0, best + 1)), silhouette };
  const identical = merges.filter(({ height }) => height <= IDENTICAL_DISTANCE);
  return { ...cut(size, identical), silhouette: Number.NaN };
}

function cut(size: number, merges: readonly Merge[]): Pick<TrialClusters, 'clusters' | 'labels'> {
  const joined = new Int32Array(size).fill(-1);
  for (const { a, b } of merges) joined[b] = a;
  const labels = new Int32Array(size);
  let clusters = 0;
  for (let trial = 0; trial < size; trial += 1) {
    // a cluster is named by its first member, so the label of the name is known by now
    labels[trial] = joined[trial] < 0 ? clusters++ : labels[joined[trial]];
  }
  return { clusters, labels };
}
