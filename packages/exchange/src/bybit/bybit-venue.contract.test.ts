/** The venue contract on Bybit's adapter: inside the process, and through ccxt and sockets. */
import { instrumentId, type InstrumentId } from '@donch/core';
import { testRules, venueContract, type VenueUnderTest } from '@donch/testkit';
import { systemClock, type Clock } from '../clock.ts';
import { FaultPlan } from '../loopback/faults.ts';
import { InProcessApi } from '../loopback/in-process.ts';
import { LoopbackExchange } from '../loopback/loopback-exchange.ts';
import { startLoopbackServer } from '../loopback/server.ts';
import { ManualMarket } from '../testing/manual-market.ts';
import { AddressBan } from './address-ban.ts';
import type { BybitApi } from './bybit-api.ts';
import { BybitVenue } from './bybit-venue.ts';
import { createBybitApi } from './create-api.ts';

const KEYS = { apiKey: 'key', apiSecret: 'secret' };
const SYMBOL = 'AAAUSDT';
const RULES = testRules({ instrumentId: instrumentId('bybit', SYMBOL), qtyMin: 0.001, notionalMinUsd: 0 });

interface World {
  readonly clock: Clock;
  readonly market: ManualMarket;
  readonly exchange: LoopbackExchange;
  readonly faults: FaultPlan;
}

function world(clock: Clock): World {
  const market = new ManualMarket([SYMBOL]);
  const exchange = new LoopbackExchange({
    market,
    nowMs: () => clock.nowMs(),
    keys: KEYS,
    publicEndpoints: {},
    options: { walletUsd: 100_000, marginMode: 'ISOLATED_MARGIN' },
  });
  return { clock, market, exchange, faults: new FaultPlan() };
}

function venueUnderTest(
  { clock, market, exchange, faults }: World,
  api: BybitApi,
  dispose: () => Promise<void> | void,
): VenueUnderTest {
  const id: InstrumentId = RULES.instrumentId;
  const venue = new BybitVenue({
    ban: new AddressBan(),
    api,
    clock,
    venue: 'bybit',
    rulesOf: () => RULES,
    stopTrigger: 'LastPrice',
    ledgerStartMs: clock.nowMs(),
    measureOffsetMs: () => Promise.resolve(0),
    onTrouble: () => undefined,
    referencePriceOf: () => null,
  });
  return {
    venue,
    instrumentId: id,
    tickSize: RULES.tickSize,
    qtyStep: RULES.qtyStep,
    qty: 2,
    price: () => market.lastPrice(SYMBOL, clock.nowMs()),
    nowMs: () => clock.nowMs(),
    trade: async (prices) => {
      for (const price of prices) {
        await clock.sleep(10);
        market.trade(SYMBOL, clock.nowMs(), price);
        exchange.advance(clock.nowMs());
      }
    },
    loseAnswers: (order) => {
      if (order === null) faults.stop();
      else
        faults.add({
          id: 'F4',
          match: /order\/create/,
          mode: { kind: 'reset', executes: order === 'present' },
          count: 1_000,
        });
    },
    dispose,
  };
}

venueContract('Bybit, without sockets', {
  create: () => {
    let nowMs = Date.UTC(2024, 0, 1);
    const clock: Clock = {
      nowMs: () => nowMs,
      sleep: (ms) => {
        nowMs += ms;
        return Promise.resolve();
      },
    };
    const parts = world(clock);
    const { exchange, faults } = parts;
    const api = new InProcessApi({
      handle: (request) => exchange.handle(request),
      faults,
      clock,
      keys: KEYS,
      recvWindowMs: 5_000,
      deadlineMs: 1_000,
      latencyMs: 1,
    });
    return venueUnderTest(parts, api, () => undefined);
  },
});

venueContract('Bybit, through ccxt and sockets', {
  create: async () => {
    const parts = world(systemClock);
    const server = await startLoopbackServer({ exchange: parts.exchange, faults: parts.faults, clock: systemClock });
    const api = await createBybitApi({
      site: { baseUrl: server.url },
      keys: KEYS,
      clock: systemClock,
      recvWindowMs: 5_000,
      deadlineMs: 2_000,
      requestsPerSecond: 1_000,
    });
    return venueUnderTest(parts, api, async () => {
      await api.close();
      await server.close();
    });
  },
});
