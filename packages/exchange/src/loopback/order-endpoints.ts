/** Endpoints of orders and executions. */
import { createOrder, numberOf, refused, textOf, type Refusal } from './create-order.ts';
import { endOrder, isSystemStop, pushOrder } from './fills.ts';
import type { Levers } from './levers.ts';
import { pageOf } from './pages.ts';
import { executionRow, orderRow } from './rows.ts';
import {
  instrumentOf,
  positionOf,
  workingOf,
  type LoopbackExecution,
  type LoopbackOrder,
  type LoopbackState,
} from './state.ts';
import type { EndpointAnswer, EndpointParams } from './wire.ts';

export type AccountEndpoint = (state: LoopbackState, params: EndpointParams, levers: Levers) => EndpointAnswer;

const DAY_MS = 86_400_000;
const EXECUTION_WINDOW_MS = 7 * DAY_MS;
const ENDED: readonly string[] = ['Filled', 'Cancelled', 'Rejected', 'Deactivated'];

export const ok = (result: unknown): EndpointAnswer => ({ retCode: 0, retMsg: 'OK', result });
export const no = ({ retCode, retMsg }: Refusal): EndpointAnswer => ({ retCode, retMsg, result: {} });

export const ORDER_ENDPOINTS: Readonly<Record<string, AccountEndpoint>> = {
  'POST /v5/order/create': (state, params, levers) =>
    levers.refusalOfCreate(params) ?? createOrder(state, params, levers.takeFate(params)),
  'POST /v5/order/amend': amend,
  'POST /v5/order/cancel': cancel,
  'POST /v5/order/cancel-all': cancelAll,
  'GET /v5/order/realtime': realtime,
  'GET /v5/order/history': history,
  'GET /v5/execution/list': executions,
};

function find(state: LoopbackState, params: EndpointParams): LoopbackOrder | undefined {
  const id = textOf(params, 'orderId');
  return id === '' ? state.byLinkId.get(textOf(params, 'orderLinkId')) : state.byId.get(id);
}

const isLive = (state: LoopbackState, order: LoopbackOrder): boolean => state.working.has(order);

function amend(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  const order = find(state, params);
  if (order === undefined || !isLive(state, order))
    return no(refused(110001, 'order not exists or too late to replace'));
  const step = Number(instrumentOf(state, order.symbol).qtyStep);
  const qty = numberOf(params, 'qty');
  const price = numberOf(params, 'price');
  const triggerPrice = numberOf(params, 'triggerPrice');
  if (qty > 0) order.steps = Math.round(qty / step);
  if (price > 0) order.price = price;
  if (triggerPrice > 0) order.triggerPrice = triggerPrice;
  order.updatedMs = state.nowMs;
  pushOrder(state, order);
  return ok({ orderId: order.orderId, orderLinkId: order.orderLinkId });
}

function cancel(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  const order = find(state, params);
  if (order === undefined || !isLive(state, order))
    return no(refused(110001, 'order not exists or too late to cancel'));
  withdraw(state, order);
  return ok({ orderId: order.orderId, orderLinkId: order.orderLinkId });
}

/** A stop of the position that is cancelled is gone from the position as well. */
function withdraw(state: LoopbackState, order: LoopbackOrder): void {
  endOrder(state, order, {
    status: order.status === 'Untriggered' ? 'Deactivated' : 'Cancelled',
    cancelType: 'CancelByUser',
  });
  const position = positionOf(state, order.symbol);
  if (order.stopOrderType === 'StopLoss') position.stopLoss = 0;
  if (order.stopOrderType === 'TakeProfit') position.takeProfit = 0;
  if (isSystemStop(order) && position.steps !== 0 && position.stopLoss === 0)
    state.watch.unprotectedSinceMs.set(order.symbol, state.watch.unprotectedSinceMs.get(order.symbol) ?? state.nowMs);
}

/** Without a filter the stops of positions go too, as at Bybit. */
function cancelAll(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  const symbol = textOf(params, 'symbol');
  const filter = textOf(params, 'orderFilter');
  const stopOrderType = textOf(params, 'stopOrderType');
  const list: unknown[] = [];
  for (const order of symbol === '' ? Array.from(state.working) : workingOf(state, symbol)) {
    if (filter === 'Order' && order.stopOrderType !== '') continue;
    if (filter === 'StopOrder' && order.stopOrderType === '') continue;
    if (stopOrderType !== '' && order.stopOrderType !== stopOrderType) continue;
    withdraw(state, order);
    list.push({ orderId: order.orderId, orderLinkId: order.orderLinkId });
  }
  return ok({ list, success: '1' });
}

const isVisible = (state: LoopbackState, sinceMs: number): boolean =>
  sinceMs + state.options.visibilityLagMs <= state.nowMs;

function ofQuery(
  params: EndpointParams,
): (order: { readonly symbol: string; readonly orderId: string; readonly orderLinkId: string }) => boolean {
  const [symbol, id, linkId] = ['symbol', 'orderId', 'orderLinkId'].map((name) => textOf(params, name));
  return (order) =>
    (symbol === '' || order.symbol === symbol) &&
    (id === '' || order.orderId === id) &&
    (linkId === '' || order.orderLinkId === linkId);
}

/** Open orders; with an id also one that has ended. */
function realtime(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  if (textOf(params, 'symbol') === '' && textOf(params, 'settleCoin') === '' && textOf(params, 'baseCoin') === '')
    return no(refused(10001, 'symbol, settleCoin or baseCoin is required'));
  const matches = ofQuery(params);
  const filter = textOf(params, 'orderFilter');
  const asksOne = textOf(params, 'orderId') !== '' || textOf(params, 'orderLinkId') !== '';
  const wantsEnded = asksOne || numberOf(params, 'openOnly') > 0;
  const rows = state.orders.filter((order) => {
    if (!matches(order) || !isVisible(state, order.createdMs)) return false;
    if (filter === 'StopOrder' && order.stopOrderType === '') return false;
    if (filter === 'Order' && order.stopOrderType !== '') return false;
    return isLive(state, order) || (wantsEnded && order.updatedMs > state.wipedBeforeMs);
  });
  return page(
    rows.toReversed().map((order) => orderRow(state, order)),
    params,
    { limit: 20, limitMax: 50 },
  );
}

function history(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  const matches = ofQuery(params);
  const status = textOf(params, 'orderStatus');
  const rows = state.orders.filter((order) => {
    if (!matches(order) || !ENDED.includes(order.status) || !isVisible(state, order.createdMs)) return false;
    if (status !== '' && order.status !== status) return false;
    // what traded nothing is forgotten after a day
    return order.filledSteps > 0 || order.updatedMs > state.nowMs - DAY_MS;
  });
  return page(
    rows.toReversed().map((order) => orderRow(state, order)),
    params,
    { limit: 20, limitMax: 50 },
  );
}

function executions(state: LoopbackState, params: EndpointParams): EndpointAnswer {
  const startMs = numberOf(params, 'startTime');
  const endMs = numberOf(params, 'endTime');
  if (startMs > 0 && endMs > 0 && endMs - startMs > EXECUTION_WINDOW_MS)
    return no(refused(10001, 'the time range between startTime and endTime cannot exceed 7 days'));
  const matches = ofQuery(params);
  const hasId = textOf(params, 'orderId') !== '' || textOf(params, 'orderLinkId') !== '';
  const fromMs = startMs || (endMs > 0 ? endMs - EXECUTION_WINDOW_MS : hasId ? 0 : state.nowMs - EXECUTION_WINDOW_MS);
  const toMs = endMs || (startMs > 0 ? startMs + EXECUTION_WINDOW_MS : state.nowMs);
  const execType = textOf(params, 'execType');
  const wanted = (execution: LoopbackExecution): boolean =>
    matches(execution) &&
    execution.timeMs >= fromMs &&
    execution.timeMs <= toMs &&
    isVisible(state, execution.timeMs) &&
    (execType === '' || execution.execType === execType);
  const rows = state.executions.filter(wanted).toReversed();
  return page(
    rows.map((execution) => executionRow(state, execution)),
    params,
    { limit: 50, limitMax: 100 },
  );
}

function page(
  rows: readonly unknown[],
  params: EndpointParams,
  limits: { readonly limit: number; readonly limitMax: number },
): EndpointAnswer {
  const { list, nextPageCursor } = pageOf(rows, params, limits);
  return ok({ category: 'linear', list, nextPageCursor });
}
