import { standardDeviation } from '../moments.ts';
import { YEAR_DAYS } from './growth.ts';

/** Volatility per year: sd (ddof 1) of the returns per period x sqrt(periods per year), fraction. */
export function annualVolatilityFrac(returns: ArrayLike<number>, periodsPerYear = YEAR_DAYS): number {
  return standardDeviation(returns, 1) * Math.sqrt(periodsPerYear);
}
