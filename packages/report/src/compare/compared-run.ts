/** What two runs are compared by: what each says about itself, its trades and its equity. Plain data. */
import type { Interval, Table } from '@donch/core';

/** Figures of a run as its summary has them; null = the number does not exist (no trade, no losses, too few weeks). */
export interface ComparedFigures {
  readonly signals: number;
  readonly trades: number;
  readonly meanR: number | null;
  readonly ciLowR: number | null;
  readonly ciHighR: number | null;
  readonly ciNote: string;
  readonly winRateFrac: number | null;
  /** Null without losses (infinite) and without trades. */
  readonly profitFactor: number | null;
  readonly maxDrawdownFrac: number;
  readonly initialCapitalUsd: number;
  readonly finalEquityUsd: number;
  readonly totalReturnFrac: number;
  readonly dailySharpe: number | null;
  readonly feesUsd: number;
  readonly slippageUsd: number;
  /** Above 0 = received. */
  readonly fundingUsd: number;
  readonly openAtEnd: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly interval: Interval;
  readonly survivorship: string;
  /** Why the figures are no evidence; '' = nothing speaks against them. */
  readonly watermark: string;
  /** Why the run stopped early; '' = it did not. */
  readonly abortReason: string;
}

/** One strategy of a run with its effective settings, as settings.json has it. */
export interface ComparedStrategy {
  readonly name: string;
  readonly strategyId: string;
  readonly side: string;
  readonly hashes: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Identity of a run, as its manifest has it; null = does not apply. */
interface ComparedIdentity {
  readonly inputs: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly universeHash: string | null;
  readonly seed: number | null;
  readonly sourceHash: string;
  readonly donchVersion: string;
  readonly nodeVersion: string;
}

export interface ComparedRun {
  readonly id: string;
  readonly identity: ComparedIdentity;
  readonly figures: ComparedFigures;
  /** Empty for runs of early versions, which do not say. */
  readonly strategies: readonly ComparedStrategy[];
  /** Finished trades. */
  readonly trades: Table;
  readonly equity: Table;
}

/** As many as there are lines that can be told apart. */
export const RUNS_MAX = 5;

/** `A`, `B`, ... in the order in which the runs were named. */
export function labelOf(position: number): string {
  return 'ABCDE'.charAt(position);
}
