import { mean, standardDeviation } from '../moments.ts';

/**
 * System quality number sqrt(n) x mean / sd (ddof 1) of the trades (V. Tharp): the t statistic of the mean, as if trades were
 * independent - they are not, see `clusterBootstrap`. NaN below two trades or without spread.
 */
export function systemQuality(pnl: ArrayLike<number>): number {
  const sd = standardDeviation(pnl, 1);
  return sd > 0 ? (Math.sqrt(pnl.length) * mean(pnl)) / sd : Number.NaN;
}
