/** Executions and what follows from them: position, money, stop and target orders, the end of orders. */
import { decimalsOf } from '@donch/core';
import { executionRow, orderRow, positionRow, walletRow } from './rows.ts';
import {
  instrumentOf,
  money,
  nextId,
  PLAIN_FATE,
  positionOf,
  qtyOf,
  workingOf,
  type LoopbackExecution,
  type LoopbackOrder,
  type LoopbackPosition,
  type LoopbackState,
} from './state.ts';

export interface FillOf {
  readonly order: LoopbackOrder | null;
  readonly symbol: string;
  readonly side: 'Buy' | 'Sell';
  readonly steps: number;
  readonly price: number;
  readonly isMaker: boolean;
  readonly execType: LoopbackExecution['execType'];
}

export const signOf = (side: 'Buy' | 'Sell'): 1 | -1 => (side === 'Buy' ? 1 : -1);

export function onGrid(state: LoopbackState, symbol: string, price: number): number {
  const tick = Number(instrumentOf(state, symbol).tickSize);
  return Number((Math.round(price / tick) * tick).toFixed(decimalsOf(tick)));
}

/** Books one execution: money, position, order, and the messages about them. */
export function bookFill(state: LoopbackState, fill: FillOf): void {
  const { order, symbol, side, steps, price } = fill;
  const position = positionOf(state, symbol);
  const before = position.steps;
  const signed = signOf(side) * steps;
  const closing = before !== 0 && Math.sign(before) !== Math.sign(signed) ? Math.min(Math.abs(before), steps) : 0;
  const feeRate = fill.isMaker ? state.options.makerFeeFrac : state.options.takerFeeFrac;
  const valueUsd = money(qtyOf(state, symbol, steps) * price);
  const feeUsd = money(valueUsd * feeRate);
  const realised = money(Math.sign(before) * qtyOf(state, symbol, closing) * (price - position.avgPrice));
  movePosition(state, position, { signed, closing, price });
  position.realisedUsd = money(position.realisedUsd + realised - feeUsd);
  state.walletUsd = money(state.walletUsd + realised - feeUsd);
  state.watch.realisedUsd = money(state.watch.realisedUsd + realised);
  state.watch.feesUsd = money(state.watch.feesUsd + feeUsd);
  if (order !== null) {
    order.filledSteps += steps;
    order.filledValueUsd = money(order.filledValueUsd + valueUsd);
    order.feeUsd = money(order.feeUsd + feeUsd);
    order.updatedMs = state.nowMs;
  }
  record(state, {
    ...idsOf(order),
    symbol,
    side,
    price,
    steps,
    valueUsd,
    feeUsd,
    feeRate,
    isMaker: fill.isMaker,
    execType: fill.execType,
    orderSteps: order?.steps ?? steps,
    leavesSteps: order === null ? 0 : order.steps - order.filledSteps,
    closedSteps: closing,
  });
}

function idsOf(
  order: LoopbackOrder | null,
): Pick<LoopbackExecution, 'orderId' | 'orderLinkId' | 'orderType' | 'createType' | 'stopOrderType'> {
  if (order === null) return { orderId: '', orderLinkId: '', orderType: 'UNKNOWN', createType: '', stopOrderType: '' };
  const { orderId, orderLinkId, orderType, createType, stopOrderType } = order;
  return { orderId, orderLinkId, orderType, createType, stopOrderType };
}

interface Move {
  readonly signed: number;
  readonly closing: number;
  readonly price: number;
}

function movePosition(state: LoopbackState, position: LoopbackPosition, { signed, closing, price }: Move): void {
  const sideBefore = Math.sign(position.steps);
  const opening = Math.abs(signed) - closing;
  const held = Math.abs(position.steps) - closing;
  if (opening > 0) {
    const value = held * position.avgPrice + opening * price;
    // not rounded: of a price of seven decimals a rounding would be money
    position.avgPrice = value / (held + opening);
    if (held === 0) position.createdMs = state.nowMs;
  }
  position.steps += signed;
  position.updatedMs = state.nowMs;
  if (position.steps === 0) position.avgPrice = 0;
  // stop and target belong to the side that is gone
  if (Math.sign(position.steps) !== sideBefore) {
    position.stopLoss = 0;
    position.takeProfit = 0;
  }
  const size = Math.abs(position.steps);
  const { sizeMax } = state.watch;
  sizeMax.set(position.symbol, Math.max(sizeMax.get(position.symbol) ?? 0, size));
}

type Recorded = Omit<LoopbackExecution, 'execId' | 'timeMs' | 'seq'>;

function record(state: LoopbackState, execution: Recorded): void {
  const full: LoopbackExecution = { ...execution, execId: nextId(state, 'exec'), timeMs: state.nowMs, seq: state.seq };
  state.executions.push(full);
  push(state, 'execution', executionRow(state, full));
  push(state, 'position', positionRow(state, positionOf(state, full.symbol)));
  push(state, 'wallet', walletRow(state));
}

/** Funding of a position: a fee > 0 was paid. */
export function bookFunding(state: LoopbackState, symbol: string, rate: number): void {
  const position = positionOf(state, symbol);
  if (position.steps === 0) return;
  const mark = state.market.markPrice(symbol, state.nowMs);
  const valueUsd = money(Math.abs(qtyOf(state, symbol, position.steps)) * mark);
  const feeUsd = money(Math.sign(position.steps) * rate * valueUsd);
  state.walletUsd = money(state.walletUsd - feeUsd);
  state.watch.fundingUsd = money(state.watch.fundingUsd + feeUsd);
  record(state, {
    ...idsOf(null),
    symbol,
    side: position.steps > 0 ? 'Buy' : 'Sell',
    price: mark,
    steps: Math.abs(position.steps),
    valueUsd,
    feeUsd,
    feeRate: rate,
    isMaker: false,
    execType: 'Funding',
    orderSteps: 0,
    leavesSteps: 0,
    closedSteps: 0,
  });
}

export function pushOrder(state: LoopbackState, order: LoopbackOrder): void {
  push(state, 'order', orderRow(state, order));
}

function push(state: LoopbackState, topic: string, row: Record<string, unknown>): void {
  state.emit({ topic, isPrivate: true, timeMs: state.nowMs, data: [{ category: 'linear', ...row }] });
}

/** Takes an order in: from now on its id is used. */
export function addOrder(state: LoopbackState, order: LoopbackOrder): void {
  state.orders.push(order);
  state.byId.set(order.orderId, order);
  if (order.orderLinkId !== '') state.byLinkId.set(order.orderLinkId, order);
  state.working.add(order);
  pushOrder(state, order);
}

export function endOrder(
  state: LoopbackState,
  order: LoopbackOrder,
  end: { readonly status: LoopbackOrder['status']; readonly cancelType?: string; readonly rejectReason?: string },
): void {
  if (!state.working.delete(order)) return;
  order.status = end.status;
  order.cancelType = end.cancelType ?? '';
  order.rejectReason = end.rejectReason ?? '';
  order.matchAtMs = null;
  order.updatedMs = state.nowMs;
  pushOrder(state, order);
}

/** Stop and target orders as the position wants them, reduce-only orders gone with it; called after every change of a position. */
export function syncProtection(state: LoopbackState, symbol: string): void {
  const position = positionOf(state, symbol);
  if (position.steps === 0) {
    position.stopLoss = 0;
    position.takeProfit = 0;
    for (const order of workingOf(state, symbol)) {
      if (isSystemStop(order)) endOrder(state, order, { status: 'Deactivated', cancelType: 'CancelByTpSlTsClear' });
      else if (order.reduceOnly && order.matchAtMs === null)
        endOrder(state, order, { status: 'Cancelled', cancelType: 'CancelByReduceOnly' });
    }
  } else {
    syncStop(state, position, { type: 'StopLoss', price: position.stopLoss });
    syncStop(state, position, { type: 'TakeProfit', price: position.takeProfit });
  }
  watchProtection(state, position);
}

export const isSystemStop = ({ stopOrderType }: LoopbackOrder): boolean =>
  stopOrderType === 'StopLoss' || stopOrderType === 'TakeProfit';

interface WantedStop {
  readonly type: 'StopLoss' | 'TakeProfit';
  /** 0 = none. */
  readonly price: number;
}

function syncStop(state: LoopbackState, position: LoopbackPosition, { type, price }: WantedStop): void {
  const { symbol, steps } = position;
  const side = steps > 0 ? 'Sell' : 'Buy';
  const current = workingOf(state, symbol).find((order) => order.stopOrderType === type);
  if (current !== undefined && (price === 0 || current.side !== side)) {
    endOrder(state, current, { status: 'Deactivated', cancelType: 'CancelByUser' });
  } else if (current !== undefined) {
    if (current.triggerPrice === price && current.steps === Math.abs(steps)) return;
    current.triggerPrice = price;
    current.steps = Math.abs(steps);
    current.updatedMs = state.nowMs;
    pushOrder(state, current);
    return;
  }
  if (price !== 0) addOrder(state, systemStop(state, position, { type, price }));
}

function systemStop(state: LoopbackState, position: LoopbackPosition, { type, price }: WantedStop): LoopbackOrder {
  const isLong = position.steps > 0;
  const parent = state.orders.findLast((order) => order.symbol === position.symbol && order.attached !== null);
  return {
    orderId: nextId(state, 'order'),
    orderLinkId: '',
    parentOrderLinkId: parent?.orderLinkId ?? '',
    symbol: position.symbol,
    side: isLong ? 'Sell' : 'Buy',
    orderType: 'Market',
    price: 0,
    steps: Math.abs(position.steps),
    timeInForce: 'IOC',
    status: 'Untriggered',
    cancelType: '',
    rejectReason: '',
    filledSteps: 0,
    filledValueUsd: 0,
    feeUsd: 0,
    stopOrderType: type,
    createType: `CreateBy${type}`,
    triggerPrice: price,
    triggerDirection: (type === 'StopLoss') === isLong ? 2 : 1,
    triggerBy: type === 'StopLoss' ? position.slTriggerBy : position.tpTriggerBy,
    attached: null,
    reduceOnly: true,
    closeOnTrigger: true,
    lastPriceOnCreated: state.market.lastPrice(position.symbol, state.nowMs),
    createdMs: state.nowMs,
    updatedMs: state.nowMs,
    matchAtMs: null,
    fate: PLAIN_FATE,
  };
}

/** Notes how long positions are without a stop. */
function watchProtection(state: LoopbackState, position: LoopbackPosition): void {
  const { unprotectedSinceMs, unprotectedMaxMs } = state.watch;
  const { symbol } = position;
  const sinceMs = unprotectedSinceMs.get(symbol);
  if (position.steps !== 0 && position.stopLoss === 0) {
    if (sinceMs === undefined) unprotectedSinceMs.set(symbol, state.nowMs);
    return;
  }
  if (sinceMs === undefined) return;
  unprotectedSinceMs.delete(symbol);
  unprotectedMaxMs.set(symbol, Math.max(unprotectedMaxMs.get(symbol) ?? 0, state.nowMs - sinceMs));
}
