/** What a report is made from: the tables of a run and what the run says about itself. Plain data. */
import type { Interval, Table } from '@donch/core';
import type { EncodedPath } from './paths/trade-path.ts';
import type { SelectionFindings } from './selection/selection-sections.ts';
import type { StressFindings } from './stress/stress-input.ts';
import type { VariantGroups } from './variants/variant-groups.ts';

/** Identity of the run, as its manifest has it; null = does not apply to this run. */
export interface RunFacts {
  readonly id: string;
  readonly donchVersion: string;
  readonly nodeVersion: string;
  readonly seed: number;
  readonly specHash: string | null;
  readonly configHash: string | null;
  readonly universeHash: string | null;
  readonly sourceHash: string;
  /** Hash of every input by name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** True for invented prices: said in the first line. */
  readonly isSynthetic: boolean;
}

/** Figures that only the run itself knows. */
export interface RunNotes {
  readonly interval: Interval;
  readonly survivorship: string;
  readonly participationWarnings: number;
  readonly abortReason: string;
  /** Why the figures are no evidence; '' or missing (runs of early versions) = nothing speaks against them. */
  readonly watermark?: string;
}

/** One strategy of the run. */
export interface StrategyFacts {
  readonly strategyId: string;
  readonly name: string;
  readonly side: string;
  /** Distance of the first target from the reference price; NaN = there is none, or it is not a plain distance. */
  readonly firstTargetAtrMult: number;
}

export interface ReportInput {
  readonly run: RunFacts;
  readonly notes: RunNotes;
  readonly strategies: readonly StrategyFacts[];
  /** Finished trades. */
  readonly trades: Table;
  /** Positions that the end of the data closed. */
  readonly openAtEnd: Table;
  readonly equity: Table;
  readonly decisions: Table;
  /** Null = the signals came from a file: nobody counted what was scanned. */
  readonly funnel: Table | null;
  /** By row of `trades`; null = no candles to draw. */
  readonly paths: readonly (EncodedPath | null)[];
  /** Why paths are missing, and by which rule they were made. */
  readonly pathNote: string;
  /** What the trial ledger knows of the search that the run is a part of; missing = nobody asked. */
  readonly selection?: SelectionFindings;
  /** The run under worse conditions; missing = nobody asked. */
  readonly stress?: StressFindings;
  /** Columns that cut the run into groups; missing = none were named. */
  readonly groups?: VariantGroups;
  /** Settings of account and costs, by key; missing = not recorded. */
  readonly settings?: Readonly<Record<string, string>>;
  /** From when on data are kept unseen, and how often they were looked at; missing = none are. */
  readonly holdout?: string;
}
