/** One symbol of a download: what is missing in the store, fetched and merged, month by month. */
import {
  DAY_MS,
  formatMonth,
  intervalMs,
  lowerBound,
  sliceCandles,
  type Candles,
  type InstrumentId,
  type Interval,
} from '@donch/core';
import type { MergeReport, StoreWriter } from '@donch/data';
import type { BybitHistory, ListedInstrument, Span } from '@donch/exchange';

export interface FetchedSeries {
  readonly bars: number;
  readonly revised: number;
  /** Bars that the venue does not have, between the first and the last. */
  readonly gaps: number;
}

export interface SeriesRequest {
  readonly history: BybitHistory;
  readonly store: StoreWriter;
  readonly instrumentId: InstrumentId;
  readonly listed: ListedInstrument;
  /** Null = where the store ends, or `defaultStartMs`. */
  readonly startMs: number | null;
  readonly defaultStartMs: number;
  /** Excluded; nothing later has closed. */
  readonly endMs: number;
  readonly onBars: (bars: number) => void;
}

/** Bars that are compared with the venue at every fetch. */
const TAIL_MS = 2 * DAY_MS;
const PAGE_BARS = 1_000;
const NOTHING: FetchedSeries = { bars: 0, revised: 0, gaps: 0 };

/** Candles of one interval. Killed at any moment, the next fetch goes on; the store then holds the same as without the kill. */
export async function fetchCandles(request: SeriesRequest, interval: Interval): Promise<FetchedSeries> {
  const { history, store, instrumentId, listed, onBars } = request;
  const stepMs = intervalMs(interval);
  const onGrid = (timeMs: number): number => Math.floor(timeMs / stepMs) * stepMs;
  const stored = await storedBars(request, interval);
  const span = { fromMs: onGrid(firstMs(request, stored)), toMs: onGrid(lastMs(request)) };
  const batch = new MonthBatch(stepMs, (candles) =>
    store.candles.merge(instrumentId, interval, candles, { onRevision: 'take_new', nowMs: request.endMs }),
  );
  for (const page of missingPages(span, stored, stepMs)) {
    for await (const candles of history.candles(listed.symbol, stepMs, page)) {
      await batch.add(candles);
      onBars(candles.length);
    }
  }
  await batch.flush();
  const gaps = batch.first === null ? 0 : (batch.last - batch.first) / stepMs + 1 - batch.rows - batch.skipped(stored);
  return { bars: batch.added, revised: batch.revised, gaps: Math.max(0, gaps) };
}

async function storedBars(
  { store, instrumentId, startMs, endMs }: SeriesRequest,
  interval: Interval,
): Promise<Candles | null> {
  const venue = instrumentId.slice(0, instrumentId.indexOf(':'));
  if (!store.candles.instruments(venue, interval).includes(instrumentId)) return null;
  // without a start only the end of the store matters
  const recentMs = endMs - 40 * DAY_MS;
  const candles = await store.candles.read(instrumentId, interval, { fromMs: startMs ?? recentMs, toMs: endMs });
  return candles.length > 0 || startMs !== null ? candles : store.candles.read(instrumentId, interval, { toMs: endMs });
}

function firstMs({ startMs, defaultStartMs, listed }: SeriesRequest, stored: Candles | null): number {
  const fromMs =
    startMs ??
    (stored === null || stored.length === 0 ? defaultStartMs : stored.openTimeMs[stored.length - 1] - TAIL_MS);
  return Math.max(fromMs, listed.launchMs);
}

function lastMs({ endMs, listed }: SeriesRequest): number {
  return Math.min(endMs, listed.deliveryMs ?? endMs);
}

/** Pages of a fixed grid that the store lacks in part, and those of the tail. */
function missingPages({ fromMs, toMs }: Span, stored: Candles | null, stepMs: number): Span[] {
  const pageMs = PAGE_BARS * stepMs;
  const pages: Span[] = [];
  for (let at = fromMs; at < toMs; at = Math.floor(at / pageMs) * pageMs + pageMs) {
    const end = Math.min(toMs, Math.floor(at / pageMs) * pageMs + pageMs);
    const have = stored === null ? 0 : lowerBound(stored, end) - lowerBound(stored, at);
    if (have < (end - at) / stepMs || end > toMs - TAIL_MS) pages.push({ fromMs: at, toMs: end });
  }
  return pages;
}

/** Gathers pages until a month is whole: every month file is written once. */
class MonthBatch {
  readonly #stepMs: number;
  readonly #merge: (candles: Candles) => Promise<MergeReport>;
  #pending: Candles[] = [];
  added = 0;
  revised = 0;
  rows = 0;
  first: number | null = null;
  last = 0;

  constructor(stepMs: number, merge: (candles: Candles) => Promise<MergeReport>) {
    this.#stepMs = stepMs;
    this.#merge = merge;
  }

  async add(candles: Candles): Promise<void> {
    if (candles.length === 0) return;
    const firstOpenMs = candles.openTimeMs[0];
    const pendingLast = this.#pending.at(-1);
    const isNewMonth =
      pendingLast !== undefined &&
      formatMonth(pendingLast.openTimeMs[0]) !== formatMonth(candles.openTimeMs[candles.length - 1]);
    this.first ??= firstOpenMs;
    this.last = candles.openTimeMs[candles.length - 1];
    this.rows += candles.length;
    this.#pending.push(candles);
    if (isNewMonth) await this.#flushBefore(monthStartOf(candles.openTimeMs[candles.length - 1]));
  }

  async #flushBefore(startMs: number): Promise<void> {
    const all = joined(this.#pending, this.#stepMs);
    const at = lowerBound(all, startMs);
    this.#pending = at < all.length ? [sliceCandles(all, at, all.length)] : [];
    await this.#write(sliceCandles(all, 0, at));
  }

  async flush(): Promise<void> {
    const all = joined(this.#pending, this.#stepMs);
    this.#pending = [];
    await this.#write(all);
  }

  async #write(candles: Candles): Promise<void> {
    if (candles.length === 0) return;
    const report = await this.#merge(candles);
    this.added += report.added;
    this.revised += report.revised.length;
  }

  /** Bars between the first and the last that were not fetched, for the store had them. */
  skipped(stored: Candles | null): number {
    if (stored === null || this.first === null) return 0;
    const inside = lowerBound(stored, this.last + 1) - lowerBound(stored, this.first);
    return Math.max(0, inside - this.rows);
  }
}

function monthStartOf(timeMs: number): number {
  const date = new Date(timeMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

function joined(parts: readonly Candles[], intervalMilliseconds: number): Candles {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const column = (name: 'openTimeMs' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'turnover'): Float64Array => {
    const values = new Float64Array(length);
    let at = 0;
    for (const part of parts) {
      values.set(part[name].subarray(0, part.length), at);
      at += part.length;
    }
    return values;
  };
  return {
    intervalMs: intervalMilliseconds,
    length,
    openTimeMs: column('openTimeMs'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
    turnover: column('turnover'),
  };
}

/** Funding settlements. */
export async function fetchFunding(request: SeriesRequest): Promise<FetchedSeries> {
  const { history, store, instrumentId, listed, endMs } = request;
  const stored = await store.funding.read(instrumentId);
  const span = { fromMs: eventsStartMs(request, stored?.timeMs), toMs: lastMs(request) };
  if (span.fromMs >= span.toMs) return NOTHING;
  const events = await history.funding(listed.symbol, span, listed.fundingIntervalMin * 60_000);
  if (events.timeMs.length === 0) return NOTHING;
  const report = await store.funding.merge(instrumentId, events, { onRevision: 'take_new', nowMs: endMs });
  return { bars: report.added, revised: report.revised.length, gaps: 0 };
}

/** Open interest, hourly. */
export async function fetchOpenInterest(request: SeriesRequest): Promise<FetchedSeries> {
  const { history, store, instrumentId, listed, endMs } = request;
  const stored = await store.openInterest.readEvents(instrumentId);
  const span = { fromMs: eventsStartMs(request, stored?.timeMs), toMs: lastMs(request) };
  if (span.fromMs >= span.toMs) return NOTHING;
  const events = await history.openInterest(listed.symbol, span);
  if (events.timeMs.length === 0) return NOTHING;
  const report = await store.openInterest.mergeEvents(instrumentId, events, { onRevision: 'take_new', nowMs: endMs });
  return { bars: report.added, revised: report.revised.length, gaps: 0 };
}

/** An explicit start before what is stored fetches all again: events are few. */
function eventsStartMs({ startMs, defaultStartMs, listed }: SeriesRequest, times: Float64Array | undefined): number {
  const storedMs = times?.at(-1);
  const isCovered =
    storedMs !== undefined &&
    (startMs === null || (times?.[0] ?? Infinity) <= Math.max(startMs, listed.launchMs) + DAY_MS);
  const fromMs = isCovered && storedMs !== undefined ? storedMs - TAIL_MS : (startMs ?? defaultStartMs);
  return Math.max(fromMs, listed.launchMs);
}
