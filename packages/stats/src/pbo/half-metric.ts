import { SHARPE_OBSERVATIONS_MIN } from '../sharpe/sharpe-sample.ts';

/** A measure of performance that the sums of the returns of a stretch are enough for. */
export interface HalfMetric {
  /** Least number of returns that it may be taken of. */
  readonly observationsMin: number;
  /** From the sum of `count` returns and the sum of their squares; NaN = not defined. */
  readonly ofSums: (sum: number, squares: number, count: number) => number;
}

/**
 * Below this share of the sum of squares the spread is rounding: a Sharpe ratio per period of a million. The sums keep a relative
 * error of about 1e-16 (1 + SR^2).
 */
const SPREAD_MIN_FRAC = 1e-12;

/**
 * Sharpe ratio per period, mean / sd (ddof 1). A trial that stood aside for the whole half, all returns exactly 0, earned nothing at
 * no risk and counts as 0: it ranks above what lost and below what won. NaN for returns that are all the same and not 0.
 */
export const SHARPE_METRIC: HalfMetric = {
  observationsMin: SHARPE_OBSERVATIONS_MIN,
  ofSums: (sum, squares, count) => {
    const center = sum / count;
    const spread = squares - sum * center;
    if (spread > SPREAD_MIN_FRAC * squares) return center / Math.sqrt(spread / (count - 1));
    return squares === 0 ? 0 : Number.NaN;
  },
};
