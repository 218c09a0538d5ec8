/**
 * Gradient-boosted trees for a binary outcome, with LightGBM's semantics: the same rows, parameters and seeds grow the same trees.
 * G. Ke et al., LightGBM: A Highly Efficient Gradient Boosting Decision Tree, NIPS 2017, and the behaviour of version 4.1.
 */
import { DonchError, invariant } from '@donch/core';
import { leafOf, logLossOf, type Booster, type Tree } from '../booster/booster.ts';
import { binsOfFeatures, type FeatureColumns } from './binned-data.ts';
import type { FeatureBins } from './feature-bins.ts';
import { checkParams, type GbdtParams } from './gbdt-params.ts';
import type { Kernels, TrainingShape, UsableFeature } from './kernels.ts';
import { leafsByBins } from './leaf-by-bins.ts';
import { LightGbmRandom } from './lightgbm-random.ts';
import { TreeBuilder, type GrownTree } from './tree-builder.ts';
import { createKernels } from './wasm-kernels.ts';

export interface TrainingRows {
  readonly features: FeatureColumns;
  /** Rows that train, ascending; others are not looked at. */
  readonly rows: Int32Array;
  /** 0 or 1, by row of the columns. */
  readonly y: ArrayLike<number>;
  /** > 0 by row of the columns; null = 1 each. */
  readonly weight: ArrayLike<number> | null;
}

interface EarlyStopping {
  /** Rows to judge by; their labels must not overlap those that train. */
  readonly rows: Int32Array;
  /** Trees without a better log-loss after which training ends; the model keeps the best number of trees. */
  readonly patienceTrees: number;
}

export interface TrainingOptions {
  /** The fastest that there are unless given; all grow the same trees. */
  readonly kernels?: (shape: TrainingShape) => Kernels;
  readonly earlyStopping?: EarlyStopping;
  /** Positions among the training rows that a tree is grown from, ascending, repeats allowed; in place of `rowFrac`. */
  readonly sampleRows?: (tree: number) => Int32Array;
  /** Log-loss by number of trees, over the training rows and those of early stopping, when asked for. */
  readonly onTree?: (progress: TreeProgress) => void;
}

interface TreeProgress {
  readonly trees: number;
  /** NaN without early stopping. */
  readonly validationLogLoss: number;
}

/** Trains a model. Throws `bad_training` for parameters that make no sense, for no rows, one class only, and weights that are not above 0. */
export function trainGbdt(training: TrainingRows, params: GbdtParams, options: TrainingOptions = {}): Booster {
  const { features, rows } = training;
  checkParams(params, features.names.length);
  checkRows(training);
  const bins = binsOfFeatures(features, rows, {
    binsMax: params.binsMax,
    rowsPerBinMin: params.rowsPerBinMin,
    rowsPerSideMin: params.rowsInLeafMin,
  });
  const usable = bins.flatMap((found, index): UsableFeature[] => (found.isUsable ? [{ index, bins: found }] : []));
  const trees = new Boosting(training, params, { usable, options }).run();
  return {
    featureNames: features.names,
    sigmoid: params.sigmoid,
    trees,
    featureInfos: bins.map(featureInfo),
  };
}

function checkRows({ features, rows, y, weight }: TrainingRows): void {
  const bad = (found: string, expected: string): DonchError => new DonchError('bad_training', found, { expected });
  if (rows.length === 0) throw bad('no training rows', 'signals with outcomes');
  for (const column of features.columns) invariant(column.length === y.length, 'a column has a value per row');
  let positives = 0;
  for (const row of rows) {
    if (y[row] === 1) positives += 1;
    else if (y[row] !== 0) throw bad(`the label of row ${row} is ${y[row]}`, '0 or 1');
    if (weight !== null && !(weight[row] > 0)) throw bad(`the weight of row ${row} is ${weight[row]}`, 'above 0');
  }
  if (positives === 0 || positives === rows.length)
    throw bad(`all ${rows.length} training rows have the label ${positives === 0 ? 0 : 1}`, 'rows of both classes');
}

const featureInfo = ({ isUsable, minValue, maxValue }: FeatureBins): string =>
  isUsable ? `[${minValue}:${maxValue}]` : 'none';

const BAG_BLOCK_ROWS = 1_024;
/** Fewest features drawn for a tree. */
const FEATURES_MIN = 2;

interface Setup {
  readonly usable: readonly UsableFeature[];
  readonly options: TrainingOptions;
}

class Boosting {
  readonly #training: TrainingRows;
  readonly #params: GbdtParams;
  readonly #usable: readonly UsableFeature[];
  readonly #options: TrainingOptions;
  readonly #kernels: Kernels;
  readonly #builder: TreeBuilder;
  /** 1 or -1 by training position. */
  readonly #sign: Float64Array;
  readonly #weight: Float64Array;
  readonly #score: Float64Array;
  readonly #baseScore: number;
  readonly #bagRandoms: readonly LightGbmRandom[];
  readonly #featureRandom: LightGbmRandom;

  constructor(training: TrainingRows, params: GbdtParams, { usable, options }: Setup) {
    const { rows, y, weight } = training;
    this.#training = training;
    this.#params = params;
    this.#usable = usable;
    this.#options = options;
    this.#kernels = (options.kernels ?? createKernels)({
      rows: rows.length,
      features: usable,
      slots: params.leaves,
      limits: params,
      monotone: params.monotone,
    });
    for (const [place, { index }] of usable.entries())
      this.#kernels.writeBins(place, training.features.columns[index], rows);
    this.#builder = new TreeBuilder({ kernels: this.#kernels, features: usable, params });
    this.#sign = Float64Array.from(rows, (row) => (y[row] === 1 ? 1 : -1));
    this.#weight = Float64Array.from(rows, (row) => (weight === null ? 1 : Math.fround(weight[row])));
    this.#baseScore = baseScore(this.#sign, this.#weight, params.sigmoid);
    this.#score = new Float64Array(rows.length).fill(this.#baseScore);
    const blocks = Math.ceil(rows.length / BAG_BLOCK_ROWS);
    this.#bagRandoms = Array.from({ length: blocks }, (_, block) => new LightGbmRandom(params.rowSeed + block));
    this.#featureRandom = new LightGbmRandom(params.featureSeed);
    // LightGBM draws once before the first tree
    this.#drawFeatures();
  }

  run(): Tree[] {
    const validation = new Validation(this.#training, this.#params, this.#options.earlyStopping);
    const trees: Tree[] = [];
    while (trees.length < this.#params.trees) {
      this.#computeGradients();
      const bag = this.#drawRows(trees.length);
      const grown = this.#builder.grow(bag, this.#drawFeatures());
      if (grown.tree.leafCount === 1) {
        if (trees.length === 0) trees.push(constantTree(grown.tree, this.#baseScore));
        break;
      }
      const tree = shrunk(grown.tree, this.#params.learningRate);
      this.#addScores({ ...grown, tree }, bag);
      trees.push(trees.length === 0 ? withBias(tree, this.#baseScore) : tree);
      const validationLogLoss = validation.add(trees[trees.length - 1]);
      this.#options.onTree?.({ trees: trees.length, validationLogLoss });
      if (validation.isOver) break;
    }
    return validation.bestTrees === 0 ? trees : trees.slice(0, validation.bestTrees);
  }

  #computeGradients(): void {
    const { gradients } = this.#kernels.memory;
    const { sigmoid, positiveWeight } = this.#params;
    const [score, sign, weight] = [this.#score, this.#sign, this.#weight];
    for (let k = 0; k < score.length; k += 1) {
      const response = (-sign[k] * sigmoid) / (1 + Math.exp(sign[k] * sigmoid * score[k]));
      const size = Math.abs(response);
      const classWeight = sign[k] > 0 ? positiveWeight : 1;
      gradients[2 * k] = response * classWeight * weight[k];
      gradients[2 * k + 1] = size * (sigmoid - size) * classWeight * weight[k];
    }
  }

  /** Puts the rows of the next tree first in the kernels' list; returns how many. */
  #drawRows(tree: number): number {
    const { rows } = this.#kernels.memory;
    const { sampleRows } = this.#options;
    if (sampleRows !== undefined) {
      const drawn = sampleRows(tree);
      rows.set(drawn);
      return drawn.length;
    }
    const { rowFrac } = this.#params;
    if (rowFrac === 1) {
      for (let row = 0; row < rows.length; row += 1) rows[row] = row;
      return rows.length;
    }
    let count = 0;
    for (let row = 0; row < rows.length; row += 1) {
      if (!(this.#bagRandoms[Math.floor(row / BAG_BLOCK_ROWS)].float() < rowFrac)) continue;
      rows[count] = row;
      count += 1;
    }
    return count;
  }

  #drawFeatures(): number[] {
    const total = this.#usable.length;
    if (this.#params.featureFrac === 1 || total === 0) return Array.from({ length: total }, (_, k) => k);
    const wanted = Math.trunc(total * this.#params.featureFrac + 0.5);
    return this.#featureRandom.sample(total, Math.max(wanted, Math.min(FEATURES_MIN, total)));
  }

  #addScores({ leaves, tree }: GrownTree, bag: number): void {
    const score = this.#score;
    const { rows } = this.#kernels.memory;
    if (bag === score.length && this.#options.sampleRows === undefined) {
      for (const [k, { from, count }] of leaves.entries())
        for (let at = from; at < from + count; at += 1) score[rows[at]] += tree.leafValue[k];
      return;
    }
    const leafs = leafsByBins(tree, this.#kernels.memory, { rows: score.length, features: this.#usable });
    for (let row = 0; row < score.length; row += 1) score[row] += tree.leafValue[leafs[row]];
  }
}

/** Weighted log odds over the sigmoid's slope: where boosting starts. */
function baseScore(sign: Float64Array, weight: Float64Array, sigmoid: number): number {
  let [positive, total] = [0, 0];
  for (let k = 0; k < sign.length; k += 1) {
    if (sign[k] > 0) positive += weight[k];
    total += weight[k];
  }
  const share = positive / total;
  return Math.log(share / (1 - share)) / sigmoid;
}

/** Magnitudes up to this become 0. */
const ZERO_MAX = Math.fround(1e-35);
const roundedToZero = (value: number): number => (Math.abs(value) <= ZERO_MAX ? 0 : value);

function shrunk(tree: Tree, rate: number): Tree {
  const times = (values: Float64Array): Float64Array => values.map((value) => roundedToZero(value * rate));
  return { ...tree, leafValue: times(tree.leafValue), internalValue: times(tree.internalValue), shrinkage: rate };
}

function withBias(tree: Tree, bias: number): Tree {
  const plus = (values: Float64Array): Float64Array => values.map((value) => roundedToZero(value + bias));
  return { ...tree, leafValue: plus(tree.leafValue), internalValue: plus(tree.internalValue), shrinkage: 1 };
}

const constantTree = (tree: Tree, value: number): Tree => ({ ...tree, leafValue: Float64Array.of(value) });

/** Log-loss of the rows that early stopping judges by. */
class Validation {
  readonly #training: TrainingRows;
  readonly #sigmoid: number;
  readonly #stopping: EarlyStopping | undefined;
  readonly #margin: Float64Array;
  readonly #row: Float64Array;
  #best = Infinity;
  #trees = 0;
  /** Number of trees with the least log-loss; 0 = not asked for. */
  bestTrees = 0;

  constructor(training: TrainingRows, { sigmoid }: GbdtParams, stopping: EarlyStopping | undefined) {
    this.#training = training;
    this.#sigmoid = sigmoid;
    this.#stopping = stopping;
    this.#margin = new Float64Array(stopping?.rows.length ?? 0);
    this.#row = new Float64Array(training.features.columns.length);
  }

  get isOver(): boolean {
    return this.#stopping !== undefined && this.#trees - this.bestTrees >= this.#stopping.patienceTrees;
  }

  add(tree: Tree): number {
    if (this.#stopping === undefined) return Number.NaN;
    this.#trees += 1;
    const { features, y } = this.#training;
    let loss = 0;
    for (const [k, row] of this.#stopping.rows.entries()) {
      for (const [feature, column] of features.columns.entries()) this.#row[feature] = column[row];
      this.#margin[k] += tree.leafValue[leafOf(tree, this.#row)];
      loss += logLossOf(this.#sigmoid * this.#margin[k] * (y[row] === 1 ? 1 : -1));
    }
    if (loss < this.#best) {
      this.#best = loss;
      this.bestTrees = this.#trees;
    }
    return loss / this.#stopping.rows.length;
  }
}
