/** Our predictor against the graph that onnxruntime runs, over rows that are made to tell them apart. */
import { createPrng, invariant, type Prng } from '@donch/core';
import {
  calibrate,
  fitIsotonic,
  formatOnnx,
  marginOf,
  probabilityOf,
  type Booster,
  type Calibrator,
} from '@donch/meta';
import { OnnxGraph } from '../onnx-graph.ts';

export interface ParityRows {
  readonly rows: Float32Array;
  readonly rowCount: number;
}

/** Largest absolute differences. */
export interface Parity {
  readonly margin: number;
  readonly pRaw: number;
  readonly p: number;
  /** Of p to the calibrator applied to the graph's own p_raw (margin for Platt): the calibrator's nodes alone. */
  readonly calibratorAlone: number;
}

export async function parityOf(
  booster: Booster,
  calibrator: Calibrator,
  { rows, rowCount }: ParityRows,
): Promise<Parity> {
  const featureCount = booster.featureNames.length;
  const graph = await OnnxGraph.open(formatOnnx(booster, calibrator, new Map()), { file: 'model.onnx', featureCount });
  const found = await graph.score(rows, rowCount);
  await graph.close();
  const largest = { margin: 0, pRaw: 0, p: 0, calibratorAlone: 0 };
  const isPlatt = calibrator.kind === 'platt';
  for (let at = 0; at < rowCount; at += 1) {
    const row = rows.subarray(at * featureCount, (at + 1) * featureCount);
    const margin = marginOf(booster, row);
    const pRaw = probabilityOf(booster, row);
    const p = calibrate(calibrator, isPlatt ? margin : pRaw);
    largest.margin = larger(largest.margin, found.margin[at] - margin);
    largest.pRaw = larger(largest.pRaw, found.pRaw[at] - pRaw);
    largest.p = larger(largest.p, found.p[at] - p);
    const alone = calibrate(calibrator, isPlatt ? found.margin[at] : found.pRaw[at]);
    largest.calibratorAlone = larger(largest.calibratorAlone, found.p[at] - alone);
  }
  return largest;
}

/**
 * How far p may be off: the steepest piece of an isotonic calibrator multiplies the last bit of p_raw, which differs between two
 * exponential functions.
 */
export function allowedDifference(calibrator: Calibrator, pRaw: number): number {
  if (calibrator.kind !== 'isotonic') return 1e-12;
  const { x, y } = calibrator;
  const slopes = x.slice(1).map((value, before) => (y[before + 1] - y[before]) / (value - x[before]));
  return Math.max(1e-12, 2 * pRaw * Math.max(0, ...slopes));
}

/** NaN is larger than any number: a score that is missing on one side is a difference. */
function larger(before: number, difference: number): number {
  return Number.isNaN(difference) ? Infinity : Math.max(before, Math.abs(difference));
}

/** Values around the thresholds, a tenth of them missing. */
export function randomRows(booster: Booster, rowCount: number, seed: number): ParityRows {
  const prng = createPrng(seed, 'random rows');
  const splits = splitsOf(booster);
  return rowsOf(splits, rowCount, (thresholds) => {
    if (prng.next() < 0.1) return Number.NaN;
    if (thresholds.length === 0) return prng.normal();
    return thresholds[prng.below(thresholds.length)] + prng.normal() * 0.5;
  });
}

const FLOAT = new Float32Array(1);
const FLOAT_BITS = new Int32Array(FLOAT.buffer);

const SPECIAL = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  2 ** -149, // the smallest float32
  -(2 ** -149),
  1e-40, // no normal number of float32
  -1e-40,
  1e-35, // zero up to here
  -1e-35,
  stepped(1e-35, 1),
  stepped(-1e-35, -1),
  -1,
  -0.5, // category 0
  stepped(-1, -1),
  2.5,
  2 ** 31,
  3.4e38,
  -3.4e38,
];

/** Values on a threshold and one float32 to either side, and those that number formats treat apart. */
export function adversarialRows(booster: Booster, rowCount: number, seed: number): ParityRows {
  const prng = createPrng(seed, 'adversarial rows');
  return rowsOf(splitsOf(booster), rowCount, (thresholds) => {
    if (thresholds.length === 0 || prng.next() < 0.2) return SPECIAL[prng.below(SPECIAL.length)];
    return stepped(thresholds[prng.below(thresholds.length)], prng.below(3) - 1);
  });
}

function rowsOf(
  splits: readonly (readonly number[])[],
  rowCount: number,
  draw: (thresholds: readonly number[]) => number,
): ParityRows {
  const rows = new Float32Array(rowCount * splits.length);
  for (let at = 0; at < rows.length; at += 1) rows[at] = draw(splits[at % splits.length]);
  return { rows, rowCount };
}

/** What each feature is compared with: thresholds, and of categories the numbers up to a little above the largest. */
function splitsOf({ trees, featureNames }: Booster): readonly (readonly number[])[] {
  const splits: number[][] = featureNames.map(() => []);
  for (const { splitFeature, threshold, decisionType, categoryBits } of trees)
    for (const [node, feature] of splitFeature.entries()) {
      if ((decisionType[node] & 1) === 0) splits[feature].push(threshold[node]);
      else for (let category = 0; category < 32 * categoryBits.length; category += 1) splits[feature].push(category);
    }
  return splits.map((values) => [...new Set(values)]);
}

/** The float32 at a value (-1, 0, 1 = the next below, itself, the next above). */
function stepped(value: number, steps: number): number {
  FLOAT[0] = value;
  if (steps === 0 || !Number.isFinite(FLOAT[0])) return FLOAT[0];
  if (FLOAT[0] === 0) return steps * 2 ** -149;
  FLOAT_BITS[0] += FLOAT[0] > 0 ? steps : -steps;
  return FLOAT[0];
}

/** A calibrator of each kind; isotonic is fitted to outcomes drawn from the model's own probabilities. */
export function calibratorsFor(booster: Booster, seed: number): readonly Calibrator[] {
  const prng = createPrng(seed, 'outcomes');
  const { rows, rowCount } = randomRows(booster, 2_000, seed + 1);
  const featureCount = booster.featureNames.length;
  const score = Array.from({ length: rowCount }, (_, at) =>
    probabilityOf(booster, rows.subarray(at * featureCount, (at + 1) * featureCount)),
  );
  const isotonic = fitIsotonic({ score, y: outcomesOf(score, prng) });
  invariant(isotonic.x.length > 0, 'a fitted calibrator has thresholds');
  return [{ kind: 'none' }, { kind: 'platt', a: -1.3, b: 0.2 }, isotonic];
}

function outcomesOf(probabilities: readonly number[], prng: Prng): number[] {
  return probabilities.map((p) => (prng.next() < p ? 1 : 0));
}
