/** Both kernels grow the same trees, to the last bit, whatever the data and the parameters. */
import { createPrng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { GBDT_DEFAULTS, type GbdtParams } from './gbdt-params.ts';
import { createJsKernels } from './js-kernels.ts';
import type { TrainingShape } from './kernels.ts';
import { trainGbdt, type TrainingOptions, type TrainingRows } from './train-gbdt.ts';
import { createWasmKernels } from './wasm-kernels.ts';

interface Recipe {
  readonly rows: number;
  readonly features: number;
  readonly missingFrac: number;
  /** Values are rounded to so many steps; null = continuous. */
  readonly steps: number | null;
  readonly isWeighted: boolean;
}

const PLAIN: Recipe = { rows: 1_500, features: 11, missingFrac: 0, steps: null, isWeighted: false };

function trainingOf(seed: number, { rows, features, missingFrac, steps, isWeighted }: Recipe): TrainingRows {
  const prng = createPrng(seed, 'test/kernels');
  const value = (feature: number): number => {
    if (prng.next() < missingFrac && feature % 3 !== 1) return Number.NaN;
    const drawn = feature % 4 === 3 ? Math.max(0, prng.normal()) : prng.normal();
    return steps === null ? drawn : Math.round(drawn * steps) / steps;
  };
  const columns = Array.from({ length: features }, (_, k) => Float32Array.from({ length: rows }, () => value(k)));
  const y = Uint8Array.from({ length: rows }, (_, row) => {
    const effect = columns[0][row] + (columns[1][row] > 0 ? columns[2][row] : -columns[2][row]);
    return prng.normal() + (Number.isNaN(effect) ? 0.5 : effect) > 0 ? 1 : 0;
  });
  return {
    features: { names: columns.map((_, k) => `f${k}`), columns },
    // some rows do not train
    rows: Int32Array.from(y.keys()).filter((row) => row % 7 !== 3),
    y,
    weight: isWeighted ? Float64Array.from({ length: rows }, () => 0.1 + prng.next()) : null,
  };
}

function wasm(shape: TrainingShape) {
  const kernels = createWasmKernels(shape);
  if (kernels === null) throw new Error('no WebAssembly here');
  return kernels;
}

interface Case {
  readonly name: string;
  readonly recipe?: Partial<Recipe>;
  readonly params?: Partial<GbdtParams>;
  readonly options?: TrainingOptions;
}

const MISSING = { missingFrac: 0.2 };

const CASES: readonly Case[] = [
  { name: 'continuous values' },
  { name: 'hardly any values', recipe: { features: 3, missingFrac: 0.9 }, params: { rowsInLeafMin: 5 } },
  { name: 'missing values', recipe: MISSING },
  { name: "missing values, LightGBM's directions", recipe: MISSING, params: { unseenMissing: 'lightgbm' } },
  { name: 'few distinct values', recipe: { ...MISSING, steps: 1 } },
  { name: 'weights', recipe: { ...MISSING, isWeighted: true }, params: { positiveWeight: 3 } },
  { name: 'bagging', params: { rowFrac: 0.6 } },
  { name: 'bagging and drawn features', recipe: MISSING, params: { rowFrac: 0.8, featureFrac: 0.4 } },
  { name: 'penalties', recipe: MISSING, params: { lambdaL1: 2, lambdaL2: 5, gainMin: 0.5 } },
  { name: 'a depth', params: { depthMax: 3, rowsInLeafMin: 1, hessianInLeafMin: 0 } },
  { name: '256 bins', recipe: { ...MISSING, rows: 4_000 }, params: { binsMax: 256, rowsPerBinMin: 1 } },
  { name: 'few bins', recipe: MISSING, params: { binsMax: 4 } },
  { name: 'many leaves', recipe: { rows: 4_000 }, params: { leaves: 120, rowsInLeafMin: 2 } },
  { name: 'monotone features', recipe: MISSING, params: { monotone: [1, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0] } },
  {
    name: 'drawn rows with repeats',
    options: { sampleRows: (tree) => Int32Array.from({ length: 900 }, (_, k) => k - (k % 3) + (tree % 3)) },
  },
];

describe('kernels in WebAssembly', () => {
  it.each(CASES)('grow the trees of the plain ones: $name', ({ recipe, params: given, options }) => {
    for (const seed of [1, 2, 3]) {
      const training = trainingOf(seed, { ...PLAIN, ...recipe });
      const params = { ...GBDT_DEFAULTS, trees: 20, ...given };
      const expected = trainGbdt(training, params, { ...options, kernels: createJsKernels });
      expect(expected.trees[0].leafCount).toBeGreaterThan(2);
      expect(trainGbdt(training, params, { ...options, kernels: wasm })).toEqual(expected);
    }
  });

  it('work in memory above 2 GB', () => {
    // A place for 3,000 histograms of 200 features takes 2.5 GB, of which 300 rows touch little; the bins lie behind it.
    const training = trainingOf(1, { ...PLAIN, ...MISSING, rows: 350, features: 200 });
    const expected = trainGbdt(training, { ...GBDT_DEFAULTS, trees: 5 }, { kernels: createJsKernels });
    expect(expected.trees[0].leafCount).toBeLessThan(GBDT_DEFAULTS.leaves);
    expect(trainGbdt(training, { ...GBDT_DEFAULTS, trees: 5, leaves: 3_000 }, { kernels: wasm })).toEqual(expected);
  });

  it('are not made for what does not fit into 4 GB', () => {
    const shape = { rows: 2 ** 31, features: [], slots: 31, limits: GBDT_DEFAULTS, monotone: [] };
    expect(createWasmKernels(shape)).toBeNull();
  });
});
