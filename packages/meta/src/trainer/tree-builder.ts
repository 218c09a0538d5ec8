/** Grows one tree leaf by leaf: always the leaf whose best split gains most, as LightGBM does. */
import type { Tree } from '../booster/booster.ts';
import type { GbdtParams } from './gbdt-params.ts';
import type { Kernels, LeafRows, LeafSplit, UsableFeature } from './kernels.ts';
import { HESSIAN_EPSILON, leafOutput, type LeafSums } from './split-scan.ts';

export interface TreeTask {
  readonly kernels: Kernels;
  readonly features: readonly UsableFeature[];
  readonly params: GbdtParams;
}

/** A leaf while the tree grows. */
export interface GrowingLeaf extends LeafRows {
  readonly sums: LeafSums;
  readonly depth: number;
  readonly output: number;
  /** Bounds from monotone splits above. */
  readonly outputMin: number;
  readonly outputMax: number;
  /** Slot of its histogram, -1 = none. */
  slot: number;
  best: LeafSplit | null;
}

interface GrownNode {
  readonly split: LeafSplit;
  readonly value: number;
  readonly sums: LeafSums;
  left: number;
  right: number;
}

export interface GrownTree {
  readonly leaves: readonly GrowingLeaf[];
  readonly tree: Tree;
}

const MISSING_NAN_BITS = 8;
const DEFAULT_LEFT_BIT = 2;

/** One tree over the rows that stand first in the kernels' list. `used`: places of the features that may split. */
export class TreeBuilder {
  readonly #task: TreeTask;
  readonly #leaves: GrowingLeaf[] = [];
  readonly #nodes: GrownNode[] = [];
  /** Node and side that each leaf hangs from. */
  readonly #parents: { readonly node: number; readonly isLeft: boolean }[] = [];

  constructor(task: TreeTask) {
    this.#task = task;
  }

  grow(rows: number, used: readonly number[]): GrownTree {
    const { params, features, kernels } = this.#task;
    this.#leaves.length = 0;
    this.#nodes.length = 0;
    this.#parents.length = 0;
    const root = this.#root(rows);
    this.#leaves.push(root);
    this.#parents.push({ node: -1, isLeft: true });
    if (this.#canSplit(root)) {
      const { splittable } = kernels.memory;
      splittable.fill(0, 0, features.length);
      for (const feature of used) splittable[feature] = 1;
      kernels.buildHistogram(root, root.slot);
      root.best = kernels.findBest({ ...root, minus: -1 });
    }
    while (this.#leaves.length < params.leaves) {
      const leaf = this.#bestLeaf();
      if (leaf < 0) break;
      this.#split(leaf);
    }
    return { leaves: this.#leaves, tree: this.#finish() };
  }

  #root(rows: number): GrowingLeaf {
    const { gradients, rows: order } = this.#task.kernels.memory;
    let [gradient, hessian] = [0, 0];
    for (let k = 0; k < rows; k += 1) {
      gradient += gradients[2 * order[k]];
      hessian += gradients[2 * order[k] + 1];
    }
    return {
      from: 0,
      count: rows,
      sums: { gradient, hessian, rows },
      depth: 0,
      output: 0,
      outputMin: -Infinity,
      outputMax: Infinity,
      slot: 0,
      best: null,
    };
  }

  #canSplit({ count, depth }: GrowingLeaf): boolean {
    const { rowsInLeafMin, depthMax } = this.#task.params;
    return count >= 2 * rowsInLeafMin && (depthMax === null || depth < depthMax);
  }

  /** First leaf of the largest gain; of equal gains the smaller feature. -1 = none gains. */
  #bestLeaf(): number {
    let [found, gain, feature] = [-1, 0, 0];
    for (const [k, { best }] of this.#leaves.entries()) {
      if (best === null || !(best.gain > gain || (found >= 0 && best.gain === gain && best.feature < feature)))
        continue;
      [found, gain, feature] = [k, best.gain, best.feature];
    }
    return found;
  }

  #split(at: number): void {
    const { kernels, features } = this.#task;
    const leaf = this.#leaves[at];
    const split = leaf.best;
    if (split === null) return;
    const { bins } = features[split.feature];
    const { left: leftRows, missing } = kernels.partition({
      from: leaf.from,
      count: leaf.count,
      feature: split.feature,
      bin: split.bin,
      missingBin: bins.hasMissing ? bins.binCount - 1 : -1,
      isMissingLeft: split.isMissingLeft,
    });
    const [left, right] = this.#children(leaf, split, leftRows);
    const isUnseen = missing === 0 && this.#task.params.unseenMissing === 'majority';
    this.#hang(at, { ...split, isMissingLeft: isUnseen ? left.count >= right.count : split.isMissingLeft }, leaf);
    this.#leaves[at] = left;
    this.#leaves.push(right);
    if (this.#leaves.length < this.#task.params.leaves && (this.#canSplit(left) || this.#canSplit(right)))
      this.#findSplits(leaf.slot, left, right);
  }

  /** Best splits of two new leaves: sums over rows for the smaller one, the rest of the parent's for the larger. */
  #findSplits(slot: number, left: GrowingLeaf, right: GrowingLeaf): void {
    const { kernels, features } = this.#task;
    const { splittable } = kernels.memory;
    const [smaller, larger] = left.count < right.count ? [left, right] : [right, left];
    smaller.slot = this.#leaves.length - 1;
    larger.slot = slot;
    splittable.copyWithin(smaller.slot * features.length, slot * features.length, (slot + 1) * features.length);
    kernels.buildHistogram(smaller, smaller.slot);
    smaller.best = kernels.findBest({ ...smaller, minus: -1 });
    larger.best = kernels.findBest({ ...larger, minus: smaller.slot });
  }

  #children(leaf: GrowingLeaf, split: LeafSplit, leftRows: number): [GrowingLeaf, GrowingLeaf] {
    const { params, features } = this.#task;
    const { gradient, hessian } = leaf.sums;
    const total = hessian + 2 * HESSIAN_EPSILON;
    const rightGradient = gradient - split.leftGradient;
    const bounded = (output: number): number => Math.min(leaf.outputMax, Math.max(leaf.outputMin, output));
    const outputs = [
      bounded(leafOutput(split.leftGradient, split.leftHessian, params)),
      bounded(leafOutput(rightGradient, total - split.leftHessian, params)),
    ];
    const monotone = params.monotone[features[split.feature].index] ?? 0;
    const middle = (outputs[0] + outputs[1]) / 2;
    const child = (sums: LeafSums, from: number, side: 0 | 1): GrowingLeaf => ({
      from,
      count: sums.rows,
      sums,
      depth: leaf.depth + 1,
      output: outputs[side],
      outputMin: monotone === (side === 1 ? 1 : -1) ? middle : leaf.outputMin,
      outputMax: monotone === (side === 0 ? 1 : -1) ? middle : leaf.outputMax,
      slot: -1,
      best: null,
    });
    return [
      child(
        { gradient: split.leftGradient, hessian: split.leftHessian - HESSIAN_EPSILON, rows: leftRows },
        leaf.from,
        0,
      ),
      child(
        { gradient: rightGradient, hessian: total - split.leftHessian - HESSIAN_EPSILON, rows: leaf.count - leftRows },
        leaf.from + leftRows,
        1,
      ),
    ];
  }

  /** Puts a node where a leaf was; the left child keeps the leaf's number. */
  #hang(at: number, split: LeafSplit, leaf: GrowingLeaf): void {
    const node = this.#nodes.length;
    const { node: above, isLeft } = this.#parents[at];
    if (above >= 0) this.#nodes[above][isLeft ? 'left' : 'right'] = node;
    this.#nodes.push({ split, value: leaf.output, sums: leaf.sums, left: ~at, right: ~this.#leaves.length });
    this.#parents[at] = { node, isLeft: true };
    this.#parents.push({ node, isLeft: false });
  }

  #finish(): Tree {
    const { features } = this.#task;
    const nodes = this.#nodes;
    const leaves = this.#leaves;
    const isRoot = (k: number): boolean => k === 0;
    return {
      leafCount: leaves.length,
      splitFeature: Int32Array.from(nodes, ({ split }) => features[split.feature].index),
      splitGain: Float64Array.from(nodes, ({ split }) => Math.fround(split.gain)),
      threshold: Float64Array.from(nodes, ({ split }) => features[split.feature].bins.upperBounds[split.bin]),
      decisionType: Uint8Array.from(nodes, ({ split }) => decisionType(features[split.feature], split)),
      leftChild: Int32Array.from(nodes, ({ left }) => left),
      rightChild: Int32Array.from(nodes, ({ right }) => right),
      leafValue: Float64Array.from(leaves, ({ output }) => output),
      leafWeight: Float64Array.from(leaves, ({ sums }) => sums.hessian),
      leafRows: Int32Array.from(leaves, ({ count }) => count),
      internalValue: Float64Array.from(nodes, ({ value }) => value),
      internalWeight: Float64Array.from(nodes, ({ sums }, k) => (isRoot(k) ? 0 : sums.hessian)),
      internalRows: Int32Array.from(nodes, ({ sums }) => sums.rows),
      categoryBoundaries: new Int32Array(),
      categoryBits: new Uint32Array(),
      shrinkage: 1,
    };
  }
}

const decisionType = ({ bins }: UsableFeature, { isMissingLeft }: LeafSplit): number =>
  (bins.hasMissing ? MISSING_NAN_BITS : 0) + (isMissingLeft ? DEFAULT_LEFT_BIT : 0);
