/** The trees of LightGBM 4.1, grown again from the same rows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { expect, it } from 'vitest';
import { marginOf } from '../booster/booster.ts';
import { parseLightGbm } from '../booster/lightgbm-text.ts';
import { GBDT_DEFAULTS, type GbdtParams } from './gbdt-params.ts';
import { createJsKernels } from './js-kernels.ts';
import { trainGbdt, type TrainingRows } from './train-gbdt.ts';
import { createKernels } from './wasm-kernels.ts';

const rowsIn = (path: string): number[][] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(',').map((text) => (text.toLowerCase() === 'nan' ? Number.NaN : Number(text))));

/** Our name of a parameter of LightGBM. */
const NAMES: Readonly<Record<string, keyof GbdtParams>> = {
  trees: 'trees',
  learning_rate: 'learningRate',
  num_leaves: 'leaves',
  max_depth: 'depthMax',
  min_data_in_leaf: 'rowsInLeafMin',
  min_sum_hessian_in_leaf: 'hessianInLeafMin',
  lambda_l1: 'lambdaL1',
  lambda_l2: 'lambdaL2',
  min_gain_to_split: 'gainMin',
  max_bin: 'binsMax',
  bagging_fraction: 'rowFrac',
  bagging_seed: 'rowSeed',
  feature_fraction: 'featureFrac',
  feature_fraction_seed: 'featureSeed',
  scale_pos_weight: 'positiveWeight',
};

function paramsOf(text: string): GbdtParams {
  const given = [...text.matchAll(/'(\w+)': ([\d.]+)/g)].flatMap(([, name, value]) =>
    name in NAMES ? [[NAMES[name], Number(value)]] : [],
  );
  const params = Object.fromEntries(given) as Partial<GbdtParams>;
  return { ...GBDT_DEFAULTS, unseenMissing: 'lightgbm', ...params };
}

function trainingOf(rows: readonly number[][]): TrainingRows {
  const features = rows[0].length - 2;
  return {
    features: {
      names: Array.from({ length: features }, (_, k) => `Column_${k}`),
      columns: Array.from({ length: features }, (_, k) => Float32Array.from(rows, (row) => row[k])),
    },
    rows: Int32Array.from(rows.keys()),
    y: rows.map((row) => row[features]),
    weight: rows.map((row) => row[features + 1]),
  };
}

const DEFAULT_LEFT_BIT = 2;

describeWithShared('training', () => {
  const folder = join(sharedDir(), 'vectors', 'gbdt', 'oracle_lgbm41');
  const at = (name: string, file: string): string => join(folder, name, file);

  it.each(
    [
      'train_plain',
      'train_bag_ff',
      'train_depth_gain_bins',
      'binary_nan_weighted',
      'binary_nonan_train_nan_test',
      'binary_single_leaf',
    ].flatMap((name) => [[name, createKernels] as const, [name, createJsKernels] as const]),
  )('grows the trees of %s with %o', (name, kernels) => {
    const expected = parseLightGbm(readFileSync(at(name, 'model.txt'), 'utf8'), name);
    const params = paramsOf(readFileSync(at(name, 'params.txt'), 'utf8'));
    const found = trainGbdt(trainingOf(rowsIn(at(name, 'X_train.csv'))), params, { kernels });
    expect(found.trees.length).toBe(expected.trees.length);
    let otherDirections = 0;
    for (const [k, tree] of expected.trees.entries()) {
      const grown = found.trees[k];
      expect([k, ...grown.splitFeature]).toEqual([k, ...tree.splitFeature]);
      expect(grown.leftChild).toEqual(tree.leftChild);
      expect(grown.rightChild).toEqual(tree.rightChild);
      expect(grown.threshold).toEqual(tree.threshold);
      // LightGBM writes no rows for a tree of one leaf
      expect(tree.leafCount > 1 ? grown.leafRows : tree.leafRows).toEqual(tree.leafRows);
      expect(grown.internalRows).toEqual(tree.internalRows);
      for (const [leaf, value] of tree.leafValue.entries()) expect(grown.leafValue[leaf]).toBeCloseTo(value, 12);
      const isOther = tree.decisionType.some((type, node) => type !== grown.decisionType[node]);
      if (isOther) otherDirections += 1;
      expect(grown.decisionType.map((type) => type & ~DEFAULT_LEFT_BIT)).toEqual(
        tree.decisionType.map((type) => type & ~DEFAULT_LEFT_BIT),
      );
    }
    expect(otherDirections).toBeLessThanOrEqual(expected.trees.length * 0.05);
    if (otherDirections > 0) return;
    const raw = rowsIn(at(name, 'raw.txt')).flat();
    for (const [k, row] of rowsIn(at(name, 'X_test.csv')).entries())
      expect(Math.abs(marginOf(found, row) - raw[k])).toBeLessThanOrEqual(1e-12);
  });
});
