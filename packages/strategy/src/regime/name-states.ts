/** Names of the states of fitted switching models, and whether they can be told apart at all. */
import type { RegimeFit, SwitchingModel, SwitchingParameters } from '@donch/core';

/** States closer than this many standard errors are not told apart: the regime is unknown. */
const SEPARATION_MIN_SE = 2;

/** Parameters as a track uses them, states named. */
export interface NamedFit {
  readonly refitMs: number;
  /** Null = unknown. State 1 is "up" (`markov`) or "high volatility" (`volatility`). */
  readonly parameters: SwitchingParameters | null;
}

/**
 * Names the states: by the larger mean (variance) at the first fit whose states can be told apart, later by the nearest parameters of
 * the last one that could. A fit whose states cannot be told apart, or whose "up" has come to have the smaller mean, is unknown.
 */
export function nameStates(fits: readonly RegimeFit[], model: SwitchingModel): NamedFit[] {
  let last: SwitchingParameters | null = null;
  return fits.map(({ refitMs, parameters, separationSe }) => {
    if (parameters === null || separationSe === null || !(separationSe >= SEPARATION_MIN_SE))
      return { refitMs, parameters: null };
    const named: SwitchingParameters = last === null ? parameters : nearest(parameters, last);
    last = named;
    const [low, high] = model === 'markov' ? named.means : named.variances;
    return { refitMs, parameters: high > low ? named : null };
  });
}

function nearest(parameters: SwitchingParameters, last: SwitchingParameters): SwitchingParameters {
  const other = exchanged(parameters);
  return distance(other, last) < distance(parameters, last) ? other : parameters;
}

function exchanged({ p00, p10, means, variances }: SwitchingParameters): SwitchingParameters {
  return { p00: 1 - p10, p10: 1 - p00, means: [means[1], means[0]], variances: [variances[1], variances[0]] };
}

/** Sum over the states of the squared distances of means (in standard deviations) and of log standard deviations. */
function distance(a: SwitchingParameters, b: SwitchingParameters): number {
  let sum = 0;
  for (const state of [0, 1] as const) {
    sum += (a.means[state] - b.means[state]) ** 2 / b.variances[state];
    sum += (Math.log(a.variances[state] / b.variances[state]) / 2) ** 2;
  }
  return sum;
}
