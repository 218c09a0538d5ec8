/** Correlations of the returns of trials. */

/** A square matrix, row by row. */
export interface SquareMatrix {
  readonly size: number;
  readonly values: Float64Array;
}

/** A spread below this share of the returns is rounding: the trial stood aside, or gained the same every day. */
const SPREAD_MIN_FRAC = 1e-12;

/** Returns less their mean, scaled to length 1, so that sums of products are correlations; null when they do not vary. */
export function standardised(returns: Float64Array): Float64Array | null {
  let sum = 0;
  for (const value of returns) sum += value;
  const center = sum / returns.length;
  const centered = returns.map((value) => value - center);
  const length = Math.sqrt(dot(centered, centered));
  if (!(length > SPREAD_MIN_FRAC * Math.abs(center) * Math.sqrt(returns.length))) return null;
  return centered.map((value) => value / length);
}

/** Products of every vector with every other one: correlations, when the vectors are standardised. */
export function productMatrix(vectors: readonly Float64Array[]): SquareMatrix {
  const size = vectors.length;
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const product = dot(vectors[i], vectors[j]);
      values[i * size + j] = product;
      values[j * size + i] = product;
    }
  }
  return { size, values };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k += 1) sum += a[k] * b[k];
  return sum;
}

/** Mean of the entries off the diagonal; NaN for fewer than two rows. */
export function averageOffDiagonal({ size, values }: SquareMatrix): number {
  let sum = 0;
  for (let i = 0; i < size; i += 1) for (let j = 0; j < i; j += 1) sum += values[i * size + j];
  return (2 * sum) / (size * (size - 1));
}
