/**
 * Closed higher-interval bars of a reference symbol and what is computed from them, readable as of any decision time. Built once
 * from history or extended bar by bar at the live edge; a value is readable from the bar set in which its last base bar arrived.
 */
import { asOfIndex, bucketStartMs, Resampler, type Candles } from '@donch/core';
import { GrowingColumn } from './growing-column.ts';

export interface ReferenceTrackOptions {
  readonly symbol: string;
  readonly baseIntervalMs: number;
  readonly intervalMs: number;
}

export abstract class ReferenceTrack {
  readonly symbol: string;
  readonly intervalMs: number;
  readonly #resampler: Resampler;
  readonly #endMs = new GrowingColumn();
  readonly #availableMs = new GrowingColumn();

  constructor({ symbol, baseIntervalMs, intervalMs }: ReferenceTrackOptions) {
    this.symbol = symbol;
    this.intervalMs = intervalMs;
    this.#resampler = new Resampler(baseIntervalMs, intervalMs);
  }

  /** Takes base row i, which became known in the bar set of `barSetTimeMs` (its own close in research and for punctual bars). */
  step(base: Candles, i: number, barSetTimeMs: number): void {
    const closed = this.#resampler.step(base, i);
    const { bars, usable } = this.#resampler;
    for (let row = bars.length - closed; row < bars.length; row += 1) {
      this.closeBar(bars, row, usable[row] === 1);
      this.#endMs.push(bars.openTimeMs[row] + this.intervalMs);
      this.#availableMs.push(barSetTimeMs);
    }
  }

  /** The base bars have dropped their first rows. */
  rebase(rows: number): void {
    this.#resampler.rebase(rows);
  }

  /** Takes a closed bar and appends one value to every column of the track: NaN where the bar is not usable. */
  protected abstract closeBar(bars: Candles, row: number, isUsable: boolean): void;

  /** Value of a column as of the instant; NaN when the bar that ended last at or before it is missing or had not arrived. */
  protected valueAsOf(column: GrowingColumn, timeMs: number): number {
    const row = asOfIndex(this.#endMs.values, this.#endMs.length, timeMs);
    if (row < 0 || this.#endMs.values[row] !== bucketStartMs(timeMs, this.intervalMs)) return Number.NaN;
    return this.#availableMs.values[row] <= timeMs ? column.values[row] : Number.NaN;
  }
}
