/**
 * MACD of a benchmark symbol's closed higher-interval bars, readable as of any decision time. Built once from history or
 * extended bar by bar at the live edge; a value is readable from the bar set in which its last base bar arrived.
 */
import { asOfIndex, bucketStartMs, Resampler, type Candles } from '@donch/core';
import { Macd, type MacdLengths } from '@donch/indicators';

export interface MacdTrackOptions {
  readonly symbol: string;
  readonly baseIntervalMs: number;
  readonly intervalMs: number;
  readonly lengths: MacdLengths;
}

const GROWTH_ROWS = 1_024;

export class MacdTrack {
  readonly symbol: string;
  readonly intervalMs: number;
  /** Usable bars before the first value: by then the start of the history weighs less than 1e-3. */
  readonly settleBars: number;
  readonly #resampler: Resampler;
  readonly #macd: Macd;
  #usableBars = 0;
  #length = 0;
  #endMs = new Float64Array(GROWTH_ROWS);
  #availableMs = new Float64Array(GROWTH_ROWS);
  #histogram = new Float64Array(GROWTH_ROWS);
  #close = new Float64Array(GROWTH_ROWS);

  constructor({ symbol, baseIntervalMs, intervalMs, lengths }: MacdTrackOptions) {
    this.symbol = symbol;
    this.intervalMs = intervalMs;
    this.#resampler = new Resampler(baseIntervalMs, intervalMs);
    this.#macd = new Macd(lengths);
    this.settleBars = this.#macd.settleBars;
  }

  /** Takes base row i, which became known in the bar set of `barSetTimeMs` (its own close in research and for punctual bars). */
  step(base: Candles, i: number, barSetTimeMs: number): void {
    const closed = this.#resampler.step(base, i);
    const { bars, usable } = this.#resampler;
    for (let row = bars.length - closed; row < bars.length; row += 1) {
      if (usable[row] === 1) {
        this.#macd.step(bars, row);
        this.#usableBars += 1;
      }
      const ready = usable[row] === 1 && this.#usableBars >= this.settleBars;
      this.#push(bars, row, { ready, availableMs: barSetTimeMs });
    }
  }

  /** The base bars have dropped their first rows. */
  rebase(rows: number): void {
    this.#resampler.rebase(rows);
  }

  #push(bars: Candles, row: number, { ready, availableMs }: { ready: boolean; availableMs: number }): void {
    const at = this.#length;
    if (at === this.#endMs.length) this.#grow();
    this.#endMs[at] = bars.openTimeMs[row] + this.intervalMs;
    this.#availableMs[at] = availableMs;
    this.#histogram[at] = ready ? this.#macd.hist : Number.NaN;
    this.#close[at] = bars.close[row];
    this.#length = at + 1;
  }

  #grow(): void {
    const wider = (values: Float64Array): Float64Array<ArrayBuffer> => {
      const copy = new Float64Array(values.length * 2);
      copy.set(values);
      return copy;
    };
    this.#endMs = wider(this.#endMs);
    this.#availableMs = wider(this.#availableMs);
    this.#histogram = wider(this.#histogram);
    this.#close = wider(this.#close);
  }

  /** Row of the bar that ended last at or before the instant; -1 when that very bar is missing or had not arrived. */
  #rowAsOf(timeMs: number): number {
    const row = asOfIndex(this.#endMs, this.#length, timeMs);
    if (row < 0 || this.#endMs[row] !== bucketStartMs(timeMs, this.intervalMs)) return -1;
    return this.#availableMs[row] <= timeMs ? row : -1;
  }

  /** MACD histogram (line - signal) in price units, as of the instant; NaN = not ready. */
  histogramAt(timeMs: number): number {
    const row = this.#rowAsOf(timeMs);
    return row < 0 ? Number.NaN : this.#histogram[row];
  }

  /** Histogram as a fraction of the close. */
  histogramFracAt(timeMs: number): number {
    const row = this.#rowAsOf(timeMs);
    return row < 0 ? Number.NaN : this.#histogram[row] / this.#close[row];
  }

  /** 1 = line above signal (histogram > 0), 0 = not, NaN = not ready. */
  aboveSignalAt(timeMs: number): number {
    const histogram = this.histogramAt(timeMs);
    return Number.isNaN(histogram) ? Number.NaN : Number(histogram > 0);
  }
}
