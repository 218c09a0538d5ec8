/** MACD of a reference symbol's closed higher-interval bars. */
import type { Candles } from '@donch/core';
import { Macd, type MacdLengths } from '@donch/indicators';
import { GrowingColumn } from './growing-column.ts';
import { ReferenceTrack, type ReferenceTrackOptions } from './reference-track.ts';

export interface MacdTrackOptions extends ReferenceTrackOptions {
  readonly lengths: MacdLengths;
}

export class MacdTrack extends ReferenceTrack {
  /** Usable bars before the first value: by then the start of the history weighs less than 1e-3. */
  readonly settleBars: number;
  readonly #macd: Macd;
  readonly #histogram = new GrowingColumn();
  readonly #close = new GrowingColumn();
  #usableBars = 0;

  constructor({ lengths, ...options }: MacdTrackOptions) {
    super(options);
    this.#macd = new Macd(lengths);
    this.settleBars = this.#macd.settleBars;
  }

  protected override closeBar(bars: Candles, row: number, isUsable: boolean): void {
    if (isUsable) {
      this.#macd.step(bars, row);
      this.#usableBars += 1;
    }
    const ready = isUsable && this.#usableBars >= this.settleBars;
    this.#histogram.push(ready ? this.#macd.hist : Number.NaN);
    this.#close.push(bars.close[row]);
  }

  /** MACD histogram (line - signal) in price units, as of the instant; NaN = not ready. */
  histogramAt(timeMs: number): number {
    return this.valueAsOf(this.#histogram, timeMs);
  }

  /** Histogram as a fraction of the close. */
  histogramFracAt(timeMs: number): number {
    return this.histogramAt(timeMs) / this.valueAsOf(this.#close, timeMs);
  }

  /** 1 = line above signal (histogram > 0), 0 = not, NaN = not ready. */
  aboveSignalAt(timeMs: number): number {
    const histogram = this.histogramAt(timeMs);
    return Number.isNaN(histogram) ? Number.NaN : Number(histogram > 0);
  }
}
