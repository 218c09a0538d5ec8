/**
 * A day at the live edge in minutes: the bar feed and the streams against the loopback exchange, over sockets and through ccxt, on a
 * virtual clock that waits for the sockets. Judged by what the venue knows.
 */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { barAt, HOUR_MS, MINUTE_MS, type Bar } from '@donch/core';
import { syntheticMarket } from '@donch/sim';
import { AddressBan } from '../bybit/address-ban.ts';
import { BarFeed, type FeedBars } from '../bybit/bar-feed.ts';
import type { BybitApi, Params, Reply } from '../bybit/bybit-api.ts';
import { createBybitApi, type BybitConnection } from '../bybit/create-api.ts';
import { openStreams, type Streams } from '../bybit/streams.ts';
import { CandleMarket } from '../loopback/candle-market.ts';
import { FaultPlan } from '../loopback/faults.ts';
import { LoopbackExchange } from '../loopback/loopback-exchange.ts';
import { publicEndpoints } from '../loopback/public-endpoints.ts';
import { startLoopbackServer, type LoopbackServer } from '../loopback/server.ts';
import { StreamServer, type StreamFault } from '../loopback/stream-server.ts';
import { VirtualClock } from '../loopback/virtual-clock.ts';

export interface LiveDayOptions {
  readonly symbols: number;
  readonly hours: number;
  /** Things that happen to the streams, evenly over the time. */
  readonly streamFaults: number;
  /** Share of the answers about candles that are spoilt. */
  readonly faultFrac: number;
}

export interface LiveDayReport {
  readonly barSets: number;
  /** Bars taken, of all instruments. */
  readonly bars: number;
  readonly lateBars: number;
  /** Bars that are not the venue's, that came twice or out of order, or that were left out. */
  readonly wrong: readonly string[];
  readonly revisions: number;
  /** Bar sets that were asked for before the clock alone would have. */
  readonly confirmedSets: number;
  /** Longest time from T to the freezing of a set. */
  readonly frozenMaxMs: number;
  readonly requests: number;
  readonly spoiltAnswers: number;
  readonly dials: number;
  readonly reconnectedWakes: number;
  readonly accountWakes: number;
  readonly refusedSignIns: number;
  readonly rateLimitViolations: number;
  /** Heap and what hangs on it (external memory holds the array buffers) after each hour, MB. */
  readonly memoryMb: readonly number[];
}

const INTERVAL_MS = 5 * MINUTE_MS;
/** In the middle of the second day of the market. */
const START_MS = Date.UTC(2024, 0, 1);
const MARKET_DAYS = 2;
const FIRST_BARS = 3;
const DELAY_MS = 2_000;
const DEADLINE_MS = 15_000;
const KEYS = { apiKey: 'key', apiSecret: 'secret' };
/** Bybit takes 600 requests in five seconds from an address: these are 500. ccxt keeps its pace on another clock. */
const PACE = { requests: 20, everyMs: 200 };
/** Wall-clock time that messages get to arrive before the clock goes on. */
const ARRIVAL_MS = 4;
/** Faults whose answer comes at once: a request that hangs would stop the clock for as long. */
const QUICK_FAULTS = ['F3', 'F5', 'F7', 'F8', 'F10', 'F11', 'F12', 'F18', 'F20', 'F28', 'F29'];
/** For the last bar sets nothing goes wrong: all that was missing must come. */
const CALM_MS = 3 * INTERVAL_MS;

export async function runLiveDay(options: LiveDayOptions): Promise<LiveDayReport> {
  const day = new LiveDay(options);
  try {
    await day.open();
    return await day.play();
  } finally {
    await day.close();
  }
}

class LiveDay {
  readonly #options: LiveDayOptions;
  readonly #endMs: number;
  readonly #clock = new VirtualClock(START_MS + 6 * HOUR_MS, () => this.#isBusy());
  readonly #faults = new FaultPlan();
  readonly #market: CandleMarket;
  readonly #symbols: readonly string[];
  readonly #exchange: LoopbackExchange;
  readonly #taken: Int32Array;
  readonly #wrong: string[] = [];
  readonly #memoryMb: number[] = [];
  readonly #seen = { barSets: 0, bars: 0, lateBars: 0, revisions: 0, confirmedSets: 0, frozenMaxMs: 0, requests: 0 };
  readonly #woken = { account: 0, reconnected: 0, refused: 0 };
  #server: LoopbackServer | null = null;
  #venue: StreamServer | null = null;
  #streams: Streams | null = null;
  #connections: BybitConnection[] = [];
  #feed: BarFeed | null = null;
  #onWire = 0;
  #arrivedAtMs = 0;
  #slot = { atMs: -Infinity, requests: 0 };
  #soonMs = Number.NaN;

  constructor(options: LiveDayOptions) {
    this.#options = options;
    this.#endMs = this.#clock.nowMs() + options.hours * HOUR_MS;
    const source = syntheticMarket({
      seed: 7,
      symbols: options.symbols,
      startMs: START_MS,
      days: MARKET_DAYS,
      intervalMs: INTERVAL_MS,
      mode: 'martingale',
    });
    const listed = source.symbols.map(({ symbol, rules }, k) => ({
      symbol,
      rules,
      candles: source.candles(k),
      funding: null,
    }));
    this.#market = new CandleMarket(listed);
    this.#symbols = listed.map(({ symbol }) => symbol);
    this.#taken = new Int32Array(options.symbols).fill(-1);
    this.#exchange = new LoopbackExchange({
      market: this.#market,
      nowMs: () => this.#clock.nowMs(),
      keys: KEYS,
      publicEndpoints: publicEndpoints(this.#market),
    });
  }

  #isBusy(): boolean {
    return this.#onWire > 0 || performance.now() < this.#arrivedAtMs;
  }

  /** Messages are on their way. */
  #wait(): void {
    this.#arrivedAtMs = performance.now() + ARRIVAL_MS;
  }

  async open(): Promise<void> {
    const clock = this.#clock;
    this.#server = await startLoopbackServer({ exchange: this.#exchange, faults: this.#faults, clock });
    const kline = publicEndpoints(this.#market)['/v5/market/kline'];
    this.#venue = new StreamServer({ server: this.#server, exchange: this.#exchange, kline, clock, keys: KEYS });
    const site = { baseUrl: this.#server.url };
    const shared = { site, clock, recvWindowMs: 5_000, deadlineMs: 5_000, requestsPerSecond: 20_000 };
    const open = await createBybitApi({ ...shared, keys: null });
    this.#connections = [open, await createBybitApi({ ...shared, keys: KEYS })];
    this.#feed = new BarFeed({
      ban: new AddressBan(),
      api: { get: (path, params) => this.#paced(open, path, params) },
      clock,
      symbols: this.#symbols,
      intervalMs: INTERVAL_MS,
      lastOpenMs: (index) => (this.#taken[index] < 0 ? undefined : this.#candles(index).openTimeMs[this.#taken[index]]),
      firstBars: FIRST_BARS,
      delayMs: DELAY_MS,
      deadlineMs: DEADLINE_MS,
      onRevision: () => (this.#seen.revisions += 1),
      onTrouble: ({ text }) => this.#wrong.push(text),
      onProblem: () => undefined,
    });
    this.#streams = await openStreams({
      site,
      keys: KEYS,
      symbols: this.#symbols,
      intervalMs: INTERVAL_MS,
      clock,
      venueTimeMs: () => clock.nowMs(),
      deadlineMs: 5_000,
      random: () => 0.5,
      onWake: (wake) => (this.#woken[wake] += 1),
      onBarClosed: (symbol, openTimeMs) => {
        this.#wait();
        this.#feed?.barClosed(symbol, openTimeMs);
      },
      onTrouble: () => (this.#woken.refused += 1),
      onProblem: () => undefined,
    });
  }

  #candles(index: number) {
    return this.#market.candlesOf(this.#symbols[index]);
  }

  async #paced(api: BybitApi, path: string, params: Params): Promise<Reply> {
    const nowMs = this.#clock.nowMs();
    const closeTimeMs = Math.floor(nowMs / INTERVAL_MS) * INTERVAL_MS;
    if (nowMs < closeTimeMs + DELAY_MS && closeTimeMs !== this.#soonMs) {
      this.#soonMs = closeTimeMs;
      this.#seen.confirmedSets += 1;
    }
    const slot = this.#slot;
    if (slot.atMs < nowMs) this.#slot = { atMs: nowMs, requests: 0 };
    else if (slot.requests === PACE.requests) this.#slot = { atMs: slot.atMs + PACE.everyMs, requests: 0 };
    this.#slot.requests += 1;
    if (this.#slot.atMs > nowMs) await this.#clock.sleep(this.#slot.atMs - nowMs);
    this.#seen.requests += 1;
    return this.#wired(() => api.get(path, params));
  }

  /** Time stands still while a request is on the wire. */
  async #wired<T>(request: () => Promise<T>): Promise<T> {
    this.#onWire += 1;
    try {
      return await request();
    } finally {
      this.#onWire -= 1;
    }
  }

  async play(): Promise<LiveDayReport> {
    const { faultFrac } = this.#options;
    this.#faults.randomly(7, faultFrac, { ids: QUICK_FAULTS, match: /kline/ });
    await this.#clock.runUntil(
      Promise.all([this.#takeBars(), this.#pushes(), this.#streamFaults(), this.#trades(), this.#calm()]),
    );
    let spoiltAnswers = 0;
    for (const count of this.#faults.happened.values()) spoiltAnswers += count;
    return {
      ...this.#seen,
      spoiltAnswers,
      wrong: this.#wrong,
      dials: this.#venue?.dials ?? 0,
      reconnectedWakes: this.#woken.reconnected,
      accountWakes: this.#woken.account,
      refusedSignIns: this.#woken.refused,
      rateLimitViolations: this.#exchange.truth().rateLimitViolations,
      memoryMb: this.#memoryMb,
    };
  }

  async #takeBars(): Promise<void> {
    const feed = this.#feed as BarFeed;
    let closeTimeMs = Number.NaN;
    while (!(closeTimeMs >= this.#endMs)) {
      const bars = await feed.next(closeTimeMs);
      ({ closeTimeMs } = bars);
      this.#take(bars);
      if (closeTimeMs % HOUR_MS === 0) this.#memoryMb.push(usedMb());
    }
    for (const [index, row] of this.#taken.entries()) {
      const { openTimeMs } = this.#candles(index);
      if (openTimeMs[row] + INTERVAL_MS !== closeTimeMs) this.#wrong.push(`${this.#symbols[index]} ends early`);
    }
  }

  #take({ closeTimeMs, present, late }: FeedBars): void {
    const seen = this.#seen;
    const takenMs = this.#clock.nowMs() - closeTimeMs;
    // before the first one there is no confirmation
    if (seen.barSets > 0) seen.frozenMaxMs = Math.max(seen.frozenMaxMs, takenMs);
    seen.barSets += 1;
    seen.bars += late.length + present.length;
    if (seen.barSets > 1) seen.lateBars += late.length;
    for (const { index, bar } of late) this.#compare(index, bar);
    for (const { index, bar } of present) {
      this.#compare(index, bar);
      if (bar.openTimeMs + INTERVAL_MS !== closeTimeMs) this.#wrong.push(`${this.#symbols[index]} is not present`);
    }
  }

  /** The next row of the venue's, bit for bit. */
  #compare(index: number, bar: Bar): void {
    const candles = this.#candles(index);
    const row = this.#taken[index] < 0 ? candles.openTimeMs.indexOf(bar.openTimeMs) : this.#taken[index] + 1;
    const truth: Bar | null = row >= 0 && row < candles.length ? barAt(candles, row) : null;
    if (truth === null || !sameColumns(truth, bar)) this.#wrong.push(`${this.#symbols[index]}: ${JSON.stringify(bar)}`);
    this.#taken[index] = row;
  }

  /** Candles every minute: at the full five of them they are complete. */
  async #pushes(): Promise<void> {
    while (this.#clock.nowMs() <= this.#endMs) {
      this.#venue?.push(this.#clock.nowMs());
      this.#wait();
      await this.#clock.sleep(MINUTE_MS);
    }
  }

  /** The account has something to tell. */
  async #trades(): Promise<void> {
    const api = this.#connections[1];
    const rules = this.#market.instrument(this.#symbols[0]);
    for (let k = 0; this.#clock.nowMs() < this.#endMs - CALM_MS; k += 1) {
      await this.#clock.sleep(30 * MINUTE_MS);
      const params = { category: 'linear', symbol: this.#symbols[0], orderType: 'Market', positionIdx: 0 };
      const qty = Number(rules?.minOrderQty) * 10;
      const side = k % 2 === 0 ? 'Buy' : 'Sell';
      const reply = await this.#wired(() => api.post('v5/order/create', { ...params, side, qty: String(qty) }));
      if (reply.kind !== 'ok') this.#wrong.push(`order: ${JSON.stringify(reply)}`);
      this.#wait();
    }
  }

  async #streamFaults(): Promise<void> {
    const { streamFaults, hours } = this.#options;
    const startMs = this.#clock.nowMs();
    const everyMs = (hours * HOUR_MS - CALM_MS) / (streamFaults + 1);
    for (let k = 0; k < streamFaults; k += 1) {
      await this.#clock.sleep(startMs + (k + 1) * everyMs - this.#clock.nowMs());
      await this.#streamFault(k);
      this.#wait();
    }
  }

  async #streamFault(k: number): Promise<void> {
    const venue = this.#venue as StreamServer;
    const lasting = async (fault: StreamFault, ms: number): Promise<void> => {
      venue.faults.add(fault);
      await this.#clock.sleep(ms);
      venue.faults.delete(fault);
    };
    const acts: readonly (() => Promise<void> | void)[] = [
      () => venue.drop(1012),
      () => lasting('doubled', 6 * MINUTE_MS),
      () => venue.drop(1006),
      () => lasting('silent', 2 * MINUTE_MS),
      () => venue.garble(),
      () => lasting('events_lost', 6 * MINUTE_MS),
      () => venue.flood(500),
      () => lasting('out_of_order', 6 * MINUTE_MS),
      () => {
        venue.drop(1006);
        return lasting('auth_refused', 2 * MINUTE_MS);
      },
      // nobody answers for candles until every instrument was asked 20 times: for longer than a set waits
      () =>
        this.#faults.add({
          id: 'F19',
          match: /kline/,
          mode: { kind: 'reset', executes: false },
          count: 20 * this.#symbols.length,
        }),
    ];
    await acts[k % acts.length]();
  }

  async #calm(): Promise<void> {
    await this.#clock.sleep(this.#endMs - CALM_MS - this.#clock.nowMs());
    this.#faults.stop();
    this.#venue?.faults.clear();
  }

  async close(): Promise<void> {
    this.#feed?.close();
    this.#streams?.close();
    this.#venue?.close();
    for (const connection of this.#connections) await connection.close();
    await this.#server?.close();
  }
}

function sameColumns(a: Bar, b: Bar): boolean {
  return (Object.keys(a) as (keyof Bar)[]).every((name) => a[name] === b[name]);
}

let collectGarbage: (() => void) | null = null;

function usedMb(): number {
  if (collectGarbage === null) {
    setFlagsFromString('--expose-gc');
    collectGarbage = runInNewContext('gc') as () => void;
  }
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / 1e4) / 100;
}
