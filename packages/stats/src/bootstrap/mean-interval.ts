import { studentTQuantile } from '../distributions/student-t.ts';
import { mean, standardDeviation } from '../moments.ts';
import { type Interval, LEVEL, type Refusal } from './interval.ts';

/** Two observations are the least that have a spread. */
const OBSERVATIONS_MIN = 2;

export interface MeanInterval extends Interval {
  readonly standardError: number;
  readonly observations: number;
}

/**
 * Student's t interval of the mean of independent observations (seed means of a null test: one seed = one observation):
 * mean +- t(n-1) sd / sqrt(n). Not for trades, which are not independent: see `clusterBootstrap`.
 * Refused below two observations and when one of them is missing.
 */
export function meanInterval(observations: ArrayLike<number>, level = LEVEL): MeanInterval | Refusal {
  const n = observations.length;
  if (!(n >= OBSERVATIONS_MIN)) {
    return { kind: 'refused', reason: 'too_few_clusters', found: n, needed: OBSERVATIONS_MIN };
  }
  const estimate = mean(observations);
  const standardError = standardDeviation(observations, 1) / Math.sqrt(n);
  if (Number.isNaN(standardError)) {
    return { kind: 'refused', reason: 'undefined_statistic', found: n, needed: OBSERVATIONS_MIN };
  }
  const half = studentTQuantile((1 + level) / 2, n - 1) * standardError;
  return {
    kind: 'interval',
    estimate,
    low: estimate - half,
    high: estimate + half,
    level,
    standardError,
    observations: n,
  };
}
