/**
 * Order statistics of plain arrays. They are exact: whatever the algorithm, the k-th smallest of the same values is the same
 * bits. Quantiles are 'linear' (Hyndman-Fan type 7: numpy's and pandas' default).
 */
import { invariant } from './invariant.ts';

/** Below this many values insertion sort beats partitioning. */
const SMALL = 24;

/**
 * Partially sorts `values[0 .. length-1]` in place so that `values[rank]` is the value of that rank (0 = smallest), everything
 * before it is <= and everything after it >= it; returns it. No NaN among the values. Expected O(length).
 * Hoare's selection with a median of three; stops on equal keys, so ties split evenly.
 */
export function selectRank(values: Float64Array, length: number, rank: number): number {
  invariant(rank >= 0 && rank < length && length <= values.length, 'rank lies among the values');
  let left = 0;
  let right = length - 1;
  while (right - left >= SMALL) {
    const pivot = medianOfThree(values[left], values[(left + right) >>> 1], values[right]);
    let i = left - 1;
    let j = right + 1;
    for (;;) {
      do i += 1;
      while (values[i] < pivot);
      do j -= 1;
      while (values[j] > pivot);
      if (i >= j) break;
      const swap = values[i];
      values[i] = values[j];
      values[j] = swap;
    }
    if (rank <= j) right = j;
    else left = j + 1;
  }
  sortRange(values, left, right);
  return values[rank];
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function sortRange(values: Float64Array, left: number, right: number): void {
  for (let i = left + 1; i <= right; i += 1) {
    const value = values[i];
    let j = i - 1;
    while (j >= left && values[j] > value) {
      values[j + 1] = values[j];
      j -= 1;
    }
    values[j + 1] = value;
  }
}

/** Smallest of `values[from .. to-1]`. */
export function minOf(values: Float64Array, from: number, to: number): number {
  let min = values[from];
  for (let i = from + 1; i < to; i += 1) if (values[i] < min) min = values[i];
  return min;
}

/** Largest of `values[from .. to-1]`. */
export function maxOf(values: Float64Array, from: number, to: number): number {
  let max = values[from];
  for (let i = from + 1; i < to; i += 1) if (values[i] > max) max = values[i];
  return max;
}

/**
 * Median of an array (mean of the two middle values when their number is even); NaN when it is empty or a value is missing. The
 * array is not changed.
 */
export function medianOf(values: ArrayLike<number>): number {
  const scratch = new Float64Array(values);
  const length = scratch.length;
  if (length === 0 || hasMissing(scratch)) return Number.NaN;
  const upper = selectRank(scratch, length, length >>> 1);
  if (length % 2 === 1) return upper;
  return (maxOf(scratch, 0, length >>> 1) + upper) / 2;
}

/** Quantile q (0..1) of an array, type 7; NaN when it is empty or a value is missing. The array is not changed. */
export function quantileOf(values: ArrayLike<number>, q: number): number {
  invariant(q >= 0 && q <= 1, 'a quantile lies in 0..1');
  const scratch = new Float64Array(values);
  const length = scratch.length;
  if (length === 0 || hasMissing(scratch)) return Number.NaN;
  const position = q * (length - 1);
  const rank = Math.floor(position);
  const lower = selectRank(scratch, length, rank);
  return rank === position ? lower : interpolate(lower, minOf(scratch, rank + 1, length), position - rank);
}

function hasMissing(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i += 1) if (Number.isNaN(values[i])) return true;
  return false;
}

/** Point between two neighbouring order statistics; equal neighbours (infinite ones too) are the point. */
export function interpolate(lower: number, upper: number, frac: number): number {
  return lower === upper ? lower : lower + (upper - lower) * frac;
}
