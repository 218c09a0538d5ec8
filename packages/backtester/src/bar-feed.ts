/** Bars of the instruments that a venue watches, one bar set at a time; the rest of the universe is not looked at. */
import { invariant, ROW_ABSENT, type BarSet, type Candles, type InstrumentId } from '@donch/core';
import type { BarVenue } from '@donch/sim';
import { RowCursor } from './row-cursor.ts';

/** Bars of an instrument, its whole history; called when a position or an order needs them. */
export type CandlesOf = (instrumentId: InstrumentId) => Candles;

export class BarFeed {
  readonly #instruments: readonly InstrumentId[];
  readonly #indexes: ReadonlyMap<InstrumentId, number>;
  readonly #candlesOf: CandlesOf;
  readonly #candles: (Candles | null)[];
  readonly #rows: Int32Array;
  /** Of the watched instruments; null for the others. */
  readonly #cursors: (RowCursor | null)[];
  readonly #watched: number[] = [];
  /** Watched instruments without a bar after the last bar set. */
  readonly ended = new Set<InstrumentId>();

  constructor(instruments: readonly InstrumentId[], candlesOf: CandlesOf) {
    this.#instruments = instruments;
    this.#indexes = new Map(instruments.map((id, index) => [id, index]));
    this.#candlesOf = candlesOf;
    this.#candles = instruments.map(() => null);
    this.#rows = new Int32Array(instruments.length).fill(ROW_ABSENT);
    this.#cursors = instruments.map(() => null);
  }

  /** The bar set of an instant: rows of the watched instruments, all others absent. Instants ascend. */
  barSet(closeTimeMs: number, venue: BarVenue): BarSet {
    if (venue.watchChanges.size > 0) this.#watch(venue, closeTimeMs);
    for (const index of this.#watched) this.#locate(index, closeTimeMs);
    return { closeTimeMs, instruments: this.#instruments, candles: this.#candles, rows: this.#rows };
  }

  /**
   * How many bar sets, the last one first, bring a bar of every watched instrument in consecutive rows, at most `barSets`; what an
   * instrument does at a gap or at its end is left to single steps.
   */
  rowsAhead(barSets: number, intervalMs: number): number {
    let ahead = this.ended.size > 0 ? 0 : barSets;
    for (const index of this.#watched) {
      const cursor = this.#cursors[index];
      const row = this.#rows[index];
      if (cursor === null || row < 0 || cursor.candles.intervalMs !== intervalMs) return 0;
      ahead = Math.min(ahead, cursor.rowsAhead(row));
    }
    return ahead;
  }

  #watch(venue: BarVenue, closeTimeMs: number): void {
    for (const instrumentId of venue.watchChanges) {
      const index = this.#indexes.get(instrumentId) ?? -1;
      invariant(index >= 0, 'a watched instrument had a signal');
      const isOpen = this.#cursors[index] !== null;
      if (venue.isWatched(instrumentId) === isOpen) continue;
      if (isOpen) this.#close(index);
      else this.#open(index, closeTimeMs);
    }
    venue.watchChanges.clear();
  }

  #open(index: number, closeTimeMs: number): void {
    const candles = this.#candlesOf(this.#instruments[index]);
    this.#candles[index] = candles;
    this.#cursors[index] = new RowCursor(candles, closeTimeMs - candles.intervalMs);
    this.#watched.push(index);
  }

  #close(index: number): void {
    this.#candles[index] = null;
    this.#cursors[index] = null;
    this.#rows[index] = ROW_ABSENT;
    this.#watched.splice(this.#watched.indexOf(index), 1);
    this.ended.delete(this.#instruments[index]);
  }

  #locate(index: number, closeTimeMs: number): void {
    const cursor = this.#cursors[index];
    invariant(cursor !== null, 'a watched instrument has its bars');
    const openTimeMs = closeTimeMs - cursor.candles.intervalMs;
    this.#rows[index] = cursor.rowAt(openTimeMs);
    if (cursor.isOver(openTimeMs)) this.ended.add(this.#instruments[index]);
  }
}
