/** Random commands at random times: the account of the loopback exchange adds up after every one of them. */
import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualMarket } from '../testing/manual-market.ts';
import { LoopbackExchange } from './loopback-exchange.ts';
import { CLOCK_ENDPOINTS } from './public-endpoints.ts';
import type { WireRequest } from './wire.ts';

const START_MS = Date.UTC(2024, 0, 1);
const START_USD = 10_000;
const KEYS = { apiKey: 'key', apiSecret: 'secret' };
/** One at 100 in steps of 0.001, one whose prices need seven decimals. */
const SYMBOLS = ['AAAUSDT', 'TINYUSDT'] as const;
const TINY = { tickSize: '0.0000001', qtyStep: '0.1', minOrderQty: '0.1', minNotionalValue: '0' };
const FIRST_PRICES = { AAAUSDT: 100, TINYUSDT: 0.0000214 };

type Row = Readonly<Record<string, string | number | boolean>>;

class Account {
  nowMs = START_MS;
  depositsUsd = 0;
  readonly market = new ManualMarket(SYMBOLS);
  readonly exchange: LoopbackExchange;

  constructor() {
    Object.assign(this.market.instrument('TINYUSDT') ?? {}, TINY);
    for (const symbol of SYMBOLS) this.market.trade(symbol, START_MS - 1, FIRST_PRICES[symbol]);
    this.exchange = new LoopbackExchange({
      market: this.market,
      nowMs: () => this.nowMs,
      keys: KEYS,
      publicEndpoints: CLOCK_ENDPOINTS,
      options: { walletUsd: START_USD, rateLimits: false },
    });
  }

  price(symbol: string): number {
    return this.market.lastPrice(symbol, this.nowMs);
  }

  /** A price of this share of the last one, as text on the grid. */
  priceText(symbol: string, frac: number): string {
    const decimals = symbol === 'AAAUSDT' ? 2 : 7;
    return (this.price(symbol) * frac).toFixed(decimals);
  }

  qtyText(symbol: string, steps: number): string {
    return symbol === 'AAAUSDT' ? (steps / 1_000).toFixed(3) : (steps * 100).toFixed(1);
  }

  post(path: string, params: Readonly<Record<string, unknown>>): number {
    return this.#send('POST', path, JSON.stringify({ category: 'linear', ...params })).retCode;
  }

  /** All pages. */
  read(path: string, query: string): readonly Row[] {
    const rows: Row[] = [];
    for (let cursor = ''; ;) {
      const { result } = this.#send('GET', path, `category=linear&${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      rows.push(...result.list);
      cursor = result.nextPageCursor ?? '';
      if (cursor === '') return rows;
    }
  }

  #send(method: 'GET' | 'POST', path: string, payload: string): Envelope {
    const timestamp = String(this.nowMs);
    const sign = createHmac('sha256', KEYS.apiSecret).update(`${timestamp}${KEYS.apiKey}5000${payload}`).digest('hex');
    const request: WireRequest = {
      method,
      path: `/v5/${path}`,
      query: method === 'GET' ? payload : '',
      body: method === 'POST' ? payload : '',
      headers: {
        'x-bapi-api-key': KEYS.apiKey,
        'x-bapi-timestamp': timestamp,
        'x-bapi-recv-window': '5000',
        'x-bapi-sign': sign,
      },
    };
    const { body } = this.exchange.handle(request);
    expectPlainDecimals(body);
    return JSON.parse(body) as Envelope;
  }
}

interface Envelope {
  readonly retCode: number;
  readonly result: { readonly list: readonly Row[]; readonly nextPageCursor?: string };
}

/** Exponents, and numbers that are none, as whole texts of an answer. */
const NO_PLAIN_DECIMAL = /:\s*"?(-?\d+(\.\d+)?e[-+]?\d+|-?NaN|-?Infinity|undefined)"?\s*[,}]/i;

function expectPlainDecimals(body: string): void {
  expect(body).not.toMatch(NO_PLAIN_DECIMAL);
}

const symbol = fc.constantFrom(...SYMBOLS);
const side = fc.constantFrom('Buy', 'Sell');
const steps = fc.integer({ min: 1, max: 3_000 });
const frac = fc.constantFrom(0, 0.3, 0.5, 1);
const linkId = fc.integer({ min: 1, max: 25 }).map((number) => `id-${number}`);

type Command = (account: Account) => void;

const COMMANDS: readonly fc.Arbitrary<Command>[] = [
  fc.tuple(symbol, fc.double({ min: 0.94, max: 1.07, noNaN: true })).map(([name, change]): Command => (account) => {
    const decimals = name === 'AAAUSDT' ? 2 : 7;
    const price = Number((account.price(name) * change).toFixed(decimals));
    if (price > 0) account.market.trade(name, account.nowMs + 1, price);
  }),
  fc
    .record({
      name: symbol,
      side,
      steps,
      linkId,
      reduceOnly: fc.boolean(),
      hasStops: fc.boolean(),
      limitFrac: fc.option(fc.double({ min: 0.96, max: 1.04, noNaN: true })),
      timeInForce: fc.constantFrom('GTC', 'IOC', 'PostOnly'),
    })
    .map((order): Command => (account) => {
      const { name, reduceOnly, hasStops, limitFrac } = order;
      const direction = order.side === 'Buy' ? 1 : -1;
      account.post('order/create', {
        symbol: name,
        side: order.side,
        orderType: limitFrac === null ? 'Market' : 'Limit',
        qty: account.qtyText(name, order.steps),
        orderLinkId: order.linkId,
        positionIdx: 0,
        timeInForce: order.timeInForce,
        ...(limitFrac === null ? {} : { price: account.priceText(name, limitFrac) }),
        ...(reduceOnly ? { reduceOnly } : {}),
        ...(hasStops
          ? {
              stopLoss: account.priceText(name, 1 - 0.04 * direction),
              takeProfit: account.priceText(name, 1 + 0.03 * direction),
            }
          : {}),
      });
    }),
  fc.record({ name: symbol, side, steps, linkId, isRise: fc.boolean() }).map((order): Command => (account) => {
    account.post('order/create', {
      symbol: order.name,
      side: order.side,
      orderType: 'Market',
      qty: account.qtyText(order.name, order.steps),
      orderLinkId: order.linkId,
      positionIdx: 0,
      triggerPrice: account.priceText(order.name, order.isRise ? 1.04 : 0.96),
      triggerDirection: order.isRise ? 1 : 2,
    });
  }),
  fc.tuple(symbol, linkId).map(([name, id]): Command => (account) => {
    account.post('order/cancel', { symbol: name, orderLinkId: id });
  }),
  fc.tuple(symbol, fc.constantFrom('', 'Order', 'StopOrder')).map(([name, orderFilter]): Command => (account) => {
    account.post('order/cancel-all', { symbol: name, ...(orderFilter === '' ? {} : { orderFilter }) });
  }),
  fc
    .tuple(symbol, fc.constantFrom(0.95, 0.98, 1.02, 1.05), fc.boolean())
    .map(([name, at, takesTarget]): Command => (account) => {
      account.post('position/trading-stop', {
        symbol: name,
        positionIdx: 0,
        tpslMode: 'Full',
        stopLoss: account.priceText(name, at),
        ...(takesTarget ? { takeProfit: '0' } : {}),
      });
    }),
  fc.tuple(symbol, fc.integer({ min: 1, max: 50 })).map(([name, leverage]): Command => (account) => {
    account.post('position/set-leverage', {
      symbol: name,
      buyLeverage: String(leverage),
      sellLeverage: String(leverage),
    });
  }),
  fc.tuple(symbol, fc.integer({ min: -75, max: 75 })).map(([name, rate]): Command => (account) => {
    account.market.settle(name, account.nowMs + 1, rate / 10_000);
  }),
  fc.tuple(symbol, frac).map(
    ([name, share]): Command =>
      ({ exchange }) =>
        exchange.levers.userCloses(name, share),
  ),
  fc.tuple(symbol, side, steps).map(([name, way, count]): Command => ({ exchange }) => {
    exchange.levers.userOpens(name, way, count);
  }),
  fc.tuple(symbol, frac).map(
    ([name, share]): Command =>
      ({ exchange }) =>
        exchange.levers.failStop(name, share),
  ),
  symbol.map(
    (name): Command =>
      ({ exchange }) =>
        exchange.levers.removeStop(name),
  ),
  symbol.map(
    (name): Command =>
      ({ exchange }) =>
        exchange.levers.deleverage(name),
  ),
  symbol.map(
    (name): Command =>
      ({ exchange }) =>
        exchange.levers.bust(name),
  ),
  fc.constant<Command>(({ exchange }) => exchange.levers.wipeRealtime()),
  fc.integer({ min: -300, max: 300 }).map((usd): Command => (account) => {
    account.exchange.levers.deposit(usd);
    account.depositsUsd += usd;
  }),
  fc.integer({ min: 0, max: 20 }).map(
    (tick): Command =>
      ({ exchange }) =>
        exchange.levers.setFees(tick / 1e4, tick / 1e5),
  ),
  fc
    .record({ parts: fc.integer({ min: 1, max: 7 }), fillFrac: frac, dropsStop: fc.boolean() })
    .map((fate): Command => ({ exchange }) => {
      exchange.levers.planFate({ for: 'any', ...fate });
    }),
];

/** Orders and trades are what most of a day is made of. */
const command = fc.oneof(
  { weight: 6, arbitrary: COMMANDS[0] },
  { weight: 6, arbitrary: COMMANDS[1] },
  ...COMMANDS.slice(2).map((arbitrary) => ({ weight: 1, arbitrary })),
);

interface Replayed {
  qty: number;
  avgPrice: number;
}

/** The account as its executions alone make it, by average cost. */
function replay(executions: readonly Row[]): {
  readonly usd: number;
  readonly positions: ReadonlyMap<string, Replayed>;
} {
  const positions = new Map<string, Replayed>(SYMBOLS.map((name) => [name, { qty: 0, avgPrice: 0 }]));
  let usd = 0;
  for (const row of executions.toReversed()) {
    usd -= Number(row['execFee']);
    if (row['execType'] === 'Funding') continue;
    const held = positions.get(String(row['symbol'])) ?? { qty: 0, avgPrice: 0 };
    const price = Number(row['execPrice']);
    const signed = (row['side'] === 'Buy' ? 1 : -1) * Number(row['execQty']);
    const closing = held.qty * signed < 0 ? Math.min(Math.abs(held.qty), Math.abs(signed)) : 0;
    expect(Number(row['closedSize'])).toBeCloseTo(closing, 9);
    usd += Math.sign(held.qty) * closing * (price - held.avgPrice);
    const rest = Math.abs(held.qty) - closing;
    const opening = Math.abs(signed) - closing;
    if (opening > 1e-9) held.avgPrice = (rest * held.avgPrice + opening * price) / (rest + opening);
    held.qty = Number((held.qty + signed).toFixed(9));
  }
  return { usd, positions };
}

function check(account: Account): void {
  const executions = account.read('execution/list', `limit=100&startTime=${START_MS}`);
  const orders = account.read('order/realtime', 'settleCoin=USDT&limit=50');
  const ended = account.read('order/history', 'limit=50');
  const [wallet] = account.read('account/wallet-balance', 'accountType=UNIFIED');
  const [coin] = wallet['coin'] as unknown as readonly Row[];
  const { usd, positions } = replay(executions);
  expect(new Set(executions.map(({ execId }) => execId)).size).toBe(executions.length);
  expect(Number(coin['walletBalance'])).toBeCloseTo(START_USD + account.depositsUsd + usd, 8);

  const rows = SYMBOLS.flatMap((name) => account.read('position/list', `symbol=${name}`));
  for (const row of rows) checkPosition(row, positions.get(String(row['symbol'])), orders);
  const unrealised = rows.reduce((sum, row) => sum + Number(row['unrealisedPnl']), 0);
  expect(Number(coin['equity'])).toBeCloseTo(Number(coin['walletBalance']) + unrealised, 6);

  const known = [...orders, ...ended];
  const ids = known.map(({ orderLinkId }) => String(orderLinkId)).filter((id) => id !== '');
  expect(new Set(ids).size).toBe(ids.length);
  for (const order of known) checkOrder(order, executions);
}

function checkPosition(row: Row, wanted: Replayed = { qty: 0, avgPrice: 0 }, orders: readonly Row[] = []): void {
  const { qty, avgPrice } = wanted;
  expect([row['side'], Number(row['size'])]).toEqual([qty === 0 ? '' : qty > 0 ? 'Buy' : 'Sell', Math.abs(qty)]);
  if (qty !== 0) expect(Number(row['avgPrice']) / avgPrice).toBeCloseTo(1, 9);
  for (const [name, type] of [
    ['stopLoss', 'StopLoss'],
    ['takeProfit', 'TakeProfit'],
  ]) {
    const waiting = orders.filter((order) => order['symbol'] === row['symbol'] && order['stopOrderType'] === type);
    const shown = waiting.map((order) => [
      Number(order['triggerPrice']),
      Number(order['qty']),
      order['side'],
      order['reduceOnly'],
    ]);
    const price = Number(row[name]);
    expect(shown).toEqual(price === 0 ? [] : [[price, Math.abs(qty), qty > 0 ? 'Sell' : 'Buy', true]]);
  }
}

function checkOrder(order: Row, executions: readonly Row[]): void {
  const own = executions.filter(({ orderId }) => orderId === order['orderId']);
  const filled = own.reduce((sum, { execQty }) => sum + Number(execQty), 0);
  expect(Number(order['cumExecQty'])).toBeCloseTo(filled, 9);
  expect(Number(order['cumExecQty'])).toBeLessThanOrEqual(Number(order['qty']));
  expect(order['orderStatus'] === 'Filled').toBe(filled > 0 && order['cumExecQty'] === order['qty']);
  if (order['reduceOnly'] === true)
    expect(own.reduce((sum, { closedSize }) => sum + Number(closedSize), 0)).toBeCloseTo(filled, 9);
}

it('adds up after every command', () => {
  const happened = new Map<string, number>();
  const count = (what: unknown): void => void happened.set(String(what), (happened.get(String(what)) ?? 0) + 1);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(command, fc.constantFrom(0, 1, 4, 6, 50, 3_000)), { minLength: 5, maxLength: 60, size: 'max' }),
      (commands) => {
        const account = new Account();
        for (const [act, waitMs] of commands) {
          account.exchange.advance(account.nowMs);
          act(account);
          account.nowMs += waitMs;
          check(account);
        }
        for (const row of account.read('execution/list', 'limit=100')) count(`${row['execType']} ${row['createType']}`);
        for (const row of account.read('order/history', 'limit=50')) count(row['orderStatus']);
      },
    ),
    { numRuns: 80, seed: 11 },
  );
  // nothing of it may be a property of an idle account
  for (const what of [
    'Trade CreateByUser',
    'Trade CreateByStopLoss',
    'Trade CreateByTakeProfit',
    'AdlTrade ',
    'BustTrade ',
    'Funding ',
    'Filled',
    'Cancelled',
    'Deactivated',
  ])
    expect([what, happened.get(what) ?? 0]).toEqual([what, expect.toSatisfy((times: number) => times >= 5)]);
});
