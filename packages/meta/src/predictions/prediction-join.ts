/** What a join of predictions is asked, and what it answers. */
import type { Table } from '@donch/core';
import type { DedupWay } from './dedup-predictions.ts';
import type { LikelyShift, StampEvidence } from './likely-shift.ts';
import type { SymbolRows } from './symbol-groups.ts';
import type { KeyColumns, PredictionColumns } from './table-columns.ts';

/** Below it a join is refused: what is missing is seldom missing by chance. */
export const COVERAGE_MIN_FRAC = 0.75;

export interface PredictionJoinInput {
  readonly side: 'signals' | 'trades';
  readonly signals: Table;
  readonly signalColumns: KeyColumns;
  readonly predictions: Table;
  readonly predictionColumns: PredictionColumns;
  readonly options: PredictionJoinOptions;
}

/** All but `dedup` and `coverageMinFrac` matter to a join by symbol and time only. */
export interface PredictionJoinOptions {
  /** Length of a base bar. */
  readonly intervalMs: number;
  /** How old a prediction may be at its signal; 0 (default) = exactly as old as the signal. */
  readonly tolMs?: number;
  /**
   * Grid for both times, a divisor of the bar; 0 (default) = off. Predictions go UP to the grid and signals DOWN, so that rounding
   * never brings a prediction to a signal that was before it; 00:29:58 meets 00:30, 00:30:02 does not.
   */
  readonly roundMs?: number;
  /** Which end of its bar the file stamps a prediction with; undefined = not stated (known for `decision_time`: close). */
  readonly label?: BarLabel;
  readonly dedup?: DedupWay;
  /** Least share of the signals that must find a prediction; default `COVERAGE_MIN_FRAC`, 0 = any. */
  readonly coverageMinFrac?: number;
}

export type BarLabel = 'open' | 'close';

export interface TimeRange {
  /** NaN = no times known. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Matched signals by the age of their prediction. */
export interface TimeDifference {
  /** Signal time - prediction time, before rounding, >= 0. */
  readonly differenceMs: number;
  readonly signals: number;
}

export interface PredictionJoin {
  readonly side: 'signals' | 'trades';
  readonly by: 'id' | 'time';
  /** Per row of the signals; NaN = no prediction. */
  readonly p: Float64Array;
  readonly signals: number;
  readonly matched: number;
  /** matched / signals; NaN without signals. */
  readonly coverageFrac: number;
  /** Rows of the file. */
  readonly predictions: number;
  /** Rows without a probability: left out. */
  readonly withoutProbability: number;
  /** Rows merged into others by `dedup`. */
  readonly merged: number;
  /** Predictions, after merging, that no signal took. */
  readonly leftOver: number;
  /** Symbols of one side alone, most rows first; empty when a side has no column of symbols. */
  readonly signalsOnly: readonly SymbolRows[];
  readonly predictionsOnly: readonly SymbolRows[];
  /** Predictions as corrected by the label. */
  readonly signalTimes: TimeRange;
  readonly predictionTimes: TimeRange;
  /** Of a join by time, most frequent first. */
  readonly differences: readonly TimeDifference[];
  /** Signals without a prediction that have one after them, less than a bar later. */
  readonly laterOnly: number;
  /** How a file's stamps seem to differ; null = they do not, or it cannot be told. */
  readonly shift: LikelyShift | null;
  /** Of a join by time: whether both sides stamp alike. */
  readonly stamps: StampEvidence | null;
  readonly label: BarLabel;
  readonly intervalMs: number;
}
