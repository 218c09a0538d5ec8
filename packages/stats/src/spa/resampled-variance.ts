import type { BlockRule } from '../bootstrap/resample-indices.ts';
import { mean } from '../moments.ts';

/**
 * n x variance of the mean of block resamples, exact and without drawing any. For the stationary bootstrap D. Politis, J. Romano (1994),
 * Lemma 1: the omega^2 of P. Hansen (2005) and of the Python library arch. With blocks of 1 it is the plain variance. NaN with a missing
 * value.
 */
export function resampledVariance(values: ArrayLike<number>, { kind, blockLength }: BlockRule): number {
  const center = mean(values);
  const centred = Float64Array.from(values, (value) => value - center);
  const variance =
    kind === 'stationary' ? stationaryVariance(centred, 1 - 1 / blockLength) : blockVariance(centred, blockLength);
  // A sum of squares in exact arithmetic: what rounding leaves below 0 is 0. Math.max passes a NaN on.
  return Math.max(variance, 0);
}

/**
 * Autocovariances around the circle, the one of lag l weighted (1 - l / n) stay^l, which is how often two periods so far apart are drawn
 * in one block. Both sums over the lags follow from those of the period before.
 */
function stationaryVariance(centred: Float64Array, stay: number): number {
  const n = centred.length;
  const around = stay ** n;
  // Of lags 1..n behind a period: sum of stay^l x value, and of l x stay^l x value. Lag n is the period itself and has no weight.
  let weighted = 0;
  let lagWeighted = 0;
  for (let lag = n; lag >= 1; lag -= 1) {
    weighted += stay ** lag * centred[n - lag];
    lagWeighted += lag * stay ** lag * centred[n - lag];
  }
  let squares = 0;
  let products = 0;
  for (const value of centred) {
    squares += value * value;
    products += value * (weighted - lagWeighted / n);
    lagWeighted = stay * (lagWeighted + weighted + value * (1 - around * (1 + n)));
    weighted = stay * (weighted + value * (1 - around));
  }
  return (squares + 2 * products) / n;
}

/** Blocks are drawn one by one: their sums are independent, the last block is the rest. */
function blockVariance(centred: Float64Array, blockLength: number): number {
  const n = centred.length;
  const whole = Math.floor(n / blockLength) * meanSquaredSum(centred, blockLength);
  return (whole + meanSquaredSum(centred, n % blockLength)) / n;
}

/** Mean over all starts of the squared sum of the next `length` values, around the end. */
function meanSquaredSum(centred: Float64Array, length: number): number {
  const n = centred.length;
  let sum = 0;
  for (let k = 0; k < length; k += 1) sum += centred[k];
  let squares = 0;
  for (let start = 0; start < n; start += 1) {
    squares += sum * sum;
    sum += centred[(start + length) % n] - centred[start];
  }
  return squares / n;
}
