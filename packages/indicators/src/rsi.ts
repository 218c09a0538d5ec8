import type { Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';
import { WilderSeries } from './wilder.ts';

/** What a series without any change shows: neither gains nor losses (0/0). TA-Lib says 0 there, Skender 100, TTR nothing. */
const RSI_NEUTRAL = 50;

/**
 * Relative strength index(n), 0..100: 100 U / (U + D) with Wilder averages of gains and losses of the close, first value at
 * bar n (0-based). Wilder 1978; TA-Lib, TTR, Skender, Tulip, Lean. A constant series is 50.
 */
export class Rsi implements Kernel {
  readonly kind = 'recursive';
  readonly warmupBars: number;
  readonly settleBars: number;
  readonly #gain: WilderSeries;
  readonly #loss: WilderSeries;
  #previousClose = Number.NaN;

  constructor(length: number) {
    this.#gain = new WilderSeries(length);
    this.#loss = new WilderSeries(length);
    this.warmupBars = this.#gain.warmupSteps + 1;
    this.settleBars = this.#gain.settleSteps + 1;
  }

  step(candles: Candles, i: number): number {
    const change = candles.close[i] - this.#previousClose;
    this.#previousClose = candles.close[i];
    if (Number.isNaN(change)) return change;
    const gain = this.#gain.step(change > 0 ? change : 0);
    const loss = this.#loss.step(change < 0 ? -change : 0);
    const sum = gain + loss;
    return sum === 0 ? RSI_NEUTRAL : (100 * gain) / sum;
  }
}
