/**
 * Eigenvalues of a symmetric matrix: Householder reflections bring it to three diagonals, QL steps with implicit shifts to one.
 * G. Golub, C. Van Loan, "Matrix Computations", chapter 8. About 4/3 n^3 operations; Jacobi's method needs some ten times as many.
 */
import { invariant } from '@donch/core';
import type { SquareMatrix } from './correlation.ts';

/** Distance from 1 to the next double. */
const EPSILON = 2 ** -52;
/** QL takes two to three steps per eigenvalue; this many mean that the matrix is not what it is said to be. */
const STEPS_MAX = 60;

/** Eigenvalues in ascending order, each within some 1e-15 of the largest one. `matrix` is symmetric; a NaN in it is a bug. */
export function symmetricEigenvalues(matrix: SquareMatrix): Float64Array {
  invariant(
    matrix.values.length === matrix.size ** 2 && matrix.values.every(Number.isFinite),
    'a matrix of numbers is square',
  );
  const { diagonal, beside } = tridiagonal(matrix);
  diagonalise(diagonal, beside);
  return diagonal.sort();
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry k stands between rows k and k + 1; the last one is 0. */
  readonly beside: Float64Array;
}

/** Only the lower triangle is read and kept current. */
function tridiagonal({ size, values }: SquareMatrix): Tridiagonal {
  const a = values.slice();
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  const v = new Float64Array(size);
  const w = new Float64Array(size);
  for (let k = 0; k < size; k += 1) {
    diagonal[k] = a[k * size + k];
    if (k < size - 1) beside[k] = reflectColumn({ size, values: a }, k, v, w);
  }
  return { diagonal, beside };
}

/**
 * Reflects the rows and columns behind k so that column k ends one entry below the diagonal; returns that entry.
 * A' = A - v w' - w v' with v the mirror's normal and w = p - (v p / v v) v, p = 2 A v / v v.
 */
function reflectColumn({ size, values: a }: SquareMatrix, k: number, v: Float64Array, w: Float64Array): number {
  const from = k + 1;
  let squares = 0;
  for (let i = from; i < size; i += 1) {
    v[i] = a[i * size + k];
    squares += v[i] * v[i];
  }
  const entry = v[from] > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  const normal = 2 * (squares - v[from] * entry);
  if (from === size - 1 || normal === 0) return v[from];
  v[from] -= entry;
  multiplyLower({ size, values: a }, from, v, w);
  let product = 0;
  for (let i = from; i < size; i += 1) {
    w[i] *= 2 / normal;
    product += v[i] * w[i];
  }
  for (let i = from; i < size; i += 1) w[i] -= (product / normal) * v[i];
  for (let i = from; i < size; i += 1) {
    const [vi, wi, row] = [v[i], w[i], i * size];
    for (let j = from; j <= i; j += 1) a[row + j] -= vi * w[j] + wi * v[j];
  }
  return entry;
}

/** out = A v over rows and columns from `from` on, of the lower triangle of A. */
function multiplyLower({ size, values: a }: SquareMatrix, from: number, v: Float64Array, out: Float64Array): void {
  out.fill(0, from);
  for (let i = from; i < size; i += 1) {
    const row = i * size;
    const vi = v[i];
    let sum = a[row + i] * vi;
    for (let j = from; j < i; j += 1) {
      sum += a[row + j] * v[j];
      out[j] += a[row + j] * vi;
    }
    out[i] += sum;
  }
}

/** QL with implicit shifts until nothing is left beside the diagonal. */
function diagonalise(diagonal: Float64Array, beside: Float64Array): void {
  let norm = 0;
  for (let k = 0; k < diagonal.length; k += 1) norm = Math.max(norm, Math.abs(diagonal[k]) + Math.abs(beside[k]));
  const negligible = EPSILON * norm;
  for (let k = 0; k < diagonal.length; k += 1) {
    for (let step = 0; ; step += 1) {
      let end = k;
      while (end < diagonal.length - 1 && Math.abs(beside[end]) > negligible) end += 1;
      if (end === k) break;
      invariant(step < STEPS_MAX, 'the eigenvalues of a symmetric matrix converge');
      stepOfQl(diagonal, beside, k, end);
    }
  }
}

/** One sweep of plane rotations from row `end` up to row `start`. */
function stepOfQl(d: Float64Array, e: Float64Array, start: number, end: number): void {
  const ratio = (d[start + 1] - d[start]) / (2 * e[start]);
  const root = Math.sqrt(ratio * ratio + 1);
  let g = d[end] - d[start] + e[start] / (ratio + (ratio >= 0 ? root : -root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = end - 1; i >= start; i -= 1) {
    const f = sine * e[i];
    const b = cosine * e[i];
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= shift;
      e[end] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1] - shift;
    const t = (d[i] - g) * sine + 2 * cosine * b;
    shift = sine * t;
    d[i + 1] = g + shift;
    g = cosine * t - b;
  }
  d[start] -= shift;
  e[start] = g;
  e[end] = 0;
}
