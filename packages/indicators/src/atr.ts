import type { Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';
import { TrueRange } from './true-range.ts';
import { WilderSeries } from './wilder.ts';

/**
 * Average true range(n), price units: Wilder average of the true ranges of bars 1 .. n, first value at bar n (0-based).
 * The variant of TA-Lib, TTR and Skender; Tulip, TradingView and Lean begin one bar earlier.
 */
export class Atr implements Kernel {
  readonly kind = 'recursive';
  readonly warmupBars: number;
  readonly settleBars: number;
  readonly #range = new TrueRange();
  readonly #average: WilderSeries;

  constructor(length: number) {
    this.#average = new WilderSeries(length);
    this.warmupBars = this.#average.warmupSteps + 1;
    this.settleBars = this.#average.settleSteps + 1;
  }

  step(candles: Candles, i: number): number {
    return this.#average.step(this.#range.step(candles, i));
  }
}
