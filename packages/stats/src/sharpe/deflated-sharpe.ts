/**
 * What a Sharpe ratio is worth that is the best of many. D. Bailey, M. Lopez de Prado, "The Deflated Sharpe Ratio", J. Portfolio
 * Management 40(5), 2014 (SSRN 2460551); Bailey et al., "Pseudo-Mathematics and Financial Charlatanism" (2014), SSRN 2308659.
 */
import { normalQuantile } from '../distributions/normal.ts';
import { SPREAD_MIN_FRAC } from '../metrics/sharpe-ratio.ts';
import { mean, standardDeviation } from '../moments.ts';
import { type ProbabilisticSharpe, probabilisticSharpe } from './probabilistic-sharpe.ts';
import { refusalOfNumbers, refuseSharpe, type SharpeRefusal, type SharpeSample } from './sharpe-sample.ts';

/** Euler-Mascheroni constant. */
const EULER_GAMMA = 0.577_215_664_901_532_9;

/** The formula of the maximum is asymptotic: within 3 % of the exact value from here on, 8 % too low for two trials, none for one. */
const TRIALS_MIN = 5;

export interface ExpectedMax {
  readonly kind: 'expected_max';
  /** Expected best of the trials, in standard deviations of a trial above their mean. */
  readonly standardDeviations: number;
}

/**
 * Expected maximum of N independent standard normal numbers, (1 - e) Phi^-1(1 - 1/N) + e Phi^-1(1 - 1/(N exp 1)) with e the
 * Euler-Mascheroni constant. `trials` may be an effective number and need not be whole. Refused below 5.
 */
export function expectedMaxOfTrials(trials: number): ExpectedMax | SharpeRefusal {
  const refusal = refusalOfNumbers(trials);
  if (refusal !== null) return refusal;
  if (!(trials >= TRIALS_MIN)) return refuseSharpe('too_few_trials', trials, TRIALS_MIN);
  // Phi^-1(1 - q) = -Phi^-1(q), without the digits that 1 - q loses
  const standardDeviations =
    -(1 - EULER_GAMMA) * normalQuantile(1 / trials) - EULER_GAMMA * normalQuantile(1 / (trials * Math.E));
  return { kind: 'expected_max', standardDeviations };
}

/** How the Sharpe ratios of all trials spread. */
export interface TrialSpread {
  readonly kind: 'trial_spread';
  /** Trials, those without a Sharpe ratio included. */
  readonly trials: number;
  /** Trials that have a Sharpe ratio: a configuration that never traded has none. */
  readonly measured: number;
  /** Mean and variance of the measured Sharpe ratios, per period. */
  readonly sharpeMean: number;
  readonly sharpeVariance: number;
  /** Divisor of the variance: measured - ddof. */
  readonly ddof: 0 | 1;
}

/**
 * V[SR] of trials from their Sharpe ratios per period (NaN = undefined for this trial; counted, not measured). `ddof` is to be
 * chosen: 1 estimates the variance that trials come from, 0 describes these trials, and with few of them the difference decides.
 * A spread that is rounding, of trials that are the same, is 0. Refused below two measured trials.
 */
export function trialSpreadOf(sharpes: ArrayLike<number>, ddof: 0 | 1): TrialSpread | SharpeRefusal {
  const measured = Array.from(sharpes).filter((value) => !Number.isNaN(value));
  if (!(measured.length >= 2)) return refuseSharpe('too_few_trials', measured.length, 2);
  const sharpeMean = mean(measured);
  const sd = standardDeviation(measured, ddof);
  return {
    kind: 'trial_spread',
    trials: sharpes.length,
    measured: measured.length,
    sharpeMean,
    sharpeVariance: sd > SPREAD_MIN_FRAC * Math.abs(sharpeMean) ? sd ** 2 : 0,
    ddof,
  };
}

/** The search that a strategy is the winner of. */
export interface TrialSearch {
  /** Number of independent trials, raw or effective; discarded ones count. */
  readonly trials: number;
  /** Variance of the trials' Sharpe ratios PER PERIOD: an annual one has to be divided by the periods of a year. */
  readonly sharpeVariance: number;
}

export interface DeflatedSharpe extends Omit<ProbabilisticSharpe, 'kind'>, TrialSearch {
  readonly kind: 'dsr';
}

/**
 * Deflated Sharpe ratio: the PSR against the Sharpe ratio that the best of the trials is expected to show without any skill,
 * SR* = sqrt(V[SR]) E[max of N] (`benchmark` of the result, per period). Refused where the PSR or the expected maximum is, and when
 * the trials do not differ.
 */
export function deflatedSharpe(sample: SharpeSample, search: TrialSearch): DeflatedSharpe | SharpeRefusal {
  const { trials, sharpeVariance } = search;
  const refusal = refusalOfNumbers(sharpeVariance);
  if (refusal !== null) return refusal;
  const best = expectedMaxOfTrials(trials);
  if (best.kind === 'refused') return best;
  if (!(sharpeVariance > 0)) return refuseSharpe('trials_without_spread', sharpeVariance, 0);
  const found = probabilisticSharpe(sample, Math.sqrt(sharpeVariance) * best.standardDeviations);
  if (found.kind === 'refused') return found;
  return { ...found, kind: 'dsr', trials, sharpeVariance };
}

export interface MinBacktest {
  readonly kind: 'min_backtest';
  readonly years: number;
}

/**
 * Minimum backtest length: years below which the best of N trials without skill is expected to show the ANNUAL Sharpe ratio found in
 * sample, (E[max of N] / SR)^2. Refused below 5 trials and for a ratio that is not positive.
 */
export function minBacktest(trials: number, annualSharpe: number): MinBacktest | SharpeRefusal {
  const refusal = refusalOfNumbers(annualSharpe);
  if (refusal !== null) return refusal;
  const best = expectedMaxOfTrials(trials);
  if (best.kind === 'refused') return best;
  if (!(annualSharpe > 0)) return refuseSharpe('not_above_benchmark', annualSharpe, 0);
  return { kind: 'min_backtest', years: (best.standardDeviations / annualSharpe) ** 2 };
}
