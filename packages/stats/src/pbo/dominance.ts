import { invariant } from '@donch/core';

/** How the outcomes of one way to choose compare with those of another. */
export interface Dominance {
  /** At every quantile at least as good, at some better: whoever prefers more to less chooses it. */
  readonly firstOrder: boolean;
  /** The mean of the worst share is at least as good for every share, for some better: whoever also dislikes risk chooses it. */
  readonly secondOrder: boolean;
  /** Share of the quantiles at which it is better. */
  readonly betterFrac: number;
}

/**
 * Stochastic dominance of one sample of outcomes over another of the same size, judged on the samples themselves: first order
 * compares them value by value in ascending order, second order their sums from the worst value on. NaN is not accepted.
 */
export function stochasticDominance(chosen: Float64Array, alternative: Float64Array): Dominance {
  invariant(chosen.length === alternative.length && chosen.length > 0, 'samples of one size are compared');
  const ours = chosen.toSorted();
  const theirs = alternative.toSorted();
  let [better, worse] = [0, 0];
  let [lead, leadMin, leadMax] = [0, 0, 0];
  for (let k = 0; k < ours.length; k += 1) {
    if (ours[k] > theirs[k]) better += 1;
    else if (ours[k] < theirs[k]) worse += 1;
    lead += ours[k] - theirs[k];
    leadMin = Math.min(leadMin, lead);
    leadMax = Math.max(leadMax, lead);
  }
  return {
    firstOrder: worse === 0 && better > 0,
    secondOrder: leadMin >= 0 && leadMax > 0,
    betterFrac: better / ours.length,
  };
}
