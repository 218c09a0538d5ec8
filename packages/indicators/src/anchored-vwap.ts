import type { Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';

/**
 * VWAP of the typical price (h + l + c) / 3 from an anchor bar to now, price units: the one cumulative sum here, whose path is
 * fixed by its anchor. Bars that open before the anchor do not count; NaN before it and while nothing was traded since.
 * The sums run from left to right, so the value is the same bits as `vwapOfRows(anchor row, i + 1)`.
 */
export class AnchoredVwap implements Kernel {
  readonly kind = 'window';
  readonly warmupBars = 1;
  readonly settleBars = 1;
  readonly #anchorMs: number;
  /** First row that is not summed yet; below 0 until the anchor's row has been looked up. */
  #nextRow = -1;
  #value = 0;
  #traded = 0;

  /** @param anchorMs open time of the anchor bar. */
  constructor(anchorMs: number) {
    this.#anchorMs = anchorMs;
  }

  step(candles: Candles, i: number): number {
    const { high, low, close, volume } = candles;
    if (candles.openTimeMs[i] < this.#anchorMs) return Number.NaN;
    if (this.#nextRow < 0) this.#nextRow = this.#anchorRow(candles, i);
    for (let row = this.#nextRow; row <= i; row += 1) {
      this.#value += ((high[row] + low[row] + close[row]) / 3) * volume[row];
      this.#traded += volume[row];
    }
    this.#nextRow = i + 1;
    return this.#traded > 0 ? this.#value / this.#traded : Number.NaN;
  }

  /** Walks back from the first row asked for, which is the anchor's or close to it: a search would read rows above `i`. */
  #anchorRow(candles: Candles, i: number): number {
    let row = i;
    while (row > 0 && candles.openTimeMs[row - 1] >= this.#anchorMs) row -= 1;
    return row;
  }
}
