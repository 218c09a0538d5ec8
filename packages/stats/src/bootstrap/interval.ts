/** What an interval estimate returns: an interval, or the reason why there is none. A refusal is a value, never an exception. */

export interface Interval {
  readonly kind: 'interval';
  /** The statistic of the data themselves. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** Confidence, e.g. 0.95. */
  readonly level: number;
}

/**
 * `too_few_clusters`: `found` weeks (or observations) where `needed` are the least that an interval may be built on.
 * `undefined_statistic`: the statistic has no value for the data or for some resamples (a profit factor of nothing).
 */
export type RefusalReason = 'too_few_clusters' | 'undefined_statistic';

/** Why there is no figure; every statistic names its own closed set of reasons. */
export interface Refusal<Reason extends string = RefusalReason> {
  readonly kind: 'refused';
  readonly reason: Reason;
  readonly found: number;
  readonly needed: number;
}

/** The usual confidence. */
export const LEVEL = 0.95;
