/** What a training is told. Names are the field's; the LightGBM name stands beside each. */
import { DonchError } from '@donch/core';

export interface GbdtParams {
  /** num_iterations */
  readonly trees: number;
  /** learning_rate */
  readonly learningRate: number;
  /** num_leaves */
  readonly leaves: number;
  /** max_depth; null = no limit */
  readonly depthMax: number | null;
  /** min_data_in_leaf */
  readonly rowsInLeafMin: number;
  /** min_sum_hessian_in_leaf */
  readonly hessianInLeafMin: number;
  /** lambda_l1 */
  readonly lambdaL1: number;
  /** lambda_l2 */
  readonly lambdaL2: number;
  /** min_gain_to_split */
  readonly gainMin: number;
  /** max_bin: at most 256 */
  readonly binsMax: number;
  /** min_data_in_bin */
  readonly rowsPerBinMin: number;
  /** bagging_fraction with bagging_freq 1; 1 = all rows for every tree */
  readonly rowFrac: number;
  /** bagging_seed */
  readonly rowSeed: number;
  /** feature_fraction, drawn for every tree */
  readonly featureFrac: number;
  /** feature_fraction_seed */
  readonly featureSeed: number;
  /** scale_pos_weight: distorts probabilities, so 1 unless asked for */
  readonly positiveWeight: number;
  /** sigmoid */
  readonly sigmoid: number;
  /** monotone_constraints by feature; empty = none */
  readonly monotone: readonly (-1 | 0 | 1)[];
  /**
   * Where missing values go in a node that saw none in training: with the larger side, or as LightGBM has it, which is decided by
   * rounding.
   */
  readonly unseenMissing: 'majority' | 'lightgbm';
}

/** LightGBM's defaults, but for `unseenMissing`. */
export const GBDT_DEFAULTS: GbdtParams = {
  trees: 100,
  learningRate: 0.1,
  leaves: 31,
  depthMax: null,
  rowsInLeafMin: 20,
  hessianInLeafMin: 1e-3,
  lambdaL1: 0,
  lambdaL2: 0,
  gainMin: 0,
  binsMax: 255,
  rowsPerBinMin: 3,
  rowFrac: 1,
  rowSeed: 3,
  featureFrac: 1,
  featureSeed: 2,
  positiveWeight: 1,
  sigmoid: 1,
  monotone: [],
  unseenMissing: 'majority',
};

const TREES_MAX = 10_000;
const LEAVES_MAX = 4_096;
const BINS_MAX = 256;

/** Throws `bad_training` naming the first parameter that makes no sense. */
export function checkParams(params: GbdtParams, features: number): void {
  const whole = (name: keyof GbdtParams, low: number, high: number): void => {
    const value = params[name];
    if (!(Number.isInteger(value) && Number(value) >= low && Number(value) <= high))
      throw bad(name, value, `a whole number from ${low} to ${high}`);
  };
  const between = (name: keyof GbdtParams, low: number, high: number): void => {
    const value = params[name];
    if (!(Number(value) >= low && Number(value) <= high)) throw bad(name, value, `a number from ${low} to ${high}`);
  };
  whole('trees', 1, TREES_MAX);
  whole('leaves', 2, LEAVES_MAX);
  whole('rowsInLeafMin', 1, 2 ** 31);
  whole('rowsPerBinMin', 1, 2 ** 31);
  whole('binsMax', 2, BINS_MAX);
  if (params.depthMax !== null) whole('depthMax', 1, LEAVES_MAX);
  between('learningRate', Number.MIN_VALUE, 1);
  for (const name of ['hessianInLeafMin', 'lambdaL1', 'lambdaL2', 'gainMin'] as const)
    between(name, 0, Number.MAX_VALUE);
  for (const name of ['rowFrac', 'featureFrac'] as const) between(name, Number.MIN_VALUE, 1);
  for (const name of ['positiveWeight', 'sigmoid'] as const) between(name, Number.MIN_VALUE, Number.MAX_VALUE);
  if (params.monotone.length !== 0 && params.monotone.length !== features)
    throw bad('monotone', params.monotone.length, `one per feature: ${features}, or none`);
}

const bad = (name: string, found: unknown, expected: string): DonchError =>
  new DonchError('bad_training', `${name} is ${String(found)}`, { expected });
