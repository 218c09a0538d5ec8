import { mean } from '../moments.ts';
import { YEAR_DAYS } from './growth.ts';

/** Least acceptable return per period, unless told otherwise. */
const TARGET_RETURN = 0;

/**
 * Downside deviation per period: sqrt of the mean over ALL periods of min(r - target, 0)^2 (F. Sortino; not the sd of the losing
 * periods). NaN without returns.
 */
export function downsideDeviation(returns: ArrayLike<number>, target = TARGET_RETURN): number {
  let squares = 0;
  for (let i = 0; i < returns.length; i += 1) squares += Math.min(returns[i] - target, 0) ** 2;
  return Math.sqrt(squares / returns.length);
}

/** Sortino ratio per period: (mean - target) / downside deviation. Infinity for a gain without any downside, NaN for neither. */
export function sortinoRatio(returns: ArrayLike<number>, target = TARGET_RETURN): number {
  return (mean(returns) - target) / downsideDeviation(returns, target);
}

/** Sortino ratio per year, target 0: per period x sqrt(periods per year). */
export function annualSortinoRatio(returns: ArrayLike<number>, periodsPerYear = YEAR_DAYS): number {
  return sortinoRatio(returns) * Math.sqrt(periodsPerYear);
}
