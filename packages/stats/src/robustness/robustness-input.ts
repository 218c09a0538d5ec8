/** A run as its account and its trades. */

/** Finished trades in order of entry; parallel columns. */
export interface RobustnessTrades {
  readonly entryTimeMs: Float64Array;
  readonly exitTimeMs: Float64Array;
  readonly symbols: readonly string[];
  readonly sides: readonly ('long' | 'short')[];
  /** Net of all costs. */
  readonly pnlR: Float64Array;
  readonly pnlUsd: Float64Array;
  /** Equity that sizing saw. */
  readonly equityAtDecisionUsd: Float64Array;
  /** Value of entry and exit fills together. */
  readonly tradedUsd: Float64Array;
}

export interface RobustnessOptions {
  /** Ruin: this share of the starting capital or more is lost at some time; default 0.5. */
  readonly ruinLossFrac?: number;
  /** A drawdown beyond this share of the peak is more than one wants to sit through; default 0.3. */
  readonly drawdownLimitFrac?: number;
  /** Days of the window of the rolling Sharpe ratio; default 90. */
  readonly rollingDays?: number;
  /**
   * Mean length of a block of days of the simulation; default the longer one of the mean holding time, rounded up to days, and the cube
   * root of the number of days.
   */
  readonly blockDays?: number;
  /** Most that one trade may risk of the capital, whatever Kelly says; default 0.02. */
  readonly riskCapFrac?: number;
}

export interface RobustnessInput {
  /** Start of the first day, UTC ms, and one return per day, fraction. */
  readonly firstDayMs: number;
  readonly dailyReturns: Float64Array;
  readonly startCapitalUsd: number;
  readonly trades: RobustnessTrades;
  /** Window of the run, UTC ms, end exclusive. */
  readonly startMs: number;
  readonly endMs: number;
  /** True when nothing about the run was chosen on these days: no search, no fit. */
  readonly isOutOfSample: boolean;
  /** Whole number: the same seed gives the same figures. */
  readonly seed: number;
  readonly options?: RobustnessOptions;
}
