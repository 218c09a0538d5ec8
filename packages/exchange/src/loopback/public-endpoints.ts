/** Endpoints without a key: instruments, candles, rates, open interest, as Bybit answers them. */
import { resample, sliceCandles, lowerBound, type Candles } from '@donch/core';
import type { CandleMarket } from './candle-market.ts';
import { numberOf, refused, textOf } from './create-order.ts';
import type { PublicEndpoint } from './loopback-exchange.ts';
import { no, ok } from './order-endpoints.ts';
import { pageOf } from './pages.ts';
import { plainText } from './plain-text.ts';
import type { EndpointAnswer, EndpointParams, LoopbackInstrument } from './wire.ts';

const MINUTE_MS = 60_000;
const INTERVALS: Readonly<Record<string, number>> = { D: 1_440, W: 10_080 };
const KLINE_LIMIT = { limit: 200, limitMax: 1_000 };

/** What needs no market. */
export const CLOCK_ENDPOINTS: Readonly<Record<string, PublicEndpoint>> = {
  '/v5/market/time': (_, nowMs) =>
    ok({ timeSecond: String(Math.floor(nowMs / 1_000)), timeNano: String(BigInt(Math.round(nowMs)) * 1_000_000n) }),
};

/** By path. */
export function publicEndpoints(market: CandleMarket): Readonly<Record<string, PublicEndpoint>> {
  const klines = new Klines(market);
  return {
    ...CLOCK_ENDPOINTS,
    '/v5/market/instruments-info': (params, nowMs) => instrumentsInfo(market, params, nowMs),
    '/v5/market/kline': (params, nowMs) => klines.answer(params, nowMs, true),
    '/v5/market/mark-price-kline': (params, nowMs) => klines.answer(params, nowMs, false),
    '/v5/market/tickers': (params, nowMs) => tickers(market, params, nowMs),
    '/v5/market/funding/history': (params, nowMs) => fundingHistory(market, params, nowMs),
    '/v5/market/open-interest': (params, nowMs) => openInterest(market, params, nowMs),
    '/v5/market/risk-limit': (params) => riskLimit(market, params),
    '/v5/system/status': () => ok({ list: [] }),
  };
}

const unknownSymbol = (): EndpointAnswer => no(refused(10001, 'params error: Symbol Is Invalid'));

function instrumentsInfo(market: CandleMarket, params: EndpointParams, nowMs: number): EndpointAnswer {
  const symbol = textOf(params, 'symbol');
  const status = textOf(params, 'status') || 'Trading';
  const rows = market
    .instruments()
    .filter((one) =>
      symbol === ''
        ? one.status === status || (status === 'Trading' && one.status === 'Delivering')
        : one.symbol === symbol,
    )
    .filter((one) => one.launchMs <= nowMs || one.status === 'PreLaunch')
    .map(instrumentRow);
  return ok({ category: 'linear', ...pageOf(rows, params, { limit: 500, limitMax: 1_000 }) });
}

function instrumentRow(one: LoopbackInstrument): Record<string, unknown> {
  return {
    symbol: one.symbol,
    contractType: 'LinearPerpetual',
    status: one.status,
    baseCoin: one.baseCoin,
    quoteCoin: 'USDT',
    settleCoin: 'USDT',
    launchTime: String(one.launchMs),
    deliveryTime: String(one.deliveryMs),
    deliveryFeeRate: '',
    priceScale: String(one.tickSize.split('.').at(1)?.length ?? 0),
    leverageFilter: { minLeverage: '1', maxLeverage: one.maxLeverage, leverageStep: '0.01' },
    priceFilter: { minPrice: one.tickSize, maxPrice: '1999999.98', tickSize: one.tickSize },
    lotSizeFilter: {
      minOrderQty: one.minOrderQty,
      maxOrderQty: one.maxOrderQty,
      maxMktOrderQty: one.maxMktOrderQty,
      qtyStep: one.qtyStep,
      minNotionalValue: one.minNotionalValue,
      postOnlyMaxOrderQty: one.maxOrderQty,
    },
    unifiedMarginTrade: true,
    fundingInterval: one.fundingIntervalMin,
    copyTrading: 'none',
    upperFundingRate: '0.005',
    lowerFundingRate: '-0.005',
    isPreListing: one.status === 'PreLaunch',
    preListingInfo: null,
    riskParameters: { priceLimitRatioX: '0.05', priceLimitRatioY: '0.1' },
    symbolType: '',
  };
}

/** Candles of any interval, the running bar included, newest first. */
class Klines {
  readonly #market: CandleMarket;
  readonly #resampled = new Map<string, Candles>();

  constructor(market: CandleMarket) {
    this.#market = market;
  }

  answer(params: EndpointParams, nowMs: number, hasVolume: boolean): EndpointAnswer {
    const symbol = textOf(params, 'symbol');
    const name = textOf(params, 'interval');
    const intervalMs = (INTERVALS[name] ?? Number(name)) * MINUTE_MS;
    if (this.#market.instrument(symbol) === undefined) return unknownSymbol();
    if (!(intervalMs >= this.#market.intervalMs)) return no(refused(10001, 'params error: interval invalid'));
    const candles = this.#candles(symbol, intervalMs);
    const startMs = textOf(params, 'start') === '' ? -Infinity : numberOf(params, 'start');
    const endMs = Math.min(nowMs, textOf(params, 'end') === '' ? Infinity : numberOf(params, 'end'));
    const limit = Math.min(KLINE_LIMIT.limitMax, numberOf(params, 'limit') || KLINE_LIMIT.limit);
    const to = lowerBound(candles, endMs + 1);
    const from = Math.max(lowerBound(candles, startMs), to - limit);
    const list: string[][] = [];
    for (let row = to - 1; row >= from; row -= 1) {
      const cells =
        candles.openTimeMs[row] + intervalMs > nowMs
          ? this.#running(symbol, candles, row, nowMs)
          : cellsOf(candles, row);
      list.push(hasVolume ? cells : cells.slice(0, 5));
    }
    return ok({ symbol, category: 'linear', list });
  }

  #candles(symbol: string, intervalMs: number): Candles {
    if (intervalMs === this.#market.intervalMs) return this.#market.candlesOf(symbol);
    const key = `${symbol} ${intervalMs}`;
    const made = this.#resampled.get(key) ?? resample(this.#market.candlesOf(symbol), intervalMs).bars;
    this.#resampled.set(key, made);
    return made;
  }

  /** What has traded of a bar that has not closed. */
  #running(symbol: string, candles: Candles, row: number, nowMs: number): string[] {
    const openMs = candles.openTimeMs[row];
    const ticks = this.#market.ticks(symbol, openMs, nowMs).map(({ price }) => price);
    const prices = ticks.length === 0 ? [candles.open[row]] : ticks;
    const frac = (nowMs - openMs) / candles.intervalMs;
    return [
      openMs,
      candles.open[row],
      Math.max(...prices),
      Math.min(...prices),
      prices[prices.length - 1],
      Number((candles.volume[row] * frac).toFixed(3)),
      Number((candles.turnover[row] * frac).toFixed(3)),
    ].map(plainText);
  }
}

function cellsOf({ openTimeMs, open, high, low, close, volume, turnover }: Candles, row: number): string[] {
  return [openTimeMs, open, high, low, close, volume, turnover].map((column) => plainText(column[row]));
}

function tickers(market: CandleMarket, params: EndpointParams, nowMs: number): EndpointAnswer {
  const symbol = textOf(params, 'symbol');
  const wanted = market
    .instruments()
    .filter((one) => one.status === 'Trading' && (symbol === '' || one.symbol === symbol));
  if (symbol !== '' && wanted.length === 0) return unknownSymbol();
  return ok({ category: 'linear', list: wanted.map((one) => tickerRow(market, one.symbol, nowMs)) });
}

function tickerRow(market: CandleMarket, symbol: string, nowMs: number): Record<string, unknown> {
  const candles = market.candlesOf(symbol);
  const day = sliceCandles(candles, lowerBound(candles, nowMs - 86_400_000), lowerBound(candles, nowMs));
  const last = plainText(market.lastPrice(symbol, nowMs));
  let turnover = 0;
  for (const value of day.turnover) turnover += value;
  return {
    symbol,
    lastPrice: last,
    markPrice: last,
    indexPrice: last,
    prevPrice24h: day.length === 0 ? last : plainText(day.open[0]),
    turnover24h: turnover.toFixed(4),
    bid1Price: last,
    ask1Price: last,
    fundingRate: '0.0001',
    nextFundingTime: String((Math.floor(nowMs / 28_800_000) + 1) * 28_800_000),
  };
}

/** Newest first, at most 200; a start without an end is an error, as at Bybit. */
function fundingHistory(market: CandleMarket, params: EndpointParams, nowMs: number): EndpointAnswer {
  const symbol = textOf(params, 'symbol');
  const instrument = market.instrument(symbol);
  if (instrument === undefined) return unknownSymbol();
  const startMs = numberOf(params, 'startTime');
  const endMs = numberOf(params, 'endTime');
  if (startMs > 0 && endMs === 0) return no(refused(10001, 'params error: endTime is required with startTime'));
  const untilMs = Math.min(nowMs, endMs || nowMs);
  const events = market.funding(symbol, Math.max(startMs, instrument.launchMs) - 1, untilMs);
  const limit = Math.min(200, numberOf(params, 'limit') || 200);
  const list = events
    .slice(-limit)
    .toReversed()
    .map(({ timeMs, rate }) => ({ symbol, fundingRate: plainText(rate), fundingRateTimestamp: String(timeMs) }));
  return ok({ category: 'linear', list });
}

function openInterest(market: CandleMarket, params: EndpointParams, nowMs: number): EndpointAnswer {
  const symbol = textOf(params, 'symbol');
  if (market.instrument(symbol) === undefined) return unknownSymbol();
  if (textOf(params, 'intervalTime') !== '1h') return no(refused(10001, 'params error: intervalTime invalid'));
  const untilMs = Math.min(nowMs, numberOf(params, 'endTime') || nowMs);
  const rows = market
    .openInterest(symbol, numberOf(params, 'startTime'), untilMs)
    .map(({ timeMs, value }) => ({ openInterest: String(value), timestamp: String(timeMs) }))
    .toReversed();
  return ok({ symbol, category: 'linear', ...pageOf(rows, params, { limit: 50, limitMax: 200 }) });
}

function riskLimit(market: CandleMarket, params: EndpointParams): EndpointAnswer {
  const symbol = textOf(params, 'symbol');
  const instrument = market.instrument(symbol);
  if (instrument === undefined) return unknownSymbol();
  const maintenance = String(0.5 / Number(instrument.maxLeverage));
  const row = {
    id: 1,
    symbol,
    riskLimitValue: '1000000',
    maintenanceMargin: maintenance,
    isLowestRisk: 1,
    maxLeverage: instrument.maxLeverage,
  };
  return ok({ category: 'linear', list: [row], nextPageCursor: '' });
}
