/** Bybit's history as columns: instruments, candles, funding, open interest. Complete, or an error. */
import { DonchError, HOUR_MS, type Candles, type FundingEvents, type OpenInterestEvents } from '@donch/core';
import { gridPage, type GridRow, type GridSource } from './grid-pages.ts';
import { Questions, type QuestionOptions } from './question.ts';

const LINEAR = { category: 'linear' } as const;
const KLINE_LIMIT = 1_000;
const EVENTS_LIMIT = 200;
const INSTRUMENTS_LIMIT = 500;

/** One linear perpetual, as the venue lists it. */
export interface ListedInstrument {
  readonly symbol: string;
  readonly status: string;
  readonly launchMs: number;
  /** Null = not delisted. */
  readonly deliveryMs: number | null;
  readonly tickSize: number;
  readonly qtyStep: number;
  readonly qtyMin: number;
  readonly notionalMinUsd: number;
  readonly marketQtyMax: number;
  readonly leverageMax: number;
  readonly fundingIntervalMin: number;
}

export class BybitHistory {
  readonly #questions: Questions;

  constructor(options: QuestionOptions) {
    this.#questions = new Questions(options);
  }

  /** Questions that were sent. */
  get requests(): number {
    return this.#questions.sent;
  }

  /** The venue's time. */
  async nowMs(): Promise<number> {
    const { result, timeMs } = await this.#questions.ask('v5/market/time', {});
    if (Math.abs(numberIn(result, 'timeSecond') * 1_000 - timeMs) < 2_000) return timeMs;
    return this.nowMs();
  }

  /** All perpetuals settled in USDT, by symbol; `closed`: with those that have left. Asked several times, since a cut list looks like a list. */
  async instruments({ closed }: { readonly closed: boolean }): Promise<ListedInstrument[]> {
    const statuses = closed ? ['Trading', 'Closed'] : ['Trading'];
    const found = new Map<string, ListedInstrument>();
    for (const status of statuses) await this.#learnInstruments(status, found);
    return [...found.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  }

  /** Asks until some answers in a row bring nothing new. */
  async #learnInstruments(status: string, found: Map<string, ListedInstrument>): Promise<void> {
    let same = 0;
    for (let attempt = 0; attempt < LIST_ATTEMPTS && same <= SAME_ANSWERS; attempt += 1) {
      const before = found.size;
      for (const row of await this.#instrumentRows(status)) {
        const one = listedIn(row);
        if (one !== null) found.set(one.symbol, one);
      }
      // an empty list is none: something always trades
      same = found.size > before || found.size === 0 ? 0 : same + 1;
    }
    if (found.size === 0) throw new DonchError('no_answer', 'the list of instruments is empty', { retryable: true });
  }

  async #instrumentRows(status: string): Promise<Row[]> {
    const rows: Row[] = [];
    let cursor: string | undefined;
    do {
      const { result } = await this.#questions.ask('v5/market/instruments-info', {
        ...LINEAR,
        status,
        limit: INSTRUMENTS_LIMIT,
        cursor,
      });
      rows.push(...(result['list'] as Row[]));
      const next = result['nextPageCursor'];
      cursor = typeof next === 'string' && next !== '' ? next : undefined;
    } while (cursor !== undefined);
    return rows;
  }

  /** Turnover of the last 24 h in USD, by symbol. */
  async turnover24hUsd(): Promise<ReadonlyMap<string, number>> {
    const { result } = await this.#questions.ask('v5/market/tickers', LINEAR);
    return new Map((result['list'] as Row[]).map((row) => [String(row['symbol']), Number(row['turnover24h'])]));
  }

  /**
   * Closed bars that open in [fromMs, toMs), page by page in order of time: a page is one question where nothing is wrong, 1,000 bars
   * at most. Bounds on the grid.
   */
  async *candles(symbol: string, intervalMs: number, { fromMs, toMs }: Span): AsyncGenerator<Candles> {
    const source: GridSource = {
      path: 'v5/market/kline',
      stepMs: intervalMs,
      limit: KLINE_LIMIT,
      what: `${symbol} candles`,
      finalAfterMs: intervalMs,
      paramsOf: (start, last) => ({
        ...LINEAR,
        symbol,
        interval: intervalName(intervalMs),
        start,
        end: last + intervalMs - 1,
      }),
      rowsOf: ({ symbol: answered, list }) =>
        answered === symbol ? (list as readonly (readonly unknown[])[]).map(candleRow) : null,
    };
    const pageMs = KLINE_LIMIT * intervalMs;
    for (let at = fromMs; at < toMs; at += pageMs) {
      const rows = await gridPage(this.#questions, source, {
        fromMs: at,
        toMs: Math.min(at + pageMs, toMs) - intervalMs,
      });
      yield candlesOf(rows, intervalMs);
    }
  }

  /** Open interest at full hours in [fromMs, toMs). */
  async openInterest(symbol: string, { fromMs, toMs }: Span): Promise<OpenInterestEvents> {
    const source: GridSource = {
      path: 'v5/market/open-interest',
      stepMs: HOUR_MS,
      limit: EVENTS_LIMIT,
      what: `${symbol} open interest`,
      finalAfterMs: 0,
      paramsOf: (startTime, endTime) => ({ ...LINEAR, symbol, intervalTime: '1h', startTime, endTime }),
      rowsOf: ({ symbol: answered, list }) =>
        answered === symbol
          ? (list as readonly Row[]).map((row) => [numberIn(row, 'timestamp'), numberIn(row, 'openInterest')])
          : null,
    };
    const rows: GridRow[] = [];
    const firstMs = Math.ceil(fromMs / HOUR_MS) * HOUR_MS;
    for (let at = firstMs; at < toMs; at += EVENTS_LIMIT * HOUR_MS) {
      const lastMs = Math.min(at + (EVENTS_LIMIT - 1) * HOUR_MS, Math.ceil(toMs / HOUR_MS) * HOUR_MS - HOUR_MS);
      rows.push(...(await gridPage(this.#questions, source, { fromMs: at, toMs: lastMs })));
    }
    return { timeMs: Float64Array.from(rows, ([timeMs]) => timeMs), value: Float64Array.from(rows, (row) => row[1]) };
  }

  /**
   * Settlements in [fromMs, toMs). The grid changes over time (8 h, 4 h, 1 h), so windows that come back full are halved, and what
   * lies between two settlements further apart than `periodMs` is asked for again.
   */
  async funding(symbol: string, { fromMs, toMs }: Span, periodMs: number): Promise<FundingEvents> {
    const found = new Map<number, number>();
    for (let at = fromMs; at < toMs; at += EVENTS_LIMIT * periodMs)
      await this.#fundingWindow(symbol, { fromMs: at, toMs: Math.min(at + EVENTS_LIMIT * periodMs, toMs) }, found);
    for (let round = 0; round < GAP_ROUNDS; round += 1) {
      const before = found.size;
      for (const gap of gapsIn([...found.keys()], { fromMs, toMs }, periodMs))
        await this.#fundingWindow(symbol, gap, found);
      if (found.size === before && round > 0) break;
    }
    const times = Float64Array.from(found.keys()).sort();
    return { timeMs: times, rate: times.map((timeMs) => found.get(timeMs) ?? Number.NaN) };
  }

  async #fundingWindow(symbol: string, { fromMs, toMs }: Span, found: Map<number, number>): Promise<void> {
    const params = { ...LINEAR, symbol, startTime: fromMs, endTime: toMs - 1, limit: EVENTS_LIMIT };
    const { result } = await this.#questions.ask('v5/market/funding/history', params);
    const rows = result['list'] as readonly Row[];
    for (const row of rows) {
      const timeMs = numberIn(row, 'fundingRateTimestamp');
      const rate = numberIn(row, 'fundingRate');
      if (row['symbol'] !== symbol || !(timeMs >= fromMs && timeMs < toMs) || !Number.isFinite(rate))
        throw new DonchError('no_answer', `${symbol} funding: a row that was not asked for`, { retryable: true });
      found.set(timeMs, rate);
    }
    if (rows.length < EVENTS_LIMIT || toMs - fromMs <= HOUR_MS) return;
    const middleMs = fromMs + Math.floor((toMs - fromMs) / 2 / HOUR_MS) * HOUR_MS;
    await this.#fundingWindow(symbol, { fromMs, toMs: middleMs }, found);
    await this.#fundingWindow(symbol, { fromMs: middleMs, toMs }, found);
  }
}

export interface Span {
  readonly fromMs: number;
  /** Excluded. */
  readonly toMs: number;
}

const GAP_ROUNDS = 4;
/** Answers in a row that bring nothing new. */
const SAME_ANSWERS = 1;
const LIST_ATTEMPTS = 20;

type Row = Readonly<Record<string, unknown>>;

function numberIn(row: Row, name: string): number {
  const value = row[name];
  return typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
}

/** Stretches between neighbours that are further apart than a period, the ends of the span included. */
function gapsIn(times: readonly number[], { fromMs, toMs }: Span, periodMs: number): Span[] {
  const sorted = [fromMs - 1, ...times.toSorted((a, b) => a - b), toMs];
  return sorted
    .slice(1)
    .flatMap((timeMs, at) => (timeMs - sorted[at] > periodMs ? [{ fromMs: sorted[at] + 1, toMs: timeMs }] : []));
}

function candleRow(cells: readonly unknown[]): GridRow {
  return cells.length === 7
    ? cells.map((cell) => (typeof cell === 'string' && cell !== '' ? Number(cell) : Number.NaN))
    : [Number.NaN];
}

function candlesOf(rows: readonly GridRow[], intervalMs: number): Candles {
  const column = (at: number): Float64Array => Float64Array.from(rows, (row) => row[at]);
  return {
    intervalMs,
    length: rows.length,
    openTimeMs: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
    turnover: column(6),
  };
}

const DAY_MINUTES = 1_440;

function intervalName(intervalMs: number): string {
  const minutes = intervalMs / 60_000;
  return minutes === DAY_MINUTES ? 'D' : String(minutes);
}

/** Perpetuals in USDT only; null for anything else. Throws `no_answer` for a row that cannot be read. */
function listedIn(row: Row): ListedInstrument | null {
  if (row['contractType'] !== 'LinearPerpetual' || row['settleCoin'] !== 'USDT') return null;
  const part = (name: string): Row => (row[name] ?? {}) as Row;
  const one: ListedInstrument = {
    symbol: String(row['symbol']),
    status: String(row['status']),
    launchMs: numberIn(row, 'launchTime'),
    deliveryMs: numberIn(row, 'deliveryTime') > 0 ? numberIn(row, 'deliveryTime') : null,
    tickSize: numberIn(part('priceFilter'), 'tickSize'),
    qtyStep: numberIn(part('lotSizeFilter'), 'qtyStep'),
    qtyMin: numberIn(part('lotSizeFilter'), 'minOrderQty'),
    notionalMinUsd: numberIn(part('lotSizeFilter'), 'minNotionalValue'),
    marketQtyMax: numberIn(part('lotSizeFilter'), 'maxMktOrderQty'),
    leverageMax: numberIn(part('leverageFilter'), 'maxLeverage'),
    fundingIntervalMin: Number(row['fundingInterval']),
  };
  const bad = Object.entries(one).find(([, value]) => typeof value === 'number' && !Number.isFinite(value));
  if (bad === undefined) return one;
  throw new DonchError('no_answer', `instrument ${one.symbol}: ${bad[0]} is no number`, { retryable: true });
}
