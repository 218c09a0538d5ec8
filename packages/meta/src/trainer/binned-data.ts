/** The features of a training set, and their bins. */
import { findBins, type BinLimits, type FeatureBins } from './feature-bins.ts';

/** Features of a training set: columns over all rows that there are, of which `rows` train. NaN = missing. */
export interface FeatureColumns {
  readonly names: readonly string[];
  /** By feature; views of shared memory are not copied. */
  readonly columns: readonly Float32Array[];
}

/** Rows that bins are found from; more are sampled at equal steps. */
const BIN_ROWS_MAX = 200_000;

/** Bins of all features, from the training rows alone. */
export function binsOfFeatures({ columns }: FeatureColumns, rows: Int32Array, limits: BinLimits): FeatureBins[] {
  const step = Math.max(1, rows.length / BIN_ROWS_MAX);
  const sample = new Float32Array(Math.ceil(rows.length / step));
  const sideMin = Math.trunc((limits.rowsPerSideMin * sample.length) / rows.length);
  return columns.map((column) => {
    for (let k = 0; k < sample.length; k += 1) sample[k] = column[rows[Math.floor(k * step)]];
    return findBins(sample, { ...limits, rowsPerSideMin: sideMin });
  });
}
