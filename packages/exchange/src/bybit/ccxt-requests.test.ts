/** Requests that ccxt makes of its calls, as our client configures it: the 59 vectors of its own tests, against the loopback server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MINUTE_MS } from '@donch/core';
import { describeWithShared, sharedDir, testRules } from '@donch/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { CandleMarket } from '../loopback/candle-market.ts';
import { FaultPlan } from '../loopback/faults.ts';
import { LoopbackExchange } from '../loopback/loopback-exchange.ts';
import { publicEndpoints } from '../loopback/public-endpoints.ts';
import { startLoopbackServer, type LoopbackServer } from '../loopback/server.ts';
import type { WireRequest } from '../loopback/wire.ts';
import { createCcxt, type BybitInstance } from './ccxt-instance.ts';

type Row = readonly [
  method: string,
  args: readonly unknown[],
  httpMethod: string,
  path: string,
  body: unknown,
  note?: string,
];

const SYMBOLS: readonly (readonly [string, number, number, number])[] = [
  ['BTCUSDT', 0.1, 0.001, 480],
  ['ETHUSDT', 0.01, 0.01, 480],
  ['ADAUSDT', 0.0001, 1, 480],
  ['LTCUSDT', 0.01, 0.1, 480],
  ['TRXUSDT', 0.00001, 1, 480],
  ['XRPUSDT', 0.0001, 1, 480],
  ['ZRXUSDT', 0.0001, 1, 60],
];

describeWithShared('requests of ccxt', () => {
  const vectors = JSON.parse(readFileSync(join(sharedDir(), 'exchange', 'bybit-requests.json'), 'utf8')) as {
    readonly rows: readonly Row[];
    readonly skipKeys: readonly string[];
  };
  const captured: WireRequest[] = [];
  let server: LoopbackServer;
  let ccxt: BybitInstance;

  beforeAll(async () => {
    const market = new CandleMarket(
      SYMBOLS.map(([symbol, tickSize, qtyStep]) => ({
        symbol,
        candles: oneBar(),
        funding: null,
        rules: testRules({ tickSize, qtyStep }),
      })),
    );
    for (const [symbol, , , minutes] of SYMBOLS)
      Object.assign(market.instrument(symbol) ?? {}, { fundingIntervalMin: minutes });
    const keys = { apiKey: 'key', apiSecret: 'secret' };
    const exchange = new LoopbackExchange({
      market,
      nowMs: () => Date.now(),
      keys,
      publicEndpoints: publicEndpoints(market),
      options: { rateLimits: false },
    });
    const capturing = {
      handle: (request: WireRequest) => {
        captured.push(request);
        return exchange.handle(request);
      },
    };
    server = await startLoopbackServer({ exchange: capturing, faults: new FaultPlan(), clock: systemClock });
    ccxt = await createCcxt({
      site: { baseUrl: server.url },
      keys,
      clock: systemClock,
      recvWindowMs: 5_000,
      deadlineMs: 5_000,
      requestsPerSecond: 5_000,
    });
    await ccxt.loadMarkets();
  });

  afterAll(async () => {
    await ccxt.close();
    await server.close();
  });

  it('there are 59', () => {
    expect(vectors.rows.length).toBe(59);
  });

  it.each(vectors.rows.map((row, at): readonly [string, Row] => [`${at} ${row[0]} ${row[5] ?? ''}`, row]))(
    '%s',
    async (_, [method, args, httpMethod, path, body]) => {
      captured.length = 0;
      const call = (ccxt as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>)[method];
      // the answer is irrelevant: an error will do
      await call
        .apply(
          ccxt,
          args.map((value) => value ?? undefined),
        )
        .catch(() => undefined);
      const [request] = captured;
      const [expectedPath, expectedQuery = ''] = path.split('?');
      expect([request.method, request.path]).toEqual([httpMethod, expectedPath]);
      expect(pairs(request.query, vectors.skipKeys, expectedQuery)).toEqual(
        pairs(expectedQuery, vectors.skipKeys, expectedQuery),
      );
      const sent: unknown = body === null ? null : JSON.parse(request.body);
      expect(without(sent, vectors.skipKeys, body)).toEqual(body);
    },
  );
});

function oneBar() {
  const one = (value: number): Float64Array => Float64Array.of(value);
  return {
    intervalMs: MINUTE_MS,
    length: 1,
    openTimeMs: one(Date.UTC(2024, 0, 1)),
    open: one(1),
    high: one(1),
    low: one(1),
    close: one(1),
    volume: one(1),
    turnover: one(1),
  };
}

function pairs(query: string, skipped: readonly string[], wanted: string): string[] {
  return query
    .split('&')
    .filter((pair) => pair !== '' && (wanted.includes(pair.split('=')[0]) || !skipped.includes(pair.split('=')[0])))
    .sort();
}

/** Generated values that the vector does not name are left out, at every depth. */
function without(given: unknown, skipped: readonly string[], wanted: unknown): unknown {
  if (Array.isArray(given)) return given.map((one, at) => without(one, skipped, (wanted as readonly unknown[])[at]));
  if (typeof given !== 'object' || given === null) return given;
  const named = wanted as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(given)
      .filter(([key]) => key in named || !skipped.includes(key))
      .map(([key, value]) => [key, without(value, skipped, named[key])]),
  );
}
