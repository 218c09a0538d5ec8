/** What `donch ev` judges: scored rows with their outcomes, where they come from, and how they are judged. */
import type { CalibratorChoice, ScoredRows } from '@donch/meta';
import type { JudgeOptions } from './ev-options.ts';

/** The kinds of calibrators; `['none']` leaves probabilities as they are. */
type CalibratorKinds = readonly (keyof CalibratorChoice['logLoss'])[];

/** The bundle that predictions belong to. */
export interface SourceBundle {
  readonly id: string;
  readonly folder: string;
}

export interface EvSource {
  /** In words: whose predictions these are. */
  readonly name: string;
  readonly file: string;
  /** Null: predictions of a file, whose model is not known. */
  readonly bundle: SourceBundle | null;
  readonly scored: ScoredRows;
  /** Calibrators to choose from; default all. */
  readonly calibrators?: CalibratorKinds;
  readonly judge: JudgeOptions;
  /** The signals of `scored` that were traded; null: not known, or all of them are trades. */
  readonly traded: TradedRows | null;
  /** What the user should know, one fact per line. */
  readonly lines: readonly string[];
}

export interface TradedRows {
  readonly file: string;
  /** Trades of the file. */
  readonly trades: number;
  /** Rows of `scored`. */
  readonly rows: Int32Array;
}

/** Used where neither flags nor a training say anything. */
export const JUDGE_DEFAULTS: Omit<JudgeOptions, 'embargoMs'> = { groups: 6, minTrades: 150, seed: 1 };
