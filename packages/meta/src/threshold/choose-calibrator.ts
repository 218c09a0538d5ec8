/** Which calibrator, by what it does to rows it has not seen. */
import { invariant } from '@donch/core';
import { groupBounds, logLoss, purgedSplit } from '@donch/stats';
import { type Calibrator, fitIsotonic, fitPlatt } from '../calibration/calibrator.ts';
import { calibratedAt, rowPool, type RowPool, type ScoredRows } from './scored-rows.ts';

/** From the simplest to the one that needs most rows. */
const CALIBRATOR_KINDS = ['none', 'platt', 'isotonic'] as const;
export type CalibratorKind = (typeof CALIBRATOR_KINDS)[number];

/** Isotonic regression fits noise below about a thousand rows (scikit-learn, user guide, probability calibration). */
export const ISOTONIC_ROWS_MIN = 1_000;

export interface CrossFitOptions {
  /** Groups of equally many rows in order of time. */
  readonly groups: number;
  /** Rows that start within this time behind the labels of a group are not fitted for it. */
  readonly embargoMs: number;
  /** Calibrators to choose from, default all. `['none']` where the raw probability is what will be compared with the threshold. */
  readonly calibrators?: readonly CalibratorKind[];
}

export interface CalibratorChoice {
  /** Fitted on all rows. */
  readonly calibrator: Calibrator;
  /** Out-of-group log-loss of each kind; NaN = not tried or not to be fitted. */
  readonly logLoss: Readonly<Record<CalibratorKind, number>>;
  /**
   * Calibrated probability of each (row, path), in the order of the input, by a calibrator of the chosen kind that was fitted on the
   * other groups: what metrics and EV curves are read on. NaN where unpredicted.
   */
  readonly probability: Float64Array;
}

/**
 * Chooses among no calibration, Platt and isotonic (from `ISOTONIC_ROWS_MIN` rows) by log-loss over groups of time: fitted on the other
 * groups, without rows whose labels overlap this group's and without the embargo behind it. Equal losses: the simpler one.
 *
 * None of them turns the order around: where Platt's slope would make a higher score mean a lower probability, every row gets the base
 * rate. Out-of-fold scores of a model that has learned nothing but the base rate run against the labels (the score of a group is the
 * mean of the others, low exactly when the group's own is high); turned around they would pass for a forecast.
 */
export function chooseCalibrator(scored: ScoredRows, options: CrossFitOptions): CalibratorChoice {
  const pool = rowPool(scored);
  const rows = Int32Array.from({ length: pool.rows }, (_, row) => row);
  const { calibrator, logLoss: losses, probability } = chooseOn(pool, rows, options);
  const restored = new Float64Array(probability.length);
  pool.order.forEach((from, row) => {
    for (let path = 0; path < pool.paths; path += 1)
      restored[from * pool.paths + path] = probability[row * pool.paths + path];
  });
  return { calibrator, logLoss: losses, probability: restored };
}

/** The same over some rows of a pool, ascending; `probability` belongs to these rows. */
export function chooseOn(pool: RowPool, rows: Int32Array, options: CrossFitOptions): CalibratorChoice {
  const kinds = CALIBRATOR_KINDS.filter(
    (kind) =>
      (options.calibrators?.includes(kind) ?? true) && (kind !== 'isotonic' || rows.length >= ISOTONIC_ROWS_MIN),
  );
  invariant(kinds.length > 0, 'there is a calibrator to choose');
  const byKind = outOfGroup(pool, rows, { ...options, calibrators: kinds });
  const losses = { none: Number.NaN, platt: Number.NaN, isotonic: Number.NaN };
  let chosen = kinds[0];
  kinds.forEach((kind, k) => {
    losses[kind] = lossOf(pool, rows, byKind[k]);
    if (losses[kind] < (Number.isNaN(losses[chosen]) ? Infinity : losses[chosen])) chosen = kind;
  });
  const probability = byKind[kinds.indexOf(chosen)];
  return { calibrator: fitKind(chosen, fitRows(pool, rows)), logLoss: losses, probability };
}

/** Per kind: probabilities of the rows by calibrators of the other groups. */
function outOfGroup(
  pool: RowPool,
  rows: Int32Array,
  { groups, embargoMs, calibrators = [] }: CrossFitOptions,
): Float64Array[] {
  const { paths } = pool;
  const spans = {
    startMs: Float64Array.from(rows, (row) => pool.startMs[row]),
    endMs: Float64Array.from(rows, (row) => pool.endMs[row]),
  };
  const bounds = groupBounds(rows.length, groups);
  const found = calibrators.map(() => new Float64Array(rows.length * paths).fill(Number.NaN));
  for (let group = 0; group < groups; group += 1) {
    const [from, to] = [bounds[group], bounds[group + 1]];
    if (from === to) continue;
    const { train } = purgedSplit(spans, [{ from, to }], embargoMs);
    const fitted = fitRows(
      pool,
      train.map((at) => rows[at]),
    );
    calibrators.forEach((kind, k) => {
      const calibrator = fitKind(kind, fitted);
      for (let at = from * paths; at < to * paths; at += 1) {
        const row = Math.floor(at / paths);
        found[k][at] = calibratedAt(calibrator, pool, rows[row] * paths + (at - row * paths));
      }
    });
  }
  return found;
}

/** Log-loss over the predictions of the rows; every prediction weighs the same. NaN when a predicted row has no probability. */
function lossOf(pool: RowPool, rows: Int32Array, probability: Float64Array): number {
  const [y, p]: [number[], number[]] = [[], []];
  for (let at = 0; at < probability.length; at += 1) {
    const row = rows[Math.floor(at / pool.paths)];
    if (Number.isNaN(pool.raw[row * pool.paths + (at % pool.paths)])) continue;
    y.push(pool.y[row]);
    p.push(probability[at]);
  }
  return logLoss({ y, p });
}

interface FitRows {
  readonly margin: Float64Array;
  readonly raw: Float64Array;
  readonly y: Float64Array;
  readonly weight: Float64Array;
}

/** Predictions of the rows, ascending by score: isotonic regression sorts them, which costs next to nothing then. */
function fitRows(pool: RowPool, rows: Int32Array): FitRows {
  const { paths, byScore, rowByScore } = pool;
  const isTaken = new Uint8Array(pool.rows);
  for (const row of rows) isTaken[row] = 1;
  const room = rows.length * paths;
  const [margin, raw, y] = [new Float64Array(room), new Float64Array(room), new Float64Array(room)];
  let length = 0;
  for (let at = 0; at < byScore.length; at += 1) {
    const row = rowByScore[at];
    if (isTaken[row] === 0) continue;
    margin[length] = pool.margin[byScore[at]];
    raw[length] = pool.raw[byScore[at]];
    y[length] = pool.y[row];
    length += 1;
  }
  return {
    margin: margin.subarray(0, length),
    raw: raw.subarray(0, length),
    y: y.subarray(0, length),
    weight: new Float64Array(length).fill(1 / paths),
  };
}

const NOTHING_FITTED: Calibrator = { kind: 'isotonic', x: [0], y: [Number.NaN] };

function fitKind(kind: CalibratorKind, { margin, raw, y, weight }: FitRows): Calibrator {
  if (kind === 'none') return { kind };
  if (kind === 'isotonic') return y.length === 0 ? NOTHING_FITTED : fitIsotonic({ score: raw, y, weight });
  const platt = fitPlatt({ score: margin, y, weight });
  return platt.a > 0 ? fitPlatt({ score: new Float64Array(y.length), y, weight }) : platt;
}
