import { invariant, type Prng } from '@donch/core';

/** Tries before a subset is given up; the next smaller one is tried then. */
const TRIES_MAX = 200;

/**
 * At most `splitsMax` choices of k of n groups in which every group is tested equally often, in lexicographic order: all of them when
 * they are not more. Which ones is drawn by `prng`.
 */
export function balancedSplits(
  splits: readonly (readonly number[])[],
  { groups, splitsMax, prng }: { readonly groups: number; readonly splitsMax: number; readonly prng: Prng },
): (readonly number[])[] {
  if (splits.length <= splitsMax) return [...splits];
  const testGroups = splits[0].length;
  for (let count = splitsMax; count > 0; count -= 1) {
    if ((count * testGroups) % groups !== 0) continue;
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const drawn = drawBalanced(splits, { groups, count, prng });
      if (drawn !== null) return splits.filter((split) => drawn.has(split));
    }
  }
  invariant(false, `${splitsMax} splits of ${groups} groups can be balanced`);
}

/** Takes splits of groups that are still to be tested; null: a dead end. */
function drawBalanced(
  splits: readonly (readonly number[])[],
  { groups, count, prng }: { readonly groups: number; readonly count: number; readonly prng: Prng },
): Set<readonly number[]> | null {
  const perGroup = (count * splits[0].length) / groups;
  const tested = Array.from({ length: groups }, () => 0);
  const left = [...splits];
  const drawn = new Set<readonly number[]>();
  while (drawn.size < count) {
    const open = left.filter((split) => !drawn.has(split) && split.every((group) => tested[group] < perGroup));
    if (open.length === 0) return null;
    const behind = Math.min(...open.map((split) => split.reduce((sum, group) => sum + tested[group], 0)));
    const next = open.filter((split) => split.reduce((sum, group) => sum + tested[group], 0) === behind);
    const chosen = next[prng.below(next.length)];
    drawn.add(chosen);
    for (const group of chosen) tested[group] += 1;
  }
  return drawn;
}
