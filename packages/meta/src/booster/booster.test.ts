/** Models that LightGBM made, scored by us: margins, leaves, contributions; and ours, written and read again. */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeWithShared, sharedDir } from '@donch/testkit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafOf, marginOf, marginsOf, probabilityOf, type Booster } from './booster.ts';
import { formatLightGbm, parseLightGbm } from './lightgbm-text.ts';
import { shapValues } from './shap.ts';

const rowsIn = (path: string, separator: RegExp = /[,\s]+/): number[][] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(separator).map(cell));

function cell(text: string): number {
  const named: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };
  return named[text.toLowerCase()] ?? Number(text);
}

function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  let largest = 0;
  for (let at = 0; at < expected.length; at += 1) largest = Math.max(largest, Math.abs(found[at] - expected[at]));
  return largest;
}

describeWithShared('models of LightGBM 4.1', () => {
  const folder = join(sharedDir(), 'vectors', 'gbdt', 'oracle_lgbm41');
  const cases = globSync('*/model.txt', { cwd: folder }).map(dirname);

  it('are nine', () => {
    expect(cases.length).toBe(9);
  });

  describe.each(cases)('%s', (name) => {
    const at = (file: string): string => join(folder, name, file);
    const model = parseLightGbm(readFileSync(at('model.txt'), 'utf8'), at('model.txt'));
    const rows = rowsIn(at('X_test.csv'));

    it('gives every margin and probability', () => {
      expect(rows.length).toBeGreaterThan(100);
      expect(
        largestDifference(
          rows.map((row) => marginOf(model, row)),
          rowsIn(at('raw.txt')).flat(),
        ),
      ).toBeLessThanOrEqual(1e-12);
      expect(
        largestDifference(
          rows.map((row) => probabilityOf(model, row)),
          rowsIn(at('prob.txt')).flat(),
        ),
      ).toBeLessThanOrEqual(1e-12);
    });

    it('scores many rows as it scores one', () => {
      expect([...marginsOf(model, rows)]).toEqual(rows.map((row) => marginOf(model, row)));
    });

    it('finds every leaf', () => {
      const leaves = rowsIn(at('leaf.txt'));
      expect(rows.map((row) => model.trees.map((tree) => leafOf(tree, row)))).toEqual(leaves);
    });

    it('explains every row, and the parts add up', () => {
      const expected = rowsIn(at('contrib.csv'));
      for (const [k, contributions] of expected.entries()) {
        const found = shapValues(model, rows[k]);
        expect(largestDifference(found, contributions)).toBeLessThanOrEqual(1e-10);
        const sum = found.reduce((total, value) => total + value, 0);
        expect(Math.abs(sum - marginOf(model, rows[k]))).toBeLessThanOrEqual(1e-9);
      }
    });

    it('written and read again is the same', () => {
      const again = parseLightGbm(formatLightGbm(model), 'written');
      expect(again).toEqual(model);
    });
  });
});

describeWithShared('models of others', () => {
  const folder = join(sharedDir(), 'vectors', 'gbdt');
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
  /** Scores a model of another objective: the trees are the same, the objective is not ours. */
  const asBinary = (path: string): Booster =>
    parseLightGbm(read(path).replace(/^objective=.*$/m, 'objective=binary sigmoid:1'), path);

  it.each(['single_tree', 'tiniest_single_tree', 'leaf_scan', 'pure_categorical', 'mixed_categorical'])(
    'lleaves %s',
    (name) => {
      const model = asBinary(`lleaves/${name}/model.txt`);
      const rows = rowsIn(join(folder, 'lleaves', name, 'X_test.csv'));
      expect(
        largestDifference(
          rows.map((row) => marginOf(model, row)),
          rowsIn(join(folder, 'lleaves', name, 'raw.txt')).flat(),
        ),
      ).toBeLessThanOrEqual(1e-12);
    },
  );

  it('leaves of a LightGBM 2 model', () => {
    const model = parseLightGbm(read('leaves/lg_breast_cancer.txt'), 'lg_breast_cancer.txt');
    const rows = rowsIn(join(folder, 'leaves', 'lg_breast_cancer_data.txt'));
    expect(rows.map((row) => model.trees.map((tree) => leafOf(tree, row)))).toEqual(
      rowsIn(join(folder, 'leaves', 'lg_breast_cancer_data_pred_leaves.txt')),
    );
  });

  it('categories of treelite', () => {
    const model = asBinary('treelite/toy_categorical_model.txt');
    const rows = readFileSync(join(folder, 'treelite/toy_categorical.test'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const row = Array.from({ length: model.featureNames.length }, () => Number.NaN);
        for (const pair of line.split(' ').slice(1)) row[Number(pair.split(':')[0])] = Number(pair.split(':')[1]);
        return row;
      });
    expect(
      largestDifference(
        rows.map((row) => marginOf(model, row)),
        rowsIn(join(folder, 'treelite/toy_categorical.test.pred')).flat(),
      ),
    ).toBeLessThanOrEqual(1e-12);
  });

  it.each([
    ['leaves/lg_dart_breast_cancer.model', /boosting is dart/],
    ['leaves/lg_rf_iris.model', /random forest/],
    ['leaves/genlin_fmtp_poisson_Frequency.model', /objective is poisson/],
    ['lleaves/multiclass/model.txt', /num_class is 3/],
  ])('%s is refused by name', (path, text) => {
    expect(() => parseLightGbm(read(path), basename(path))).toThrow(text);
  });
});

const SMALL = `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=a b
feature_infos=[0:1] [0:1]

Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
threshold=0.5 inf
decision_type=2 10
left_child=1 -1
right_child=-2 -3
leaf_value=0.1 0.2 -0.3
leaf_weight=1 2 3
leaf_count=10 20 30
internal_value=0 0
internal_weight=6 4
internal_count=60 40
is_linear=0
shrinkage=0.1

end of trees
`;

describe('a file that is no model', () => {
  it('the small one is one', () => {
    const model = parseLightGbm(SMALL.replaceAll('\n', '\r\n'), 'm.txt');
    expect(marginOf(model, [0.4, 7])).toBe(0.1);
    expect(marginOf(model, [0.4, Number.NaN])).toBe(0.1);
    expect(marginOf(model, [0.6, 0])).toBe(0.2);
  });

  it.each([
    ['', /first line/],
    ['{"a": 1}', /first line/],
    [SMALL.replace('end of trees', ''), /cut off/],
    [SMALL.replace('feature_names=a b', 'feature_names=a a'), /"a" stands twice/],
    [SMALL.replace('feature_names=a b', 'feature_names=a'), /1 feature names/],
    [SMALL.replace('left_child=1 -1', 'left_child=0 -1'), /node 0 is reached twice/],
    [SMALL.replace('right_child=-2 -3', 'right_child=-2 -2'), /leaf 1 is reached twice/],
    [SMALL.replace('split_feature=0 1', 'split_feature=0 9'), /splits feature 9/],
    [SMALL.replace('leaf_value=0.1 0.2 -0.3', 'leaf_value=0.1 nan -0.3'), /no number/],
    [SMALL.replace('leaf_value=0.1 0.2 -0.3', 'leaf_value=0.1 0.2'), /leaf_value has 2 values/],
    [SMALL.replace('threshold=0.5 inf', 'threshold=0.5 x'), /threshold holds "x"/],
    [SMALL.replace('is_linear=0', 'is_linear=1'), /linear tree/],
    [SMALL.replace('sigmoid:1', 'sigmoid:0'), /sigmoid/],
    [SMALL.replace('num_leaves=3', 'num_leaves=-3'), /num_leaves/],
    [SMALL.replace('Tree=0', 'Baum=0'), /no tree/],
  ])('is refused with what is wrong (%#)', (text, message) => {
    expect(() => parseLightGbm(text, 'm.txt')).toThrow(message);
  });

  it('any damage is refused or scores numbers, and nothing else happens', () => {
    const row = [0.4, Number.NaN];
    fc.assert(
      fc.property(fc.nat(SMALL.length - 1), fc.nat(20), fc.string({ maxLength: 6 }), (at, cut, put) => {
        const text = SMALL.slice(0, at) + put + SMALL.slice(at + cut);
        try {
          return Number.isFinite(marginOf(parseLightGbm(text, 'm.txt'), row));
        } catch (error) {
          return error instanceof Error && 'code' in error && error.code === 'bad_model';
        }
      }),
      { numRuns: 2_000, seed: 1 },
    );
    expect(marginOf(parseLightGbm(SMALL, 'm.txt'), row)).toBe(0.1);
  });
});
