import { invariant } from '@donch/core';

const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);

/** Below this distance from the middle the series is short and exact, above it the continued fraction is. */
const SERIES_MAX = 2;
/** The fraction needs about 45 terms at `SERIES_MAX` and fewer further out. */
const FRACTION_TERMS = 80;
/** Terms of the series at `SERIES_MAX`: 40. */
const SERIES_TERMS_MAX = 100;

function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / SQRT_TWO_PI;
}

/**
 * Distribution function of the standard normal, P(Z <= x). Relative error below 1e-13 in both tails down to 1e-300, 0 and 1 beyond;
 * NaN for NaN. Series and continued fraction of M. Abramowitz, I. Stegun, "Handbook of Mathematical Functions", 26.2.11 and 26.2.14.
 */
export function normalCdf(x: number): number {
  if (Math.abs(x) <= SERIES_MAX) return 0.5 + normalDensity(x) * seriesOf(x);
  if (x < 0) return upperTail(-x);
  return 1 - upperTail(x);
}

/** x + x^3 / 3 + x^5 / (3 5) + ...; times the density it is P(0 < Z <= x). */
function seriesOf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k <= SERIES_TERMS_MAX && sum + term !== sum; k += 1) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return sum;
}

/** P(Z > x) for x > 0: density / (x + 1 / (x + 2 / (x + 3 / ...))). */
function upperTail(x: number): number {
  let fraction = x;
  for (let k = FRACTION_TERMS; k >= 1; k -= 1) fraction = x + k / fraction;
  return normalDensity(x) / fraction;
}

/** Two steps bring the start value to full precision; the third costs nothing. */
const STEPS = 3;

/**
 * Quantile of the standard normal: the x with P(Z <= x) = p, for 0 < p < 1. Absolute error below 1e-14 of the x that belongs to the
 * double p (near p = 1 the spacing of doubles is what limits it: use -normalQuantile(1 - p) where 1 - p is known).
 * Start: Abramowitz, Stegun 26.2.23 (error 4.5e-4); then Halley's method on `normalCdf`.
 */
export function normalQuantile(p: number): number {
  invariant(p > 0 && p < 1, 'a normal quantile takes 0 < p < 1');
  if (p === 0.5) return 0;
  return p < 0.5 ? lowerQuantile(p) : -lowerQuantile(1 - p);
}

function lowerQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  const numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
  const denominator = 1 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
  let x = numerator / denominator - t;
  for (let step = 0; step < STEPS; step += 1) {
    const newton = (normalCdf(x) - p) / normalDensity(x);
    x -= newton / (1 + (x * newton) / 2);
  }
  return x;
}
