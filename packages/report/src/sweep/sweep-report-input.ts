/** What the page about a sweep is made from: its table of variants and what was found about choosing among them. Plain data. */
import type { Interval, Table } from '@donch/core';
import type { RunFacts } from '../report-input.ts';
import type { SelectionFindings } from '../selection/selection-sections.ts';

/** One key that was varied. */
export interface SweepAxis {
  /** Name of its column of the leaderboard. */
  readonly key: string;
  /** Values in their order; null = switched off. */
  readonly values: readonly (number | string | boolean | null)[];
}

/** Account of one variant, marked at the ends of days. */
export interface SweepCurve {
  /** Of the leaderboard. */
  readonly variantId: string;
  /** Ascending; the first is the starting capital. */
  readonly timesMs: ArrayLike<number>;
  readonly equityUsd: ArrayLike<number>;
}

/** Variants that were simulated again bar by bar, and whether every trade was the same, byte by byte. */
export interface EngineAgreement {
  readonly checked: number;
  readonly agreed: number;
  /** Variants that only the engine can simulate: they need no check. */
  readonly byEngine: number;
}

export interface SweepFacts extends RunFacts {
  readonly interval: Interval;
  /** Window of the data. */
  readonly startMs: number;
  readonly endMs: number;
  readonly strategies: readonly { readonly name: string; readonly side: string }[];
  /** As runs say it: `survivorship: ...` or `universe: ...`. */
  readonly survivorship: string;
  /** Why the figures are no evidence; '' = nothing speaks against them. */
  readonly watermark: string;
  /** Combinations of the grid; more than variants where they were drawn by lot. */
  readonly gridSize: number;
  /** Settings of account and costs that all variants share, by key. */
  readonly settings: Readonly<Record<string, string>>;
  /** File with all variants, as a reader finds it. */
  readonly leaderboardFile: string;
}

export interface SweepReportInput {
  readonly sweep: SweepFacts;
  /** TABLES.leaderboard in order of rank, then a column per varied key. */
  readonly leaderboard: Table;
  readonly axes: readonly SweepAxis[];
  readonly selection: SelectionFindings;
  /** Of the best few, in order of rank; at most five are drawn. */
  readonly curves: readonly SweepCurve[];
  readonly agreement: EngineAgreement;
}
