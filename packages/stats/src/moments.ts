/**
 * Moments of a list of numbers. Sums run from left to right, spreads in two passes. A NaN among the values makes the result NaN;
 * an empty list has no moments (NaN).
 */

/** Arithmetic mean. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i];
  return sum / values.length;
}

/** Mean of (x - mean)^power. */
function centralMoment(values: ArrayLike<number>, power: 2 | 3 | 4): number {
  const center = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += (values[i] - center) ** power;
  return sum / values.length;
}

/** Standard deviation; `ddof` 1 = sample (divisor n - 1), 0 = population. NaN unless there are more values than `ddof`. */
export function standardDeviation(values: ArrayLike<number>, ddof: 0 | 1): number {
  const n = values.length;
  return n > ddof ? Math.sqrt((centralMoment(values, 2) * n) / (n - ddof)) : Number.NaN;
}

/** Population skewness g1 = m3 / m2^1.5 (the biased one: what the papers on the Sharpe ratio use). NaN without spread. */
export function skewness(values: ArrayLike<number>): number {
  return centralMoment(values, 3) / centralMoment(values, 2) ** 1.5;
}

/** Population kurtosis m4 / m2^2, NOT the excess: 3 for a normal distribution. NaN without spread. */
export function kurtosis(values: ArrayLike<number>): number {
  return centralMoment(values, 4) / centralMoment(values, 2) ** 2;
}

/** Moments of a series of daily returns, fraction per day: what the trial ledger and a sweep keep of it. */
export interface ReturnMoments {
  /** Returns; with fewer than two the moments are NaN. */
  readonly days: number;
  readonly mean: number;
  /** Ddof 1. */
  readonly sd: number;
  /** Population; NaN without spread. */
  readonly skew: number;
  /** Population, normal = 3; NaN without spread. */
  readonly kurtosis: number;
}

/** Moments of a series of daily returns. */
export function returnMoments(returns: ArrayLike<number>): ReturnMoments {
  const days = returns.length;
  if (days < 2) return { days, mean: Number.NaN, sd: Number.NaN, skew: Number.NaN, kurtosis: Number.NaN };
  return {
    days,
    mean: mean(returns),
    sd: standardDeviation(returns, 1),
    skew: skewness(returns),
    kurtosis: kurtosis(returns),
  };
}
