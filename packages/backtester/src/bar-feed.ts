/** Bars of the instruments that a venue watches, one bar set at a time; the rest of the universe is not looked at. */
import { invariant, lowerBound, ROW_ABSENT, type BarSet, type Candles, type InstrumentId } from '@donch/core';
import type { BarVenue } from '@donch/sim';

/** Bars of an instrument, its whole history; called when a position or an order needs them. */
export type CandlesOf = (instrumentId: InstrumentId) => Candles;

export class BarFeed {
  readonly #instruments: readonly InstrumentId[];
  readonly #indexes: ReadonlyMap<InstrumentId, number>;
  readonly #candlesOf: CandlesOf;
  readonly #candles: (Candles | null)[];
  readonly #rows: Int32Array;
  /** First row at or after the last bar set's open, per instrument that is watched. */
  readonly #cursors: Int32Array;
  #watched: readonly number[] = [];
  #watchVersion = -1;
  /** Instruments whose last bar closed at or before the last bar set. */
  readonly ended = new Set<InstrumentId>();

  constructor(instruments: readonly InstrumentId[], candlesOf: CandlesOf) {
    this.#instruments = instruments;
    this.#indexes = new Map(instruments.map((id, index) => [id, index]));
    this.#candlesOf = candlesOf;
    this.#candles = instruments.map(() => null);
    this.#rows = new Int32Array(instruments.length).fill(ROW_ABSENT);
    this.#cursors = new Int32Array(instruments.length);
  }

  /** The bar set of an instant: rows of the watched instruments, all others absent. Instants ascend. */
  barSet(closeTimeMs: number, venue: BarVenue): BarSet {
    if (venue.watchVersion !== this.#watchVersion) this.#watch(venue, closeTimeMs);
    for (const index of this.#watched) this.#locate(index, closeTimeMs);
    return { closeTimeMs, instruments: this.#instruments, candles: this.#candles, rows: this.#rows };
  }

  #watch(venue: BarVenue, closeTimeMs: number): void {
    this.#watchVersion = venue.watchVersion;
    const watched = new Set<number>();
    for (const instrumentId of venue.watched()) {
      const index = this.#indexes.get(instrumentId) ?? -1;
      invariant(index >= 0, 'a watched instrument had a signal');
      watched.add(index);
      if (this.#candles[index] !== null) continue;
      const candles = this.#candlesOf(instrumentId);
      this.#candles[index] = candles;
      this.#cursors[index] = lowerBound(candles, closeTimeMs - candles.intervalMs);
    }
    for (const index of this.#watched) {
      if (watched.has(index)) continue;
      this.#candles[index] = null;
      this.#rows[index] = ROW_ABSENT;
      this.ended.delete(this.#instruments[index]);
    }
    this.#watched = [...watched];
  }

  #locate(index: number, closeTimeMs: number): void {
    const candles = this.#candles[index];
    invariant(candles !== null, 'a watched instrument has its bars');
    const openTimeMs = closeTimeMs - candles.intervalMs;
    let row = this.#cursors[index];
    while (row < candles.length && candles.openTimeMs[row] < openTimeMs) row += 1;
    this.#cursors[index] = row;
    this.#rows[index] = row < candles.length && candles.openTimeMs[row] === openTimeMs ? row : ROW_ABSENT;
    if (row >= candles.length - 1) this.ended.add(this.#instruments[index]);
  }
}
