import { invariant } from '@donch/core';

export interface Histogram {
  /** Width of every bin, in the unit of the values. */
  readonly width: number;
  /** Left edge of the first bin: a multiple of the width, so that 0 is an edge and never inside a bin. */
  readonly start: number;
  /** Values in `[start + k width, start + (k + 1) width)`. */
  readonly counts: Int32Array;
}

/** How far a quotient may lie below a whole number and still be that edge: 0.3 / 0.1 is 2.9999999999999996. */
const EDGE_TOLERANCE = 1e-9;

/** Counts of values in bins of equal width that begin at multiples of the width. No bins for no values; a NaN is a bug. */
export function histogram(values: ArrayLike<number>, width: number): Histogram {
  invariant(width > 0 && Number.isFinite(width), 'a bin has a width');
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const binOf = (value: number): number => Math.floor(value / width + EDGE_TOLERANCE);
  for (let i = 0; i < values.length; i += 1) {
    invariant(Number.isFinite(values[i]), 'values of a histogram are finite');
    first = Math.min(first, binOf(values[i]));
    last = Math.max(last, binOf(values[i]));
  }
  if (values.length === 0) return { width, start: 0, counts: new Int32Array(0) };
  const counts = new Int32Array(last - first + 1);
  for (let i = 0; i < values.length; i += 1) counts[binOf(values[i]) - first] += 1;
  return { width, start: first * width, counts };
}
