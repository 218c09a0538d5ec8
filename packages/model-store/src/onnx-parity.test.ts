/** Graphs of ours score what our predictor scores. Full counts: pnpm test:long onnx-parity. */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { formatOnnx, marginOf, parseLightGbm, type Booster, type Calibrator } from '@donch/meta';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { OnnxGraph } from './onnx-graph.ts';
import { everyKindOfSplit } from './testing/every-kind-of-split.ts';
import { adversarialRows, allowedDifference, calibratorsFor, parityOf, randomRows } from './testing/onnx-parity.ts';

const SEED = 1;

/** Differences that are too large, in words. */
async function differences(booster: Booster, rowCount: number): Promise<string[]> {
  const found: string[] = [];
  for (const calibrator of calibratorsFor(booster, SEED))
    for (const rows of [randomRows(booster, rowCount, SEED), adversarialRows(booster, rowCount, SEED)]) {
      const parity = await parityOf(booster, calibrator, rows);
      const isExact = Math.max(parity.margin, parity.pRaw, parity.calibratorAlone) <= 1e-12;
      if (!isExact || !(parity.p <= allowedDifference(calibrator, parity.pRaw)))
        found.push(`${calibrator.kind}: ${JSON.stringify(parity)}`);
    }
  return found;
}

describe('our predictor and onnxruntime', () => {
  it('score alike with every kind of missing value, split and tree', async () => {
    expect(await differences(everyKindOfSplit(), 10_000)).toEqual([]);
  });

  it('score alike whether rows come alone or together', async () => {
    const booster = everyKindOfSplit();
    const { rows, rowCount } = adversarialRows(booster, 200, SEED);
    const graph = await OnnxGraph.open(formatOnnx(booster, { kind: 'none' }, new Map()), {
      file: 'model.onnx',
      featureCount: booster.featureNames.length,
    });
    const together = await graph.score(rows, rowCount);
    const width = booster.featureNames.length;
    for (let at = 0; at < rowCount; at += 1) {
      const alone = await graph.score(rows.slice(at * width, (at + 1) * width), 1);
      expect(alone.margin[0]).toBe(together.margin[at]);
      // onnxruntime's vector code rounds otherwise than its code for what is left over
      expect(Math.abs(alone.p[0] - together.p[at])).toBeLessThanOrEqual(2 ** -52);
    }
  });

  it('sum hundreds of trees in the same order', async () => {
    const { trees, ...rest } = everyKindOfSplit();
    const many = Array.from({ length: 100 }, (_, k) =>
      trees.map((tree) => ({ ...tree, leafValue: tree.leafValue.map((value) => value / (k + 3)) })),
    ).flat();
    expect(await differences({ ...rest, trees: many }, 500)).toEqual([]);
  });
});

/** A model of one tree and one leaf. */
function constantModel(value: number): Booster {
  const model = everyKindOfSplit();
  const single = model.trees.find(({ leafCount }) => leafCount === 1);
  if (single === undefined) throw new Error('the model has a tree of one leaf');
  return { ...model, sigmoid: 1, trees: [{ ...single, leafValue: Float64Array.of(value) }] };
}

describe('calibrators in the graph', () => {
  const isotonic: Calibrator = { kind: 'isotonic', x: [0.25, 0.5, 0.5000001, 0.75], y: [0.1, 0.4, 0.7, 0.9] };
  const platt: Calibrator = { kind: 'platt', a: -2, b: 0.5 };
  /** Log odds, isotonic, Platt; the numbers worked out by hand. */
  const cases: readonly [number, number, number][] = [
    [Math.log(0.1 / 0.9), 0.1, 1 / (1 + Math.exp(0.5) * (0.9 / 0.1) ** 2)], // below the first threshold
    [-Infinity, 0.1, 0],
    [0, 0.4, 1 / (1 + Math.exp(0.5))], // on a threshold
    [
      Math.log(0.6 / 0.4),
      0.7 + (0.2 * (0.6 - 0.5000001)) / (0.75 - 0.5000001),
      1 / (1 + Math.exp(0.5) * (0.4 / 0.6) ** 2),
    ],
    [Math.log(9), 0.9, 1 / (1 + Math.exp(0.5) / 81)], // above the last
    [Infinity, 0.9, 1],
    [Number.NaN, Number.NaN, Number.NaN],
  ];

  it.each(cases)('log odds %d', async (logOdds, isotonicP, plattP) => {
    for (const [calibrator, expected] of [
      [isotonic, isotonicP],
      [platt, plattP],
    ] as const) {
      const graph = await OnnxGraph.open(formatOnnx(constantModel(logOdds), calibrator, new Map()), {
        file: 'model.onnx',
        featureCount: 4,
      });
      const { p } = await graph.score(new Float32Array(4), 1);
      await graph.close();
      const isNaNAsExpected = Number.isNaN(p[0]) && Number.isNaN(expected);
      expect(isNaNAsExpected ? 0 : Math.abs(p[0] - expected)).toBeLessThanOrEqual(1e-12);
    }
  });

  it('one threshold is a constant', async () => {
    const calibrator: Calibrator = { kind: 'isotonic', x: [0.5], y: [0.3] };
    for (const logOdds of [-1, 0, 1]) {
      const graph = await OnnxGraph.open(formatOnnx(constantModel(logOdds), calibrator, new Map()), {
        file: 'model.onnx',
        featureCount: 4,
      });
      expect((await graph.score(new Float32Array(4), 1)).p[0]).toBe(0.3);
      await graph.close();
    }
  });
});

describeWithShared('models of LightGBM 4.1', () => {
  const folder = sharedDir('vectors', 'gbdt', 'oracle_lgbm41');

  it.each(globSync('*/model.txt', { cwd: folder }).map(dirname))('%s', async (name) => {
    const booster = parseLightGbm(readFileSync(join(folder, name, 'model.txt'), 'utf8'), name);
    expect(await differences(booster, 500)).toEqual([]);
  });
});

describeWithShared('models of others with categories', () => {
  const folder = sharedDir('vectors', 'gbdt');

  it.each([
    'lleaves/pure_categorical/model.txt',
    'lleaves/mixed_categorical/model.txt',
    'treelite/toy_categorical_model.txt',
  ])('%s', async (path) => {
    const text = readFileSync(join(folder, path), 'utf8').replace(/^objective=.*$/m, 'objective=binary sigmoid:1');
    const booster = parseLightGbm(text, basename(path));
    expect(booster.trees.some(({ decisionType }) => decisionType.some((type) => (type & 1) === 1))).toBe(true);
    expect(marginOf(booster, adversarialRows(booster, 1, SEED).rows)).not.toBeNaN();
    expect(await differences(booster, 2_000)).toEqual([]);
  });
});
