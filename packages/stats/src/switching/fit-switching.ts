/**
 * Maximum likelihood of a two-state switching model: expectation-maximisation from several fixed starts, then Newton steps on the
 * exact likelihood (start of the chain included). No randomness: the same values give the same parameters.
 */
import type { SwitchingParameters } from '@donch/core';
import { standardDeviation, mean } from '../moments.ts';
import { solveSymmetric } from './solve-symmetric.ts';
import { smoothSwitching } from './switching-model.ts';
import { informationOf, logLikelihoodOf, parametersOf, scoreOf, vectorOf, type Switching } from './switching-score.ts';

export interface SwitchingFit {
  /** State 0 has the smaller mean (`mean`, `both`) or the smaller variance (`variance`). */
  readonly parameters: SwitchingParameters;
  readonly logLikelihood: number;
  /**
   * Difference of the two means (`mean`, `both`) or of the logarithms of the two variances (`variance`) in standard errors
   * (observed information); NaN = not a maximum that can be told from its surroundings.
   */
  readonly separationSe: number;
  /** Values that were there. */
  readonly observations: number;
}

/** Iterations of every start, then of the best of them. */
const SCREEN_ITERATIONS = 25;
const EM_ITERATIONS_MAX = 400;
/** Expectation-maximisation crawls near the top; Newton takes over at this gain per iteration. */
const EM_GAIN_MIN = 1e-5;
const NEWTON_STEPS_MAX = 30;
const HALVINGS_MAX = 12;
/** Newton decrement at which the top is reached, in units of log-likelihood. */
const DECREMENT_MAX = 1e-10;
/** Variance of a state below this share of the whole is a state of a few equal values: no maximum. */
const VARIANCE_MIN = 1e-4;
const STAY_MAX = 1 - 1e-9;

type Start = readonly [p00: number, p10: number, mean0: number, mean1: number, variance0: number, variance1: number];

/** In units of standardised values: two broad halves, and a rare state on either side. */
const STARTS: Readonly<Record<Switching, readonly Start[]>> = {
  mean: [
    [0.95, 0.05, -0.7, 0.7, 0.9, 0.9],
    [0.8, 0.2, -0.3, 0.3, 0.9, 0.9],
    [0.8, 0.03, -1.5, 0.15, 0.9, 0.9],
    [0.97, 0.2, -0.15, 1.5, 0.9, 0.9],
  ],
  variance: [
    [0.95, 0.05, 0, 0, 0.4, 1.8],
    [0.97, 0.15, 0, 0, 0.6, 4],
    [0.95, 0.4, 0, 0, 0.8, 8],
    [0.9, 0.03, 0, 0, 0.1, 1.1],
  ],
  both: [
    [0.95, 0.05, -0.5, 0.5, 0.9, 0.9],
    [0.97, 0.15, 0.1, -0.3, 0.6, 4],
    [0.97, 0.15, -0.1, 0.3, 0.6, 4],
    [0.95, 0.4, 0, 0, 0.8, 8],
    [0.95, 0.05, 0, 0, 0.4, 1.8],
  ],
};

/**
 * Fits the model in which the means switch under one variance (`mean`), the variances around one mean (`variance`), or both. NaN
 * values are steps without an observation. Values without spread have no fit (all NaN).
 */
export function fitSwitching(values: Float64Array, switching: Switching): SwitchingFit {
  const known = values.filter((value) => !Number.isNaN(value));
  const center = mean(known);
  const scale = standardDeviation(known, 0);
  if (!(scale > 0)) return noFit(known.length);
  const standard = values.map((value) => (value - center) / scale);
  const started = STARTS[switching].map((start) =>
    climb(standard, switching, { from: startOf(start), iterations: SCREEN_ITERATIONS }),
  );
  const best = started.reduce((a, b) => (b.logLikelihood > a.logLikelihood ? b : a));
  const risen = climb(standard, switching, { from: best.parameters, iterations: EM_ITERATIONS_MAX });
  const top = newton(standard, switching, risen.parameters);
  const { p00, p10, means, variances } = inOrder(top.parameters, switching);
  return {
    parameters: {
      p00,
      p10,
      means: [center + scale * means[0], center + scale * means[1]],
      variances: [scale * scale * variances[0], scale * scale * variances[1]],
    },
    logLikelihood: top.logLikelihood - known.length * Math.log(scale),
    separationSe: top.separationSe,
    observations: known.length,
  };
}

function noFit(observations: number): SwitchingFit {
  const nothing = [Number.NaN, Number.NaN] as const;
  return {
    parameters: { p00: Number.NaN, p10: Number.NaN, means: nothing, variances: nothing },
    logLikelihood: Number.NaN,
    separationSe: Number.NaN,
    observations,
  };
}

function startOf([p00, p10, mean0, mean1, variance0, variance1]: Start): SwitchingParameters {
  return { p00, p10, means: [mean0, mean1], variances: [variance0, variance1] };
}

interface Climb {
  readonly parameters: SwitchingParameters;
  readonly logLikelihood: number;
}

/** Iterations of expectation-maximisation; the log-likelihood is that of the parameters before the last one. */
function climb(
  values: Float64Array,
  switching: Switching,
  { from, iterations }: { readonly from: SwitchingParameters; readonly iterations: number },
): Climb {
  let parameters = from;
  let logLikelihood = -Infinity;
  for (let k = 0; k < iterations; k += 1) {
    const { next, reached } = improve(values, switching, parameters);
    const gain = reached - logLikelihood;
    logLikelihood = reached;
    parameters = next;
    if (k > 0 && gain < EM_GAIN_MIN) break;
  }
  return { parameters, logLikelihood };
}

/** One iteration: states expected under the parameters, then the parameters that fit these states best. */
function improve(
  values: Float64Array,
  switching: Switching,
  parameters: SwitchingParameters,
): { readonly next: SwitchingParameters; readonly reached: number } {
  const { smoothed1, transitions, logLikelihood } = smoothSwitching(parameters, values);
  const weight = [0, 0];
  const sum = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isNaN(values[i])) continue;
    weight[1] += smoothed1[i];
    sum[1] += smoothed1[i] * values[i];
    weight[0] += 1 - smoothed1[i];
    sum[0] += (1 - smoothed1[i]) * values[i];
  }
  const means = bestMeans(switching, parameters, { weight, sum });
  const spread = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isNaN(values[i])) continue;
    spread[0] += (1 - smoothed1[i]) * (values[i] - means[0]) ** 2;
    spread[1] += smoothed1[i] * (values[i] - means[1]) ** 2;
  }
  const common = (spread[0] + spread[1]) / (weight[0] + weight[1]);
  const [[n00, n01], [n10, n11]] = transitions;
  return {
    reached: logLikelihood,
    next: {
      p00: clamp(n00 / (n00 + n01), 1 - STAY_MAX, STAY_MAX),
      p10: clamp(n10 / (n10 + n11), 1 - STAY_MAX, STAY_MAX),
      means,
      variances:
        switching === 'mean'
          ? [Math.max(common, VARIANCE_MIN), Math.max(common, VARIANCE_MIN)]
          : [Math.max(spread[0] / weight[0], VARIANCE_MIN), Math.max(spread[1] / weight[1], VARIANCE_MIN)],
    },
  };
}

/** Means that fit the expected states best; one common mean is weighed by the precision of the states. */
function bestMeans(
  switching: Switching,
  { variances }: SwitchingParameters,
  { weight, sum }: { readonly weight: readonly number[]; readonly sum: readonly number[] },
): [number, number] {
  if (switching !== 'variance') return [sum[0] / weight[0], sum[1] / weight[1]];
  const common =
    (sum[0] / variances[0] + sum[1] / variances[1]) / (weight[0] / variances[0] + weight[1] / variances[1]);
  return [common, common];
}

/** Newton steps to the top, and how far apart the states are there. */
function newton(
  values: Float64Array,
  switching: Switching,
  start: SwitchingParameters,
): Climb & { readonly separationSe: number } {
  let vector = vectorOf(start, switching);
  let logLikelihood = logLikelihoodOf(values, vector, switching);
  for (let k = 0; k < NEWTON_STEPS_MAX; k += 1) {
    const score = scoreOf(values, vector, switching);
    const step = solveSymmetric(informationOf(values, vector, switching), score);
    if (step === null) break;
    const decrement = dot(score, step);
    if (decrement < DECREMENT_MAX) {
      const parameters = parametersOf(vector, switching);
      return { parameters, logLikelihood, separationSe: separationOf(values, vector, switching) };
    }
    const higher = lineSearch(values, switching, { vector, step, logLikelihood });
    if (higher === null) break;
    [vector, logLikelihood] = higher;
  }
  return { parameters: parametersOf(vector, switching), logLikelihood, separationSe: Number.NaN };
}

/** The longest of the step and its halves that does not lead down. */
function lineSearch(
  values: Float64Array,
  switching: Switching,
  at: { readonly vector: Float64Array; readonly step: Float64Array; readonly logLikelihood: number },
): readonly [vector: Float64Array, logLikelihood: number] | null {
  let factor = 1;
  for (let k = 0; k < HALVINGS_MAX; k += 1) {
    const vector = at.vector.map((value, index) => value + factor * at.step[index]);
    const logLikelihood = logLikelihoodOf(values, vector, switching);
    if (logLikelihood >= at.logLikelihood) return [vector, logLikelihood];
    factor /= 2;
  }
  return null;
}

/** Contrast of the two states over its standard error; NaN where the information matrix is not positive definite. */
function separationOf(values: Float64Array, vector: Float64Array, switching: Switching): number {
  const information = informationOf(values, vector, switching);
  const contrast = Float64Array.from(vector, (_, k) =>
    k === CONTRAST[switching][0] ? 1 : k === CONTRAST[switching][1] ? -1 : 0,
  );
  const solved = solveSymmetric(information, contrast);
  return solved === null ? Number.NaN : Math.abs(dot(contrast, vector)) / Math.sqrt(dot(contrast, solved));
}

/** Places of the two switching values in the vector of parameters. */
const CONTRAST: Readonly<Record<Switching, Readonly<[number, number]>>> = {
  mean: [0, 1],
  variance: [1, 2],
  both: [0, 1],
};

function inOrder(parameters: SwitchingParameters, switching: Switching): SwitchingParameters {
  const { p00, p10, means, variances } = parameters;
  const [low, high] = switching === 'variance' ? variances : means;
  if (low <= high) return parameters;
  return { p00: 1 - p10, p10: 1 - p00, means: [means[1], means[0]], variances: [variances[1], variances[0]] };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k += 1) sum += a[k] * b[k];
  return sum;
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
