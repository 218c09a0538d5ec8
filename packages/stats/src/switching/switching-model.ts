/** Two-state Gaussian switching model: its filter, its likelihood, and (for fitting) its smoother. */
import type { SwitchingParameters } from '@donch/core';
import { HamiltonFilter } from './hamilton-filter.ts';

type Pair = readonly [state0: number, state1: number];

const LOG_2_PI = Math.log(2 * Math.PI);

/** Filter of one series, one observation at a time. Starts from the stationary distribution of the chain. */
export class SwitchingFilter {
  readonly #filter: HamiltonFilter;
  readonly #parameters: SwitchingParameters;
  readonly #logDensities = new Float64Array(2);
  readonly #logScales: Pair;

  constructor(parameters: SwitchingParameters) {
    const { p00, p10, variances } = parameters;
    const initial0 = stationary0(parameters);
    this.#parameters = parameters;
    this.#logScales = [-0.5 * (LOG_2_PI + Math.log(variances[0])), -0.5 * (LOG_2_PI + Math.log(variances[1]))];
    this.#filter = new HamiltonFilter({
      initial: [initial0, 1 - initial0],
      transition: [
        [p00, 1 - p00],
        [p10, 1 - p10],
      ],
    });
  }

  /** Takes the next observation; NaN = there is none, only time passes. */
  step(value: number): void {
    if (Number.isNaN(value)) {
      this.#filter.skip();
      return;
    }
    const { means, variances } = this.#parameters;
    for (let k = 0; k < 2; k += 1) {
      const distance = value - means[k];
      this.#logDensities[k] = this.#logScales[k] - (distance * distance) / (2 * variances[k]);
    }
    this.#filter.step(this.#logDensities);
  }

  /** Filtered probability of a state: given the observations so far. */
  probabilityOf(state: 0 | 1): number {
    return this.#filter.filtered[state];
  }

  /** Probability of a state at the last observation, given only the ones before it. */
  predictedOf(state: 0 | 1): number {
    return this.#filter.predicted[state];
  }

  /** Of the observations so far. */
  get logLikelihood(): number {
    return this.#filter.logLikelihood;
  }
}

/** Long-run share of state 0: p10 / (1 - p00 + p10). */
function stationary0({ p00, p10 }: SwitchingParameters): number {
  return p10 / (1 - p00 + p10);
}

export interface SwitchingPass {
  /** Probability of state 1 at each observation given those before it. */
  readonly predicted1: Float64Array;
  /** Probability of state 1 given all observations up to this one. */
  readonly filtered1: Float64Array;
  readonly logLikelihood: number;
}

/** Filter over a whole series; NaN = no observation at that step. */
export function filterSwitching(parameters: SwitchingParameters, values: ArrayLike<number>): SwitchingPass {
  const filter = new SwitchingFilter(parameters);
  const predicted1 = new Float64Array(values.length);
  const filtered1 = new Float64Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    filter.step(values[i]);
    predicted1[i] = filter.predictedOf(1);
    filtered1[i] = filter.probabilityOf(1);
  }
  return { predicted1, filtered1, logLikelihood: filter.logLikelihood };
}

/** What all observations together, the later ones included, say of every step. For fitting; never for a feature. */
export interface SwitchingSmooth extends SwitchingPass {
  /** Probability of state 1 given the whole series. */
  readonly smoothed1: Float64Array;
  /** Expected number of steps from state 0 and 1 (first index) to state 0 and 1. */
  readonly transitions: readonly [from0: Pair, from1: Pair];
}

/**
 * Kim smoother: backward from the last filtered probability. THE FUTURE IS IN IT. Source: C.-J. Kim, "Dynamic linear models with
 * Markov-switching", Journal of Econometrics 60 (1994).
 */
export function smoothSwitching(parameters: SwitchingParameters, values: ArrayLike<number>): SwitchingSmooth {
  const pass = filterSwitching(parameters, values);
  const { predicted1, filtered1 } = pass;
  const { p00, p10 } = parameters;
  const smoothed1 = new Float64Array(values.length);
  let [n00, n01, n10, n11] = [0, 0, 0, 0];
  let next = filtered1[values.length - 1];
  smoothed1[values.length - 1] = next;
  for (let i = values.length - 2; i >= 0; i -= 1) {
    const at0 = 1 - filtered1[i];
    const at1 = filtered1[i];
    const to0 = ratio(1 - next, 1 - predicted1[i + 1]);
    const to1 = ratio(next, predicted1[i + 1]);
    const joint00 = at0 * p00 * to0;
    const joint01 = at0 * (1 - p00) * to1;
    const joint10 = at1 * p10 * to0;
    const joint11 = at1 * (1 - p10) * to1;
    n00 += joint00;
    n01 += joint01;
    n10 += joint10;
    n11 += joint11;
    next = joint10 + joint11;
    smoothed1[i] = next;
  }
  return {
    ...pass,
    smoothed1,
    transitions: [
      [n00, n01],
      [n10, n11],
    ],
  };
}

/** 0 / 0 is a state that cannot be reached. */
const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
