import type { Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';

/**
 * True range: max(high - low, |high - previous close|, |low - previous close|), price units. NaN on the first bar, which has no
 * previous close (Wilder 1978; TA-Lib, TTR; Tulip and TradingView let high - low count there).
 */
export class TrueRange implements Kernel {
  readonly kind = 'recursive';
  readonly warmupBars = 2;
  readonly settleBars = 2;
  #previousClose = Number.NaN;

  step(candles: Candles, i: number): number {
    const high = candles.high[i];
    const low = candles.low[i];
    const previousClose = this.#previousClose;
    this.#previousClose = candles.close[i];
    // Math.max and Math.abs pass the NaN of the first bar on.
    return Math.max(high - low, Math.abs(high - previousClose), Math.abs(low - previousClose));
  }
}
