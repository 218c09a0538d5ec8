/** Combinatorial purged cross-validation of a model: which rows each fit trains on and scores, and its scores put together by path. */
import { createPrng } from '@donch/core';
import { balancedSplits, combinations, cpcvSplits, type PurgedSplit } from '@donch/stats';
import type { Dataset } from '../dataset/dataset.ts';

export interface CpcvPlanOptions {
  /** Groups of time. */
  readonly groups: number;
  readonly testGroups: number;
  /** At most so many splits; a balanced subset is drawn when there are more. */
  readonly splitsMax: number;
  readonly embargoMs: number;
  readonly seed: number;
}

export interface CpcvPlan {
  readonly splits: readonly PurgedSplit[];
  /** Predictions per row. */
  readonly paths: number;
}

/** The splits of a data set; the j-th time that a group is tested is path j. */
export function planCpcv({ decisionTimeMs, labelEndMs }: Dataset, options: CpcvPlanOptions): CpcvPlan {
  const { groups, testGroups, splitsMax, embargoMs, seed } = options;
  const all = cpcvSplits({ startMs: decisionTimeMs, endMs: labelEndMs }, { groups, testGroups, embargoMs });
  const chosen = new Set(
    balancedSplits(combinations(groups, testGroups), { groups, splitsMax, prng: createPrng(seed, 'splits') }).map(
      String,
    ),
  );
  const seen = Array.from({ length: groups }, () => 0);
  const splits = all
    .filter((split) => chosen.has(String(split.testGroups)))
    .map((split) => ({ ...split, pathIds: split.testGroups.map((group) => seen[group]++) }));
  return { splits, paths: (splits.length * testGroups) / groups };
}

/** Where a scored row of a split belongs. */
export interface PlacedScore {
  readonly row: number;
  readonly path: number;
  readonly split: number;
  readonly margin: number;
}

/** Scores of all splits. `margins`: by split, parallel to its test rows. `bounds`: first row of each group and the end. */
export function placeScores(
  { splits }: CpcvPlan,
  margins: readonly Float64Array[],
  bounds: readonly number[],
): PlacedScore[] {
  return splits.flatMap(({ test, testGroups, pathIds }, split) =>
    Array.from(test, (row, k): PlacedScore => {
      const place = testGroups.findIndex((group) => row >= bounds[group] && row < bounds[group + 1]);
      return { row, path: pathIds[place], split, margin: margins[split][k] };
    }),
  );
}

/** `score[row * paths + path]`. */
export function scoreMatrix(placed: readonly PlacedScore[], rows: number, paths: number): Float64Array {
  const score = new Float64Array(rows * paths).fill(Number.NaN);
  for (const { row, path, margin } of placed) score[row * paths + path] = margin;
  return score;
}
