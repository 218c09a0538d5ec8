/**
 * TreeSHAP, path-dependent: how much each feature moved the margin of a row away from the mean. Lundberg, Erion, Lee: Consistent
 * individualized feature attribution for tree ensembles (2018), algorithm 2; weights are the training rows of the nodes.
 */
import { goesLeft, type Booster, type Tree } from './booster.ts';

/** One element of a path: the feature, the shares of ways that lead on with it unknown and known, and the weight of subset sizes. */
interface PathElement {
  feature: number;
  zeroFrac: number;
  oneFrac: number;
  weight: number;
}

/** Contributions per feature, then the expected margin: their sum is the margin of the row. */
export function shapValues({ trees, featureNames }: Booster, row: ArrayLike<number>): Float64Array {
  const values = new Float64Array(featureNames.length + 1);
  for (const tree of trees) {
    values[featureNames.length] += expectedValue(tree);
    if (tree.leafCount > 1) walk({ tree, row, values }, 0, [], { feature: -1, zeroFrac: 1, oneFrac: 1, weight: 0 });
  }
  return values;
}

/** Mean of the leaves over the training rows. */
function expectedValue({ leafCount, leafValue, leafRows, internalRows }: Tree): number {
  if (leafCount === 1) return leafValue[0];
  let sum = 0;
  for (let leaf = 0; leaf < leafCount; leaf += 1) sum += (leafRows[leaf] / internalRows[0]) * leafValue[leaf];
  return sum;
}

interface Walk {
  readonly tree: Tree;
  readonly row: ArrayLike<number>;
  readonly values: Float64Array;
}

function walk(context: Walk, node: number, parent: readonly PathElement[], last: PathElement): void {
  const { tree, row, values } = context;
  const path = extended(parent, last);
  if (node < 0) return addLeaf(path, tree.leafValue[~node], values);
  const feature = tree.splitFeature[node];
  const isLeft = goesLeft(tree, node, row[feature]);
  const [hot, cold] = isLeft
    ? [tree.leftChild[node], tree.rightChild[node]]
    : [tree.rightChild[node], tree.leftChild[node]];
  const rows = tree.internalRows[node];
  const seen = path.findIndex((element, at) => at > 0 && element.feature === feature);
  const { zeroFrac, oneFrac } = seen < 0 ? { zeroFrac: 1, oneFrac: 1 } : path[seen];
  const rest = seen < 0 ? path : unwound(path, seen);
  walk(context, hot, rest, { feature, zeroFrac: (rowsOf(tree, hot) / rows) * zeroFrac, oneFrac, weight: 0 });
  walk(context, cold, rest, { feature, zeroFrac: (rowsOf(tree, cold) / rows) * zeroFrac, oneFrac: 0, weight: 0 });
}

const rowsOf = ({ leafRows, internalRows }: Tree, child: number): number =>
  child < 0 ? leafRows[~child] : internalRows[child];

function addLeaf(path: readonly PathElement[], value: number, values: Float64Array): void {
  for (let at = 1; at < path.length; at += 1) {
    const { feature, oneFrac, zeroFrac } = path[at];
    values[feature] += unwoundSum(path, at) * (oneFrac - zeroFrac) * value;
  }
}

/** The path with one element more: weights of subsets of every size. */
function extended(path: readonly PathElement[], added: PathElement): PathElement[] {
  const depth = path.length;
  const longer = path.map((element) => ({ ...element }));
  longer.push({ ...added, weight: depth === 0 ? 1 : 0 });
  for (let at = depth - 1; at >= 0; at -= 1) {
    longer[at + 1].weight += (added.oneFrac * longer[at].weight * (at + 1)) / (depth + 1);
    longer[at].weight = (added.zeroFrac * longer[at].weight * (depth - at)) / (depth + 1);
  }
  return longer;
}

/** The path without an element: `extended` undone. */
function unwound(path: readonly PathElement[], index: number): PathElement[] {
  const depth = path.length - 1;
  const { oneFrac, zeroFrac } = path[index];
  const shorter = path.map((element) => ({ ...element }));
  let next = shorter[depth].weight;
  for (let at = depth - 1; at >= 0; at -= 1) {
    if (oneFrac === 0) shorter[at].weight = (shorter[at].weight * (depth + 1)) / (zeroFrac * (depth - at));
    else {
      const before = shorter[at].weight;
      shorter[at].weight = (next * (depth + 1)) / ((at + 1) * oneFrac);
      next = before - (shorter[at].weight * zeroFrac * (depth - at)) / (depth + 1);
    }
  }
  for (let at = index; at < depth; at += 1) {
    const { feature, zeroFrac: zero, oneFrac: one } = shorter[at + 1];
    shorter[at] = { ...shorter[at], feature, zeroFrac: zero, oneFrac: one };
  }
  shorter.pop();
  return shorter;
}

/** Sum of the weights of the path without an element. */
function unwoundSum(path: readonly PathElement[], index: number): number {
  const depth = path.length - 1;
  const { oneFrac, zeroFrac } = path[index];
  let next = path[depth].weight;
  let total = 0;
  for (let at = depth - 1; at >= 0; at -= 1) {
    if (oneFrac === 0) total += path[at].weight / ((zeroFrac * (depth - at)) / (depth + 1));
    else {
      const part = (next * (depth + 1)) / ((at + 1) * oneFrac);
      total += part;
      next = path[at].weight - part * zeroFrac * ((depth - at) / (depth + 1));
    }
  }
  return total;
}
