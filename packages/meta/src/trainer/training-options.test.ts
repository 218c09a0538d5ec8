/** What a training can be told beside its rows: bounds, an end, rows of one's own - and what it refuses. */
import { createPrng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { marginOf } from '../booster/booster.ts';
import { GBDT_DEFAULTS, type GbdtParams } from './gbdt-params.ts';
import { trainGbdt, type TrainingRows } from './train-gbdt.ts';

const ROWS = 600;
const PARAMS: GbdtParams = { ...GBDT_DEFAULTS, trees: 60, leaves: 8, learningRate: 0.1 };

/** The outcome rises with x0, falls with x1, and does not know x2. */
function rows(): TrainingRows {
  const prng = createPrng(1, 'training options');
  const columns = Array.from({ length: 3 }, () => Float32Array.from({ length: ROWS }, () => prng.normal()));
  const y = Float64Array.from({ length: ROWS }, (_, row) =>
    prng.next() < 1 / (1 + Math.exp(columns[1][row] - 2 * columns[0][row])) ? 1 : 0,
  );
  return {
    features: { names: ['x0', 'x1', 'x2'], columns },
    rows: Int32Array.from({ length: ROWS }, (_, row) => row),
    y,
    weight: null,
  };
}

const part = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, k) => from + k);

describe('monotone features', () => {
  const steps = Array.from({ length: 61 }, (_, k) => (k - 30) / 10);
  /** Changes of the margin along a feature, the others fixed at some points. */
  function changes(params: GbdtParams, feature: number): number[] {
    const booster = trainGbdt(rows(), params);
    return [-1, 0, 1].flatMap((other) => {
      const margins = steps.map((value) => {
        const row = [other, other, other];
        row[feature] = value;
        return marginOf(booster, row);
      });
      return margins.slice(1).map((margin, k) => margin - margins[k]);
    });
  }

  it('never turn back, and do without the bound', () => {
    const bounded = { ...PARAMS, monotone: [1, -1, 0] as const };
    expect(Math.min(...changes(bounded, 0))).toBeGreaterThanOrEqual(-1e-12);
    expect(Math.max(...changes(bounded, 1))).toBeLessThanOrEqual(1e-12);
    expect(Math.min(...changes(PARAMS, 0))).toBeLessThan(-0.01);
    expect(Math.max(...changes(PARAMS, 1))).toBeGreaterThan(0.01);
    // the bound still lets it learn
    expect(Math.max(...changes(bounded, 0))).toBeGreaterThan(0.1);
  });
});

describe('early stopping', () => {
  it('keeps the number of trees with the least loss on rows that did not train', () => {
    const losses: number[] = [];
    const training = { ...rows(), rows: part(0, 400) };
    const booster = trainGbdt(
      training,
      { ...PARAMS, trees: 300 },
      {
        earlyStopping: { rows: part(400, ROWS), patienceTrees: 10 },
        onTree: ({ validationLogLoss }) => losses.push(validationLogLoss),
      },
    );
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(booster.trees.length).toBe(best);
    expect(losses.length).toBe(best + 10);
    expect(losses.length).toBeLessThan(300);
    // a shorter training is the beginning of a longer one
    const short = trainGbdt(training, { ...PARAMS, trees: best });
    expect(short.trees).toEqual(booster.trees);
  });
});

describe('rows of ones own', () => {
  it('grow every tree; the same ones give the same model, others another', () => {
    const drawn = (seed: number) => () => {
      const prng = createPrng(seed, 'rows');
      return Int32Array.from({ length: ROWS / 2 }, () => prng.below(ROWS)).sort();
    };
    const train = (seed: number) => trainGbdt(rows(), PARAMS, { sampleRows: drawn(seed) });
    expect(train(1)).toEqual(train(1));
    expect(train(1).trees).not.toEqual(train(2).trees);
  });
});

describe('training refuses', () => {
  const { y, ...rest } = rows();
  it.each<readonly [string, Partial<TrainingRows>, Partial<GbdtParams>, RegExp]>([
    ['no rows', { rows: new Int32Array() }, {}, /no training rows/],
    ['one class', { y: new Float64Array(ROWS) }, {}, /all 600 training rows have the label 0/],
    ['a label that is none', { y: Float64Array.from(y).with(7, 2) }, {}, /label of row 7 is 2/],
    ['a weight of 0', { weight: new Float64Array(ROWS).fill(1).with(3, 0) }, {}, /weight of row 3 is 0/],
    ['no leaves', {}, { leaves: 1 }, /leaves is 1/],
    ['half a tree', {}, { trees: 0.5 }, /trees is 0.5/],
    ['a rate of 2', {}, { learningRate: 2 }, /learningRate is 2/],
    ['too many bins', {}, { binsMax: 300 }, /binsMax is 300/],
    ['bounds of other features', {}, { monotone: [1] }, /monotone is 1/],
    ['NaN', {}, { lambdaL2: Number.NaN }, /lambdaL2 is NaN/],
  ])('%s', (_, training, params, message) => {
    expect(() => trainGbdt({ ...rest, y, ...training }, { ...PARAMS, ...params })).toThrow(message);
  });
});
