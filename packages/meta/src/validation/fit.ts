/** One fit: trains on some rows, scores others, and tells what it saw. What threads do; everything they need is in the task. */
import { createPrng, hashText } from '@donch/core';
import { logLossOf, marginsOf, type Booster } from '../booster/booster.ts';
import { formatLightGbm } from '../booster/lightgbm-text.ts';
import { shapValues } from '../booster/shap.ts';
import type { FeatureColumns } from '../trainer/binned-data.ts';
import type { GbdtParams } from '../trainer/gbdt-params.ts';
import { trainGbdt } from '../trainer/train-gbdt.ts';

export interface FitTask {
  readonly features: FeatureColumns;
  readonly y: ArrayLike<number>;
  readonly weight: ArrayLike<number> | null;
  readonly params: GbdtParams;
  readonly train: Int32Array;
  /** Rows to score. */
  readonly test: Int32Array;
  readonly seed: number;
  /** What is wanted beside the scores; each costs time. */
  readonly wants: FitWants;
}

export interface FitWants {
  readonly model: boolean;
  readonly learningCurve: boolean;
  readonly permutationImportance: boolean;
  /** Number of training rows, spread evenly, that are explained. */
  readonly shapRows: number;
}

export const ONLY_SCORES: FitWants = { model: false, learningCurve: false, permutationImportance: false, shapRows: 0 };

export interface LearningPoint {
  readonly trees: number;
  readonly trainLogLoss: number;
  readonly testLogLoss: number;
}

export interface FitResult {
  /** Parallel to `test`. */
  readonly margin: Float64Array;
  /** SHA-256 of the model's text. */
  readonly modelHash: string;
  /** LightGBM text; '' when not wanted. */
  readonly model: string;
  readonly learningCurve: readonly LearningPoint[];
  /** By encoded feature: what the log-loss of the test rows grows by when its values are shuffled among them. Empty when not wanted. */
  readonly permutationImportance: readonly number[];
  /** By encoded feature, mean |contribution| to the margin. Empty when not wanted. */
  readonly shap: readonly number[];
}

/** Trains and scores. Throws what `trainGbdt` throws. */
export function runFit(task: FitTask): FitResult {
  const { features, y, weight, train, test, wants, seed } = task;
  const params = { ...task.params, rowSeed: seed, featureSeed: seed };
  const booster = trainGbdt({ features, rows: train, y, weight }, params);
  const text = formatLightGbm(booster);
  const rows = rowsAt(features, test);
  const margin = marginsOf(booster, rows);
  return {
    margin,
    modelHash: hashText(text),
    model: wants.model ? text : '',
    learningCurve: wants.learningCurve ? learningCurve(booster, task) : [],
    permutationImportance: wants.permutationImportance ? permutationImportance(booster, task, rows) : [],
    shap: wants.shapRows > 0 ? meanShap(booster, rowsAt(features, spread(train, wants.shapRows))) : [],
  };
}

/** Rows of encoded features, float32 as the trainer saw them. */
export function rowsAt({ columns }: FeatureColumns, rows: Int32Array): Float32Array[] {
  return Array.from(rows, (row) => Float32Array.from(columns, (column) => column[row]));
}

function spread(rows: Int32Array, count: number): Int32Array {
  if (rows.length <= count) return rows;
  return Int32Array.from({ length: count }, (_, k) => rows[Math.floor((k * rows.length) / count)]);
}

/** Of models whose sigmoid is 1. */
const meanLoss = (margins: ArrayLike<number>, rows: Int32Array, y: ArrayLike<number>): number =>
  Array.from(rows, (row, k) => logLossOf(y[row] === 1 ? margins[k] : -margins[k])).reduce(
    (sum, loss) => sum + loss,
    0,
  ) / rows.length;

const CURVE_POINTS = 20;

function learningCurve(booster: Booster, { features, train, test, y }: FitTask): LearningPoint[] {
  const sides = [train, test].map((rows) => ({
    rows,
    values: rowsAt(features, rows),
    margins: new Float64Array(rows.length),
  }));
  const points: LearningPoint[] = [];
  const step = Math.max(1, Math.ceil(booster.trees.length / CURVE_POINTS));
  for (let from = 0; from < booster.trees.length; from += step) {
    const part = { ...booster, trees: booster.trees.slice(from, from + step) };
    for (const { values, margins } of sides)
      for (const [k, margin] of marginsOf(part, values).entries()) margins[k] += margin;
    const [trainLogLoss, testLogLoss] = sides.map(({ rows, margins }) => meanLoss(margins, rows, y));
    points.push({ trees: Math.min(from + step, booster.trees.length), trainLogLoss, testLogLoss });
  }
  return points;
}

/** Test rows only, and their labels do not overlap those that trained: what the model uses, not what it remembers. */
function permutationImportance(
  booster: Booster,
  { features, test, y, seed }: FitTask,
  rows: readonly Float32Array[],
): number[] {
  const used = new Set(booster.trees.flatMap(({ splitFeature }) => [...splitFeature]));
  const before = meanLoss(marginsOf(booster, rows), test, y);
  return features.names.map((name, feature) => {
    if (!used.has(feature)) return 0;
    const prng = createPrng(seed, `permute ${name}`);
    const order = shuffled(test.length, (bound) => prng.below(bound));
    const changed = rows.map((row, k) => row.with(feature, rows[order[k]][feature]));
    return meanLoss(marginsOf(booster, changed), test, y) - before;
  });
}

function shuffled(count: number, below: (bound: number) => number): number[] {
  const order = Array.from({ length: count }, (_, k) => k);
  for (let k = count - 1; k > 0; k -= 1) {
    const other = below(k + 1);
    [order[k], order[other]] = [order[other], order[k]];
  }
  return order;
}

function meanShap(booster: Booster, rows: readonly Float32Array[]): number[] {
  const sums = booster.featureNames.map(() => 0);
  for (const row of rows) {
    const contributions = shapValues(booster, row);
    for (const feature of sums.keys()) sums[feature] += Math.abs(contributions[feature]);
  }
  return sums.map((sum) => sum / rows.length);
}
