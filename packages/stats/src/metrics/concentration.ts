/** How much of a result hangs on its best parts: single trades, or the sums of symbols. */
import { invariant } from '@donch/core';
import { mean } from '../moments.ts';
import { grossOf } from './profit-factor.ts';

/** All in the unit of the results. */
export interface Concentration {
  /** Parts that were taken out: the `count` best ones, or all when there are fewer. */
  readonly count: number;
  /** Sum of the best parts. */
  readonly best: number;
  /** Best parts / gross profit (sum of all gains), 0..1; NaN when nothing gained. Parts that lost are not counted here. */
  readonly shareOfGainsFrac: number;
  /** Sum and mean of what remains; the mean is NaN when nothing does. */
  readonly restSum: number;
  readonly restMean: number;
}

/** Takes the `count` best results out. NaN sums with a missing result. */
export function concentrationOf(results: ArrayLike<number>, count: number): Concentration {
  invariant(Number.isInteger(count) && count >= 1, 'a number of best results is counted');
  const sorted = Float64Array.from(results).sort().reverse();
  const best = sorted.subarray(0, count);
  const rest = sorted.subarray(count);
  return {
    count: best.length,
    best: sumOf(best),
    shareOfGainsFrac: grossOf(best).profit / grossOf(sorted).profit,
    restSum: sumOf(rest),
    restMean: mean(rest),
  };
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
