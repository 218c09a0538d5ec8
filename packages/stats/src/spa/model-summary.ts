import type { BlockRule } from '../bootstrap/resample-indices.ts';
import { SPREAD_MIN_FRAC } from '../metrics/sharpe-ratio.ts';
import { mean } from '../moments.ts';
import type { MaxStatistic } from './resampled-maxima.ts';
import { resampledVariance } from './resampled-variance.ts';

/** One entry per model; differences to the benchmark. */
export interface ModelSummary {
  readonly means: Float64Array;
  /** omega^2: periods x variance of the mean under the block rule. */
  readonly variances: Float64Array;
  /** 1 / omega; 0 for a model that does not vary. */
  readonly scale: Float64Array;
  /** -omega x sqrt(2 ln ln T / T): a mean below it is no longer chance (law of the iterated logarithm, Hansen 2005). */
  readonly thresholds: Float64Array;
  readonly withoutGap: number;
  readonly varying: number;
  /** Models that differ from the benchmark in no period. */
  readonly likeBenchmark: number;
}

/** Means and errors of the models, all of the same periods. */
export function summariseModels(relativeReturns: readonly ArrayLike<number>[], rule: BlockRule): ModelSummary {
  const periods = relativeReturns[0].length;
  const means = Float64Array.from(relativeReturns, mean);
  const variances = Float64Array.from(relativeReturns, (column) => resampledVariance(column, rule));
  const scale = variances.map((variance, k) => {
    const omega = Math.sqrt(variance);
    return omega > SPREAD_MIN_FRAC * Math.abs(means[k]) ? 1 / omega : 0;
  });
  return {
    means,
    variances,
    scale,
    thresholds: variances.map((variance) => -Math.sqrt((variance / periods) * 2 * Math.log(Math.log(periods)))),
    withoutGap: variances.filter((variance) => !Number.isNaN(variance)).length,
    varying: scale.filter((value) => value > 0).length,
    likeBenchmark: means.filter((value, k) => value === 0 && variances[k] === 0).length,
  };
}

/** What is taken off the resampled means of the models, from the most lenient of the three recentrings to the strictest. */
function recentrings({ means, thresholds }: ModelSummary): Float64Array[] {
  return [
    means.map((value) => Math.max(value, 0)),
    means.map((value, k) => (value >= thresholds[k] ? value : 0)),
    means,
  ];
}

/** The statistics of the reality check and of the test with lower, consistent and upper recentring. */
export function hansenStatistics(summary: ModelSummary): MaxStatistic[] {
  const unscaled = summary.scale.map(() => 1);
  return [
    { recentre: summary.means, scale: unscaled, floor: Number.NEGATIVE_INFINITY },
    ...recentrings(summary).map((recentre) => ({ recentre, scale: summary.scale, floor: 0 })),
  ];
}

/**
 * The class `SPA` of the Python library arch, lower, consistent and upper: it does not studentise, the errors serve the threshold alone,
 * and its upper one is the reality check. For comparison with its figures; the test that the product shows divides by omega.
 */
export function archStatistics(summary: ModelSummary): MaxStatistic[] {
  const unscaled = summary.scale.map(() => 1);
  return recentrings(summary).map((recentre) => ({
    recentre,
    scale: unscaled,
    floor: Number.NEGATIVE_INFINITY,
  }));
}

/** Model with the largest mean in units of its error; the first of equals. */
export function bestModelOf({ means, scale }: ModelSummary): number {
  let best = 0;
  for (let k = 1; k < means.length; k += 1) if (means[k] * scale[k] > means[best] * scale[best]) best = k;
  return best;
}
