/** Kolmogorov-Smirnov test of two samples: the greatest distance of their distribution functions, and how often chance does that. */

export interface KsTest {
  /** Greatest distance, 0..1. */
  readonly statistic: number;
  /** Chance of such a distance or a greater one between independent samples of one law; asymptotic, with ties too great. */
  readonly pValue: number;
}

/** Both samples ascending and without NaN. NaN when one of them is empty. */
export function ksTwoSample(a: ArrayLike<number>, b: ArrayLike<number>): KsTest {
  return ksTest(ksStatistic(a, b), a.length, b.length);
}

/** The test of a distance between samples of these sizes: P = Q(sqrt(nm / (n + m)) D) (Smirnov 1948; `psmirnov` of R). */
export function ksTest(statistic: number, n: number, m: number): KsTest {
  return { statistic, pValue: kolmogorovSurvival(Math.sqrt((n * m) / (n + m)) * statistic) };
}

/** Greatest distance of the two distribution functions; equal values are passed together. */
export function ksStatistic(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length === 0 || b.length === 0) return Number.NaN;
  let [i, j, distance] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i], b[j]);
    while (i < a.length && a[i] <= value) i += 1;
    while (j < b.length && b[j] <= value) j += 1;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  return distance;
}

/** Where the two series of the distribution are equally fast; four terms give 1e-15 on either side. */
const CROSSOVER = 1.18;
const TERMS = 5;

/** P(K > x) of Kolmogorov's limit law (Kolmogorov 1933; the form for small x by the theta identity). NaN for NaN. */
export function kolmogorovSurvival(x: number): number {
  if (x <= 0) return 1;
  let sum = 0;
  if (x < CROSSOVER) {
    for (let k = 1; k <= TERMS; k += 1) sum += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * x * x));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  for (let k = 1; k <= TERMS; k += 1) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
  return 2 * sum;
}
