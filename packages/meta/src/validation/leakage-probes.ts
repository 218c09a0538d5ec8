/** Plants and nulls that every training is run on: what must be found, and what must not. */
import { createPrng } from '@donch/core';
import { groupBounds, rocAuc } from '@donch/stats';
import type { Dataset } from '../dataset/dataset.ts';
import type { FeatureColumns } from '../trainer/binned-data.ts';

/** Labels and results shuffled together inside groups of time: the model has nothing left to learn, the calendar stays. */
export function permutedOutcomes(
  { y, pnlR }: Dataset,
  { groups, seed }: { readonly groups: number; readonly seed: number },
): { readonly y: Float64Array; readonly pnlR: Float64Array } {
  const prng = createPrng(seed, 'permuted outcomes');
  const order = Array.from(y, (_, row) => row);
  const bounds = groupBounds(y.length, groups);
  for (let group = 0; group < groups; group += 1) {
    for (let row = bounds[group + 1] - 1; row > bounds[group]; row -= 1) {
      const other = bounds[group] + prng.below(row - bounds[group] + 1);
      [order[row], order[other]] = [order[other], order[row]];
    }
  }
  return { y: Float64Array.from(order, (row) => y[row]), pnlR: Float64Array.from(order, (row) => pnlR[row]) };
}

/** A feature alone, judged inside groups of time. */
export interface SuspiciousFeature {
  readonly name: string;
  /** Mean area under the ROC curve of the groups; 0.5 tells nothing, 0 and 1 everything. */
  readonly auc: number;
}

/** No feature of a market orders outcomes this well alone; one that does has seen them. */
const AUC_MAX = 0.85;

/** Features that order the outcomes too well to have been known before them. */
export function suspiciousFeatures(
  features: FeatureColumns,
  y: ArrayLike<number>,
  groups: number,
): SuspiciousFeature[] {
  const bounds = groupBounds(y.length, groups);
  return features.names.flatMap((name, feature) => {
    const column = features.columns[feature];
    const aucs = Array.from({ length: groups }, (_, group) => aucOf(column, y, [bounds[group], bounds[group + 1]]));
    const known = aucs.filter((auc) => !Number.isNaN(auc));
    const auc = known.reduce((sum, value) => sum + value, 0) / known.length;
    return Math.max(auc, 1 - auc) > AUC_MAX ? [{ name, auc }] : [];
  });
}

function aucOf(column: Float32Array, y: ArrayLike<number>, [from, to]: readonly [number, number]): number {
  const rows = Array.from({ length: to - from }, (_, k) => from + k).filter((row) => !Number.isNaN(column[row]));
  return rocAuc({ y: rows.map((row) => y[row]), p: rows.map((row) => column[row]) });
}

/** Name of the planted feature. */
export const PLANTED_FEATURE = 'planted_future';

/** The features with one more that knows the outcome, noise on top. */
export function withFutureFeature(features: FeatureColumns, y: ArrayLike<number>, seed: number): FeatureColumns {
  const prng = createPrng(seed, 'planted feature');
  const column = Float32Array.from(y, (value) => value + prng.normal() / 2);
  return { names: [...features.names, PLANTED_FEATURE], columns: [...features.columns, column] };
}

/** The rows of a test changed beyond recognition: a model that trained without them is the same. */
export function withSpoiltRows(
  { features, y }: Pick<Dataset, 'features' | 'y'>,
  rows: Int32Array,
  seed: number,
): Pick<Dataset, 'features' | 'y'> {
  const prng = createPrng(seed, 'spoilt rows');
  const columns = features.columns.map((column) => {
    const copy = Float32Array.from(column);
    for (const row of rows) copy[row] = prng.normal() * 1e6;
    return copy;
  });
  const spoiltY = Float64Array.from(y);
  for (const row of rows) spoiltY[row] = 1 - y[row];
  return { features: { names: features.names, columns }, y: spoiltY };
}
