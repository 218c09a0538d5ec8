/**
 * Reading candles: `candles/<venue>/<interval>/<SYMBOL>/<YYYY-MM>.parquet` merged with the tail log, through the Arrow cache.
 * Any number of readers, no lock. What a read returns is one of the states that the writer went through, month by month.
 */
import {
  DonchError,
  formatMonth,
  instrumentId as makeInstrumentId,
  intervalMs,
  lowerBound,
  sliceCandles,
  symbolOf,
  venueOf,
  type Candles,
  type InstrumentId,
  type Interval,
} from '@donch/core';
import { readArrowCache, writeArrowCache, type CachedMonth } from './arrow-cache.ts';
import { allocateCandles, joinCandles } from './candle-memory.ts';
import { mergeCandles } from './candle-merge.ts';
import { decodeCandleMonth, fileIdentity, openCandleMonth, readIdentified, type TailMark } from './candle-month.ts';
import type { SeriesKey, StorePaths } from './store-paths.ts';
import type { TailIndex } from './tail-index.ts';
import { TailReader } from './tail-log.ts';

/** Open times `[fromMs, toMs)`; an end that is left out is open. */
export interface ReadRange {
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface CandleStoreOptions {
  /** False = neither read nor write the Arrow cache. */
  readonly useCache?: boolean;
  /** Where the tail comes from; the writer passes its own logs, which show what it appended at once. */
  readonly tailOf?: (venue: string, interval: Interval) => TailIndex;
}

export class CandleStore {
  readonly #paths: StorePaths;
  readonly #useCache: boolean;
  readonly #tailOf: (venue: string, interval: Interval) => TailIndex;
  readonly #tails = new Map<string, TailReader>();

  constructor(paths: StorePaths, options: CandleStoreOptions = {}) {
    this.#paths = paths;
    this.#useCache = options.useCache ?? true;
    this.#tailOf = options.tailOf ?? ((venue, interval) => this.#readTail(venue, interval));
  }

  /** Venues with candles. */
  venues(): string[] {
    return this.#paths.venues();
  }

  /** Intervals with candles of a venue. */
  intervals(venue: string): Interval[] {
    return this.#paths.intervals(venue);
  }

  /** Instruments with candles, sorted by id; those that only the tail log has are among them. */
  instruments(venue: string, interval: Interval): InstrumentId[] {
    const symbols = new Set(this.#paths.symbols(venue, interval));
    for (const symbol of this.tail(venue, interval).symbols()) symbols.add(symbol);
    return Array.from(symbols, (symbol) => makeInstrumentId(venue, symbol)).sort();
  }

  /** The tail log of a venue and interval as it is now. */
  tail(venue: string, interval: Interval): TailIndex {
    return this.#tailOf(venue, interval);
  }

  /**
   * Candles of an instrument, ascending, in shared memory (post them to a worker without a copy). An empty range has no rows.
   * Throws `no_candles` for an instrument that the store does not have, `parquet_damaged`, `tail_log_damaged`, `newer_schema`.
   */
  async read(instrumentId: InstrumentId, interval: Interval, range: ReadRange = {}): Promise<Candles> {
    const request = this.#request({ instrumentId, interval }, range);
    return this.#join(request, this.#cachedMonths(request) ?? (await this.#decodedMonths(request)));
  }

  /**
   * As `read`, at once: for callers that cannot wait. Null where only decoding would answer (no cache of these months, a stale one,
   * `useCache: false`); `read` answers then, and makes the cache that answers the next time.
   */
  readNow(instrumentId: InstrumentId, interval: Interval, range: ReadRange = {}): Candles | null {
    const request = this.#request({ instrumentId, interval }, range);
    const months = this.#cachedMonths(request);
    return months === null ? null : this.#join(request, months);
  }

  #request(key: SeriesKey, { fromMs = -Infinity, toMs = Infinity }: ReadRange): ReadRequest {
    // The tail first: what a compaction moves meanwhile is then seen twice (and counted once), never not at all.
    const tail = this.tail(venueOf(key.instrumentId), key.interval);
    const months = this.#paths.months(key);
    const first = fromMs === -Infinity ? '' : formatMonth(fromMs);
    // `toMs` itself is excluded: the month of the last instant before it.
    const last = toMs === Infinity ? '~' : formatMonth(toMs - 1);
    const wanted = months.filter((month) => month >= first && month <= last);
    return { key, fromMs, toMs, tail, months, first, last, wanted };
  }

  #join({ key, fromMs, toMs, tail }: ReadRequest, { candles, marks }: ReadMonths): Candles {
    const symbol = symbolOf(key.instrumentId);
    if (marks.size === 0 && !tail.symbols().has(symbol)) this.#refuseUnknown(key);
    const rows = tail.rows({ symbol, intervalMs: intervalMs(key.interval), marks, fromMs, toMs });
    return between(overlay(candles, rows.candles), fromMs, toMs);
  }

  #refuseUnknown({ instrumentId, interval }: SeriesKey): void {
    if (this.#paths.months({ instrumentId, interval }).length > 0) return;
    throw new DonchError('no_candles', `there are no ${interval} candles of ${instrumentId}`, {
      file: this.#paths.series({ instrumentId, interval }),
      remedy: 'Fetch or import them first (donch fetch, donch import).',
    });
  }

  #readTail(venue: string, interval: Interval): TailIndex {
    const path = this.#paths.tail(venue, interval);
    let reader = this.#tails.get(path);
    if (reader === undefined) {
      reader = new TailReader(path);
      this.#tails.set(path, reader);
    }
    return reader.read();
  }

  #cachedMonths({ key, months, first, last, wanted }: ReadRequest): ReadMonths | null {
    if (wanted.length === 0) return { candles: allocateCandles(intervalMs(key.interval), 0), marks: new Map() };
    if (!this.#useCache) return null;
    const current = months.map((month) => ({ month, identity: fileIdentity(this.#paths.month(key, month)) ?? '' }));
    const cached = readArrowCache(this.#paths.arrow(key), { key, current, first, last });
    return cached === null ? null : { candles: cached.candles, marks: marksOf(cached.months) };
  }

  async #decodedMonths({ key, months, wanted }: ReadRequest): Promise<ReadMonths> {
    // A short range does not pay for decoding everything.
    if (!this.#useCache || wanted.length * 2 < months.length) return decodeMonths(this.#paths, key, wanted);
    const decoded = await decodeMonths(this.#paths, key, months);
    await writeArrowCache(this.#paths.arrow(key), key, decoded);
    return decoded;
  }
}

interface ReadRequest extends Required<ReadRange> {
  readonly key: SeriesKey;
  readonly tail: TailIndex;
  /** All months of the series; those of the range, `first <= month <= last`. */
  readonly months: readonly string[];
  readonly wanted: readonly string[];
  readonly first: string;
  readonly last: string;
}

interface ReadMonths {
  readonly candles: Candles;
  /** Months that were read, with what they hold of the tail log. */
  readonly marks: ReadonlyMap<string, TailMark | null>;
}

interface DecodedMonths extends ReadMonths {
  readonly months: readonly CachedMonth[];
}

/** Decodes month files one after the other into shared memory. */
async function decodeMonths(paths: StorePaths, key: SeriesKey, months: readonly string[]): Promise<DecodedMonths> {
  const opened = months.map((month) => {
    const path = paths.month(key, month);
    const { bytes, identity } = readIdentified(path);
    return { ...openCandleMonth(key, month, { bytes, file: path }), identity };
  });
  const candles = allocateCandles(
    intervalMs(key.interval),
    opened.reduce((sum, { rows }) => sum + rows, 0),
  );
  let at = 0;
  for (const month of opened) {
    await decodeCandleMonth(month, candles, at);
    at += month.rows;
  }
  const cached = opened.map(({ month, rows, identity, tailMark }) => ({
    month,
    rows,
    identity,
    tailMark: formatMark(tailMark),
  }));
  return { candles, months: cached, marks: marksOf(cached) };
}

function formatMark(mark: TailMark | null): string {
  return mark === null ? '' : `${mark.logId}:${mark.seq}`;
}

function marksOf(months: readonly CachedMonth[]): Map<string, TailMark | null> {
  return new Map(
    months.map(({ month, tailMark }) => {
      const [logId, seq] = tailMark.split(':');
      return [month, tailMark === '' ? null : { logId, seq: Number(seq) }];
    }),
  );
}

/** Rows of the tail over those of the month files: the tail is newer. */
function overlay(base: Candles, tail: Candles): Candles {
  if (tail.length === 0) return base;
  // Nearly always the tail begins where the months end, or shortly before: only the overlap is merged row by row.
  const cut = lowerBound(base, tail.openTimeMs[0]);
  const head = sliceCandles(base, 0, cut);
  const overlap = sliceCandles(base, cut, base.length);
  return joinCandles(base.intervalMs, [head, mergeCandles(overlap, tail, 'new').candles]);
}

function between(candles: Candles, fromMs: number, toMs: number): Candles {
  const from = fromMs === -Infinity ? 0 : lowerBound(candles, fromMs);
  const to = toMs === Infinity ? candles.length : Math.max(from, lowerBound(candles, toMs));
  return from === 0 && to === candles.length ? candles : sliceCandles(candles, from, to);
}
