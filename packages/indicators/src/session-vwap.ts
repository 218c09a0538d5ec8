import { bucketStartMs, DAY_MS, type Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';
import { typicalPrice, vwapOfRows } from './rolling-vwap.ts';

/**
 * VWAP of the typical price since 00:00 UTC of the bar's day, the bar included, price units, and `sd`, the volume-weighted
 * standard deviation of typical prices around the current VWAP (for bands): sqrt(sum v (p - vwap)^2 / sum v), in two passes.
 * Both NaN while nothing was traded in the day. Summed anew at each step: O(bars of the day).
 */
export class SessionVwap implements Kernel {
  readonly kind = 'window';
  readonly warmupBars = 1;
  readonly settleBars = 1;
  vwap = Number.NaN;
  sd = Number.NaN;

  step(candles: Candles, i: number): number {
    const dayStartMs = bucketStartMs(candles.openTimeMs[i], DAY_MS);
    let from = i;
    while (from > 0 && candles.openTimeMs[from - 1] >= dayStartMs) from -= 1;
    this.vwap = vwapOfRows(candles, from, i + 1);
    this.sd = sdAround(candles, { from, to: i + 1, vwap: this.vwap });
    return this.vwap;
  }
}

function sdAround(candles: Candles, { from, to, vwap }: { from: number; to: number; vwap: number }): number {
  let squares = 0;
  let traded = 0;
  for (let row = from; row < to; row += 1) {
    const distance = typicalPrice(candles, row) - vwap;
    squares += candles.volume[row] * distance * distance;
    traded += candles.volume[row];
  }
  return traded > 0 ? Math.sqrt(squares / traded) : Number.NaN;
}
