/**
 * How sure a Sharpe ratio is. D. Bailey, M. Lopez de Prado, "The Sharpe Ratio Efficient Frontier" (2012), SSRN 1821643. The revision
 * of 2025/26 gives other numbers and stands in `probabilistic-sharpe-2026`.
 */
import { invariant } from '@donch/core';
import { normalCdf, normalQuantile } from '../distributions/normal.ts';
import {
  refusalOfNumbers,
  refusalOfSample,
  refuseSharpe,
  type SharpeMoments,
  type SharpeRefusal,
  type SharpeSample,
} from './sharpe-sample.ts';

export interface ProbabilisticSharpe {
  readonly kind: 'psr';
  /** Probability that the true Sharpe ratio is above the benchmark, 0..1. */
  readonly probability: number;
  /** Sharpe ratio to beat, per period. */
  readonly benchmark: number;
  /** Standard error of the estimated Sharpe ratio, per period. */
  readonly standardError: number;
}

export interface MinTrackRecord {
  readonly kind: 'min_track_record';
  /** Least number of observations, not rounded. */
  readonly observations: number;
}

/** Factor of the variance of an estimated Sharpe ratio: 1 - g3 SR + (g4 - 1) / 4 SR^2, with g4 the kurtosis that is not the excess. */
function varianceFactor({ sharpe, skewness, kurtosis }: SharpeMoments): number {
  return 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2;
}

/**
 * Probabilistic Sharpe ratio, PSR(SR*) = Phi((SR - SR*) sqrt(T - 1) / sqrt(1 - g3 SR + (g4 - 1) / 4 SR^2)): `benchmark` is SR*, per
 * period like the rest. It presumes independent returns. Refused below `SHARPE_OBSERVATIONS_MIN` observations, for missing numbers
 * and when the variance is not positive.
 */
export function probabilisticSharpe(sample: SharpeSample, benchmark = 0): ProbabilisticSharpe | SharpeRefusal {
  const refusal = refusalOfSample(sample) ?? refusalOfNumbers(benchmark);
  if (refusal !== null) return refusal;
  const factor = varianceFactor(sample);
  if (!(factor > 0)) return refuseSharpe('variance_not_positive', factor, 0);
  const standardError = Math.sqrt(factor / (sample.observations - 1));
  const probability = normalCdf((sample.sharpe - benchmark) / standardError);
  return { kind: 'psr', probability, benchmark, standardError };
}

export interface TrackRecordOptions {
  /** Sharpe ratio to beat, per period; default 0. */
  readonly benchmark?: number;
  /** Probability that is asked for, above 0.5; default 0.95. */
  readonly probability?: number;
}

/** The usual probability. */
export const TRACK_RECORD_PROBABILITY = 0.95;

/**
 * Minimum track record length: observations until PSR(SR*) reaches the probability p if the figures stay as they are,
 * 1 + (1 - g3 SR + (g4 - 1) / 4 SR^2) (Phi^-1(p) / (SR - SR*))^2. Refused when SR <= SR*: no record is long enough then.
 */
export function minTrackRecord(
  moments: SharpeMoments,
  { benchmark = 0, probability = TRACK_RECORD_PROBABILITY }: TrackRecordOptions = {},
): MinTrackRecord | SharpeRefusal {
  invariant(probability > 0.5 && probability < 1, 'a track record proves with a probability above one half');
  const { sharpe, skewness, kurtosis } = moments;
  const refusal = refusalOfNumbers(sharpe, skewness, kurtosis, benchmark);
  if (refusal !== null) return refusal;
  if (!(sharpe > benchmark)) return refuseSharpe('not_above_benchmark', sharpe, benchmark);
  const factor = varianceFactor(moments);
  if (!(factor > 0)) return refuseSharpe('variance_not_positive', factor, 0);
  const z = normalQuantile(probability);
  return { kind: 'min_track_record', observations: 1 + factor * (z / (sharpe - benchmark)) ** 2 };
}
