/**
 * Drawdowns of an equity curve whose FIRST point is the starting capital: a first losing period counts. (The minimum of a
 * cumulative sum of returns is not a drawdown.) All depths are <= 0.
 */
import { invariant } from '@donch/core';

/** The deepest fall from a peak. Without any fall: depth 0 and all indices 0. */
export interface DeepestDrawdown {
  /** `deepestDrawdown`: fraction of the peak, -0.16 = 16 % below; `deepestCashDrawdown`: units of equity. */
  readonly depth: number;
  readonly peakIndex: number;
  readonly troughIndex: number;
}

/** One stay below a peak, from the peak to the recovery. */
export interface DrawdownEpisode {
  /** Fraction of the peak, <= 0. */
  readonly depthFrac: number;
  readonly peakIndex: number;
  readonly troughIndex: number;
  /** First point at or above the peak again; -1 while under water at the end. */
  readonly recoveryIndex: number;
}

/** Largest relative drawdown: min(equity / running maximum - 1). The largest in cash may be another event. */
export function deepestDrawdown(equity: ArrayLike<number>): DeepestDrawdown {
  return deepest(equity, (value, peak) => value / peak - 1);
}

/** Largest drawdown in units of equity: min(equity - running maximum). */
export function deepestCashDrawdown(equity: ArrayLike<number>): DeepestDrawdown {
  return deepest(equity, (value, peak) => value - peak);
}

function deepest(equity: ArrayLike<number>, depthOf: (value: number, peak: number) => number): DeepestDrawdown {
  invariant(equity.length > 0, 'an equity curve has its starting capital');
  let worst: DeepestDrawdown = { depth: 0, peakIndex: 0, troughIndex: 0 };
  let peakIndex = 0;
  for (let i = 1; i < equity.length; i += 1) {
    if (equity[i] > equity[peakIndex]) peakIndex = i;
    const depth = depthOf(equity[i], equity[peakIndex]);
    if (depth < worst.depth) worst = { depth, peakIndex, troughIndex: i };
  }
  return worst;
}

/** Every stay below a peak, in order of time; the deepest is found by sorting on `depthFrac`. */
export function drawdownEpisodes(equity: ArrayLike<number>): DrawdownEpisode[] {
  const episodes: DrawdownEpisode[] = [];
  let peakIndex = 0;
  let troughIndex = 0;
  const close = (recoveryIndex: number): void => {
    const depthFrac = equity[troughIndex] / equity[peakIndex] - 1;
    if (troughIndex > peakIndex) episodes.push({ depthFrac, peakIndex, troughIndex, recoveryIndex });
  };
  for (let i = 1; i < equity.length; i += 1) {
    if (equity[i] >= equity[peakIndex]) {
      close(i);
      peakIndex = i;
      troughIndex = i;
    } else if (troughIndex === peakIndex || equity[i] < equity[troughIndex]) troughIndex = i;
  }
  close(-1);
  return episodes;
}

/** Depth of every point below the peak before it: equity / running maximum - 1, <= 0; the first point is 0. */
export function underwaterFrac(equity: ArrayLike<number>): Float64Array {
  const depths = new Float64Array(equity.length);
  let peak = equity[0];
  for (let i = 1; i < equity.length; i += 1) {
    peak = Math.max(peak, equity[i]);
    depths[i] = equity[i] / peak - 1;
  }
  return depths;
}

/** Largest number of consecutive points below the peak before them. */
export function longestUnderwater(equity: ArrayLike<number>): number {
  let longest = 0;
  for (const { peakIndex, recoveryIndex } of drawdownEpisodes(equity)) {
    longest = Math.max(longest, (recoveryIndex < 0 ? equity.length : recoveryIndex) - peakIndex - 1);
  }
  return longest;
}

/** Longest time from a peak to the point that recovers it (or to the end), ms; `timesMs` is parallel to `equity`. */
export function longestUnderwaterMs(equity: ArrayLike<number>, timesMs: ArrayLike<number>): number {
  invariant(equity.length === timesMs.length, 'every point of equity has a time');
  let longest = 0;
  for (const { peakIndex, recoveryIndex } of drawdownEpisodes(equity)) {
    const end = recoveryIndex < 0 ? timesMs.length - 1 : recoveryIndex;
    longest = Math.max(longest, timesMs[end] - timesMs[peakIndex]);
  }
  return longest;
}

/** Ulcer index: root of the mean squared relative drawdown of all points after the starting capital (P. Martin 1987), fraction. */
export function ulcerIndexFrac(equity: ArrayLike<number>): number {
  let peak = equity[0];
  let squares = 0;
  for (let i = 1; i < equity.length; i += 1) {
    peak = Math.max(peak, equity[i]);
    squares += (equity[i] / peak - 1) ** 2;
  }
  return Math.sqrt(squares / (equity.length - 1));
}
