/** What is known about a search for a configuration when its winner is judged. */

/** A configuration with its daily returns. */
export interface MeasuredTrial {
  readonly id: string;
  /** What people call it. */
  readonly tag: string;
  /** One return per day, fraction; all trials of the same days, none missing. */
  readonly returns: Float64Array;
  /**
   * True when the returns are at hand whatever they are: all were kept, or it was drawn by lot. False: they were kept because the
   * result was good. Those know the future of every part of the days, so they take no part where a choice is repeated on parts.
   */
  readonly isDrawn: boolean;
}

/** Every trial of the window with the moments of its daily returns, also those whose returns are gone. Parallel columns. */
export interface LedgerMoments {
  readonly ids: readonly string[];
  readonly days: ArrayLike<number>;
  /** Per day, NaN = none (never traded). */
  readonly sharpe: ArrayLike<number>;
  /** Population; NaN without spread. */
  readonly skewness: ArrayLike<number>;
  /** Population, normal = 3; NaN without spread. */
  readonly kurtosis: ArrayLike<number>;
}

/** Something to beat without any search: buy and hold, a random strategy. */
export interface Benchmark {
  readonly name: string;
  /** Of the same days as the trials; NaN = not known for this day (the comparison is refused then). */
  readonly returns: Float64Array;
}

export interface SelectionOptions {
  /** Groups of days of CPCV, default 12. */
  readonly cpcvGroups?: number;
  /** Groups that are tested at a time, default 3: 220 choices on 55 paths. */
  readonly cpcvTestGroups?: number;
  /** Days next to a tested block, on either side, that do not train; default 1, longer where positions are held longer. */
  readonly embargoDays?: number;
  /** Blocks of PBO, even, default 16. */
  readonly pboBlocks?: number;
  /** Days before the first step of the walk-forward, and the length of a rolling window; default a third of all. */
  readonly trainDays?: number;
  /** Days of a step; default a twelfth of all. */
  readonly testDays?: number;
  /** Mean length of a block of days of the tests against benchmarks; default the cube root of the number of days, rounded. */
  readonly blockDays?: number;
}

export interface SelectionInput {
  /** Trials whose daily returns are at hand, the chosen one among them; their order leaves no trace. */
  readonly trials: readonly MeasuredTrial[];
  readonly chosenId: string;
  /** Start of the first day, UTC ms. */
  readonly firstDayMs: number;
  /** N: distinct configurations ever evaluated on data that overlap the window, the discarded ones included. */
  readonly configurations: number;
  readonly ledger: LedgerMoments;
  readonly benchmarks: readonly Benchmark[];
  /** Whole number: the same seed gives the same figures. */
  readonly seed: number;
  readonly options?: SelectionOptions;
}
