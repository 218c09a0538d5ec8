import { invariant } from '@donch/core';
import type { Tree } from '../booster/booster.ts';
import { binOf } from './feature-bins.ts';
import { LANES, type TrainingMemory, type UsableFeature } from './kernels.ts';

const DEFAULT_LEFT_BIT = 2;

/** The leaf of every training row, by its bins. */
export function leafsByBins(
  tree: Tree,
  { bins }: TrainingMemory,
  { rows, features }: { readonly rows: number; readonly features: readonly UsableFeature[] },
): Int32Array {
  const nodes = Array.from(tree.splitFeature, (index, node) => {
    const place = features.findIndex((feature) => feature.index === index);
    invariant(place >= 0, 'a tree splits usable features');
    const { upperBounds, hasMissing, binCount } = features[place].bins;
    return {
      at: Math.floor(place / LANES) * rows * LANES + (place % LANES),
      bin: binOf(upperBounds, tree.threshold[node]),
      missingBin: hasMissing ? binCount - 1 : -1,
      isMissingLeft: (tree.decisionType[node] & DEFAULT_LEFT_BIT) !== 0,
    };
  });
  const leafs = new Int32Array(rows);
  if (nodes.length === 0) return leafs;
  for (let row = 0; row < rows; row += 1) {
    let node = 0;
    while (node >= 0) {
      const { at, bin, missingBin, isMissingLeft } = nodes[node];
      const value = bins[at + row * LANES];
      const isLeft = value === missingBin ? isMissingLeft : value <= bin;
      node = isLeft ? tree.leftChild[node] : tree.rightChild[node];
    }
    leafs[row] = ~node;
  }
  return leafs;
}
