/** A gradient-boosted model of one binary outcome: trees as flat columns, as LightGBM has them. */

/** How a missing value is told: not at all (NaN is 0), by zero, by NaN. */
export type MissingType = 'none' | 'zero' | 'nan';

/** Bits of `Tree.decisionType`. */
export const CATEGORICAL_BIT = 1;
export const DEFAULT_LEFT_BIT = 2;
/** By bits 2 and 3; LightGBM has no fourth. */
const MISSING_TYPES: readonly MissingType[] = ['none', 'zero', 'nan', 'none'];

/** Magnitudes up to this are zero: 1e-35 as a float32. */
export const ZERO_THRESHOLD = Math.fround(1e-35);

/** Categories, and zeros that are missing: everything else compares a number with a threshold. */
const SLOW_BITS = CATEGORICAL_BIT | 4;

/** Nodes 0..n-2, leaves 0..n-1; a child >= 0 is a node, < 0 the leaf `~child`. A tree of one leaf has no nodes. */
export interface Tree {
  readonly leafCount: number;
  readonly splitFeature: Int32Array;
  readonly splitGain: Float64Array;
  /** Goes left when the value is <= it; of a categorical node the index of its category set. */
  readonly threshold: Float64Array;
  /** Bit 0 categorical, bit 1 missing goes left, bits 2 and 3 the missing type. */
  readonly decisionType: Uint8Array;
  readonly leftChild: Int32Array;
  readonly rightChild: Int32Array;
  /** Shrinkage and, in the first tree, the start score are inside. */
  readonly leafValue: Float64Array;
  /** Sum of hessians of the training rows. */
  readonly leafWeight: Float64Array;
  /** Training rows. */
  readonly leafRows: Int32Array;
  readonly internalValue: Float64Array;
  readonly internalWeight: Float64Array;
  readonly internalRows: Int32Array;
  /** Category set k: words [boundaries[k], boundaries[k+1]) of the bit field, bit c = category c goes left. */
  readonly categoryBoundaries: Int32Array;
  readonly categoryBits: Uint32Array;
  readonly shrinkage: number;
}

export interface Booster {
  readonly featureNames: readonly string[];
  /** Probability = 1 / (1 + exp(-sigmoid x margin)). */
  readonly sigmoid: number;
  readonly trees: readonly Tree[];
  /** `[min:max]`, categories by colon, or `none` for a feature that never splits. */
  readonly featureInfos: readonly string[];
}

/** Sum of the leaves that a row falls into, in the order of the trees. `row`: one value per feature, NaN = missing. */
export function marginOf({ trees }: Booster, row: ArrayLike<number>): number {
  let sum = 0;
  for (const tree of trees) sum += tree.leafValue[leafOf(tree, row)];
  return sum;
}

/** Rows that are scored together: their values stay in the processor's cache while all trees pass over them. */
const BLOCK_ROWS = 256;

/** Margins of many rows, the same bits as one by one. */
export function marginsOf({ trees, featureNames }: Booster, rows: readonly ArrayLike<number>[]): Float64Array {
  const margins = new Float64Array(rows.length);
  const width = featureNames.length;
  const values = new Float64Array(BLOCK_ROWS * width);
  for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows.length - from);
    for (let k = 0; k < count; k += 1) values.set(rows[from + k], k * width);
    const block = margins.subarray(from, from + count);
    for (const tree of trees) addLeaves(tree, { values, width }, block);
  }
  return margins;
}

function addLeaves(
  tree: Tree,
  { values, width }: { readonly values: Float64Array; readonly width: number },
  margins: Float64Array,
): void {
  const { splitFeature, threshold, decisionType, leftChild, rightChild, leafValue, leafCount } = tree;
  for (let row = 0; row < margins.length; row += 1) {
    const at = row * width;
    let node = leafCount === 1 ? -1 : 0;
    while (node >= 0) {
      const value = values[at + splitFeature[node]];
      const isPlain = (decisionType[node] & SLOW_BITS) === 0 && !Number.isNaN(value);
      const isLeft = isPlain ? value <= threshold[node] : goesLeft(tree, node, value);
      node = isLeft ? leftChild[node] : rightChild[node];
    }
    margins[row] += leafValue[~node];
  }
}

/** Probability of a log-odds. */
export const sigmoid = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

/** Log-loss of a log-odds that counts for the outcome that came: no exponential overflows. */
export const logLossOf = (logOdds: number): number =>
  logOdds > 0 ? Math.log1p(Math.exp(-logOdds)) : Math.log1p(Math.exp(logOdds)) - logOdds;

/** Probability of the outcome, not calibrated. */
export function probabilityOf(booster: Booster, row: ArrayLike<number>): number {
  return sigmoid(booster.sigmoid * marginOf(booster, row));
}

/** Index of the leaf that a row falls into. */
export function leafOf(tree: Tree, row: ArrayLike<number>): number {
  if (tree.leafCount === 1) return 0;
  let node = 0;
  while (node >= 0)
    node = goesLeft(tree, node, row[tree.splitFeature[node]]) ? tree.leftChild[node] : tree.rightChild[node];
  return ~node;
}

/** Which way a value takes at a node. */
export function goesLeft(tree: Tree, node: number, value: number): boolean {
  const type = tree.decisionType[node];
  if ((type & CATEGORICAL_BIT) !== 0) return isInCategories(tree, tree.threshold[node], value);
  const missing = missingTypeOf(type);
  const plain = Number.isNaN(value) && missing !== 'nan' ? 0 : value;
  const isMissing = missing === 'nan' ? Number.isNaN(plain) : missing === 'zero' && Math.abs(plain) <= ZERO_THRESHOLD;
  return isMissing ? (type & DEFAULT_LEFT_BIT) !== 0 : plain <= tree.threshold[node];
}

/** How a missing value is told at a node of this decision type. */
export function missingTypeOf(decisionType: number): MissingType {
  return MISSING_TYPES[(decisionType >> 2) & 3];
}

const WORD_BITS = 32;
/** Categories are cut to whole numbers of 32 bits; what lies outside is no category. */
export const CATEGORY_MAX = 2 ** 31;

/** Unknown, negative and missing categories go right. */
function isInCategories({ categoryBoundaries, categoryBits }: Tree, set: number, value: number): boolean {
  if (!(value > -1 && value < CATEGORY_MAX)) return false;
  const category = Math.trunc(value);
  const word = categoryBoundaries[set] + Math.floor(category / WORD_BITS);
  return word < categoryBoundaries[set + 1] && ((categoryBits[word] >>> (category % WORD_BITS)) & 1) === 1;
}

/** The categories of a set that go left, ascending. */
export function categoriesOf({ categoryBoundaries, categoryBits }: Tree, set: number): number[] {
  const categories: number[] = [];
  const first = categoryBoundaries[set];
  for (let word = first; word < categoryBoundaries[set + 1]; word += 1)
    for (let bit = 0; bit < WORD_BITS; bit += 1)
      if (((categoryBits[word] >>> bit) & 1) === 1) categories.push((word - first) * WORD_BITS + bit);
  return categories;
}
