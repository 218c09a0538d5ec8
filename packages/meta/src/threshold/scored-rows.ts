/**
 * Out-of-fold predictions of labelled signals, as everything that judges a model takes them. A signal has one prediction per path of
 * the cross-validation; paths are never averaged into one score: every (row, path) counts by itself and weighs 1 / paths.
 */
import { invariant } from '@donch/core';
import { sigmoid } from '../booster/booster.ts';
import { calibrate, type Calibrator } from '../calibration/calibrator.ts';

export interface ScoredRows {
  /** UTC ms; the entry is at the same instant. Rows in any order: results do not depend on it. */
  readonly decisionTimeMs: ArrayLike<number>;
  /** Last instant that the label looks at, UTC ms. */
  readonly labelEndMs: ArrayLike<number>;
  /** Label, 0 or 1. */
  readonly y: ArrayLike<number>;
  /** Net result of the signal's own trade, R. */
  readonly pnlR: ArrayLike<number>;
  /** Predictions per row, 1 or more; predictions of others have one. */
  readonly paths: number;
  /** `margin`: log-odds of the raw probability. `probability`: the raw probability itself, where no margin is known. */
  readonly scoreKind: 'margin' | 'probability';
  /** `score[row * paths + path]`; NaN = not predicted, which is never above a threshold. */
  readonly score: ArrayLike<number>;
}

/** The same rows in an order that does not depend on how they came, with both forms of the score. */
export interface RowPool {
  readonly rows: number;
  readonly paths: number;
  /** Where each row stood in the input. */
  readonly order: Int32Array;
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  readonly y: Float64Array;
  readonly pnlR: Float64Array;
  /** Row-major as `ScoredRows.score`. */
  readonly margin: Float64Array;
  readonly raw: Float64Array;
  /** Predictions (indices into margin and raw) from the lowest score to the highest, without the missing ones. */
  readonly byScore: Int32Array;
  /** Their rows. */
  readonly rowByScore: Int32Array;
}

/** Sorts and checks; a value that is no label, no result or no time is a bug of the caller. */
export function rowPool(scored: ScoredRows): RowPool {
  const { decisionTimeMs, labelEndMs, y, pnlR, paths, score } = scored;
  const rows = decisionTimeMs.length;
  invariant(paths >= 1 && score.length === rows * paths, 'every row has one score per path');
  invariant(
    [labelEndMs, y, pnlR].every((column) => column.length === rows),
    'columns of scored rows are equally long',
  );
  for (let row = 0; row < rows; row += 1) {
    invariant(decisionTimeMs[row] <= labelEndMs[row], 'a label ends at or after its decision');
    invariant(y[row] === 0 || y[row] === 1, 'a label is 0 or 1');
    invariant(Number.isFinite(pnlR[row]), 'the result of a labelled signal is a number');
  }
  const order = canonicalOrder([decisionTimeMs, labelEndMs, y, pnlR], { values: score, width: paths });
  const sorted = Float64Array.from({ length: rows * paths }, (_, at) => {
    const row = Math.floor(at / paths);
    return score[order[row] * paths + (at - row * paths)];
  });
  const byScore = indicesByValue(sorted);
  const isMargin = scored.scoreKind === 'margin';
  return {
    rows,
    paths,
    order,
    startMs: Float64Array.from(order, (row) => decisionTimeMs[row]),
    endMs: Float64Array.from(order, (row) => labelEndMs[row]),
    y: Float64Array.from(order, (row) => y[row]),
    pnlR: Float64Array.from(order, (row) => pnlR[row]),
    margin: isMargin ? sorted : sorted.map(logit),
    raw: isMargin ? sorted.map(sigmoid) : sorted,
    byScore,
    rowByScore: byScore.map((prediction) => Math.floor(prediction / paths)),
  };
}

/**
 * Order by the columns, one after the other, then by the cells of a row-major matrix: rows that came in another order end in the same
 * one (up to rows that are equal in everything), so sums over them are the same bits. NaN counts as lowest.
 */
export function canonicalOrder(
  columns: readonly ArrayLike<number>[],
  matrix: { readonly values: ArrayLike<number>; readonly width: number },
): Int32Array {
  const { values, width } = matrix;
  const rows = values.length / width;
  const compare = (a: number, b: number): number => {
    for (const column of columns) if (column[a] !== column[b]) return column[a] - column[b];
    for (let k = 0; k < width; k += 1) {
      const difference = orderable(values[a * width + k]) - orderable(values[b * width + k]);
      if (difference !== 0 && !Number.isNaN(difference)) return difference;
    }
    return 0;
  };
  return Int32Array.from(Array.from({ length: rows }, (_, row) => row).sort(compare));
}

const orderable = (value: number): number => (Number.isNaN(value) ? -Infinity : value);

/** Indices of the values that are numbers, ascending by value, equal ones by index. */
export function indicesByValue(values: Float64Array): Int32Array {
  const known = Array.from(values, (_, at) => at).filter((at) => !Number.isNaN(values[at]));
  return Int32Array.from(known.sort((a, b) => values[a] - values[b] || a - b));
}

/** Log-odds; a probability of exactly 0 or 1 counts as the machine's epsilon from it, for its log-odds are infinite. */
function logit(p: number): number {
  const inside = Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, p));
  return Math.log(inside / (1 - inside));
}

/** Probability that a calibrator gives a prediction: Platt takes its margin, the others its raw probability. NaN where unpredicted. */
export function calibratedAt(calibrator: Calibrator, { margin, raw }: RowPool, prediction: number): number {
  return calibrate(calibrator, calibrator.kind === 'platt' ? margin[prediction] : raw[prediction]);
}
