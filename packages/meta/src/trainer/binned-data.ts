/** Training rows as bins, in the memory of the kernels. */
import { findBins, binOf, type BinLimits, type FeatureBins } from './feature-bins.ts';
import { LANES, type TrainingMemory } from './kernels.ts';

/** Features of a training set: columns over all rows that there are, of which `rows` train. NaN = missing. */
export interface FeatureColumns {
  readonly names: readonly string[];
  /** By feature; views of shared memory are not copied. */
  readonly columns: readonly Float32Array[];
}

/** A feature that can split: its place among all, and its bins. */
export interface UsableFeature {
  readonly index: number;
  readonly bins: FeatureBins;
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

/** Writes the bin of every training row, features in blocks of eight. */
export function writeBins(
  memory: TrainingMemory,
  { columns }: FeatureColumns,
  { rows, features }: { readonly rows: Int32Array; readonly features: readonly UsableFeature[] },
): void {
  for (const [place, { index, bins }] of features.entries()) {
    const at = Math.floor(place / LANES) * rows.length * LANES + (place % LANES);
    writeFeature({ bytes: memory.bins, at }, { column: columns[index], rows }, bins);
  }
}

function writeFeature(
  { bytes, at }: { readonly bytes: Uint8Array; readonly at: number },
  { column, rows }: { readonly column: Float32Array; readonly rows: Int32Array },
  { upperBounds, binCount }: FeatureBins,
): void {
  for (let k = 0; k < rows.length; k += 1) {
    const value = column[rows[k]];
    bytes[at + k * LANES] = Number.isNaN(value) ? binCount - 1 : binOf(upperBounds, value);
  }
}
