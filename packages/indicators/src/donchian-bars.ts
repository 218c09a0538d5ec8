import { invariant, type Candles } from '@donch/core';
import { ExtremeWindow } from './extreme-window.ts';
import type { Kernel } from './kernel.ts';

/**
 * Donchian channel of bars: highest high (`upper`) and lowest low (`lower`) of the n rows before the current one, price units;
 * `step` returns `upper`. The current bar does not enter (Skender's variant; in TA-Lib's, Lean's and TTR's it does, and a
 * close can never break it). NaN until there are n rows before.
 */
export class DonchianBars implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;
  upper = Number.NaN;
  lower = Number.NaN;
  readonly #length: number;
  readonly #highs: ExtremeWindow;
  readonly #negatedLows: ExtremeWindow;
  #nextRow = 0;

  constructor(length: number) {
    invariant(Number.isInteger(length) && length >= 1, 'Donchian bars are a whole number from 1 on');
    this.#length = length;
    this.#highs = new ExtremeWindow();
    this.#negatedLows = new ExtremeWindow();
    this.warmupBars = length + 1;
    this.settleBars = this.warmupBars;
  }

  rebase(rows: number): void {
    this.#nextRow -= rows;
    this.#highs.rebase(rows);
    this.#negatedLows.rebase(rows);
  }

  step(candles: Candles, i: number): number {
    const from = i - this.#length;
    for (let row = Math.max(this.#nextRow, from); row < i; row += 1) {
      this.#highs.push(row, candles.high[row]);
      this.#negatedLows.push(row, -candles.low[row]);
    }
    if (i > this.#nextRow) this.#nextRow = i;
    this.#highs.dropBelow(from);
    this.#negatedLows.dropBelow(from);
    if (from < 0) return this.upper;
    this.upper = this.#highs.max;
    this.lower = -this.#negatedLows.max;
    return this.upper;
  }
}
