/**
 * The revision of the inference on Sharpe ratios: M. Lopez de Prado, A. Lipton, V. Zoonekynd, "How to Use the Sharpe Ratio", SSRN 5520741.
 * Reported under its own name, "PSR (2026)", beside the one of 2012: on the same data the numbers differ (0.987 against 0.913 in the
 * example of the authors), because the variance is taken at the benchmark, not at the estimate, and divided by T, not T - 1.
 */
import { invariant } from '@donch/core';
import { normalCdf, normalQuantile } from '../distributions/normal.ts';
import { TRACK_RECORD_PROBABILITY, type TrackRecordOptions } from './probabilistic-sharpe.ts';
import {
  refusalOfNumbers,
  refusalOfSample,
  refuseSharpe,
  type SharpeMoments,
  type SharpeRefusal,
  type SharpeSample,
} from './sharpe-sample.ts';

export interface ProbabilisticSharpe2026 {
  readonly kind: 'psr_2026';
  /** Probability against the benchmark, 0..1. */
  readonly probability: number;
  /** Sharpe ratio to beat, per period. */
  readonly benchmark: number;
  /** Standard error that an estimate has when the benchmark is the truth, per period. */
  readonly standardError: number;
}

export interface MinTrackRecord2026 {
  readonly kind: 'min_track_record_2026';
  /** Least number of observations, not rounded. */
  readonly observations: number;
}

export interface SharpeOptions2026 {
  /** Sharpe ratio to beat, per period; default 0. */
  readonly benchmark?: number;
  /** Correlation of a return with the one before, -1..1 exclusive; default 0 (independent returns). */
  readonly autocorrelation?: number;
}

/**
 * Factor of the variance of an estimated Sharpe ratio when `sharpe` is the truth and returns follow an AR(1) process with
 * autocorrelation r: (1 + 2r/(1-r)) - (1 + r/(1-r) + r^2/(1-r^2)) g3 SR + (1 + 2r^2/(1-r^2)) (g4 - 1)/4 SR^2.
 */
function varianceFactor2026({ sharpe, skewness, kurtosis }: SharpeMoments, r: number): number {
  invariant(Math.abs(r) < 1, 'an autocorrelation lies between -1 and 1');
  const odd = r / (1 - r);
  const even = r ** 2 / (1 - r ** 2);
  return 1 + 2 * odd - (1 + odd + even) * skewness * sharpe + (1 + 2 * even) * ((kurtosis - 1) / 4) * sharpe ** 2;
}

/** PSR (2026): Phi((SR - SR0) / sqrt(V(SR0))), the variance at the benchmark SR0 and over T. Refused like `probabilisticSharpe`. */
export function probabilisticSharpe2026(
  sample: SharpeSample,
  { benchmark = 0, autocorrelation = 0 }: SharpeOptions2026 = {},
): ProbabilisticSharpe2026 | SharpeRefusal {
  const refusal = refusalOfSample(sample) ?? refusalOfNumbers(benchmark, autocorrelation);
  if (refusal !== null) return refusal;
  const factor = varianceFactor2026({ ...sample, sharpe: benchmark }, autocorrelation);
  if (!(factor > 0)) return refuseSharpe('variance_not_positive', factor, 0);
  const standardError = Math.sqrt(factor / sample.observations);
  const probability = normalCdf((sample.sharpe - benchmark) / standardError);
  return { kind: 'psr_2026', probability, benchmark, standardError };
}

/**
 * Minimum track record length (2026): T V(SR0) (Phi^-1(p) / (SR - SR0))^2 observations; nothing is added to it, unlike in 2012.
 * Refused when SR <= SR0.
 */
export function minTrackRecord2026(
  moments: SharpeMoments,
  {
    benchmark = 0,
    autocorrelation = 0,
    probability = TRACK_RECORD_PROBABILITY,
  }: SharpeOptions2026 & TrackRecordOptions = {},
): MinTrackRecord2026 | SharpeRefusal {
  invariant(probability > 0.5 && probability < 1, 'a track record proves with a probability above one half');
  const { sharpe, skewness, kurtosis } = moments;
  const refusal = refusalOfNumbers(sharpe, skewness, kurtosis, benchmark, autocorrelation);
  if (refusal !== null) return refusal;
  if (!(sharpe > benchmark)) return refuseSharpe('not_above_benchmark', sharpe, benchmark);
  const factor = varianceFactor2026({ ...moments, sharpe: benchmark }, autocorrelation);
  if (!(factor > 0)) return refuseSharpe('variance_not_positive', factor, 0);
  const z = normalQuantile(probability);
  return { kind: 'min_track_record_2026', observations: factor * (z / (sharpe - benchmark)) ** 2 };
}
