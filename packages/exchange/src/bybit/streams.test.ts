/** Streams of ccxt against the loopback exchange: real sockets, and a virtual clock that lets their messages arrive. */
import { candlesFromBars, MINUTE_MS, type Candles } from '@donch/core';
import { testRules } from '@donch/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { CandleMarket } from '../loopback/candle-market.ts';
import { FaultPlan } from '../loopback/faults.ts';
import { InProcessApi } from '../loopback/in-process.ts';
import { LoopbackExchange } from '../loopback/loopback-exchange.ts';
import { publicEndpoints } from '../loopback/public-endpoints.ts';
import { startLoopbackServer, type LoopbackServer } from '../loopback/server.ts';
import { StreamServer } from '../loopback/stream-server.ts';
import { VirtualClock } from '../loopback/virtual-clock.ts';
import type { Trouble } from './calls.ts';
import { openStreams, WAKE_MS, type Streams, type StreamsOptions } from './streams.ts';

const KEYS = { apiKey: 'key', apiSecret: 'secret' };
const START_MS = Date.UTC(2024, 0, 1, 12);
/** Wall-clock time: for what must come about, and for what is to fail. */
const DEADLINE_MS = 20_000;
const SHORT_DEADLINE_MS = 300;
/** Turns of the event loop between two moments: there and back, several times. Both ends live in this process. */
const ARRIVAL_TURNS = 24;
const POLL_MS = 50;

interface Rig {
  readonly clock: VirtualClock;
  readonly server: LoopbackServer;
  readonly venue: StreamServer;
  readonly streams: Streams;
  readonly market: CandleMarket;
  readonly wakes: { readonly kind: string; readonly atMs: number }[];
  readonly closed: string[];
  readonly troubles: Trouble[];
  readonly problems: string[];
  /** Something happens to the account. */
  order(): Promise<void>;
}

const open: Rig[] = [];

afterEach(async () => {
  for (const { streams, venue, server } of open.splice(0)) {
    streams.close();
    venue.close();
    await server.close();
  }
});

async function rig({
  symbols = ['AAAUSDT', 'BBBUSDT'],
  before,
  ...options
}: Partial<Pick<StreamsOptions, 'symbols' | 'keys' | 'venueTimeMs' | 'deadlineMs'>> & {
  readonly before?: (venue: StreamServer) => void;
} = {}): Promise<Rig> {
  let turns = 0;
  const clock = new VirtualClock(START_MS, () => {
    turns = (turns + 1) % (ARRIVAL_TURNS + 4);
    return turns < ARRIVAL_TURNS;
  });
  const candles = bars();
  const listed = symbols.filter((symbol) => !symbol.startsWith('GONE'));
  const rules = testRules({ tickSize: 0.01, qtyStep: 0.001, qtyMin: 0.001, notionalMinUsd: 0 });
  const named = listed.length === 0 ? ['AAAUSDT'] : listed;
  const market = new CandleMarket(named.map((symbol) => ({ symbol, candles, funding: null, rules })));
  const endpoints = publicEndpoints(market);
  const exchange = new LoopbackExchange({
    market,
    nowMs: () => clock.nowMs(),
    keys: KEYS,
    publicEndpoints: endpoints,
    options: { rateLimits: false },
  });
  const server = await startLoopbackServer({ exchange, faults: new FaultPlan(), clock });
  const venue = new StreamServer({ server, exchange, kline: endpoints['/v5/market/kline'], clock, keys: KEYS });
  before?.(venue);
  const seen = {
    wakes: [] as { kind: string; atMs: number }[],
    closed: [] as string[],
    troubles: [] as Trouble[],
    problems: [] as string[],
  };
  const streams = await openStreams({
    site: { baseUrl: server.url },
    keys: KEYS,
    symbols,
    intervalMs: MINUTE_MS,
    clock,
    venueTimeMs: () => clock.nowMs(),
    deadlineMs: DEADLINE_MS,
    random: () => 0.5,
    onWake: (kind) => seen.wakes.push({ kind, atMs: clock.nowMs() }),
    onBarClosed: (symbol, openTimeMs) => seen.closed.push(`${symbol} ${(openTimeMs - START_MS) / MINUTE_MS}`),
    onTrouble: (trouble) => seen.troubles.push(trouble),
    onProblem: (text) => seen.problems.push(text),
    ...options,
  });
  const api = new InProcessApi({
    handle: (request) => exchange.handle(request),
    faults: new FaultPlan(),
    clock,
    keys: KEYS,
    recvWindowMs: 5_000,
    deadlineMs: 5_000,
    latencyMs: 0,
  });
  const order = async (): Promise<void> => {
    const buy = { category: 'linear', symbol: named[0], side: 'Buy', orderType: 'Market', qty: '1' };
    const reply = await api.post('v5/order/create', buy);
    expect(reply.kind).toBe('ok');
  };
  const made = { clock, server, venue, streams, market, order, ...seen };
  open.push(made);
  return made;
}

/** A day of minutes, half of it before the start. */
function bars(): Candles {
  const rows = Array.from({ length: 1_440 }, (_, k) => ({
    openTimeMs: START_MS + (k - 720) * MINUTE_MS,
    open: 100,
    high: 101,
    low: 99,
    close: 100 + (k % 7) / 10,
    volume: 5,
    turnover: 500,
  }));
  return candlesFromBars(MINUTE_MS, rows);
}

async function until({ clock }: Rig, isSo: () => boolean, what: string): Promise<void> {
  const endMs = clock.nowMs() + 15 * MINUTE_MS;
  while (!isSo()) {
    if (clock.nowMs() > endMs) throw new Error(`never: ${what}`);
    await clock.sleep(POLL_MS);
  }
}

/** A test whose every wait is on the clock. */
function live(options: Parameters<typeof rig>[0], test: (one: Rig) => Promise<void>): () => Promise<void> {
  return async () => {
    const one = await rig(options);
    await one.clock.runUntil(test(one));
  };
}

const count = ({ wakes }: Rig, wanted: string): number => wakes.filter(({ kind }) => kind === wanted).length;
const connected = (one: Rig, topics = 6): Promise<void> =>
  until(one, () => one.venue.topics.size === topics && one.venue.peers === 2 && count(one, 'reconnected') > 0, 'up');
const again = (one: Rig): Promise<void> =>
  until(one, () => one.venue.dials === 4 && one.venue.topics.size === 6, 'two more dials');

describe('candles', () => {
  it(
    'are told when they are complete, never before, and once',
    live({}, async (one) => {
      await connected(one);
      one.venue.push(START_MS + MINUTE_MS - 1);
      one.venue.push(START_MS + MINUTE_MS);
      one.venue.push(START_MS + MINUTE_MS + 1);
      one.venue.push(START_MS + 3 * MINUTE_MS);
      await until(one, () => one.closed.length >= 6, 'six bars');
      expect(one.closed.toSorted()).toEqual(['AAA', 'BBB'].flatMap((name) => [0, 1, 2].map((k) => `${name}USDT ${k}`)));
    }),
  );

  const market = Array.from({ length: 553 }, (_, k) => `${k === 250 ? 'GONE' : 'S'}${k}USDT`);
  it(
    'of a whole market come over one connection, without those that are not there',
    live({ symbols: market, keys: null }, async (one) => {
      await until(one, () => one.venue.topics.size === 552 && count(one, 'reconnected') === 1, 'all of them');
      expect(one.venue.dials).toBe(1);
      expect(one.problems).toEqual(['no stream of kline.1.GONE250USDT: Invalid symbol :[kline.1.GONE250USDT]']);
      one.venue.push(START_MS + MINUTE_MS);
      await until(one, () => one.closed.length === 552, 'a bar of each');
    }),
  );

  it(
    'doubled and out of order are still told',
    live({}, async (one) => {
      await connected(one);
      one.venue.faults.add('out_of_order');
      for (let k = 1; k <= 2; k += 1) one.venue.push(START_MS + k * MINUTE_MS);
      one.venue.faults.add('doubled').delete('out_of_order');
      for (let k = 3; k <= 4; k += 1) one.venue.push(START_MS + k * MINUTE_MS);
      await until(one, () => one.closed.length === 12, 'every bar, some twice');
      expect(new Set(one.closed).size).toBe(8);
    }),
  );
});

describe('the account', () => {
  it(
    'wakes when something happens',
    live({}, async (one) => {
      await connected(one);
      expect(count(one, 'account')).toBe(0);
      await one.order();
      await until(one, () => count(one, 'account') > 0, 'a wake');
      expect(one.problems).toEqual([]);
    }),
  );

  it(
    'wakes seldom in a flood, and after its last message',
    live({ symbols: ['AAAUSDT'] }, async (one) => {
      await connected(one, 5);
      let lastMs = 0;
      for (let k = 0; k < 30; k += 1) {
        lastMs = one.clock.nowMs();
        one.venue.flood(200);
        await one.clock.sleep(10);
      }
      await until(
        one,
        () => (one.wakes.findLast(({ kind }) => kind === 'account')?.atMs ?? 0) >= lastMs,
        'a last wake',
      );
      const times = one.wakes.filter(({ kind }) => kind === 'account').map(({ atMs }) => atMs);
      expect(times.length).toBeGreaterThan(2);
      for (let k = 1; k < times.length; k += 1) expect(times[k] - times[k - 1]).toBeGreaterThanOrEqual(WAKE_MS);
      expect(one.problems).toEqual([]);
    }),
  );

  it(
    'is signed in with the time of the venue, not with ours',
    live({ venueTimeMs: () => 0 }, async (one) => {
      await until(one, () => one.troubles.length > 0, 'refused');
      expect(one.troubles[0].code).toBe('venue_halt');
    }),
  );
});

describe('a connection that ends', () => {
  it.each([1012, 1006] as const)('with code %i comes back, and says so', async (code) => {
    await live({}, async (one) => {
      await connected(one);
      const before = count(one, 'reconnected');
      one.venue.drop(code);
      await again(one);
      await until(one, () => count(one, 'reconnected') > before, 'a wake');
      expect(one.problems.length).toBe(2);
      await one.order();
      await until(one, () => count(one, 'account') > 0, 'a wake of the account');
    })();
  });

  it(
    'without a word is noticed',
    live({ deadlineMs: SHORT_DEADLINE_MS }, async (one) => {
      await connected(one);
      const startMs = one.clock.nowMs();
      one.venue.faults.add('silent');
      await until(one, () => one.problems.length === 2, 'both are silent');
      expect(one.problems.toSorted()).toEqual(['private stream: silent', 'public stream: silent']);
      expect(one.clock.nowMs() - startMs).toBeGreaterThan(30_000);
      expect(one.clock.nowMs() - startMs).toBeLessThan(MINUTE_MS);
      // dialling does not help as long as nobody answers
      await until(one, () => one.problems.some((text) => text.includes('not connected within')), 'a dial in vain');
      one.venue.faults.clear();
      const before = count(one, 'reconnected');
      await until(one, () => count(one, 'reconnected') > before && one.venue.topics.size === 6, 'back again');
      expect(one.troubles).toEqual([]);
    }),
  );

  it(
    'is alive as long as the venue answers pings, even if nothing happens',
    live({ symbols: [] }, async (one) => {
      await until(one, () => count(one, 'reconnected') === 1, 'connected');
      await one.clock.sleep(10 * MINUTE_MS);
      expect([one.venue.dials, one.problems]).toEqual([1, []]);
    }),
  );

  it(
    'is given up when candles stand still although pings are answered',
    live({ keys: null }, async (one) => {
      await until(one, () => count(one, 'reconnected') === 1, 'connected');
      one.venue.faults.add('events_lost');
      await until(one, () => one.venue.dials > 1, 'another dial');
      expect(one.problems).toEqual(['public stream: no word about any topic']);
      expect(one.clock.nowMs() - START_MS).toBeGreaterThan(2 * MINUTE_MS);
    }),
  );

  it(
    'because of a message that is not JSON comes back',
    live({}, async (one) => {
      await connected(one);
      const before = count(one, 'reconnected');
      one.venue.garble();
      await again(one);
      await until(one, () => count(one, 'reconnected') > before, 'a wake');
      expect(one.problems.toSorted()).toEqual(
        ['private', 'public'].map((name) => `${name} stream: a message that is not JSON`),
      );
    }),
  );

  it(
    'again and again is dialled less and less often',
    live({ keys: null }, async (one) => {
      const dialledMs: number[] = [];
      while (one.clock.nowMs() - START_MS < 5 * MINUTE_MS) {
        if (one.venue.peers > 0) dialledMs.push(one.clock.nowMs());
        one.venue.drop(1006);
        await one.clock.sleep(POLL_MS);
      }
      // pauses of 0.75 s x 1, 2, 4 .. 60
      const pauses = dialledMs.slice(1).map((atMs, k) => (atMs - dialledMs[k]) / 1_000);
      [0.75, 1.5, 3, 6, 12, 24, 45, 45].forEach((sec, k) => {
        expect(pauses[k]).toBeGreaterThan(sec - 0.1);
        expect(pauses[k]).toBeLessThan(sec + 2.5);
      });
    }),
  );
});

describe('a sign-in that is refused', () => {
  const refusing = (venue: StreamServer): void => void venue.faults.add('auth_refused');
  it(
    'halts, is tried again rarely, and heals',
    live({ symbols: [], before: refusing }, async (one) => {
      await until(one, () => one.troubles.length === 2, 'refused twice');
      expect(one.troubles[0]).toEqual({
        code: 'venue_halt',
        text: 'private stream: sign-in refused: error:USVC1111',
        stopsEntries: true,
      });
      expect(one.clock.nowMs() - START_MS).toBeGreaterThan(MINUTE_MS / 2);
      expect(one.venue.dials).toBe(2);
      one.venue.faults.clear();
      await until(one, () => count(one, 'reconnected') === 1, 'signed in');
      await one.order();
      await until(one, () => count(one, 'account') > 0, 'a wake');
    }),
  );
});

it(
  'closed streams wake nobody and dial no more',
  live({}, async (one) => {
    await connected(one);
    one.streams.close();
    await until(one, () => one.venue.peers === 0, 'gone');
    const before = [one.wakes.length, one.closed.length, one.problems.length];
    one.venue.push(START_MS + 5 * MINUTE_MS);
    await one.clock.sleep(5 * MINUTE_MS);
    expect([one.wakes.length, one.closed.length, one.problems.length]).toEqual(before);
    expect(one.venue.dials).toBe(2);
  }),
);
