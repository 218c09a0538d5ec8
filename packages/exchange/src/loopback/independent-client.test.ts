/** A client that shares no code with ours: what it signs, sends, pages and reads on the loopback server. */
import { DAY_MS, MINUTE_MS } from '@donch/core';
import { syntheticMarket } from '@donch/sim';
import {
  RestClientV5,
  type AccountOrderV5,
  type ExecutionV5,
  type LinearInverseInstrumentInfoV5,
  type PositionV5,
  type WalletBalanceV5,
} from 'bybit-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { CandleMarket } from './candle-market.ts';
import { FaultPlan } from './faults.ts';
import { LoopbackExchange } from './loopback-exchange.ts';
import { publicEndpoints } from './public-endpoints.ts';
import { startLoopbackServer, type LoopbackServer } from './server.ts';

const DATA_START_MS = Date.UTC(2024, 0, 1);
const NOW_MS = DATA_START_MS + DAY_MS + 20 * 3_600_000 + 30_000;
const KEY = { key: 'independent', secret: 'secret' };
const LINEAR = { category: 'linear' } as const;

const source = syntheticMarket({
  seed: 3,
  symbols: 5,
  startMs: DATA_START_MS,
  days: 2,
  intervalMs: MINUTE_MS,
  mode: 'realistic',
});
const market = new CandleMarket(
  source.symbols.map(({ symbol, rules }, at) => ({ symbol, rules, candles: source.candles(at), funding: null })),
);
const SYMBOL = source.symbols[0].symbol;
const { tickSize, qtyStep } = source.symbols[0].rules;

let server: LoopbackServer;
let client: RestClientV5;
let exchange: LoopbackExchange;

beforeAll(async () => {
  // the venue lives in 2024: whoever does not ask for its time is refused
  const offsetMs = NOW_MS - Date.now();
  exchange = new LoopbackExchange({
    market,
    nowMs: () => Date.now() + offsetMs,
    keys: { apiKey: KEY.key, apiSecret: KEY.secret },
    publicEndpoints: publicEndpoints(market),
    options: { walletUsd: 1_000_000, rateLimits: false },
  });
  server = await startLoopbackServer({ exchange, faults: new FaultPlan(), clock: systemClock });
  client = clientWith({ enable_time_sync: true });
});

afterAll(() => server.close());

function clientWith(options: ConstructorParameters<typeof RestClientV5>[0]): RestClientV5 {
  return new RestClientV5({ ...KEY, baseUrl: server.url, ...options });
}

const text = (value: number, step: number): string => value.toFixed((String(step).split('.')[1] ?? '').length);
const lastPrice = async (): Promise<number> => {
  const { result } = await client.getTickers({ ...LINEAR, symbol: SYMBOL });
  return Number(result.list[0].lastPrice);
};
const onTick = (price: number): string => text(Math.round(price / tickSize) * tickSize, tickSize);
const QTY = text(Math.max(source.symbols[0].rules.qtyMin, 10 * qtyStep), qtyStep);
const matched = (): Promise<void> => systemClock.sleep(30);

/** Names that both sides know, all of them texts. */
function expectTexts<T>(row: T, names: readonly (keyof T)[]): void {
  for (const name of names) expect([name, typeof row[name]]).toEqual([name, 'string']);
}

describe('public data', () => {
  it('the time', async () => {
    const { result, time, retCode } = await client.getServerTime();
    expect(retCode).toBe(0);
    expect(Math.abs(Number(result.timeSecond) * 1_000 - time)).toBeLessThan(1_000);
    expect(result.timeNano).toMatch(/^\d{19}$/);
  });

  it('every instrument, page by page', async () => {
    const found: LinearInverseInstrumentInfoV5[] = [];
    for (let cursor: string | undefined; ;) {
      const { result } = await client.getInstrumentsInfo({
        ...LINEAR,
        limit: 2,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(...result.list);
      expect(result.list.length).toBeLessThanOrEqual(2);
      if (result.nextPageCursor === '') break;
      cursor = result.nextPageCursor;
    }
    expect(found.map(({ symbol }) => symbol)).toEqual(source.symbols.map(({ symbol }) => symbol));
    expectTexts(found[0], [
      'symbol',
      'contractType',
      'status',
      'baseCoin',
      'quoteCoin',
      'settleCoin',
      'launchTime',
      'deliveryTime',
      'priceScale',
    ]);
    expectTexts(found[0].lotSizeFilter, [
      'minOrderQty',
      'maxOrderQty',
      'maxMktOrderQty',
      'qtyStep',
      'minNotionalValue',
    ]);
    expectTexts(found[0].priceFilter, ['minPrice', 'maxPrice', 'tickSize']);
    expectTexts(found[0].leverageFilter, ['minLeverage', 'maxLeverage', 'leverageStep']);
    expect([Number(found[0].priceFilter.tickSize), Number(found[0].lotSizeFilter.qtyStep)]).toEqual([
      tickSize,
      qtyStep,
    ]);
  });

  it('candles, newest first with the running one, window by window without gap or repetition', async () => {
    const found: string[][] = [];
    for (let start = DATA_START_MS; start <= NOW_MS; start += 1_000 * MINUTE_MS) {
      const window = { start, end: start + 1_000 * MINUTE_MS - 1, limit: 1_000 };
      const { result } = await client.getKline({ ...LINEAR, symbol: SYMBOL, interval: '1', ...window });
      expect(result.list.map(([ms]) => Number(ms))).toEqual(
        result.list.map(([ms]) => Number(ms)).toSorted((a, b) => b - a),
      );
      found.push(...result.list.toReversed());
    }
    const { openTimeMs, open, high, low, close } = source.candles(0);
    const closed = Math.floor((NOW_MS - DATA_START_MS) / MINUTE_MS);
    expect(found.length).toBe(closed + 1);
    const rows = Array.from({ length: closed }, (_, row) =>
      [openTimeMs, open, high, low, close].map((column) => column[row]),
    );
    expect(found.slice(0, closed).map((cells) => cells.slice(0, 5).map(Number))).toEqual(rows);
  });

  it('as many candles as asked for, the latest ones', async () => {
    const { result } = await client.getKline({ ...LINEAR, symbol: SYMBOL, interval: '60', limit: 3 });
    expect(result.list.map(([ms]) => (Number(ms) - DATA_START_MS) / 3_600_000)).toEqual([44, 43, 42]);
  });

  it('funding, open interest, risk limits', async () => {
    const window = { startTime: DATA_START_MS, endTime: NOW_MS };
    const funding = await client.getFundingRateHistory({ ...LINEAR, symbol: SYMBOL, ...window });
    expect(
      funding.result.list.map(({ fundingRateTimestamp }) => (Number(fundingRateTimestamp) - DATA_START_MS) / 3_600_000),
    ).toEqual([40, 32, 24, 16, 8, 0]);
    const interest = await client.getOpenInterest({
      ...LINEAR,
      symbol: SYMBOL,
      intervalTime: '1h',
      ...window,
      limit: 50,
    });
    expectTexts(interest.result.list[0], ['openInterest', 'timestamp']);
    const risk = await client.getRiskLimit({ ...LINEAR, symbol: SYMBOL });
    expect(risk.result.list[0]).toMatchObject({ symbol: SYMBOL, isLowestRisk: 1 });
  });

  it('what is not there is an error with code 10001', async () => {
    expect(await client.getKline({ ...LINEAR, symbol: 'NONEUSDT', interval: '1' })).toMatchObject({ retCode: 10001 });
  });
});

describe('signatures', () => {
  it('of a wrong secret are refused', async () => {
    const wrong = clientWith({ secret: 'another', enable_time_sync: true });
    expect(await wrong.getAccountInfo()).toMatchObject({ retCode: 10004 });
  });

  it('of an unknown key are refused', async () => {
    expect(await clientWith({ key: 'nobody', enable_time_sync: true }).getAccountInfo()).toMatchObject({
      retCode: 10003,
    });
  });

  it('with the time of another year are refused', async () => {
    expect(await clientWith({}).getAccountInfo()).toMatchObject({ retCode: 10002 });
  });
});

describe('orders', () => {
  it('a limit order rests, is read, amended and cancelled', async () => {
    const price = onTick((await lastPrice()) * 0.9);
    const { result: placed, retCode } = await client.submitOrder({
      ...LINEAR,
      symbol: SYMBOL,
      side: 'Buy',
      orderType: 'Limit',
      qty: QTY,
      price,
      orderLinkId: 'rests-1',
    });
    expect([retCode, placed.orderLinkId]).toEqual([0, 'rests-1']);
    await matched();
    const open = await client.getActiveOrders({ ...LINEAR, symbol: SYMBOL });
    const [row] = open.result.list;
    expect(row).toMatchObject({
      orderId: placed.orderId,
      orderStatus: 'New',
      qty: QTY,
      price,
      cumExecQty: text(0, qtyStep),
      timeInForce: 'GTC',
      positionIdx: 0,
    });
    expectTexts(row, ORDER_TEXTS);
    const lower = onTick((await lastPrice()) * 0.85);
    expect(await client.amendOrder({ ...LINEAR, symbol: SYMBOL, orderLinkId: 'rests-1', price: lower })).toMatchObject({
      retCode: 0,
    });
    expect(
      (await client.getActiveOrders({ ...LINEAR, symbol: SYMBOL, orderId: placed.orderId })).result.list[0].price,
    ).toBe(lower);
    expect(await client.cancelOrder({ ...LINEAR, symbol: SYMBOL, orderLinkId: 'rests-1' })).toMatchObject({
      retCode: 0,
    });
    expect(await client.cancelOrder({ ...LINEAR, symbol: SYMBOL, orderLinkId: 'rests-1' })).toMatchObject({
      retCode: 110001,
    });
    expect((await client.getActiveOrders({ ...LINEAR, symbol: SYMBOL })).result.list).toEqual([]);
    const gone = await client.getHistoricOrders({ ...LINEAR, symbol: SYMBOL, orderLinkId: 'rests-1' });
    expect(gone.result.list[0]).toMatchObject({ orderStatus: 'Cancelled', cancelType: 'CancelByUser' });
  });

  it('an id is used once', async () => {
    const again = {
      ...LINEAR,
      symbol: SYMBOL,
      side: 'Buy',
      orderType: 'Market',
      qty: QTY,
      orderLinkId: 'rests-1',
    } as const;
    expect(await client.submitOrder(again)).toMatchObject({ retCode: 110072, result: {} });
  });

  it('pages of open orders are complete', async () => {
    const price = onTick((await lastPrice()) * 0.8);
    const ids = Array.from({ length: 23 }, (_, at) => `page-${at}`);
    for (const orderLinkId of ids)
      await client.submitOrder({
        ...LINEAR,
        symbol: SYMBOL,
        side: 'Buy',
        orderType: 'Limit',
        qty: QTY,
        price,
        orderLinkId,
      });
    const found: AccountOrderV5[] = [];
    const sizes: number[] = [];
    for (let cursor: string | undefined; ;) {
      const { result } = await client.getActiveOrders({
        ...LINEAR,
        symbol: SYMBOL,
        limit: 10,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(...result.list);
      sizes.push(result.list.length);
      if (result.nextPageCursor === '') break;
      cursor = result.nextPageCursor;
    }
    expect(sizes).toEqual([10, 10, 3]);
    expect(found.map(({ orderLinkId }) => orderLinkId).sort()).toEqual(ids.toSorted());
    const cancelled = await client.cancelAllOrders({ ...LINEAR, symbol: SYMBOL });
    expect([cancelled.retCode, cancelled.result.list.length]).toEqual([0, 23]);
  });

  it('a market order makes a position with stop and target, executions and fees, and ends with an exit', async () => {
    await client.setLeverage({ ...LINEAR, symbol: SYMBOL, buyLeverage: '5', sellLeverage: '5' });
    const price = await lastPrice();
    const [stopLoss, takeProfit] = [onTick(price * 0.9), onTick(price * 1.2)];
    const sent = await client.submitOrder({
      ...LINEAR,
      symbol: SYMBOL,
      side: 'Buy',
      orderType: 'Market',
      qty: QTY,
      orderLinkId: 'entry-1',
      stopLoss,
      takeProfit,
      tpslMode: 'Full',
      slTriggerBy: 'LastPrice',
    });
    expect(sent.retCode).toBe(0);
    await matched();
    const position = await positionOf();
    expect(position).toMatchObject({
      side: 'Buy',
      size: QTY,
      leverage: '5',
      stopLoss,
      takeProfit,
      positionIdx: 0,
      positionStatus: 'Normal',
    });
    expectTexts(position, POSITION_TEXTS);
    const stops = await client.getActiveOrders({ ...LINEAR, symbol: SYMBOL, orderFilter: 'StopOrder' });
    expect(
      stops.result.list.map(({ stopOrderType, triggerPrice, qty, side }) => [stopOrderType, triggerPrice, qty, side]),
    ).toEqual([
      ['TakeProfit', takeProfit, QTY, 'Sell'],
      ['StopLoss', stopLoss, QTY, 'Sell'],
    ]);
    const moved = onTick(price * 0.92);
    expect(
      await client.setTradingStop({ ...LINEAR, symbol: SYMBOL, tpslMode: 'Full', positionIdx: 0, stopLoss: moved }),
    ).toMatchObject({ retCode: 0 });
    expect((await positionOf()).stopLoss).toBe(moved);
    const exit = await client.submitOrder({
      ...LINEAR,
      symbol: SYMBOL,
      side: 'Sell',
      orderType: 'Market',
      qty: QTY,
      reduceOnly: true,
      orderLinkId: 'exit-1',
    });
    expect(exit.retCode).toBe(0);
    await matched();
    expect(await positionOf()).toMatchObject({ side: '', size: text(0, qtyStep) });
    expect((await client.getActiveOrders({ ...LINEAR, symbol: SYMBOL })).result.list).toEqual([]);
  });

  it('executions and the wallet come to the same money', async () => {
    const { result } = await client.getExecutionList({ ...LINEAR, symbol: SYMBOL });
    const [exit, entry] = result.list;
    expectTexts(exit, EXECUTION_TEXTS);
    expect([entry.orderLinkId, exit.orderLinkId, exit.closedSize]).toEqual(['entry-1', 'exit-1', QTY]);
    const made = (Number(exit.execPrice) - Number(entry.execPrice)) * Number(QTY);
    const fees = Number(entry.execFee) + Number(exit.execFee);
    const wallet = await client.getWalletBalance({ accountType: 'UNIFIED' });
    const [account] = wallet.result.list;
    expectTexts(account, WALLET_TEXTS);
    const usdt = account.coin.find(({ coin }) => coin === 'USDT');
    expect(Number(usdt?.walletBalance)).toBeCloseTo(1_000_000 + made - fees, 8);
    expect(exchange.truth().walletUsd).toBe(Number(usdt?.walletBalance));
  });

  it('an exit of nothing, a stop on the wrong side and a quantity off the step are refused', async () => {
    const order = { ...LINEAR, symbol: SYMBOL, side: 'Sell', orderType: 'Market', qty: QTY } as const;
    expect(await client.submitOrder({ ...order, reduceOnly: true })).toMatchObject({ retCode: 110017 });
    const above = onTick((await lastPrice()) * 0.9);
    expect(await client.submitOrder({ ...order, stopLoss: above })).toMatchObject({ retCode: 10001 });
    expect(await client.submitOrder({ ...order, qty: String(Number(QTY) + qtyStep / 2) })).toMatchObject({
      retCode: 10001,
    });
  });

  it('settings that hold already say so', async () => {
    const leverage = { ...LINEAR, symbol: SYMBOL, buyLeverage: '5', sellLeverage: '5' };
    expect(await client.setLeverage(leverage)).toMatchObject({ retCode: 110043 });
    expect(await client.switchPositionMode({ ...LINEAR, coin: 'USDT', mode: 0 })).toMatchObject({ retCode: 110025 });
    expect(await client.setMarginMode('ISOLATED_MARGIN')).toMatchObject({ retCode: 0, result: { reasons: [] } });
    expect(await client.setMarginMode('ISOLATED_MARGIN')).toMatchObject({ retCode: 110026 });
    expect((await client.getAccountInfo()).result).toMatchObject({
      marginMode: 'ISOLATED_MARGIN',
      unifiedMarginStatus: 6,
    });
    const fee = await client.getFeeRate({ ...LINEAR, symbol: SYMBOL });
    expect(fee.result.list[0]).toMatchObject({ symbol: SYMBOL, takerFeeRate: '0.00055', makerFeeRate: '0.0002' });
  });
});

async function positionOf(): Promise<PositionV5> {
  const { result } = await client.getPositionInfo({ ...LINEAR, symbol: SYMBOL });
  expect(result.list.length).toBe(1);
  return result.list[0];
}

const ORDER_TEXTS: readonly (keyof AccountOrderV5)[] = [
  'orderId',
  'orderLinkId',
  'symbol',
  'side',
  'orderType',
  'price',
  'qty',
  'timeInForce',
  'orderStatus',
  'cancelType',
  'rejectReason',
  'avgPrice',
  'leavesQty',
  'leavesValue',
  'cumExecQty',
  'cumExecValue',
  'cumExecFee',
  'stopOrderType',
  'createType',
  'triggerPrice',
  'triggerBy',
  'takeProfit',
  'stopLoss',
  'tpslMode',
  'lastPriceOnCreated',
  'createdTime',
  'updatedTime',
];
const POSITION_TEXTS: readonly (keyof PositionV5)[] = [
  'symbol',
  'side',
  'size',
  'avgPrice',
  'positionValue',
  'leverage',
  'markPrice',
  'liqPrice',
  'positionIM',
  'positionMM',
  'takeProfit',
  'stopLoss',
  'trailingStop',
  'unrealisedPnl',
  'cumRealisedPnl',
  'positionStatus',
  'createdTime',
  'updatedTime',
  'bustPrice',
];
const EXECUTION_TEXTS: readonly (keyof ExecutionV5)[] = [
  'execId',
  'orderId',
  'orderLinkId',
  'symbol',
  'side',
  'execPrice',
  'execQty',
  'execValue',
  'execFee',
  'feeRate',
  'execType',
  'orderType',
  'orderQty',
  'leavesQty',
  'closedSize',
  'stopOrderType',
  'execTime',
];
const WALLET_TEXTS: readonly (keyof WalletBalanceV5)[] = [
  'accountType',
  'totalEquity',
  'totalWalletBalance',
  'totalMarginBalance',
  'totalAvailableBalance',
  'totalPerpUPL',
  'totalInitialMargin',
  'totalMaintenanceMargin',
  'accountIMRate',
  'accountMMRate',
];
