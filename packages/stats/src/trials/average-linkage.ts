/**
 * Hierarchical clustering by average distance (UPGMA) with chains of nearest neighbours: D. Muellner, "Modern hierarchical,
 * agglomerative clustering algorithms" (2011). O(n^2).
 */
import type { SquareMatrix } from './correlation.ts';

/** Two clusters become one. A cluster is named by its first member; the merged one is named `a`, which is below `b`. */
export interface Merge {
  readonly a: number;
  readonly b: number;
  /** Mean distance between their members; never below that of a merge before. */
  readonly height: number;
}

/** Merges in ascending order of height, n - 1 of them. Of equal distances the one to the lowest number counts. */
export function averageLinkage({ size, values }: SquareMatrix): Merge[] {
  const distance = values.slice();
  const members = new Int32Array(size).fill(1);
  const heights = new Float64Array(size);
  const merges: Merge[] = [];
  const chain: number[] = [];
  while (merges.length < size - 1) {
    if (chain.length === 0) chain.push(members.findIndex((count) => count > 0));
    const top = chain[chain.length - 1];
    const previous = chain.length > 1 ? chain[chain.length - 2] : -1;
    const next = nearestOf({ size, values: distance }, members, top, previous);
    if (next !== previous) {
      chain.push(next);
      continue;
    }
    chain.length -= 2;
    const [a, b] = [Math.min(top, next), Math.max(top, next)];
    // rounding may put an average a bit below the averages that it is made of
    const height = Math.max(distance[a * size + b], heights[a], heights[b]);
    heights[a] = height;
    merges.push({ a, b, height });
    join({ size, values: distance }, members, a, b);
  }
  // stable: of equal heights the parts stay before the whole
  return merges.sort((one, other) => one.height - other.height);
}

/** Nearest cluster; `previous` wins a tie, else the chain would not end. */
function nearestOf({ size, values }: SquareMatrix, members: Int32Array, of: number, previous: number): number {
  let nearest = previous;
  let least = previous < 0 ? Number.POSITIVE_INFINITY : values[of * size + previous];
  for (let other = 0; other < size; other += 1) {
    if (other === of || members[other] === 0 || !(values[of * size + other] < least)) continue;
    nearest = other;
    least = values[of * size + other];
  }
  return nearest;
}

function join({ size, values }: SquareMatrix, members: Int32Array, a: number, b: number): void {
  const [countA, countB] = [members[a], members[b]];
  for (let other = 0; other < size; other += 1) {
    if (members[other] === 0 || other === a || other === b) continue;
    const average = (countA * values[a * size + other] + countB * values[b * size + other]) / (countA + countB);
    values[a * size + other] = average;
    values[other * size + a] = average;
  }
  members[a] += countB;
  members[b] = 0;
}
