import { invariant } from '@donch/core';
import { mean, standardDeviation } from '../moments.ts';
import { YEAR_DAYS } from './growth.ts';

/** A spread below this share of the mean is rounding, not risk: no real series has a ratio of 1e12 per period. */
export const SPREAD_MIN_FRAC = 1e-12;

/** Mean / sd (ddof 1) of returns per period. NaN below two returns or when they do not vary. */
export function sharpeRatio(returns: ArrayLike<number>): number {
  return sharpeOfMoments(mean(returns), standardDeviation(returns, 1));
}

/** The same from moments that were kept: mean and sd (ddof 1) of the returns. */
export function sharpeOfMoments(center: number, sd: number): number {
  return sd > SPREAD_MIN_FRAC * Math.abs(center) ? center / sd : Number.NaN;
}

/**
 * Sharpe ratio per year of one per period: x sqrt(periods per year). For daily returns of markets that never close, 365 of them;
 * sqrt(252) is for stock exchanges, and a number of trades is no time.
 */
export function annualisedSharpe(sharpePerPeriod: number, periodsPerYear = YEAR_DAYS): number {
  return sharpePerPeriod * Math.sqrt(periodsPerYear);
}

/** Sharpe ratio per year of returns per period: see `annualisedSharpe`. */
export function annualSharpeRatio(returns: ArrayLike<number>, periodsPerYear = YEAR_DAYS): number {
  return annualisedSharpe(sharpeRatio(returns), periodsPerYear);
}

/**
 * Lowest annual Sharpe ratio of equal consecutive blocks of the returns (the first blocks are one longer where they do not
 * divide evenly). NaN when a block has none.
 */
export function minBlockSharpeRatio(returns: Float64Array, blocks: number, periodsPerYear = YEAR_DAYS): number {
  invariant(Number.isInteger(blocks) && blocks >= 1, 'blocks are a whole number from 1 on');
  const size = Math.floor(returns.length / blocks);
  const longer = returns.length % blocks;
  let lowest = Number.POSITIVE_INFINITY;
  let from = 0;
  for (let block = 0; block < blocks; block += 1) {
    const to = from + size + (block < longer ? 1 : 0);
    // Math.min passes the NaN of an undefined block on.
    lowest = Math.min(lowest, annualSharpeRatio(returns.subarray(from, to), periodsPerYear));
    from = to;
  }
  return lowest;
}
