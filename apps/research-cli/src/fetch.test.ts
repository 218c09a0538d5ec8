/** `donch fetch` against the loopback exchange: the store comes to hold what the venue has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS, HOUR_MS, instrumentId, lowerBound, sliceCandles, type Candles } from '@donch/core';
import { candlesHash, openStore } from '@donch/data';
import {
  CandleMarket,
  FaultPlan,
  LoopbackExchange,
  publicEndpoints,
  startLoopbackServer,
  systemClock,
  type LoopbackServer,
} from '@donch/exchange';
import { syntheticMarket } from '@donch/sim';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documentProblems } from './testing/document-problems.ts';
import { documentIn, donch } from './testing/run-donch.ts';
import { temporaryFolder } from './testing/tiny-project.ts';

const START_MS = Date.UTC(2025, 0, 6);
const STEP_MS = 300_000;
const root = temporaryFolder('fetch');
const project = join(root.path, 'project');
const source = syntheticMarket({
  seed: 9,
  symbols: 4,
  startMs: START_MS,
  days: 45,
  intervalMs: STEP_MS,
  mode: 'realistic',
});
const market = new CandleMarket(
  source.symbols.map(({ symbol, rules }, k) => ({ symbol, rules, candles: source.candles(k), funding: null })),
);
const faults = new FaultPlan();
let nowMs = START_MS + 40 * DAY_MS + 130_000;
let server: LoopbackServer;

beforeAll(async () => {
  const exchange = new LoopbackExchange({
    market,
    nowMs: () => nowMs,
    keys: { apiKey: 'key', apiSecret: 'secret' },
    publicEndpoints: publicEndpoints(market),
    options: { rateLimits: false },
  });
  server = await startLoopbackServer({ exchange, faults, clock: systemClock });
  await init(project);
});

afterAll(async () => {
  await server.close();
  root.remove();
});

async function init(folder: string): Promise<void> {
  const { code, stderr } = await donch(['init', folder], { cwd: root.path });
  if (code !== 0) throw new Error(stderr);
}

async function fetched(args: readonly string[] = [], code = 0): Promise<Record<string, unknown>> {
  const ended = await donch(['fetch', '--base-url', server.url, '--rate', '2000', '--json', ...args], { cwd: project });
  expect([ended.code, ended.code === code ? '' : ended.stderr]).toEqual([code, '']);
  const document = documentIn(ended);
  expect(documentProblems('fetch', document)).toEqual([]);
  return document;
}

/** What had closed. */
function truthOf(symbol: string): Candles {
  const candles = market.candlesOf(symbol);
  return sliceCandles(candles, 0, lowerBound(candles, Math.floor(nowMs / STEP_MS) * STEP_MS));
}

async function expectStoreIsVenue(): Promise<void> {
  const store = openStore(join(project, 'data'));
  for (const { symbol } of market.instruments()) {
    const id = instrumentId('bybit', symbol);
    expect([symbol, candlesHash(await store.candles.read(id, '5m'))]).toEqual([symbol, candlesHash(truthOf(symbol))]);
    const funding = await store.funding.read(id);
    const first = truthOf(symbol).openTimeMs[0];
    expect(Array.from(funding?.timeMs ?? [])).toEqual(
      market.funding(symbol, first - 1, nowMs).map(({ timeMs }) => timeMs),
    );
  }
}

it('brings candles and funding into an empty project, which learns venue and interval', async () => {
  faults.randomly(3, 0.2, {
    ids: ['F3', 'F5', 'F7', 'F8', 'F9', 'F10', 'F11', 'F12', 'F16', 'F20', 'F27', 'F28', 'F29'],
  });
  const document = await fetched();
  faults.stop();
  expect(document).toMatchObject({ ok: true, symbols: 4, revised: 0, gaps: 0, failed: [] });
  await expectStoreIsVenue();
  expect(readFileSync(join(project, 'config.yaml'), 'utf8')).toMatch(/donch fetch[^]*VENUE: bybit/);
});

it('fetches nothing twice', async () => {
  const document = await fetched();
  expect(document).toMatchObject({ ok: true, bars: 0, funding: 0, revised: 0 });
  expect(Number(document['requests'])).toBeLessThan(20);
});

it('goes on where the store ends, and replaces what the venue has revised', async () => {
  nowMs += 9 * HOUR_MS;
  const truth = market.candlesOf('BTCUSDT');
  const row = lowerBound(truth, nowMs - DAY_MS);
  truth.close[row] = truth.low[row];
  const document = await fetched();
  expect(document).toMatchObject({ ok: true, revised: 1 });
  expect(Number(document['bars'])).toBeGreaterThan(3 * 100);
  await expectStoreIsVenue();
});

it('an earlier start fills what was left out', async () => {
  const other = join(root.path, 'late');
  await init(other);
  const from = (start: string) =>
    donch(['fetch', '--base-url', server.url, '--rate', '2000', '--symbols', 'ETHUSDT', '--start', start], {
      cwd: other,
    });
  expect((await from('2025-01-20')).code).toBe(0);
  expect((await from('2025-01-06')).code).toBe(0);
  const stored = await openStore(join(other, 'data')).candles.read(instrumentId('bybit', 'ETHUSDT'), '5m');
  expect(candlesHash(stored)).toBe(candlesHash(truthOf('ETHUSDT')));
});

it('names the symbols that are incomplete, and keeps the others', async () => {
  nowMs += DAY_MS;
  faults.add({
    id: 'F30',
    match: /kline/,
    mode: { kind: 'refused', retCode: 10001, retMsg: 'params error', executes: false },
  });
  const document = await fetched(['--jobs', '1'], 4);
  expect(document).toMatchObject({ ok: false, failed: [{ symbol: 'BTCUSDT' }] });
  expect(JSON.stringify(document['failed'])).toContain('params error');
  faults.stop();
  await fetched();
  await expectStoreIsVenue();
});

it('keys and questions go to this machine only', async () => {
  const ended = await donch(['fetch', '--base-url', 'https://api.bybit.example'], { cwd: project });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('a server on this machine');
});
