import { createPrng, DAY_MS, HOUR_MS, WEEK_MS } from '@donch/core';
import type { ScoredRows } from '../scored-rows.ts';

/** 2024-01-01, a Monday. */
const MONDAY_MS = 19_723 * DAY_MS;

export interface PlantedWorld {
  readonly rows: number;
  readonly weeks: number;
  /** What a trade is worth on top of the base, R, by its standard normal score. */
  readonly effectR: (z: number) => number;
  /** EV of a trade without effect, default 0.05 R. */
  readonly baseR?: number;
  readonly paths?: number;
}

/**
 * Trades that win about 3 R or lose 1.05, that share the fate of their week (sd 0.25 R), with scores that share it too; labels last up
 * to three days. The score of a path is the row's own plus noise of the path.
 */
export function plantedRows(seed: number, { rows, weeks, effectR, baseR = 0.05, paths = 1 }: PlantedWorld): ScoredRows {
  const prng = createPrng(seed, 'planted rows');
  const fate = Array.from({ length: weeks }, () => ({ resultR: 0.25 * prng.normal(), score: 0.3 * prng.normal() }));
  const columns = { decisionTimeMs: [], labelEndMs: [], y: [], pnlR: [], score: [] } as Record<string, number[]>;
  for (let row = 0; row < rows; row += 1) {
    const week = Math.floor((row * weeks) / rows);
    const timeMs = MONDAY_MS + Math.floor(((row + prng.next()) * weeks * WEEK_MS) / rows);
    const z = prng.normal() + fate[week].score;
    const chance = (1.05 + baseR + effectR(z) + fate[week].resultR) / 4;
    const isWin = prng.next() < Math.min(0.95, Math.max(0.02, chance));
    columns.decisionTimeMs.push(timeMs);
    columns.labelEndMs.push(timeMs + (1 + prng.below(72)) * HOUR_MS);
    columns.y.push(isWin ? 1 : 0);
    columns.pnlR.push(isWin ? 2.95 + 0.3 * prng.normal() : -1.05);
    for (let path = 0; path < paths; path += 1)
      columns.score.push(-1 + 0.4 * (z + (paths > 1 ? 0.3 * prng.normal() : 0)));
  }
  const { decisionTimeMs, labelEndMs, y, pnlR, score } = columns;
  return { decisionTimeMs, labelEndMs, y, pnlR, score, paths, scoreKind: 'margin' };
}

/** The same rows in another order, and where each row stood before. */
export function shuffled(
  scored: ScoredRows,
  seed: number,
): { readonly rows: ScoredRows; readonly from: readonly number[] } {
  const prng = createPrng(seed, 'shuffle');
  const from = Array.from(scored.y, (_, row) => row);
  for (let k = from.length - 1; k > 0; k -= 1) {
    const other = prng.below(k + 1);
    [from[k], from[other]] = [from[other], from[k]];
  }
  const column = (values: ArrayLike<number>): number[] => from.map((row) => values[row]);
  const rows = {
    ...scored,
    decisionTimeMs: column(scored.decisionTimeMs),
    labelEndMs: column(scored.labelEndMs),
    y: column(scored.y),
    pnlR: column(scored.pnlR),
    score: from.flatMap((row) =>
      Array.from({ length: scored.paths }, (_, path) => scored.score[row * scored.paths + path]),
    ),
  };
  return { rows, from };
}
