/** Several predictions of one signal (one per validation split) become one. */
import { DonchError, invariant, medianOf } from '@donch/core';
import { counted, thousands } from './message-words.ts';

/** `first` and `last` by time, then as the rows stand in the file: the only ones that depend on the order of rows. */
export const DEDUP_WAYS = ['mean', 'median', 'max', 'min', 'first', 'last'] as const;
export type DedupWay = (typeof DEDUP_WAYS)[number];

/** Predictions with the number of the signal that each is about, in the order that `first` and `last` go by. */
export interface NumberedPredictions {
  /** 0 .. signals - 1. */
  readonly signal: ArrayLike<number>;
  readonly p: ArrayLike<number>;
  readonly signals: number;
}

export interface DedupedPredictions {
  /** Per signal; NaN = it has no prediction. */
  readonly p: Float64Array;
  /** Rows that were merged into another one. */
  readonly merged: number;
}

/** Without a way to merge them, a second prediction throws `duplicate_predictions` with the count and the flag. */
export function dedupPredictions(predictions: NumberedPredictions, way?: DedupWay): DedupedPredictions {
  const { signal, signals } = predictions;
  const start = new Int32Array(signals + 1);
  for (let row = 0; row < signal.length; row += 1) {
    invariant(signal[row] >= 0 && signal[row] < signals, 'every prediction is about a numbered signal');
    start[signal[row] + 1] += 1;
  }
  let [distinct, most] = [0, 0];
  for (let k = 0; k < signals; k += 1) {
    if (start[k + 1] > 0) distinct += 1;
    most = Math.max(most, start[k + 1]);
    start[k + 1] += start[k];
  }
  const merged = signal.length - distinct;
  if (merged > 0 && way === undefined) throw duplicates(signal.length, distinct, most);
  const sorted = bySignal(predictions, start);
  const p = new Float64Array(signals);
  for (let k = 0; k < signals; k += 1) p[k] = merge(sorted.subarray(start[k], start[k + 1]), way ?? 'first');
  return { p, merged };
}

/** Probabilities of the same signal side by side, their order kept. */
function bySignal({ signal, p }: NumberedPredictions, start: Int32Array): Float64Array {
  const sorted = new Float64Array(signal.length);
  const next = start.slice();
  for (let row = 0; row < signal.length; row += 1) {
    sorted[next[signal[row]]] = p[row];
    next[signal[row]] += 1;
  }
  return sorted;
}

function merge(p: Float64Array, way: DedupWay): number {
  if (p.length < 2) return p.length === 0 ? Number.NaN : p[0];
  switch (way) {
    case 'mean':
      return mean(p);
    case 'median':
      return medianOf(p);
    case 'max':
      return p.reduce((a, b) => Math.max(a, b));
    case 'min':
      return p.reduce((a, b) => Math.min(a, b));
    case 'first':
      return p[0];
    case 'last':
      return p[p.length - 1];
  }
}

/** Summed in ascending order, so that the order of rows does not move the last bit; the mean of equal values is that value. */
function mean(p: Float64Array): number {
  const ascending = p.slice().sort();
  if (ascending[0] === ascending[ascending.length - 1]) return ascending[0];
  return ascending.reduce((sum, value) => sum + value, 0) / ascending.length;
}

function duplicates(rows: number, signals: number, most: number): DonchError {
  return new DonchError(
    'duplicate_predictions',
    `${counted(rows, 'prediction')} for ${counted(signals, 'signal')}: ${thousands(rows - signals)} more than one each, up to ${most} for one signal`,
    {
      expected: 'one prediction per signal',
      remedy: `several of the same signal (one per validation split) become one with --dedup ${DEDUP_WAYS.join('|')}`,
    },
  );
}
