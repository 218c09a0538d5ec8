import { invariant } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { sharpeRatio } from '../metrics/sharpe-ratio.ts';
import { kurtosis, skewness } from '../moments.ts';

/**
 * Why there is no statistic of a Sharpe ratio; `found` and `needed` in brackets.
 * `missing_value`: a number that goes in is NaN or infinite (how many; 0).
 * `too_few_observations`: observations (how many; the least).
 * `no_spread`: the returns do not vary, so there is no Sharpe ratio (their sd; more than 0).
 * `variance_not_positive`: skewness and kurtosis leave the estimate without an error of its own (the factor; more than 0).
 * `not_above_benchmark`: no record is long enough to show it (the Sharpe ratio; more than that benchmark).
 * `too_few_trials`: trials (how many; the least).
 * `trials_without_spread`: all trials have the same Sharpe ratio: in effect there was one (their variance; more than 0).
 */
export type SharpeRefusalReason =
  | 'missing_value'
  | 'too_few_observations'
  | 'no_spread'
  | 'variance_not_positive'
  | 'not_above_benchmark'
  | 'too_few_trials'
  | 'trials_without_spread';

export type SharpeRefusal = Refusal<SharpeRefusalReason>;

/** The Sharpe ratio of a series and the shape of its returns. Everything is per period; nothing is annual. */
export interface SharpeMoments {
  /** Mean / sd (ddof 1) of the returns of a period. */
  readonly sharpe: number;
  /** Population skewness (biased), as in the papers. */
  readonly skewness: number;
  /** Population kurtosis (biased), NOT the excess: 3 for a normal distribution. */
  readonly kurtosis: number;
}

export interface SharpeSample extends SharpeMoments {
  /** Returns that the figures rest on, of the strategy that is judged. Never a number of trades. */
  readonly observations: number;
}

/** Figures that were measured on a series of returns. */
export interface MeasuredSharpe extends SharpeSample {
  readonly kind: 'sharpe_sample';
}

/**
 * Below this many returns skewness and kurtosis say nothing and the estimate is not near normal. The example of the authors has 24.
 */
export const SHARPE_OBSERVATIONS_MIN = 20;

export function refuseSharpe(reason: SharpeRefusalReason, found: number, needed: number): SharpeRefusal {
  return { kind: 'refused', reason, found, needed };
}

/** What the statistics of a Sharpe ratio need of a series of returns per period. Refused when too short, incomplete or constant. */
export function sharpeSampleOf(returns: ArrayLike<number>): MeasuredSharpe | SharpeRefusal {
  const missing = Array.from(returns).filter((value) => !Number.isFinite(value)).length;
  if (missing > 0) return refuseSharpe('missing_value', missing, 0);
  const observations = returns.length;
  if (!(observations >= SHARPE_OBSERVATIONS_MIN)) {
    return refuseSharpe('too_few_observations', observations, SHARPE_OBSERVATIONS_MIN);
  }
  const sharpe = sharpeRatio(returns);
  if (Number.isNaN(sharpe)) return refuseSharpe('no_spread', 0, 0);
  return { kind: 'sharpe_sample', sharpe, skewness: skewness(returns), kurtosis: kurtosis(returns), observations };
}

/** The refusal that numbers of a caller deserve; null = they can be used. */
export function refusalOfNumbers(...values: readonly number[]): SharpeRefusal | null {
  const missing = values.filter((value) => !Number.isFinite(value)).length;
  return missing > 0 ? refuseSharpe('missing_value', missing, 0) : null;
}

/** The refusal that a sample without enough observations deserves; null = it can be used. */
export function refusalOfSample({
  sharpe,
  skewness: g3,
  kurtosis: g4,
  observations,
}: SharpeSample): SharpeRefusal | null {
  const refusal = refusalOfNumbers(sharpe, g3, g4, observations);
  if (refusal !== null) return refusal;
  invariant(observations >= 0, 'observations are counted');
  return observations >= SHARPE_OBSERVATIONS_MIN
    ? null
    : refuseSharpe('too_few_observations', observations, SHARPE_OBSERVATIONS_MIN);
}
