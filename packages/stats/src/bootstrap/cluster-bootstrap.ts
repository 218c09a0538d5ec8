/**
 * Intervals for statistics of trades. Trades of one week share its market: resampling single trades gives intervals two to three
 * times too narrow (measured). So whole ISO weeks of entry time are drawn, all symbols together.
 */
import { invariant, type Prng, quantileOf } from '@donch/core';
import { type Interval, LEVEL, type Refusal } from './interval.ts';
import { sumOf, type TradeRatio, type TradeSample, weeklySums } from './weekly-sums.ts';

export type { TradeRatio, TradeSample } from './weekly-sums.ts';

/** Below this many weeks a percentile interval says more about the sample than about the strategy. */
export const WEEKS_MIN = 12;
/** Least number of draws: the 2.5 % quantile then rests on 50 of them. */
export const DRAWS_MIN = 2_000;

export interface BootstrapOptions {
  readonly prng: Prng;
  /** At least `DRAWS_MIN`, which is the default. */
  readonly draws?: number;
  /** Confidence, default 0.95. */
  readonly level?: number;
}

export interface ClusterInterval extends Interval {
  /** Distinct weeks that were resampled. */
  readonly weeks: number;
  readonly draws: number;
}

/**
 * Percentile interval of the mean (or the profit factor) of trades: as many weeks as there are are drawn with replacement, and
 * the statistic is taken over all their trades. The same seed gives the same interval whatever the order of the trades.
 * Refused below `WEEKS_MIN` distinct weeks, and when the statistic is undefined. A profit factor without losses is Infinity.
 */
export function clusterBootstrap(
  sample: TradeSample,
  statistic: TradeRatio,
  { prng, draws = DRAWS_MIN, level = LEVEL }: BootstrapOptions,
): ClusterInterval | Refusal {
  invariant(draws >= DRAWS_MIN, `a bootstrap has ${DRAWS_MIN} draws or more`);
  invariant(level > 0 && level < 1, 'a confidence lies between 0 and 1');
  const { numerators, denominators } = weeklySums(sample, statistic);
  const weeks = numerators.length;
  if (!(weeks >= WEEKS_MIN)) return { kind: 'refused', reason: 'too_few_clusters', found: weeks, needed: WEEKS_MIN };
  const drawn = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    let numerator = 0;
    let denominator = 0;
    for (let k = 0; k < weeks; k += 1) {
      const week = prng.below(weeks);
      numerator += numerators[week];
      denominator += denominators[week];
    }
    drawn[draw] = numerator / denominator;
  }
  const estimate = sumOf(numerators) / sumOf(denominators);
  const low = quantileOf(drawn, (1 - level) / 2);
  const high = quantileOf(drawn, (1 + level) / 2);
  if (Number.isNaN(estimate + low + high)) {
    return { kind: 'refused', reason: 'undefined_statistic', found: weeks, needed: WEEKS_MIN };
  }
  return { kind: 'interval', estimate, low, high, level, weeks, draws };
}
