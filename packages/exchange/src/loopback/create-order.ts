/** What the venue checks before it acknowledges an order, in its order, with its codes and words. */
import { roundToStep } from '@donch/core';
import { addOrder, onGrid, signOf } from './fills.ts';
import {
  equityUsd,
  nextId,
  PLAIN_FATE,
  positionOf,
  qtyOf,
  usedMarginUsd,
  workingOf,
  type AttachedStops,
  type LoopbackOrder,
  type LoopbackState,
  type OrderFate,
  type OrderSide,
} from './state.ts';
import type { EndpointAnswer, EndpointParams, LoopbackInstrument } from './wire.ts';

export interface Refusal {
  readonly retCode: number;
  readonly retMsg: string;
}

const LINK_ID = /^[A-Za-z0-9_-]{1,36}$/;
const CONDITIONAL_MAX = 10;
const ACTIVE_MAX = 500;
/** How far from the last price a market order may trade; `riskParameters.priceLimitRatioX` of an instrument. */
const MARKET_BAND_FRAC = 0.05;

export const refused = (retCode: number, retMsg: string): Refusal => ({ retCode, retMsg });
export const textOf = (params: EndpointParams, name: string): string => {
  const value = params[name];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};
export const numberOf = (params: EndpointParams, name: string): number => {
  const text = textOf(params, name);
  return text === '' ? 0 : Number(text);
};
const isTrue = (params: EndpointParams, name: string): boolean => params[name] === true || params[name] === 'true';

/** Takes an order or says why not. A fate that a scenario has planned goes with it. */
export function createOrder(
  state: LoopbackState,
  params: EndpointParams,
  fate: OrderFate = PLAIN_FATE,
): EndpointAnswer {
  const order = parseOrder(state, params, fate);
  if ('retCode' in order) return { ...order, result: {} };
  addOrder(state, order);
  return { retCode: 0, retMsg: 'OK', result: { orderId: order.orderId, orderLinkId: order.orderLinkId } };
}

function parseOrder(state: LoopbackState, params: EndpointParams, fate: OrderFate): LoopbackOrder | Refusal {
  const instrument = state.market.instrument(textOf(params, 'symbol'));
  if (instrument === undefined || textOf(params, 'category') !== 'linear')
    return refused(10001, 'params error: symbol invalid');
  const side = textOf(params, 'side');
  const orderType = textOf(params, 'orderType');
  if (side !== 'Buy' && side !== 'Sell') return refused(10001, 'Side invalid');
  if (orderType !== 'Market' && orderType !== 'Limit') return refused(10001, 'OrderType invalid');
  const refusal =
    idRefusal(state, params) ??
    statusRefusal(instrument, isTrue(params, 'reduceOnly')) ??
    quantityRefusal(instrument, params, orderType) ??
    modeRefusal(state, params) ??
    limitsRefusal(state, instrument, params);
  if (refusal !== null) return refusal;
  const attached = attachedOf(params);
  const order = orderOf(state, params, { instrument, side, orderType, attached, fate });
  return (
    priceRefusal(order, instrument) ??
    stopRefusal(state, order) ??
    reduceRefusal(state, order) ??
    marginRefusal(state, order) ??
    order
  );
}

function idRefusal(state: LoopbackState, params: EndpointParams): Refusal | null {
  const linkId = textOf(params, 'orderLinkId');
  if (linkId === '') return null;
  if (!LINK_ID.test(linkId)) return refused(10001, 'OrderLinkId invalid');
  if (!state.byLinkId.has(linkId)) return null;
  state.watch.duplicatesRefused += 1;
  return refused(110072, 'OrderLinkedID is duplicate');
}

function statusRefusal({ status }: LoopbackInstrument, reduceOnly: boolean): Refusal | null {
  if (status === 'PreLaunch') return refused(110074, 'The symbol is not in trading status');
  if (status === 'Closed') return refused(110074, 'This contract is not live');
  if (status === 'Delivering' && !reduceOnly) return refused(30228, 'No new positions during delisting');
  return null;
}

function quantityRefusal(instrument: LoopbackInstrument, params: EndpointParams, orderType: string): Refusal | null {
  const qty = numberOf(params, 'qty');
  const step = Number(instrument.qtyStep);
  if (!(qty > 0) || Math.abs(roundToStep(qty, step) - qty) > 1e-9 * qty) return refused(10001, 'Qty invalid');
  if (qty < Number(instrument.minOrderQty))
    return refused(10001, 'The number of contracts exceeds minimum limit allowed');
  const max = Number(orderType === 'Market' ? instrument.maxMktOrderQty : instrument.maxOrderQty);
  return qty > max ? refused(10001, 'The number of contracts exceeds maximum limit allowed') : null;
}

function modeRefusal(state: LoopbackState, params: EndpointParams): Refusal | null {
  const isHedge = state.positionMode === 3;
  const isOneWay = numberOf(params, 'positionIdx') === 0;
  return isHedge === isOneWay ? refused(10001, 'position idx not match position mode') : null;
}

function limitsRefusal(
  state: LoopbackState,
  { symbol, minNotionalValue }: LoopbackInstrument,
  params: EndpointParams,
): Refusal | null {
  const own = workingOf(state, symbol);
  if (own.length >= ACTIVE_MAX) return refused(110020, 'Not allowed to have more than 500 active orders');
  const conditional = own.filter(({ stopOrderType }) => stopOrderType === 'Stop').length;
  if (numberOf(params, 'triggerPrice') > 0 && conditional >= CONDITIONAL_MAX)
    return refused(110009, 'The number of stop orders exceeds maximum allowable limit');
  if (isTrue(params, 'reduceOnly')) return null;
  const price = numberOf(params, 'price') || state.market.lastPrice(symbol, state.nowMs);
  return numberOf(params, 'qty') * price < Number(minNotionalValue)
    ? refused(110094, 'Order does not meet minimum order value')
    : null;
}

function attachedOf(params: EndpointParams): AttachedStops | null {
  const stopLoss = numberOf(params, 'stopLoss');
  const takeProfit = numberOf(params, 'takeProfit');
  if (stopLoss === 0 && takeProfit === 0) return null;
  const by = (name: string) => (textOf(params, name) === 'MarkPrice' ? 'MarkPrice' : 'LastPrice');
  return { stopLoss, takeProfit, slTriggerBy: by('slTriggerBy'), tpTriggerBy: by('tpTriggerBy') };
}

interface Parsed {
  readonly instrument: LoopbackInstrument;
  readonly side: OrderSide;
  readonly orderType: 'Market' | 'Limit';
  readonly attached: AttachedStops | null;
  readonly fate: OrderFate;
}

function orderOf(state: LoopbackState, params: EndpointParams, parsed: Parsed): LoopbackOrder {
  const { instrument, side, orderType, attached, fate } = parsed;
  const { symbol } = instrument;
  const lastPrice = state.market.lastPrice(symbol, state.nowMs);
  const triggerPrice = numberOf(params, 'triggerPrice');
  const direction = numberOf(params, 'triggerDirection');
  const timeInForce = textOf(params, 'timeInForce');
  return {
    orderId: nextId(state, 'order'),
    orderLinkId: textOf(params, 'orderLinkId'),
    parentOrderLinkId: '',
    symbol,
    side,
    orderType,
    // a market order carries the price that protects it from an empty book
    price:
      orderType === 'Limit'
        ? numberOf(params, 'price')
        : onGrid(state, symbol, lastPrice * (1 + signOf(side) * MARKET_BAND_FRAC)),
    steps: Math.round(numberOf(params, 'qty') / Number(instrument.qtyStep)),
    timeInForce: orderType === 'Market' ? 'IOC' : timeInForce === '' ? 'GTC' : timeInForce,
    status: triggerPrice > 0 ? 'Untriggered' : 'New',
    cancelType: '',
    rejectReason: '',
    filledSteps: 0,
    filledValueUsd: 0,
    feeUsd: 0,
    stopOrderType: triggerPrice > 0 ? 'Stop' : '',
    createType: 'CreateByUser',
    triggerPrice,
    triggerDirection: direction === 1 || direction === 2 ? direction : 0,
    triggerBy: textOf(params, 'triggerBy') === 'MarkPrice' ? 'MarkPrice' : 'LastPrice',
    attached,
    reduceOnly: isTrue(params, 'reduceOnly'),
    closeOnTrigger: isTrue(params, 'closeOnTrigger'),
    lastPriceOnCreated: lastPrice,
    createdMs: state.nowMs,
    updatedMs: state.nowMs,
    matchAtMs: triggerPrice > 0 ? null : state.nowMs + state.options.ackToMatchMs,
    fate,
  };
}

function priceRefusal(order: LoopbackOrder, { tickSize }: LoopbackInstrument): Refusal | null {
  const { orderType, price, triggerPrice, triggerDirection, lastPriceOnCreated } = order;
  const isOff = (value: number): boolean => Math.abs(roundToStep(value, Number(tickSize)) - value) > 1e-9 * value;
  if (orderType === 'Limit' && (!(price > 0) || isOff(price))) return refused(10001, 'Price invalid');
  if (triggerPrice === 0) return null;
  if (triggerDirection === 0) return refused(10001, 'TriggerDirection invalid');
  if (isOff(triggerPrice)) return refused(10001, 'TriggerPrice invalid');
  if (triggerDirection === 1 && triggerPrice <= lastPriceOnCreated)
    return refused(110092, 'expect Rising, but trigger_price <= current');
  if (triggerDirection === 2 && triggerPrice >= lastPriceOnCreated)
    return refused(110093, 'expect Falling, but trigger_price >= current');
  return null;
}

function stopRefusal(
  state: LoopbackState,
  { attached, side, orderType, price, lastPriceOnCreated, reduceOnly, symbol }: LoopbackOrder,
): Refusal | null {
  if (attached === null) return null;
  if (reduceOnly) return refused(10001, 'reduce-only orders take no tp/sl');
  return stopSideRefusal({
    ...attached,
    side,
    base: orderType === 'Limit' ? price : lastPriceOnCreated,
    tick: Number(state.market.instrument(symbol)?.tickSize),
  });
}

export interface StopSide {
  readonly stopLoss: number;
  readonly takeProfit: number;
  readonly side: OrderSide;
  readonly base: number;
  readonly tick: number;
}

/** A stop behind the price and a target before it, both on the grid. */
export function stopSideRefusal({ stopLoss, takeProfit, side, base, tick }: StopSide): Refusal | null {
  const direction = signOf(side);
  const word = direction > 0 ? 'lower' : 'higher';
  const other = direction > 0 ? 'higher' : 'lower';
  for (const price of [stopLoss, takeProfit])
    if (price !== 0 && Math.abs(roundToStep(price, tick) - price) > 1e-9 * price)
      return refused(10001, 'StopLoss/TakeProfit price invalid');
  if (stopLoss !== 0 && direction * (base - stopLoss) <= 0)
    return refused(
      10001,
      `StopLoss:${stopLoss} set for ${side} position should ${word} than base_price:${base}??LastPrice`,
    );
  if (takeProfit !== 0 && direction * (takeProfit - base) <= 0)
    return refused(
      10001,
      `TakeProfit:${takeProfit} set for ${side} position should be ${other} than base_price:${base}??LastPrice`,
    );
  return null;
}

function reduceRefusal(
  state: LoopbackState,
  { reduceOnly, symbol, side, triggerPrice }: LoopbackOrder,
): Refusal | null {
  if (!reduceOnly || triggerPrice > 0) return null;
  const held = positionOf(state, symbol).steps;
  if (held === 0) return refused(110017, 'current position is zero, cannot fix reduce-only order qty');
  return Math.sign(held) === signOf(side) ? refused(110017, 'Reduce-only rule not satisfied') : null;
}

function marginRefusal(state: LoopbackState, order: LoopbackOrder): Refusal | null {
  if (order.reduceOnly) return null;
  const held = positionOf(state, order.symbol);
  if (Math.sign(held.steps) === -signOf(order.side) && order.steps <= Math.abs(held.steps)) return null;
  const price = order.orderType === 'Limit' ? order.price : order.lastPriceOnCreated;
  const marginUsd = (qtyOf(state, order.symbol, order.steps) * price) / held.leverage;
  return marginUsd > equityUsd(state) - usedMarginUsd(state) ? refused(110007, 'ab not enough for new order') : null;
}
