/** Gradient and curvature of the log-likelihood of a switching model, in coordinates without bounds. */
import { filterSwitching, smoothSwitching, type SwitchingParameters } from './switching-model.ts';

/** What differs between the states: the means under one variance, or the variances around one mean. */
export type Switching = 'mean' | 'variance';

/** Step of the difference quotient of the gradient. */
const STEP = 1e-5;

const logit = (p: number): number => Math.log(p / (1 - p));
const fromLogit = (x: number): number => 1 / (1 + Math.exp(-x));

/** Coordinates: mean 0, mean 1, log variance (`mean`) or mean, log variance 0, log variance 1 (`variance`), then logit p00, logit p10. */
export function vectorOf({ p00, p10, means, variances }: SwitchingParameters, switching: Switching): Float64Array {
  const inner =
    switching === 'mean'
      ? [means[0], means[1], Math.log(variances[0])]
      : [means[0], Math.log(variances[0]), Math.log(variances[1])];
  return Float64Array.of(...inner, logit(p00), logit(p10));
}

/** The parameters of a vector. */
export function parametersOf([a, b, c, stay, back]: Float64Array, switching: Switching): SwitchingParameters {
  return {
    p00: fromLogit(stay),
    p10: fromLogit(back),
    means: switching === 'mean' ? [a, b] : [a, a],
    variances: switching === 'mean' ? [Math.exp(c), Math.exp(c)] : [Math.exp(b), Math.exp(c)],
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
    ...(switching === 'mean'
      ? [...byMean, byLogVariance[0] + byLogVariance[1]]
      : [byMean[0] + byMean[1], ...byLogVariance]),
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
