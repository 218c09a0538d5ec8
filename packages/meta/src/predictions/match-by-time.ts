/**
 * Which prediction belongs to which signal of the same symbol, by time and backward only: a prediction belongs to the first signal
 * at or after it, and a signal takes the latest of those that belong to it. So no prediction from the future of a signal is ever
 * read, none is used twice, and the order of rows plays no part.
 */
import { asOfIndex, invariant } from '@donch/core';
import { dedupPredictions, type DedupWay } from './dedup-predictions.ts';

/** Rows with their instrument (as numbered by `symbolGroups`) and time. */
export interface TimedRows {
  readonly group: Int32Array;
  readonly timeMs: Float64Array;
}

/** Predictions, one per instrument and time, ascending within each instrument. */
export interface TimedPredictions {
  /** Times per instrument, on the grid where there is one: what the join goes by. */
  readonly times: readonly Float64Array[];
  /** Number of the first prediction of each instrument; one more at the end. */
  readonly start: Int32Array;
  /** Before rounding; the latest of merged ones. */
  readonly exactMs: Float64Array;
  readonly p: Float64Array;
  /** Rows merged away. */
  readonly merged: number;
}

export interface PredictionRows extends TimedRows {
  readonly p: Float64Array;
  /** Before rounding. */
  readonly exactMs: Float64Array;
  readonly groups: number;
}

/** Sorts predictions and merges those of the same instrument and time. Throws `duplicate_predictions`. */
export function timedPredictions(rows: PredictionRows, dedup?: DedupWay): TimedPredictions {
  const { group, timeMs, exactMs, p, groups } = rows;
  const order = Uint32Array.from(group, (_, row) => row).sort(
    (a, b) => group[a] - group[b] || timeMs[a] - timeMs[b] || exactMs[a] - exactMs[b] || a - b,
  );
  const signal = new Int32Array(order.length);
  const start = new Int32Array(groups + 1);
  const [times, exact] = [new Float64Array(order.length), new Float64Array(order.length)];
  let distinct = 0;
  for (let k = 0; k < order.length; k += 1) {
    const row = order[k];
    const isSame = k > 0 && group[row] === group[order[k - 1]] && timeMs[row] === timeMs[order[k - 1]];
    if (!isSame) {
      distinct += 1;
      start[group[row] + 1] += 1;
    }
    signal[k] = distinct - 1;
    times[distinct - 1] = timeMs[row];
    exact[distinct - 1] = exactMs[row];
  }
  for (let g = 0; g < groups; g += 1) start[g + 1] += start[g];
  const sorted = Float64Array.from(order, (row) => p[row]);
  const deduped = dedupPredictions({ signal, p: sorted, signals: distinct }, dedup);
  const perGroup = Array.from({ length: groups }, (_, g) => times.subarray(start[g], start[g + 1]));
  return { start, times: perGroup, exactMs: exact.subarray(0, distinct), ...deduped };
}

export interface TimeMatches {
  /** Per row of the signals: its prediction, or -1. */
  readonly prediction: Int32Array;
  /** Signals without a prediction that have one after them, less than `soonMs` later. */
  readonly laterOnly: number;
}

export interface TimeMatchOptions {
  /** A prediction may be at most so old; 0 = exactly at the signal. */
  readonly tolMs: number;
  /** How soon after a signal a prediction is worth telling about. */
  readonly soonMs: number;
}

/** Rows of the signals that share instrument and time take the same prediction: whether they may is the caller's to know. */
export function matchByTime(
  signals: TimedRows,
  predictions: TimedPredictions,
  { tolMs, soonMs }: TimeMatchOptions,
): TimeMatches {
  invariant(tolMs >= 0, 'the tolerance is no less than 0');
  const { group, timeMs } = signals;
  const prediction = new Int32Array(group.length).fill(-1);
  let laterOnly = 0;
  let previous = -1;
  for (const row of rowsInTime(signals)) {
    const times = predictions.times[group[row]];
    const at = asOfIndex(times, times.length, timeMs[row]);
    const before = previous >= 0 && group[previous] === group[row] ? previous : -1;
    if (before >= 0 && timeMs[before] === timeMs[row]) prediction[row] = prediction[before];
    else if (at >= 0 && timeMs[row] - times[at] <= tolMs && !(before >= 0 && times[at] <= timeMs[before]))
      prediction[row] = predictions.start[group[row]] + at;
    if (prediction[row] < 0 && at + 1 < times.length && times[at + 1] - timeMs[row] < soonMs) laterOnly += 1;
    previous = row;
  }
  return { prediction, laterOnly };
}

/** Rows by instrument and time, then as they stand. */
export function rowsInTime({ group, timeMs }: TimedRows): Uint32Array {
  return Uint32Array.from(group, (_, row) => row).sort((a, b) => group[a] - group[b] || timeMs[a] - timeMs[b] || a - b);
}
