/** Bybit's adapter on a loopback exchange, inside the process on a virtual clock or through ccxt and sockets, with what tests need. */
import {
  clientOrderId,
  hashText,
  instrumentId,
  strategyId,
  type InstrumentRules,
  type OrderIntent,
  type SignalId,
} from '@donch/core';
import { AddressBan } from '../bybit/address-ban.ts';
import type { BybitApi } from '../bybit/bybit-api.ts';
import { BybitVenue } from '../bybit/bybit-venue.ts';
import type { Trouble } from '../bybit/calls.ts';
import { createBybitApi, type BybitConnection } from '../bybit/create-api.ts';
import { systemClock, type Clock } from '../clock.ts';
import { FaultPlan } from '../loopback/faults.ts';
import { InProcessApi } from '../loopback/in-process.ts';
import { LoopbackExchange } from '../loopback/loopback-exchange.ts';
import { CLOCK_ENDPOINTS } from '../loopback/public-endpoints.ts';
import { startLoopbackServer, type LoopbackServer } from '../loopback/server.ts';
import type { LoopbackOptions } from '../loopback/state.ts';
import { VirtualClock } from '../loopback/virtual-clock.ts';
import { ManualMarket } from './manual-market.ts';

const RIG_KEYS = { apiKey: 'key', apiSecret: 'secret' };
export const RIG_SYMBOL = 'AAAUSDT';
export const RIG_INSTRUMENT = instrumentId('bybit', RIG_SYMBOL);
export const RIG_START_MS = Date.UTC(2024, 0, 1);
/** Patience with one request of a client that faults make wait; on a virtual clock all of them have it. */
const IMPATIENT_MS = 200;
/** On sockets a busy machine must not look like a fault. */
const PATIENT_MS = 5_000;

const RULES: InstrumentRules = {
  instrumentId: RIG_INSTRUMENT,
  validFromMs: null,
  tickSize: 0.01,
  qtyStep: 0.001,
  qtyMin: 0.001,
  notionalMinUsd: 0,
  marketQtyMax: null,
  leverageMax: null,
  source: 'venue',
};

export interface RigOptions {
  readonly exchange?: Partial<LoopbackOptions>;
  readonly rules?: Partial<InstrumentRules>;
  readonly recvWindowMs?: number;
  /** Gives a request up after 200 ms, on sockets too. */
  readonly isImpatient?: boolean;
  /** Clock of the venue minus the client's. */
  readonly skewMs?: number;
}

export interface VenueRig {
  readonly venue: BybitVenue;
  readonly market: ManualMarket;
  readonly exchange: LoopbackExchange;
  readonly faults: FaultPlan;
  readonly clock: Clock;
  readonly troubles: Trouble[];
  /** Null = inside the process. */
  readonly server: LoopbackServer | null;
  /** Lets work that takes time on the rig's clock come to its end. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  /** A market entry with a stop, with an id of its own. */
  readonly order: (changes?: Partial<OrderIntent>) => OrderIntent;
}

interface Parts {
  readonly clock: Clock;
  readonly market: ManualMarket;
  readonly exchange: LoopbackExchange;
  readonly faults: FaultPlan;
}

function partsOn(clock: Clock, { exchange: options, skewMs = 0 }: RigOptions): Parts {
  const market = new ManualMarket([RIG_SYMBOL, 'BBBUSDT']);
  const exchange = new LoopbackExchange({
    market,
    nowMs: () => clock.nowMs() + skewMs,
    keys: RIG_KEYS,
    publicEndpoints: CLOCK_ENDPOINTS,
    options: { walletUsd: 100_000, marginMode: 'ISOLATED_MARGIN', ...options },
  });
  return { clock, market, exchange, faults: new FaultPlan() };
}

/** Inside the process, on a virtual clock. */
export function virtualRig(options: RigOptions = {}): VenueRig {
  const clock = new VirtualClock(RIG_START_MS);
  const parts = partsOn(clock, options);
  const api = new InProcessApi({
    handle: (request) => parts.exchange.handle(request),
    faults: parts.faults,
    clock,
    keys: RIG_KEYS,
    recvWindowMs: options.recvWindowMs ?? 5_000,
    deadlineMs: IMPATIENT_MS,
    latencyMs: 1,
  });
  return {
    ...rigOf(parts, api, options),
    server: null,
    run: (work) => clock.runUntil(work()),
  };
}

/** Pauses of the client are this much shorter on sockets. */
const HURRY = 50;

const HURRIED: Clock = { nowMs: () => systemClock.nowMs(), sleep: (ms) => systemClock.sleep(ms / HURRY) };

/** A server with a client: both outlive the exchange behind them, for a client costs 30 ms. */
export class SocketLine {
  readonly server: LoopbackServer;
  readonly #api: BybitConnection;
  readonly #behind: { parts: Parts };

  private constructor(server: LoopbackServer, api: BybitConnection, behind: { parts: Parts }) {
    this.server = server;
    this.#api = api;
    this.#behind = behind;
  }

  static async open({ recvWindowMs = 5_000, isImpatient = false }: RigOptions = {}): Promise<SocketLine> {
    const behind = { parts: partsOn(HURRIED, {}) };
    const server = await startLoopbackServer({
      exchange: { handle: (request) => behind.parts.exchange.handle(request) },
      faults: { decide: (request) => behind.parts.faults.decide(request) },
      clock: systemClock,
    });
    const api = await createBybitApi({
      site: { baseUrl: server.url },
      keys: RIG_KEYS,
      clock: HURRIED,
      recvWindowMs,
      deadlineMs: isImpatient ? IMPATIENT_MS : PATIENT_MS,
      requestsPerSecond: 2_000,
    });
    // the first request pays for what is loaded late: it must not do so inside a test's deadline
    await api.measureOffsetMs();
    return new SocketLine(server, api, behind);
  }

  /** Through ccxt and sockets, on the system's clock: a fresh exchange behind the server. One rig of a line at a time. */
  rig(options: RigOptions = {}): VenueRig {
    this.#behind.parts = partsOn(HURRIED, options);
    return { ...rigOf(this.#behind.parts, this.#api, options), server: this.server, run: (work) => work() };
  }

  async close(): Promise<void> {
    await this.#api.close();
    await this.server.close();
  }
}

function rigOf(
  parts: Parts,
  api: BybitApi & { measureOffsetMs(): Promise<number | null> },
  { rules }: RigOptions,
): Omit<VenueRig, 'server' | 'run'> {
  const troubles: Trouble[] = [];
  const instrumentRules = { ...RULES, ...rules };
  const venue = new BybitVenue({
    ban: new AddressBan(),
    api,
    clock: parts.clock,
    venue: 'bybit',
    rulesOf: () => instrumentRules,
    stopTrigger: 'LastPrice',
    ledgerStartMs: parts.clock.nowMs() - 60_000,
    measureOffsetMs: () => api.measureOffsetMs(),
    onTrouble: (trouble) => troubles.push(trouble),
    referencePriceOf: () => null,
  });
  let orders = 0;
  return {
    ...parts,
    venue,
    troubles,
    order: (changes = {}) => {
      orders += 1;
      return orderOf(orders, parts.clock.nowMs(), changes);
    },
  };
}

function orderOf(number: number, nowMs: number, changes: Partial<OrderIntent>): OrderIntent {
  const tradeId = changes.tradeId ?? (hashText(`rig ${number}`).slice(0, 24) as SignalId);
  const leg = changes.leg ?? 'entry';
  const isEntry = leg === 'entry';
  return {
    clientOrderId: clientOrderId(tradeId, leg, number),
    tradeId,
    instrumentId: RIG_INSTRUMENT,
    strategyId: strategyId('rig'),
    leg,
    side: isEntry ? 'buy' : 'sell',
    type: 'market',
    qty: 2,
    limitPrice: null,
    reduceOnly: !isEntry,
    leverage: null,
    protection: isEntry ? { stopPrice: 90, targetPrice: 130 } : null,
    referencePrice: 100,
    decidedMs: nowMs,
    expiresMs: null,
    ...changes,
  };
}
