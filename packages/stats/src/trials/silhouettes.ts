import type { Merge } from './average-linkage.ts';
import type { SquareMatrix } from './correlation.ts';

/**
 * Mean silhouette of all items after each merge (P. Rousseeuw 1987): (b - a) / max(a, b) with a the mean distance to the others of
 * the own cluster and b that to the nearest other cluster; 0 for an item alone and where all distances are 0. NaN after the last
 * merge, when there is no other cluster. Entry m belongs to n - 1 - m clusters. About O(n^2) for all of them together.
 */
export function silhouettesOf({ size, values }: SquareMatrix, merges: readonly Merge[]): Float64Array {
  const state: State = {
    size,
    // sum of the distances of item i to the members of cluster c
    sums: values.slice(),
    members: new Int32Array(size).fill(1),
    own: Int32Array.from({ length: size }, (_, item) => item),
    nearest: new Int32Array(size),
  };
  for (let item = 0; item < size; item += 1) state.nearest[item] = nearestCluster(state, item);
  return Float64Array.from(merges, ({ a, b }) => {
    mergeClusters(state, a, b);
    return meanSilhouette(state);
  });
}

interface State {
  readonly size: number;
  readonly sums: Float64Array;
  /** Members of the cluster named by its first one; 0 = there is none of this name. */
  readonly members: Int32Array;
  readonly own: Int32Array;
  /** Nearest other cluster of each item, -1 = none. */
  readonly nearest: Int32Array;
}

function mergeClusters(state: State, a: number, b: number): void {
  const { size, sums, members, own, nearest } = state;
  members[a] += members[b];
  members[b] = 0;
  for (let item = 0; item < size; item += 1) {
    sums[item * size + a] += sums[item * size + b];
    if (own[item] === b) own[item] = a;
  }
  // the mean distance to the merged cluster lies between those to its parts: what was nearer than both still is
  for (let item = 0; item < size; item += 1) {
    if (nearest[item] === a || nearest[item] === b) nearest[item] = nearestCluster(state, item);
  }
}

function nearestCluster({ size, sums, members, own }: State, item: number): number {
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let cluster = 0; cluster < size; cluster += 1) {
    if (members[cluster] === 0 || cluster === own[item]) continue;
    const distance = sums[item * size + cluster] / members[cluster];
    if (distance < least) {
      nearest = cluster;
      least = distance;
    }
  }
  return nearest;
}

function meanSilhouette({ size, sums, members, own, nearest }: State): number {
  let sum = 0;
  for (let item = 0; item < size; item += 1) {
    if (nearest[item] < 0) return Number.NaN;
    const cluster = own[item];
    if (members[cluster] === 1) continue;
    const within = sums[item * size + cluster] / (members[cluster] - 1);
    const beside = sums[item * size + nearest[item]] / members[nearest[item]];
    const larger = Math.max(within, beside);
    if (larger > 0) sum += (beside - within) / larger;
  }
  return sum / size;
}
