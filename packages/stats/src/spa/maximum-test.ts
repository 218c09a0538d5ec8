import { type DrawPlan, type MaxStatistic, observedMaximum, resampledMaxima } from './resampled-maxima.ts';

/** Draws that come this near to the statistic of the data equal it: the same sum in another order. */
const TIE_FRAC = 1e-10;

export interface TailShare {
  /** (1 + number of draws >= the statistic) / (1 + draws): the p value to report, never 0. */
  readonly pValue: number;
  /** Number of draws > the statistic / draws: what Hansen's program and the Python library arch print. */
  readonly exceedFrac: number;
}

export interface MaximumTest extends TailShare {
  /** Of the data. */
  readonly statistic: number;
}

/** Where each statistic of the data lies among its draws; all statistics share the draws. */
export function testMaxima(
  columns: readonly ArrayLike<number>[],
  plan: DrawPlan,
  statistics: readonly MaxStatistic[],
): MaximumTest[] {
  const drawn = resampledMaxima(columns, plan, statistics);
  return statistics.map((statistic, k) => {
    const observed = observedMaximum(columns, statistic);
    return { statistic: observed, ...tailShare(drawn[k], observed) };
  });
}

function tailShare(drawn: Float64Array, observed: number): TailShare {
  const tie = TIE_FRAC * Math.abs(observed);
  let atLeast = 0;
  let above = 0;
  for (const value of drawn) {
    if (value >= observed - tie) atLeast += 1;
    if (value > observed + tie) above += 1;
  }
  return { pValue: (1 + atLeast) / (1 + drawn.length), exceedFrac: above / drawn.length };
}
