import { HOUR_MS, invariant, type Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';
import { vwapOfRows } from './rolling-vwap.ts';

export interface VwapStackOptions {
  /** L: bars of the rolling VWAP, and number of previous closes that are looked at. */
  readonly lengthBars: number;
  /** Half width of the band around a VWAP, fraction of it. */
  readonly bandFrac: number;
}

/**
 * How price lay around its rolling VWAP of L bars (typical price, current bar included):
 * - `frac`: share (0..1) of the previous L closes that lay within +-band of the VWAP of their own bar (`step` returns it),
 * - `expansion`: |close / vwap - 1| of the current bar, fraction,
 * - `slopePerHour`: relative change of the VWAP from L bars ago to now, per hour of time between these two bars,
 * - `vwap`: the rolling VWAP itself, price units.
 * NaN until 2 L bars exist, and while one of the VWAPs that are needed has no traded bar.
 */
export class VwapStack implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;
  frac = Number.NaN;
  expansion = Number.NaN;
  slopePerHour = Number.NaN;
  vwap = Number.NaN;
  readonly #length: number;
  readonly #bandFrac: number;
  /** VWAPs of the last L + 1 rows, by row modulo L + 1. */
  readonly #vwaps: Float64Array;
  #nextRow = 0;

  constructor({ lengthBars, bandFrac }: VwapStackOptions) {
    invariant(Number.isInteger(lengthBars) && lengthBars >= 1, 'VWAP length is a whole number from 1 on');
    invariant(bandFrac > 0, 'the band around a VWAP has a width');
    this.#length = lengthBars;
    this.#bandFrac = bandFrac;
    this.#vwaps = new Float64Array(lengthBars + 1).fill(Number.NaN);
    this.warmupBars = 2 * lengthBars;
    this.settleBars = this.warmupBars;
  }

  step(candles: Candles, i: number): number {
    const length = this.#length;
    for (let row = Math.max(this.#nextRow, i - length); row <= i; row += 1) {
      const from = row + 1 - length;
      this.#vwaps[row % (length + 1)] = from < 0 ? Number.NaN : vwapOfRows(candles, from, row + 1);
    }
    this.#nextRow = i + 1;
    if (i + 1 < this.warmupBars) return this.frac;
    this.vwap = this.#vwaps[i % (length + 1)];
    this.expansion = Math.abs(candles.close[i] / this.vwap - 1);
    const hours = (candles.openTimeMs[i] - candles.openTimeMs[i - length]) / HOUR_MS;
    this.slopePerHour = (this.vwap / this.#vwaps[(i - length) % (length + 1)] - 1) / hours;
    this.frac = this.#fracInBand(candles, i);
    return this.frac;
  }

  /** What is remembered is computed anew from the rows that are left. */
  rebase(): void {
    this.#nextRow = 0;
  }

  #fracInBand(candles: Candles, i: number): number {
    const length = this.#length;
    let inside = 0;
    for (let row = i - length; row < i; row += 1) {
      const vwap = this.#vwaps[row % (length + 1)];
      if (Number.isNaN(vwap)) return Number.NaN;
      if (Math.abs(candles.close[row] / vwap - 1) <= this.#bandFrac) inside += 1;
    }
    return inside / length;
  }
}
