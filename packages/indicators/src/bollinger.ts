import { invariant, type Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';
import { meanOfRows, sdOfRows } from './rolling-sd.ts';

export interface BollingerOptions {
  readonly length: number;
  /** Half width of the bands in standard deviations. */
  readonly width: number;
}

/**
 * Bollinger bands of the close, price units: mean of n closes (`mid`, which `step` returns) +- width x POPULATION standard
 * deviation (TA-Lib, TTR, Skender, Tulip, Lean; the sample one of pandas' `rolling().std()` is 2.6 % wider at n = 20).
 * Two passes over the window at each step. NaN until n bars exist.
 */
export class Bollinger implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;
  mid = Number.NaN;
  upper = Number.NaN;
  lower = Number.NaN;
  readonly #width: number;

  constructor({ length, width }: BollingerOptions) {
    invariant(Number.isInteger(length) && length >= 1, 'Bollinger length is a whole number from 1 on');
    invariant(width > 0, 'Bollinger bands have a width');
    this.#width = width;
    this.warmupBars = length;
    this.settleBars = length;
  }

  step(candles: Candles, i: number): number {
    const from = i + 1 - this.warmupBars;
    if (from < 0) return this.mid;
    const half = this.#width * sdOfRows(candles.close, { from, to: i + 1, ddof: 0 });
    this.mid = meanOfRows(candles.close, from, i + 1);
    this.upper = this.mid + half;
    this.lower = this.mid - half;
    return this.mid;
  }
}
