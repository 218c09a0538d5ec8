/** The feed against the loopback exchange on a virtual clock: every bar once, true, in order, whatever happens to the answers. */
import { barAt, candlesFromBars, createPrng, MINUTE_MS, rowAt, type Bar } from '@donch/core';
import { testRules } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { CandleMarket } from '../loopback/candle-market.ts';
import { FaultPlan, FAULTS } from '../loopback/faults.ts';
import { InProcessApi } from '../loopback/in-process.ts';
import { LoopbackExchange } from '../loopback/loopback-exchange.ts';
import { publicEndpoints } from '../loopback/public-endpoints.ts';
import { VirtualClock } from '../loopback/virtual-clock.ts';
import { AddressBan } from './address-ban.ts';
import { BarFeed, type BarFeedOptions, type BarRevision, type FeedBars } from './bar-feed.ts';
import type { BybitApi, Reply } from './bybit-api.ts';
import type { Trouble } from './calls.ts';

const START_MS = Date.UTC(2024, 0, 1, 12);
const BARS = 3_000;
const KEYS = { apiKey: 'key', apiSecret: 'secret' };
const DEADLINE_MS = 15_000;
const API_DEADLINE_MS = 10_000;
const LATENCY_MS = 20;
/** There and back, for the last of three requests that leave one after the other. */
const ANSWER_MS = 80;
const T1 = START_MS + MINUTE_MS;

interface Rig {
  readonly clock: VirtualClock;
  readonly faults: FaultPlan;
  readonly market: CandleMarket;
  readonly feed: BarFeed;
  /** What the receiver has, by index. */
  readonly taken: Bar[][];
  readonly revisions: BarRevision[];
  readonly problems: string[];
  readonly troubles: Trouble[];
  readonly asked: () => number;
  /** Collects a bar set and takes it. */
  take(closeTimeMs: number): Promise<FeedBars>;
  run<T>(work: () => Promise<T>): Promise<T>;
}

function rig({
  symbols = 3,
  skewMs = 0,
  launchRow = 0,
  change = (reply) => reply,
  firstBars = 5,
}: {
  readonly symbols?: number;
  /** How far our clock is ahead of the venue's. */
  readonly skewMs?: number;
  /** First bar of the last symbol. */
  readonly launchRow?: number;
  readonly change?: (reply: Reply, symbol: string) => Reply;
  readonly firstBars?: number;
} = {}): Rig {
  const clock = new VirtualClock(START_MS);
  const market = new CandleMarket(
    Array.from({ length: symbols }, (_, k) => ({
      symbol: `S${k}USDT`,
      candles: randomBars(k, k === symbols - 1 ? launchRow : 0),
      funding: null,
      rules: testRules({ tickSize: 0.01, qtyStep: 0.001 }),
    })),
  );
  const exchange = new LoopbackExchange({
    market,
    nowMs: () => clock.nowMs() - skewMs,
    keys: KEYS,
    publicEndpoints: publicEndpoints(market),
  });
  const faults = new FaultPlan();
  let count = 0;
  const inner = new InProcessApi({
    handle: (request) => exchange.handle(request),
    faults,
    clock,
    keys: KEYS,
    recvWindowMs: 5_000,
    deadlineMs: API_DEADLINE_MS,
    latencyMs: LATENCY_MS,
  });
  const api: Pick<BybitApi, 'get'> = {
    get: async (path, params) => {
      count += 1;
      return change(await inner.get(path, params), String(params['symbol']));
    },
  };
  const taken: Bar[][] = Array.from({ length: symbols }, () => []);
  const seen = { revisions: [] as BarRevision[], problems: [] as string[], troubles: [] as Trouble[] };
  const feed = new BarFeed({
    ban: new AddressBan(),
    api,
    clock,
    symbols: market.instruments().map(({ symbol }) => symbol),
    intervalMs: MINUTE_MS,
    lastOpenMs: (index) => taken[index].at(-1)?.openTimeMs,
    firstBars,
    delayMs: 2_000,
    deadlineMs: DEADLINE_MS,
    onRevision: (revision) => seen.revisions.push(revision),
    onProblem: (text) => seen.problems.push(text),
    onTrouble: (trouble) => seen.troubles.push(trouble),
  } satisfies BarFeedOptions);
  const receive = (bars: FeedBars): FeedBars => {
    for (const { index, bar } of [...bars.late, ...bars.present]) taken[index].push(bar);
    return bars;
  };
  return {
    clock,
    faults,
    market,
    feed,
    taken,
    ...seen,
    asked: () => count,
    take: async (closeTimeMs) => {
      await waitUntil(clock, closeTimeMs);
      return receive(await feed.collect(closeTimeMs));
    },
    run: (work) => clock.runUntil(work()),
  };
}

async function waitUntil(clock: Clock, timeMs: number): Promise<void> {
  if (timeMs > clock.nowMs()) await clock.sleep(timeMs - clock.nowMs());
}

function randomBars(k: number, from: number) {
  const prng = createPrng(k, 'bars');
  const bars = Array.from({ length: BARS }, (_, row) => {
    const [open, close] = [100 + Math.round(prng.next() * 100) / 100, 100 + Math.round(prng.next() * 100) / 100];
    return {
      openTimeMs: START_MS + (row - BARS / 2) * MINUTE_MS,
      open,
      high: Math.max(open, close) + 0.25,
      low: Math.min(open, close) - 0.25,
      close,
      volume: Math.round(prng.next() * 1_000),
      turnover: Math.round(prng.next() * 100_000),
    };
  });
  return candlesFromBars(MINUTE_MS, bars.slice(from));
}

/** What the receiver has is the truth from its first bar on, without a hole and without a repetition. */
function expectTrue({ market, taken }: Rig, lastCloseMs: number): void {
  for (const [index, bars] of taken.entries()) {
    const candles = market.candlesOf(`S${index}USDT`);
    const firstRow = rowAt(candles, bars[0].openTimeMs);
    const lastRow = rowAt(candles, lastCloseMs - MINUTE_MS);
    const truth = Array.from({ length: lastRow - firstRow + 1 }, (_, k) => barAt(candles, firstRow + k));
    expect(bars).toEqual(truth);
  }
}

describe('a bar set', () => {
  it('is there as soon as its last bar is', async () => {
    const one = rig();
    const bars = await one.run(() => one.take(T1));
    expect(one.clock.nowMs()).toBe(T1 + 2_000 + ANSWER_MS);
    expect(bars.present.map(({ index, bar }) => [index, bar.openTimeMs])).toEqual([0, 1, 2].map((k) => [k, START_MS]));
    expect(bars.late.length).toBe(3 * 4);
    expectTrue(one, T1);
    expect([one.asked(), one.problems]).toEqual([3, []]);
  });

  it('comes sooner when the venue calls its bars complete', async () => {
    const one = rig();
    for (let k = 0; k < 3; k += 1) one.feed.barClosed(`S${k}USDT`, START_MS);
    one.feed.barClosed('OTHERUSDT', START_MS);
    await one.run(() => one.take(T1));
    expect(one.clock.nowMs()).toBe(T1 + 500 + ANSWER_MS);
    expectTrue(one, T1);
  });

  it('is not asked for at once because of an older bar that is called complete', async () => {
    const one = rig();
    for (let k = 0; k < 3; k += 1) one.feed.barClosed(`S${k}USDT`, START_MS - MINUTE_MS);
    await one.run(() => one.take(T1));
    expect(one.clock.nowMs()).toBe(T1 + 2_000 + ANSWER_MS);
  });

  it('is the newest one whichever came before', async () => {
    const one = rig();
    const first = await one.run(() => one.feed.next(Number.NaN));
    expect(first.closeTimeMs).toBe(START_MS);
    const second = await one.run(() => one.feed.next(first.closeTimeMs));
    expect([second.closeTimeMs, one.feed.dueMs()]).toEqual([T1, T1]);
    // nobody has taken the first one, so it comes again
    expect(second.late.filter(({ bar }) => bar.openTimeMs === START_MS - MINUTE_MS).length).toBe(3);
  });

  it('is frozen at its deadline, and what comes later comes with the next one', async () => {
    const one = rig();
    one.faults.add({ id: 'F2', match: /kline/, mode: { kind: 'hang', executes: true }, skip: 3, count: 1 });
    one.faults.add({
      id: 'F12',
      match: /kline/,
      mode: { kind: 'replaced', status: 503, body: '', executes: true },
      skip: 4,
      count: 60,
    });
    const sets = await one.run(async () => {
      const first = await one.take(T1);
      const second = await one.take(T1 + MINUTE_MS);
      expect(one.clock.nowMs()).toBe(T1 + MINUTE_MS + DEADLINE_MS);
      one.faults.stop();
      return [first, second, await one.take(T1 + 2 * MINUTE_MS)];
    });
    expect(sets.map(({ present }) => present.length)).toEqual([3, 1, 3]);
    expect(sets[2].late.map(({ index, bar }) => [index, bar.openTimeMs])).toEqual([
      [0, T1],
      [2, T1],
    ]);
    expectTrue(one, T1 + 2 * MINUTE_MS);
    expect(one.problems.length).toBe(1);
    expect(one.problems[0]).toContain('2 of 3 are missing');
  });

  it('has as much patience when it is asked for late', async () => {
    const one = rig();
    await one.run(async () => {
      await one.clock.sleep(MINUTE_MS + 40_000);
      one.faults.add({
        id: 'F12',
        match: /kline/,
        mode: { kind: 'replaced', status: 503, body: '', executes: true },
        count: 20,
      });
      await one.take(T1);
    });
    expect(one.clock.nowMs()).toBeGreaterThan(T1 + 40_000 + 5_000);
    expectTrue(one, T1);
  });

  it('never holds the running bar, even when our clock is ahead', async () => {
    const one = rig({ skewMs: 6_000 });
    await one.run(() => one.take(T1));
    expect(one.clock.nowMs()).toBeGreaterThanOrEqual(T1 + 6_000);
    expectTrue(one, T1);
    const behind = rig({ skewMs: 40_000 });
    const { present } = await behind.run(() => behind.take(T1));
    expect([present.length, behind.clock.nowMs()]).toEqual([0, T1 + DEADLINE_MS]);
  });

  it('brings all that was missed while nobody listened', async () => {
    const one = rig();
    const lastMs = T1 + 1_300 * MINUTE_MS;
    await one.run(async () => {
      await one.take(T1);
      const { late } = await one.take(lastMs);
      expect(late.length).toBe(3 * 1_299);
    });
    expectTrue(one, lastMs);
    expect(one.asked()).toBe(3 + 3 * 2);
  });
});

describe('answers that are not what they look like', () => {
  it.each(['F7', 'F9', 'F10', 'F11', 'F20', 'F27', 'F28', 'F29'])('%s costs time and no bar', async (id) => {
    const one = rig();
    const sets = 12;
    await one.run(async () => {
      await one.take(T1);
      for (const mode of FAULTS[id]) one.faults.add({ id, match: /kline/, mode, count: 20 });
      for (let k = 1; k <= sets; k += 1) await one.take(T1 + k * MINUTE_MS);
    });
    expect(one.faults.happened.get(id)).toBeGreaterThan(10);
    expectTrue(one, T1 + sets * MINUTE_MS);
    expect(one.revisions).toEqual([]);
  });

  it.each([
    ['about another symbol', { symbol: 'XUSDT' }],
    ['with an empty cell', { cell: '' }],
    ['with a text', { cell: 'n/a' }],
    ['with a low above its open', { cell: '500' }],
    ['with a negative price', { cell: '-1' }],
  ])('an answer %s is none', async (_, { symbol, cell }: { readonly symbol?: string; readonly cell?: string }) => {
    let bad = 3;
    const one = rig({
      change: (reply) => {
        if (reply.kind !== 'ok' || bad === 0) return reply;
        bad -= 1;
        const list = (reply.result['list'] as string[][]).map((row) =>
          cell === undefined ? row.with(5, '1') : row.with(3, cell),
        );
        return { ...reply, result: { ...reply.result, symbol: symbol ?? reply.result['symbol'], list } };
      },
    });
    await one.run(() => one.take(T1));
    expect(bad).toBe(0);
    expectTrue(one, T1);
  });

  it('an answer with two bars of one time is none', async () => {
    let bad = 3;
    const one = rig({
      change: (reply) => {
        if (reply.kind !== 'ok' || bad === 0) return reply;
        bad -= 1;
        const list = reply.result['list'] as string[][];
        return { ...reply, result: { ...reply.result, list: [...list, list[0].with(5, '1')] } };
      },
    });
    await one.run(() => one.take(T1));
    expect(bad).toBe(0);
    expectTrue(one, T1);
  });

  it('an answer that is cut off is no hole', async () => {
    const one = rig();
    const lastMs = T1 + 20 * MINUTE_MS;
    await one.run(async () => {
      await one.take(T1);
      one.faults.add({ id: 'F27', match: /kline/, mode: FAULTS['F27'][0], count: 6 });
      await one.take(lastMs);
    });
    expect(one.faults.happened.get('F27')).toBe(6);
    expectTrue(one, lastMs);
  });

  it('random ones leave nothing out and double nothing', async () => {
    let late = 0;
    for (let seed = 1; seed <= 6; seed += 1) {
      const one = rig({ symbols: 5 });
      one.faults.randomly(seed, 0.5);
      await one.run(async () => {
        for (let k = 1; k <= 60; k += 1) late += (await one.take(START_MS + k * MINUTE_MS)).late.length;
        one.faults.stop();
        await one.take(START_MS + 61 * MINUTE_MS);
      });
      expectTrue(one, START_MS + 61 * MINUTE_MS);
      expect(one.revisions).toEqual([]);
    }
    // more than what every instrument starts with
    expect(late).toBeGreaterThan(6 * 5 * 4 + 50);
  });
});

describe('bars that the venue changes or lacks', () => {
  const changed =
    (change: (rows: string[][]) => string[][], isSo: (symbol: string) => boolean = () => true) =>
    (reply: Reply, symbol: string): Reply =>
      reply.kind === 'ok' && isSo(symbol)
        ? { ...reply, result: { ...reply.result, list: change(reply.result['list'] as string[][]) } }
        : reply;

  it('a revision of a bar that was taken is told', async () => {
    let isRevised = false;
    const one = rig({
      symbols: 1,
      change: changed((rows) =>
        rows.map((row) => (isRevised && row[0] === String(START_MS) ? row.with(5, '12345') : row)),
      ),
    });
    await one.run(async () => {
      await one.take(T1);
      isRevised = true;
      await one.take(T1 + MINUTE_MS);
      await one.take(T1 + 2 * MINUTE_MS);
    });
    const before = one.taken[0].find(({ openTimeMs }) => openTimeMs === START_MS);
    expect(one.revisions).toEqual([{ index: 0, before, after: { ...before, volume: 12_345 } }]);
  });

  it('a hole is believed when the venue shows it again and again', async () => {
    const isGone = (row: readonly string[]): boolean => Number(row[0]) >= T1 && Number(row[0]) < T1 + 2 * MINUTE_MS;
    const one = rig({
      symbols: 2,
      change: changed(
        (rows) => rows.filter((row) => !isGone(row)),
        (symbol) => symbol === 'S0USDT',
      ),
    });
    await one.run(async () => {
      for (let k = 0; k <= 5; k += 1) await one.take(T1 + k * MINUTE_MS);
    });
    const opens = one.taken[0].map(({ openTimeMs }) => (openTimeMs - START_MS) / MINUTE_MS);
    expect(opens).toEqual([-4, -3, -2, -1, 0, 3, 4, 5]);
    expect(one.taken[1].at(-1)?.openTimeMs).toBe(T1 + 4 * MINUTE_MS);
    expect(one.problems.at(-1)).toBe('the venue has no bars of S0USDT from 2024-01-01 12:01 to 2024-01-01 12:03');
  });

  it('nobody waits long for an instrument that is silent, and it is heard when it speaks', async () => {
    const launchRow = BARS / 2 + 5;
    const one = rig({ launchRow, firstBars: 30 });
    const times: number[] = [];
    await one.run(async () => {
      for (let k = 0; k <= 12; k += 1) {
        await one.take(T1 + k * MINUTE_MS);
        times.push(one.clock.nowMs() - T1 - k * MINUTE_MS);
      }
    });
    expect(times.slice(0, 2)).toEqual([DEADLINE_MS, DEADLINE_MS]);
    expect(Math.max(...times.slice(2))).toBeLessThan(3_000);
    expect(one.taken[2][0].openTimeMs).toBe(START_MS + 5 * MINUTE_MS);
    expectTrue(one, T1 + 12 * MINUTE_MS);
  });
});

it('an address that is refused is left alone for ten minutes', async () => {
  const one = rig();
  await one.run(async () => {
    await one.take(T1);
    one.faults.add({ id: 'F14', match: /kline/, mode: FAULTS['F14'][0], count: 3 });
    await one.take(T1 + MINUTE_MS);
    const asked = one.asked();
    for (let k = 2; k <= 9; k += 1) await one.take(T1 + k * MINUTE_MS);
    expect(one.asked()).toBe(asked);
    for (let k = 10; k <= 12; k += 1) await one.take(T1 + k * MINUTE_MS);
  });
  expect(one.troubles.map(({ code }) => code)).toEqual(['venue_ban']);
  expectTrue(one, T1 + 12 * MINUTE_MS);
});

it('a feed that is closed asks for nothing more', async () => {
  const one = rig();
  one.faults.add({ id: 'F1', match: /kline/, mode: { kind: 'hang', executes: false }, count: 99 });
  await one.run(async () => {
    const collecting = one.take(T1);
    await one.clock.sleep(MINUTE_MS + 3_000);
    one.feed.close();
    await collecting;
    expect(one.clock.nowMs()).toBe(T1 + 3_000);
    await one.clock.sleep(MINUTE_MS);
  });
  expect([one.asked(), one.problems]).toEqual([3, []]);
});
