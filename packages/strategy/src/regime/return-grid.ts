/** Log returns of higher-interval bars on their regular grid: one per bar length, NaN where a bar or the one before it is not usable. */
import type { Candles } from '@donch/core';
import { GrowingColumn } from './growing-column.ts';

export class ReturnGrid {
  /** End of each step of the grid. */
  readonly endMs = new GrowingColumn();
  readonly returns = new GrowingColumn();
  #lastClose = Number.NaN;

  /** Takes a closed bar; returns how many steps of the grid it added (more than one after a gap). */
  closeBar(bars: Candles, row: number, isUsable: boolean): number {
    const { length, values } = this.endMs;
    const endMs = bars.openTimeMs[row] + bars.intervalMs;
    for (let ms = length === 0 ? endMs : values[length - 1] + bars.intervalMs; ms < endMs; ms += bars.intervalMs) {
      this.endMs.push(ms);
      this.returns.push(Number.NaN);
      this.#lastClose = Number.NaN;
    }
    this.endMs.push(endMs);
    const close = isUsable ? bars.close[row] : Number.NaN;
    this.returns.push(Math.log(close / this.#lastClose));
    this.#lastClose = close;
    return this.endMs.length - length;
  }
}
