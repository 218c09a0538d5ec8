/** The loopback exchange as a process of its own, so that its work is not counted as the client's. Argument: days of history. */
import { DAY_MS } from '@donch/core';
import {
  CandleMarket,
  FaultPlan,
  LoopbackExchange,
  publicEndpoints,
  startLoopbackServer,
  systemClock,
} from '@donch/exchange';
import { syntheticMarket } from '@donch/sim';

const SYMBOLS = 553;
/** Histories that the symbols share. */
const HISTORIES = 8;
const START_MS = Date.UTC(2025, 0, 6);
const days = Number(process.argv[2]);

const source = syntheticMarket({
  seed: 3,
  symbols: HISTORIES,
  startMs: START_MS,
  days: days + 1,
  intervalMs: 300_000,
  mode: 'realistic',
});
const histories = source.symbols.map(({ rules }, k) => ({ rules, candles: source.candles(k), funding: null }));
const market = new CandleMarket(
  Array.from({ length: SYMBOLS }, (_, k) => ({
    symbol: `S${String(k).padStart(3, '0')}USDT`,
    ...histories[k % HISTORIES],
  })),
);
let nowMs = START_MS + days * DAY_MS;
const exchange = new LoopbackExchange({
  market,
  nowMs: () => nowMs,
  keys: { apiKey: 'key', apiSecret: 'secret' },
  publicEndpoints: publicEndpoints(market),
  options: { rateLimits: false },
});
const server = await startLoopbackServer({ exchange, faults: new FaultPlan(), clock: systemClock });
process.on('message', () => {
  nowMs += DAY_MS;
  process.send?.({ nowMs });
});
process.send?.({ url: server.url, startMs: START_MS, endMs: nowMs });
