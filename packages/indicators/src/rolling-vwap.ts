import { invariant, type Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';

/** Typical price of a bar, (high + low + close) / 3: what all VWAPs here weigh by volume. */
export function typicalPrice(candles: Candles, i: number): number {
  return (candles.high[i] + candles.low[i] + candles.close[i]) / 3;
}

/**
 * Volume-weighted mean of the typical price over the rows `from .. to-1`, price units; NaN where nothing was traded. Summed
 * from left to right, so the bits depend on the rows alone.
 */
export function vwapOfRows(candles: Candles, from: number, to: number): number {
  const { high, low, close, volume } = candles;
  let value = 0;
  let traded = 0;
  for (let i = from; i < to; i += 1) {
    value += ((high[i] + low[i] + close[i]) / 3) * volume[i];
    traded += volume[i];
  }
  return traded > 0 ? value / traded : Number.NaN;
}

/**
 * Rolling VWAP of L bars, the current one included, price units: the sum over the window is taken anew at each step (O(L)), so
 * nothing drifts. NaN until L bars exist and while none of them traded.
 */
export class RollingVwap implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;

  constructor(length: number) {
    invariant(Number.isInteger(length) && length >= 1, 'VWAP length is a whole number from 1 on');
    this.warmupBars = length;
    this.settleBars = length;
  }

  step(candles: Candles, i: number): number {
    const from = i + 1 - this.warmupBars;
    return from < 0 ? Number.NaN : vwapOfRows(candles, from, i + 1);
  }
}
