import { invariant, MIN_COVERAGE_FRAC, type Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';
import { sdOfRows } from './rolling-sd.ts';

export interface RealisedVolatilityOptions {
  readonly windowMs: number;
  readonly intervalMs: number;
  /** Share of the window's bars that must exist; default `MIN_COVERAGE_FRAC`. */
  readonly coverageMinFrac?: number;
}

/**
 * Realised volatility: standard deviation (ddof 1) of the log returns of the bars that opened in (t - window, t], per bar, not
 * annualised. A return leads from the close of the row before to the bar's own, so a gap is one return and the window reads
 * one close before it. NaN while fewer than the wanted share of the window's returns exist. Two passes per step: O(window).
 */
export class RealisedVolatility implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;
  /** Returns in the window. */
  count = 0;
  readonly #windowMs: number;
  readonly #countMin: number;
  /** Log return of a row at the row's number modulo `#size`, and once more `#size` later, so that every window is contiguous. */
  readonly #returns: Float64Array;
  readonly #size: number;
  #nextRow = 1;
  #oldestRow = 1;

  constructor({ windowMs, intervalMs, coverageMinFrac = MIN_COVERAGE_FRAC }: RealisedVolatilityOptions) {
    invariant(
      windowMs >= 2 * intervalMs && windowMs % intervalMs === 0,
      'a volatility window is a whole number of bars',
    );
    invariant(coverageMinFrac > 0 && coverageMinFrac <= 1, 'least coverage lies in (0, 1]');
    this.#windowMs = windowMs;
    this.#size = windowMs / intervalMs;
    this.#countMin = Math.max(2, Math.ceil(coverageMinFrac * this.#size - 1e-9));
    this.#returns = new Float64Array(2 * this.#size);
    this.warmupBars = this.#countMin + 1;
    this.settleBars = this.warmupBars;
  }

  /** What is remembered is computed anew from the rows that are left. */
  rebase(): void {
    this.#nextRow = 1;
    this.#oldestRow = 1;
  }

  step(candles: Candles, i: number): number {
    const { openTimeMs, close } = candles;
    const afterMs = openTimeMs[i] - this.#windowMs;
    while (this.#oldestRow < i && openTimeMs[this.#oldestRow] <= afterMs) this.#oldestRow += 1;
    for (let row = Math.max(this.#nextRow, this.#oldestRow); row <= i; row += 1) {
      const value = Math.log(close[row] / close[row - 1]);
      this.#returns[row % this.#size] = value;
      this.#returns[(row % this.#size) + this.#size] = value;
    }
    this.#nextRow = i + 1;
    this.count = Math.max(0, i + 1 - this.#oldestRow);
    invariant(this.count <= this.#size, 'bars are an interval or more apart');
    if (!(this.count >= this.#countMin)) return Number.NaN;
    const from = this.#oldestRow % this.#size;
    return sdOfRows(this.#returns, { from, to: from + this.count, ddof: 1 });
  }
}
