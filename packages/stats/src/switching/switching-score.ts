/** Gradient and curvature of the log-likelihood of a switching model, in coordinates without bounds. */
import type { SwitchingParameters } from '@donch/core';
import { filterSwitching, smoothSwitching } from './switching-model.ts';

/** What differs between the states: the means under one variance, the variances around one mean, or both. */
export type Switching = 'mean' | 'variance' | 'both';

/** Step of the difference quotient of the gradient. */
const STEP = 1e-5;

const logit = (p: number): number => Math.log(p / (1 - p));
const fromLogit = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * Coordinates: mean 0, mean 1 (one mean under `variance`), log variance 0, log variance 1 (one variance under `mean`), logit p00,
 * logit p10.
 */
export function vectorOf({ p00, p10, means, variances }: SwitchingParameters, switching: Switching): Float64Array {
  return Float64Array.of(
    ...(switching === 'variance' ? [means[0]] : means),
    ...(switching === 'mean' ? [Math.log(variances[0])] : variances.map((variance) => Math.log(variance))),
    logit(p00),
    logit(p10),
  );
}

/** The parameters of a vector. */
export function parametersOf(vector: Float64Array, switching: Switching): SwitchingParameters {
  const mean1 = switching === 'variance' ? 0 : 1;
  const variance0 = mean1 + 1;
  const variance1 = switching === 'mean' ? variance0 : variance0 + 1;
  return {
    p00: fromLogit(vector[variance1 + 1]),
    p10: fromLogit(vector[variance1 + 2]),
    means: [vector[0], vector[mean1]],
    variances: [Math.exp(vector[variance0]), Math.exp(vector[variance1])],
  };
}

/** Log-likelihood at a vector. */
export function logLikelihoodOf(values: Float64Array, vector: Float64Array, switching: Switching): number {
  return filterSwitching(parametersOf(vector, switching), values).logLikelihood;
}

/**
 * Gradient of the log-likelihood by Fisher's identity: the expected gradient of the complete-data likelihood under the smoothed
 * states, the start from the stationary distribution included.
 */
export function scoreOf(values: Float64Array, vector: Float64Array, switching: Switching): Float64Array {
  const parameters = parametersOf(vector, switching);
  const { p00, p10, means, variances } = parameters;
  const { smoothed1, transitions } = smoothSwitching(parameters, values);
  const byMean = [0, 0];
  const byLogVariance = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isNaN(values[i])) continue;
    for (let k = 0; k < 2; k += 1) {
      const weight = k === 1 ? smoothed1[i] : 1 - smoothed1[i];
      const distance = values[i] - means[k];
      byMean[k] += (weight * distance) / variances[k];
      byLogVariance[k] += 0.5 * weight * ((distance * distance) / variances[k] - 1);
    }
  }
  const [[n00, n01], [n10, n11]] = transitions;
  const atStart0 = 1 - smoothed1[0];
  const leaving = 1 - p00 + p10;
  return Float64Array.of(
    ...(switching === 'variance' ? [byMean[0] + byMean[1]] : byMean),
    ...(switching === 'mean' ? [byLogVariance[0] + byLogVariance[1]] : byLogVariance),
    n00 * (1 - p00) - n01 * p00 + (p00 * (1 - p00)) / leaving - (1 - atStart0) * p00,
    n10 * (1 - p10) - n11 * p10 + atStart0 * (1 - p10) - (p10 * (1 - p10)) / leaving,
  );
}

/** Observed information (minus the second derivatives), row by row; symmetric. */
export function informationOf(values: Float64Array, vector: Float64Array, switching: Switching): Float64Array[] {
  const rows = Array.from(vector, (_, k) => {
    const up = scoreOf(values, moved(vector, k, STEP), switching);
    const down = scoreOf(values, moved(vector, k, -STEP), switching);
    return up.map((value, column) => (down[column] - value) / (2 * STEP));
  });
  return rows.map((row, r) => row.map((value, column) => (value + rows[column][r]) / 2));
}

function moved(vector: Float64Array, at: number, by: number): Float64Array {
  const copy = vector.slice();
  copy[at] += by;
  return copy;
}
