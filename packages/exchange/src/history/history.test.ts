/** What is downloaded is what the venue has, to the last digit, whatever happens on the way. */
import { DAY_MS, HOUR_MS, lowerBound, sliceCandles, type Candles } from '@donch/core';
import { syntheticMarket } from '@donch/sim';
import { columnDifference } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { CandleMarket } from '../loopback/candle-market.ts';
import { FaultPlan, PASSING_FAULTS } from '../loopback/faults.ts';
import { InProcessApi } from '../loopback/in-process.ts';
import { LoopbackExchange } from '../loopback/loopback-exchange.ts';
import { publicEndpoints } from '../loopback/public-endpoints.ts';
import { VirtualClock } from '../loopback/virtual-clock.ts';
import { BybitHistory } from './history.ts';

const START_MS = Date.UTC(2024, 0, 1);
const DAYS = 30;
const STEP_MS = 300_000;
const KEYS = { apiKey: 'key', apiSecret: 'secret' };
const source = syntheticMarket({
  seed: 4,
  symbols: 3,
  startMs: START_MS,
  days: DAYS,
  intervalMs: STEP_MS,
  mode: 'realistic',
});

interface World {
  readonly market: CandleMarket;
  readonly clock: VirtualClock;
  readonly faults: FaultPlan;
  readonly history: BybitHistory;
}

function worldAt(nowMs: number, symbols = source.symbols.map((_, k) => k)): World {
  const market = new CandleMarket(
    symbols.map((k) => ({
      symbol: source.symbols[k].symbol,
      candles: source.candles(k),
      funding: null,
      rules: source.symbols[k].rules,
    })),
  );
  const clock = new VirtualClock(nowMs);
  const exchange = new LoopbackExchange({
    market,
    nowMs: () => clock.nowMs(),
    keys: KEYS,
    publicEndpoints: publicEndpoints(market),
    options: { rateLimits: false },
  });
  const faults = new FaultPlan();
  const api = new InProcessApi({
    handle: (request) => exchange.handle(request),
    faults,
    clock,
    keys: KEYS,
    recvWindowMs: 5_000,
    deadlineMs: 10_000,
    latencyMs: 20,
  });
  return { market, clock, faults, history: new BybitHistory({ api, clock, signal: new AbortController().signal }) };
}

async function all(candles: AsyncGenerator<Candles>): Promise<Candles[]> {
  const pages: Candles[] = [];
  for await (const page of candles) pages.push(page);
  return pages;
}

const NAMES = ['openTimeMs', 'open', 'high', 'low', 'close', 'volume', 'turnover'] as const;

function expectSame(pages: readonly Candles[], truth: Candles): void {
  expect(pages.reduce((sum, { length }) => sum + length, 0)).toBe(truth.length);
  let at = 0;
  for (const page of pages) {
    const part = sliceCandles(truth, at, at + page.length);
    for (const name of NAMES)
      expect(columnDifference(page[name].subarray(0, page.length), part[name].subarray(0, part.length))).toBe('');
    at += page.length;
  }
}

describe('a download', () => {
  const endMs = START_MS + DAYS * DAY_MS;

  it('is what the venue has, in one question per page', async () => {
    const { market, clock, history } = worldAt(endMs);
    const [{ symbol }] = market.instruments();
    const pages = await clock.runUntil(all(history.candles(symbol, STEP_MS, { fromMs: START_MS, toMs: endMs })));
    expectSame(pages, market.candlesOf(symbol));
    expect(history.requests).toBe(Math.ceil((DAYS * DAY_MS) / STEP_MS / 1_000));
  });

  it.each([1, 2, 3, 4, 5, 6])('is the same when two of five questions meets a fault (seed %i)', async (seed) => {
    const { market, clock, faults, history } = worldAt(endMs);
    faults.randomly(seed, 0.4, { ids: [...PASSING_FAULTS, 'F14', 'F27'] });
    for (const { symbol } of market.instruments()) {
      const truth = market.candlesOf(symbol);
      const span = { fromMs: truth.openTimeMs[0], toMs: endMs };
      expectSame(await clock.runUntil(all(history.candles(symbol, STEP_MS, span))), truth);
      const funding = await clock.runUntil(history.funding(symbol, span, 8 * HOUR_MS));
      const settled = market.funding(symbol, span.fromMs - 1, endMs - 1);
      expect([...funding.timeMs]).toEqual(settled.map(({ timeMs }) => timeMs));
      expect([...funding.rate]).toEqual(settled.map(({ rate }) => rate));
      const interest = await clock.runUntil(history.openInterest(symbol, span));
      expect([...interest.timeMs]).toEqual(
        market.openInterest(symbol, span.fromMs, endMs - 1).map(({ timeMs }) => timeMs),
      );
    }
    const listed = await clock.runUntil(history.instruments({ closed: true }));
    expect(listed.map(({ symbol }) => symbol)).toEqual(
      market
        .instruments()
        .map(({ symbol }) => symbol)
        .toSorted(),
    );
    expect(faults.happened.size).toBeGreaterThan(8);
  });

  it('never holds the bar that runs', async () => {
    const nowMs = START_MS + 5 * DAY_MS + 100_000;
    const { market, clock, history } = worldAt(nowMs);
    const [{ symbol }] = market.instruments();
    const pages = await clock.runUntil(
      all(history.candles(symbol, STEP_MS, { fromMs: START_MS, toMs: START_MS + 6 * DAY_MS })),
    );
    const truth = market.candlesOf(symbol);
    const closed = lowerBound(truth, nowMs - STEP_MS);
    expect(closed).toBe((5 * DAY_MS) / STEP_MS);
    expectSame(pages, sliceCandles(truth, 0, closed));
  });

  it('leaves out what the venue does not have, after it has said so several times', async () => {
    const { market, clock, history } = worldAt(endMs);
    const [{ symbol }] = market.instruments();
    const truth = market.candlesOf(symbol);
    const rows = Array.from({ length: truth.length }, (_, row) => row).filter((row) => row < 500 || row >= 520);
    const holed = Object.fromEntries(NAMES.map((name) => [name, Float64Array.from(rows, (row) => truth[name][row])]));
    Object.assign(market.listed(symbol), { candles: { ...truth, ...holed, length: rows.length } });
    const pages = await clock.runUntil(all(history.candles(symbol, STEP_MS, { fromMs: START_MS, toMs: endMs })));
    expectSame(pages, market.candlesOf(symbol));
    expect(history.requests).toBe(Math.ceil(truth.length / 1_000) + 3);
  });

  it('ends with an error where there is no answer, never with a part', async () => {
    const { market, clock, faults, history } = worldAt(endMs);
    const [{ symbol }] = market.instruments();
    faults.add({ id: 'F1', match: /kline/, mode: { kind: 'hang', executes: false }, count: 1_000 });
    await expect(
      clock.runUntil(all(history.candles(symbol, STEP_MS, { fromMs: START_MS, toMs: endMs }))),
    ).rejects.toMatchObject({ code: 'no_answer' });
    await expect(
      clock.runUntil(all(history.candles('NOSUCH', STEP_MS, { fromMs: START_MS, toMs: endMs }))),
    ).rejects.toMatchObject({ code: 'no_answer' });
  });
});
