/** Our trees as attributes of `TreeEnsemble` (ai.onnx.ml 5), in double. */
import {
  CATEGORICAL_BIT,
  DEFAULT_LEFT_BIT,
  categoriesOf,
  missingTypeOf,
  type Booster,
  type Tree,
} from '../booster/booster.ts';
import type { OnnxAttribute } from './onnx-graph.ts';

/**
 * The same features in up to three forms, one after the other. ONNX knows NaN as the only missing value and compares categories
 * without cutting them to whole numbers, so what LightGBM's other rules ask for is done to the columns.
 */
export interface TreeColumns {
  readonly features: number;
  /** First column of the features in which zeros are NaN; -1 = no split asks for them. */
  readonly zeroMissingFrom: number;
  /** First column of the features as categories: whole numbers >= 0, NO_CATEGORY for all else; -1 = no split asks for them. */
  readonly categoriesFrom: number;
}

/** In columns of categories: unknown, negative, missing. */
export const NO_CATEGORY = -1;

/** Which forms of the features the trees split on. */
export function treeColumnsOf({ trees, featureNames }: Booster): TreeColumns {
  const features = featureNames.length;
  const isCategorical = (type: number): boolean => (type & CATEGORICAL_BIT) !== 0;
  const hasZeroMissing = trees.some(({ decisionType }) =>
    decisionType.some((type) => !isCategorical(type) && missingTypeOf(type) === 'zero'),
  );
  const hasCategories = trees.some(({ decisionType }) => decisionType.some(isCategorical));
  return {
    features,
    zeroMissingFrom: hasZeroMissing ? features : -1,
    categoriesFrom: hasCategories ? features * (hasZeroMissing ? 2 : 1) : -1,
  };
}

/** Codes of `nodes_modes`. */
const BRANCH_LEQ = 0;
const BRANCH_MEMBER = 6;
const SUM = 1;
const NO_TRANSFORM = 0;

/** A tree whose branches are named by their places in one list of nodes and one list of leaves. */
export interface EnsembleNode {
  readonly column: number;
  /** Left when the value is <= it. */
  readonly threshold: number;
  /** Left when the value is one of them; [] = the threshold decides. */
  readonly members: readonly number[];
  readonly nanGoesLeft: boolean;
  readonly left: number;
  readonly right: number;
  readonly leftIsLeaf: boolean;
  readonly rightIsLeaf: boolean;
}

export interface Ensemble {
  readonly nodes: readonly EnsembleNode[];
  readonly leafValues: readonly number[];
  readonly roots: readonly number[];
}

/** The trees of a booster in their order, which is the order of summation. */
export function ensembleOf({ trees }: Booster, columns: TreeColumns): Ensemble {
  const nodes: EnsembleNode[] = [];
  const leafValues: number[] = [];
  const roots: number[] = [];
  for (const tree of trees) {
    roots.push(nodes.length);
    const [firstNode, firstLeaf] = [nodes.length, leafValues.length];
    if (tree.leafCount === 1) nodes.push(toLeaf(firstLeaf));
    for (let node = 0; node < tree.leafCount - 1; node += 1) {
      const [left, right] = [tree.leftChild[node], tree.rightChild[node]];
      nodes.push({
        ...splitOf(tree, node, columns),
        left: left < 0 ? firstLeaf + ~left : firstNode + left,
        right: right < 0 ? firstLeaf + ~right : firstNode + right,
        leftIsLeaf: left < 0,
        rightIsLeaf: right < 0,
      });
    }
    for (const value of tree.leafValue) leafValues.push(value);
  }
  return { nodes, leafValues, roots };
}

/** A tree of one leaf: both ways lead there. */
function toLeaf(leaf: number): EnsembleNode {
  return {
    column: 0,
    threshold: 0,
    members: [],
    nanGoesLeft: false,
    left: leaf,
    right: leaf,
    leftIsLeaf: true,
    rightIsLeaf: true,
  };
}

/** A value below every category: nothing is <= it. */
const BELOW_CATEGORIES = NO_CATEGORY - 1;

function splitOf(
  tree: Tree,
  node: number,
  columns: TreeColumns,
): Pick<EnsembleNode, 'column' | 'threshold' | 'members' | 'nanGoesLeft'> {
  const feature = tree.splitFeature[node];
  const type = tree.decisionType[node];
  const threshold = tree.threshold[node];
  if ((type & CATEGORICAL_BIT) !== 0)
    return {
      column: columns.categoriesFrom + feature,
      threshold: BELOW_CATEGORIES,
      members: categoriesOf(tree, threshold),
      nanGoesLeft: false,
    };
  const missing = missingTypeOf(type);
  return {
    column: missing === 'zero' ? columns.zeroMissingFrom + feature : feature,
    threshold,
    members: [],
    // where nothing is missing NaN is 0
    nanGoesLeft: missing === 'none' ? threshold >= 0 : (type & DEFAULT_LEFT_BIT) !== 0,
  };
}

/** The attributes; leaves of all trees are summed to one target. */
export function ensembleAttributes({ nodes, leafValues, roots }: Ensemble): Record<string, OnnxAttribute> {
  const withMembers = nodes.filter(({ members }) => members.length > 0);
  const bit = (value: boolean): number => (value ? 1 : 0);
  return {
    aggregate_function: SUM,
    leaf_targetids: leafValues.map(() => 0),
    leaf_weights: { name: '', type: 'float64', shape: [leafValues.length], values: leafValues },
    ...(withMembers.length > 0 && { membership_values: membershipValues(withMembers) }),
    n_targets: 1,
    nodes_falseleafs: nodes.map(({ rightIsLeaf }) => bit(rightIsLeaf)),
    nodes_falsenodeids: nodes.map(({ right }) => right),
    nodes_featureids: nodes.map(({ column }) => column),
    nodes_missing_value_tracks_true: nodes.map(({ nanGoesLeft }) => bit(nanGoesLeft)),
    nodes_modes: {
      name: '',
      type: 'uint8',
      shape: [nodes.length],
      values: nodes.map(({ members }) => (members.length > 0 ? BRANCH_MEMBER : BRANCH_LEQ)),
    },
    nodes_splits: {
      name: '',
      type: 'float64',
      shape: [nodes.length],
      values: nodes.map(({ threshold }) => threshold),
    },
    nodes_trueleafs: nodes.map(({ leftIsLeaf }) => bit(leftIsLeaf)),
    nodes_truenodeids: nodes.map(({ left }) => left),
    post_transform: NO_TRANSFORM,
    tree_roots: roots,
  };
}

/** The sets in the order of their nodes, each closed by NaN. */
function membershipValues(nodes: readonly EnsembleNode[]): OnnxAttribute {
  const values = nodes.flatMap(({ members }) => [...members, Number.NaN]);
  return { name: '', type: 'float64', shape: [values.length], values };
}
