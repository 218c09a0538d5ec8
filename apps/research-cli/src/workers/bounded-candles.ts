/** Candles of many instruments in bounded memory: read when they are asked for, dropped when others need the room. */
import { CANDLE_COLUMNS, type Candles, type InstrumentId, type Interval } from '@donch/core';
import type { CandleStore, ReadRange } from '@donch/data';

export interface BoundedCandlesOptions {
  readonly store: Pick<CandleStore, 'read' | 'readNow'>;
  readonly interval: Interval;
  readonly range: ReadRange;
  /** Room for candles that can be read again at any time. */
  readonly bytesMax: number;
}

const BYTES_PER_ROW = CANDLE_COLUMNS.length * Float64Array.BYTES_PER_ELEMENT;

/** Candles that no cache can give at once: `prepare` first, then start again. */
export class CandlesNotReady extends Error {
  override readonly name = 'CandlesNotReady';
}

export class BoundedCandles {
  readonly #options: BoundedCandlesOptions;
  /** Least recently used first. */
  readonly #kept = new Map<InstrumentId, Candles>();
  /** Those that no cache can give again: they stay. */
  readonly #pinned = new Map<InstrumentId, Candles>();
  #keptBytes = 0;

  constructor(options: BoundedCandlesOptions) {
    this.#options = options;
  }

  /** Bytes that may be dropped, at most `bytesMax` (or one instrument). */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Bars of an instrument, at once. Throws `CandlesNotReady`, and what reading a store throws. */
  candlesOf(id: InstrumentId): Candles {
    const pinned = this.#pinned.get(id);
    if (pinned !== undefined) return pinned;
    const { store, interval, range } = this.#options;
    const candles = this.#kept.get(id) ?? store.readNow(id, interval, range);
    if (candles === null) throw new CandlesNotReady(`no cache holds the candles of ${id}`);
    this.#keep(id, candles);
    return candles;
  }

  /** Makes the caches of these instruments; what cannot be cached (a read-only folder, a full disk) is held in memory. */
  async prepare(instruments: readonly InstrumentId[]): Promise<void> {
    const { store, interval, range } = this.#options;
    for (const id of instruments) {
      if (store.readNow(id, interval, range) !== null) continue;
      const candles = await store.read(id, interval, range);
      if (store.readNow(id, interval, range) === null) this.#pinned.set(id, candles);
    }
  }

  /** Notes the use and makes room: the newest always stays. */
  #keep(id: InstrumentId, candles: Candles): void {
    const bytes = candles.length * BYTES_PER_ROW;
    this.#keptBytes += this.#kept.delete(id) ? 0 : bytes;
    this.#kept.set(id, candles);
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= this.#options.bytesMax || oldest === id) return;
      this.#kept.delete(oldest);
      this.#keptBytes -= length * BYTES_PER_ROW;
    }
  }
}
