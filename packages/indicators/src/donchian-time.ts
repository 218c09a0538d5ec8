import { invariant, MIN_COVERAGE_FRAC, type Candles } from '@donch/core';
import { ExtremeWindow } from './extreme-window.ts';
import type { Kernel } from './kernel.ts';

export interface DonchianTimeOptions {
  readonly windowMs: number;
  readonly intervalMs: number;
  /** Share of the window's bars that must exist; default `MIN_COVERAGE_FRAC`. */
  readonly coverageMinFrac?: number;
}

/**
 * Donchian channel of a window of time: highest high (`upper`) and lowest low (`lower`) of the bars before the current one
 * that opened in [t - window, t), t = its open, price units; `step` returns `upper`. Bars of outages are missing, older ones
 * do not move in. NaN while fewer than the wanted share of bars exist.
 */
export class DonchianTime implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;
  upper = Number.NaN;
  lower = Number.NaN;
  /** Bars in the window. */
  count = 0;
  readonly #windowMs: number;
  readonly #countMin: number;
  readonly #highs = new ExtremeWindow();
  readonly #negatedLows = new ExtremeWindow();
  #nextRow = 0;
  #oldestRow = 0;

  constructor({ windowMs, intervalMs, coverageMinFrac = MIN_COVERAGE_FRAC }: DonchianTimeOptions) {
    invariant(windowMs >= intervalMs && windowMs % intervalMs === 0, 'a Donchian window is a whole number of bars');
    invariant(coverageMinFrac > 0 && coverageMinFrac <= 1, 'least coverage lies in (0, 1]');
    this.#windowMs = windowMs;
    this.#countMin = Math.ceil((coverageMinFrac * windowMs) / intervalMs - 1e-9);
    this.warmupBars = this.#countMin + 1;
    this.settleBars = this.warmupBars;
  }

  rebase(rows: number): void {
    this.#nextRow -= rows;
    this.#oldestRow -= rows;
    invariant(this.#oldestRow >= 0, 'rows stay as long as the window holds them');
    this.#highs.rebase(rows);
    this.#negatedLows.rebase(rows);
  }

  step(candles: Candles, i: number): number {
    for (let row = this.#nextRow; row < i; row += 1) {
      this.#highs.push(row, candles.high[row]);
      this.#negatedLows.push(row, -candles.low[row]);
    }
    if (i > this.#nextRow) this.#nextRow = i;
    const fromMs = candles.openTimeMs[i] - this.#windowMs;
    while (candles.openTimeMs[this.#oldestRow] < fromMs) this.#oldestRow += 1;
    this.#highs.dropBelow(this.#oldestRow);
    this.#negatedLows.dropBelow(this.#oldestRow);
    this.count = i - this.#oldestRow;
    const isReady = this.count >= this.#countMin;
    this.upper = isReady ? this.#highs.max : Number.NaN;
    this.lower = isReady ? -this.#negatedLows.max : Number.NaN;
    return this.upper;
  }
}
