/**
 * How an indicator is computed: bar by bar, by one object, in a loop over history and once per bar at the live edge.
 * Batch and live are the same calls in the same order, so their values are the same bits.
 */
import type { Candles } from '@donch/core';

/**
 * `recursive`: carries a state from bar to bar (EMA, Wilder). It uses only the bars it is shown and keeps its own previous
 * close, so a caller may step over a bar that must not count by not showing it.
 * `window`: the value is, bit for bit, a function of the rows of its window and of nothing else. It may be stepped at any
 * ascending subset of rows (it reads the rows between from the candles), so it may be computed only where it is needed.
 */
export type KernelKind = 'recursive' | 'window';

/** One indicator of one series of bars. Multi-output kernels carry their other outputs as fields, valid after `step`. */
export interface Kernel {
  readonly kind: KernelKind;
  /** Bars up to and including the first one that has a value, on a series without gaps. */
  readonly warmupBars: number;
  /**
   * Bars after which where the series began weighs less than `SETTLE_FRAC`; after three times as many, less than 1e-9.
   * Equal to `warmupBars` for windows.
   */
  readonly settleBars: number;
  /**
   * Takes the closed row `i` and returns the indicator at its close, NaN while it is not ready. Rows ascend from call to
   * call; no row above `i` is read.
   */
  step(candles: Candles, i: number): number;
  /**
   * The candles have dropped their first rows: row r is row r - rows from now on. Rows of the window are still there. Missing where
   * a kernel remembers no row numbers.
   */
  rebase?(rows: number): void;
}

/** The part of a kernel that knows numbers only; bar kernels are composed of these. A NaN is stepped over: state unchanged, NaN out. */
export interface SeriesKernel {
  /** Values up to and including the first one that gives a number. */
  readonly warmupSteps: number;
  /** As `Kernel.settleBars`, in values. */
  readonly settleSteps: number;
  step(value: number): number;
}

/** Weight of the start at which a recursive filter counts as settled; its cube is the 1e-9 of the warm-up test. */
export const SETTLE_FRAC = 1e-3;

/** Steps until the start of an exponential filter with this `alpha` weighs less than `SETTLE_FRAC`: 3.45 (n+1) for an EMA(n). */
export function settleStepsOf(alpha: number): number {
  if (alpha >= 1) return 1;
  return Math.ceil(Math.log(SETTLE_FRAC) / Math.log(1 - alpha));
}

/** The kernel over a whole history: one value per row. */
export function stepAll(kernel: Kernel, candles: Candles): Float64Array {
  const values = new Float64Array(candles.length);
  for (let i = 0; i < candles.length; i += 1) values[i] = kernel.step(candles, i);
  return values;
}
