/**
 * Values to bins: histograms are built over at most 255 of them. LightGBM's way (greedy bins of about equal counts, zero in a bin of
 * its own, missing values in the last), so that the same rows give the same thresholds.
 */
import { nextDouble } from './next-double.ts';
import { sortedFloats } from './sorted-floats.ts';

/** Magnitudes up to this are zero. */
const ZERO_MAX = Math.fround(1e-35);
/** A most frequent bin below this share is not worth leaving out: zero's bin takes its place. */
const SPARSE_FRAC = 0.7;

export interface BinLimits {
  /** Most bins of a feature, the one of missing values included; up to 256. */
  readonly binsMax: number;
  readonly rowsPerBinMin: number;
  /** A feature that cannot put so many rows on both sides never splits. */
  readonly rowsPerSideMin: number;
}

export interface FeatureBins {
  /** Bin k holds values up to and including upperBounds[k]; ascending, the last Infinity. Without the bin of missing values. */
  readonly upperBounds: Float64Array;
  /** With the bin of missing values, which is the last. */
  readonly binCount: number;
  readonly hasMissing: boolean;
  /** The bin whose histogram cell is found by subtraction from the total. */
  readonly mostFrequentBin: number;
  /** False: nothing to split. */
  readonly isUsable: boolean;
  /** Of the values that are there, zero included when it occurs. NaN without values. */
  readonly minValue: number;
  readonly maxValue: number;
}

/** Typed, since every row may have a value of its own. */
interface Distinct {
  readonly values: Float64Array;
  readonly counts: Int32Array;
}

/** Finds the bins of one feature. `values`: one per training row, NaN = missing. */
export function findBins(values: Float32Array, limits: BinLimits): FeatureBins {
  const sorted = sortedFloats(values);
  const missing = values.length - sorted.length;
  const distinct = distinctValues(sorted);
  const upperBounds = boundsAroundZero(distinct, { ...limits, binsMax: limits.binsMax - (missing > 0 ? 1 : 0) });
  const counts = countsOf(distinct, upperBounds);
  if (missing > 0) counts.push(missing);
  return {
    upperBounds,
    binCount: counts.length,
    hasMissing: missing > 0,
    mostFrequentBin: mostFrequent(counts, values.length, upperBounds),
    isUsable: counts.length > 1 && canSplit(counts, values.length, limits.rowsPerSideMin),
    minValue: distinct.values.at(0) ?? Number.NaN,
    maxValue: distinct.values.at(-1) ?? Number.NaN,
  };
}

/** Distinct values ascending; zero stands between the signs even when it never occurs, so that no bin holds both. */
function distinctValues(sorted: Float32Array): Distinct {
  const values = new Float64Array(sorted.length + 1);
  const counts = new Int32Array(sorted.length + 1);
  let zeros = 0;
  for (let k = 0; k < sorted.length; k += 1) if (Math.abs(sorted[k]) <= ZERO_MAX) zeros += 1;
  let [size, previous] = [0, Number.NaN];
  for (let k = 0; k < sorted.length; k += 1) {
    const value = sorted[k];
    if (Math.abs(value) <= ZERO_MAX) continue;
    if (value === previous) {
      counts[size - 1] += 1;
      continue;
    }
    if (value > 0 && !(previous > 0) && (zeros > 0 || previous < 0)) {
      counts[size] = zeros;
      size += 1;
    }
    values[size] = value;
    counts[size] = 1;
    size += 1;
    previous = value;
  }
  const isAllZero = zeros === sorted.length;
  if (isAllZero || (previous < 0 && zeros > 0)) {
    counts[size] = zeros;
    size += 1;
  }
  return { values: values.subarray(0, size), counts: counts.subarray(0, size) };
}

/** Upper bounds of the bins below zero, of zero, and above; each side gets its share of the bins. */
function boundsAroundZero({ values, counts }: Distinct, { binsMax, rowsPerBinMin }: BinLimits): Float64Array {
  const firstZero = firstAboveLimit(values, -ZERO_MAX);
  const firstAbove = firstAboveLimit(values, ZERO_MAX);
  const rowsOf = (from: number, to: number): number => {
    let sum = 0;
    for (let k = from; k < to; k += 1) sum += counts[k];
    return sum;
  };
  const [below, above] = [rowsOf(0, firstZero), rowsOf(firstAbove, values.length)];
  const side = (from: number, to: number, bins: number): number[] =>
    greedyBounds(
      { values: values.subarray(from, to), counts: counts.subarray(from, to) },
      { binsMax: bins, rowsPerBinMin, rows: rowsOf(from, to) },
    );
  const bounds: number[] = [];
  if (firstZero > 0 && binsMax > 1) {
    const share = Math.trunc((below / (below + above)) * (binsMax - 1));
    bounds.push(...side(0, firstZero, Math.max(1, share)));
    bounds[bounds.length - 1] = -ZERO_MAX;
  }
  const binsLeft = binsMax - 1 - bounds.length;
  if (firstAbove < values.length && binsLeft > 0) bounds.push(ZERO_MAX, ...side(firstAbove, values.length, binsLeft));
  else bounds.push(Infinity);
  return Float64Array.from(bounds);
}

/** Index of the first value above the limit; the length when there is none. */
function firstAboveLimit(values: Float64Array, limit: number): number {
  let first = 0;
  while (first < values.length && !(values[first] > limit)) first += 1;
  return first;
}

interface GreedyLimits {
  readonly binsMax: number;
  readonly rowsPerBinMin: number;
  readonly rows: number;
}

/** Half-way between two values, one step up: values compare with `<=`. */
const between = (a: number, b: number): number => nextDouble((a + b) / 2);

function greedyBounds(distinct: Distinct, limits: GreedyLimits): number[] {
  const bounds: number[] = [];
  const put = (bound: number): boolean => {
    const last = bounds.at(-1);
    if (last !== undefined && bound <= nextDouble(last)) return false;
    bounds.push(bound);
    return true;
  };
  if (distinct.values.length <= limits.binsMax) boundsOfFewValues(distinct, limits.rowsPerBinMin, put);
  else for (const cut of greedyCuts(distinct, limits)) put(between(distinct.values[cut], distinct.values[cut + 1]));
  bounds.push(Infinity);
  return bounds;
}

function boundsOfFewValues({ values, counts }: Distinct, rowsPerBinMin: number, put: (bound: number) => boolean): void {
  let rows = 0;
  for (let k = 0; k < values.length - 1; k += 1) {
    rows += counts[k];
    if (rows >= rowsPerBinMin && put(between(values[k], values[k + 1]))) rows = 0;
  }
}

/** Indices of the last value of each bin but the last: values with many rows stand alone, the others share what is left. */
function greedyCuts({ values, counts }: Distinct, limits: GreedyLimits): number[] {
  const binsMax = Math.max(1, Math.min(limits.binsMax, Math.trunc(limits.rows / limits.rowsPerBinMin)));
  let binsLeft = binsMax;
  let rowsLeft = limits.rows;
  const large = limits.rows / binsMax;
  for (let k = 0; k < counts.length; k += 1) {
    if (!(counts[k] >= large)) continue;
    binsLeft -= 1;
    rowsLeft -= counts[k];
  }
  let size = rowsLeft / binsLeft;
  const cuts: number[] = [];
  let rows = 0;
  for (let k = 0; k < values.length - 1 && cuts.length < binsMax - 1; k += 1) {
    const isLarge = counts[k] >= large;
    if (!isLarge) rowsLeft -= counts[k];
    rows += counts[k];
    if (!(isLarge || rows >= size || (counts[k + 1] >= large && rows >= Math.max(1, size / 2)))) continue;
    cuts.push(k);
    rows = 0;
    if (isLarge) continue;
    binsLeft -= 1;
    size = rowsLeft / binsLeft;
  }
  return cuts;
}

function countsOf({ values, counts }: Distinct, upperBounds: Float64Array): number[] {
  const found = Array.from(upperBounds, () => 0);
  let bin = 0;
  for (let k = 0; k < values.length; k += 1) {
    while (values[k] > upperBounds[bin]) bin += 1;
    found[bin] += counts[k];
  }
  return found;
}

function mostFrequent(counts: readonly number[], rows: number, upperBounds: Float64Array): number {
  const most = counts.indexOf(Math.max(...counts));
  return counts[most] / rows < SPARSE_FRAC ? binOf(upperBounds, 0) : most;
}

function canSplit(counts: readonly number[], rows: number, rowsPerSideMin: number): boolean {
  let left = 0;
  return counts.slice(0, -1).some((count) => {
    left += count;
    return left >= rowsPerSideMin && rows - left >= rowsPerSideMin;
  });
}

/** The bin of a value that is not missing. */
export function binOf(upperBounds: Float64Array, value: number): number {
  let low = 0;
  let high = upperBounds.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= upperBounds[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}
