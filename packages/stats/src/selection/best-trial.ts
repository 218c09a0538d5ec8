import { YEAR_DAYS } from '../metrics/growth.ts';
/** How a trial is chosen wherever a choice is repeated: the highest Sharpe ratio, as in PBO. */
import { annualSharpeRatio } from '../metrics/sharpe-ratio.ts';
import { mean } from '../moments.ts';
import { SHARPE_METRIC } from '../pbo/half-metric.ts';
import type { MeasuredTrial } from './selection-input.ts';
import type { StretchFigures } from './selection-verdict.ts';

/**
 * Index of the trial with the highest Sharpe ratio on these days, the first of equals; -1 when none has one. A trial that stood aside
 * on all of them counts as 0: better than what lost.
 */
export function bestTrial(trials: readonly MeasuredTrial[], days: Int32Array): number {
  let best = -1;
  let bestSharpe = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < trials.length; k += 1) {
    const sharpe = sharpeOn(trials[k].returns, days);
    if (!(sharpe > bestSharpe)) continue;
    best = k;
    bestSharpe = sharpe;
  }
  return best;
}

function sharpeOn(returns: Float64Array, days: Int32Array): number {
  const count = days.length;
  let [sum, squares] = [0, 0];
  for (let k = 0; k < count; k += 1) {
    const value = returns[days[k]];
    sum += value;
    squares += value * value;
  }
  return SHARPE_METRIC.ofSums(sum, squares, count);
}

/** Sharpe ratio and mean return of consecutive days, per year. */
export function stretchFigures(returns: Float64Array): StretchFigures {
  return { annualSharpe: annualSharpeRatio(returns), annualReturnFrac: mean(returns) * YEAR_DAYS };
}
