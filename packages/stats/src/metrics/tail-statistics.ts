/** How bad the bad days are. */
import { invariant, quantileOf } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { kurtosis, mean, skewness, standardDeviation } from '../moments.ts';
import { SPREAD_MIN_FRAC } from './sharpe-ratio.ts';

/** The mean of fewer worst days is the story of single days. */
const TAIL_DAYS_MIN = 5;
/** The usual tail of daily returns. */
const TAIL_FRAC = 0.05;

/** `missing_return`: `found` of `needed` returns are there. `too_few_returns`: the tail would hold fewer than five. `no_spread`: all are equal. */
export type TailRefusal = 'missing_return' | 'too_few_returns' | 'no_spread';

/** Per period of the returns. */
export interface TailStatistics {
  readonly kind: 'tail';
  /** Share of the periods that is called the tail. */
  readonly tailFrac: number;
  /** Return that the tail lies below (quantile type 7); a loss is negative. */
  readonly valueAtRiskFrac: number;
  /** Mean return of the tail (CVaR); a loss is negative. */
  readonly expectedShortfallFrac: number;
  /** Population skewness; negative: the bad tail is the longer one. */
  readonly skewness: number;
  /** Population kurtosis, 3 for a normal distribution. */
  readonly kurtosis: number;
}

/** Tail of the returns of consecutive days (or weeks). Refused with a missing return, below five periods in the tail and without spread. */
export function tailStatistics(
  returns: ArrayLike<number>,
  tailFrac = TAIL_FRAC,
): TailStatistics | Refusal<TailRefusal> {
  invariant(tailFrac > 0 && tailFrac < 1, 'a tail is a share of the periods');
  const sorted = Float64Array.from(returns).sort();
  const found = sorted.filter((value) => !Number.isNaN(value)).length;
  if (found < sorted.length) return { kind: 'refused', reason: 'missing_return', found, needed: sorted.length };
  const needed = Math.ceil(TAIL_DAYS_MIN / tailFrac);
  if (!(found >= needed)) return { kind: 'refused', reason: 'too_few_returns', found, needed };
  if (!(standardDeviation(sorted, 0) > SPREAD_MIN_FRAC * Math.abs(mean(sorted)))) {
    return { kind: 'refused', reason: 'no_spread', found: 0, needed: 1 };
  }
  return {
    kind: 'tail',
    tailFrac,
    valueAtRiskFrac: quantileOf(sorted, tailFrac),
    expectedShortfallFrac: tailMean(sorted, tailFrac),
    skewness: skewness(sorted),
    kurtosis: kurtosis(sorted),
  };
}

/**
 * Mean of the lowest share of the values; where it ends inside a value, that one counts in part (C. Acerbi, D. Tasche 2002, "On the
 * coherence of expected shortfall", definition 2.6).
 */
function tailMean(sorted: Float64Array, tailFrac: number): number {
  const weight = tailFrac * sorted.length;
  const whole = Math.floor(weight);
  let sum = 0;
  for (let k = 0; k < whole; k += 1) sum += sorted[k];
  return (sum + (weight - whole) * sorted[whole]) / weight;
}
