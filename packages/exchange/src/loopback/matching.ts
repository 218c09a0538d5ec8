/** Time passes: acknowledged orders are matched, prices trigger stops and fill resting orders, funding falls due, positions die. */
import { bookFill, bookFunding, endOrder, isSystemStop, onGrid, pushOrder, signOf, syncProtection } from './fills.ts';
import {
  instrumentOf,
  positionOf,
  workingOf,
  type LoopbackOrder,
  type LoopbackPosition,
  type LoopbackState,
  type OrderFate,
} from './state.ts';
import type { Tick } from './wire.ts';

/** Everything up to an instant, in order of time. */
export function advance(state: LoopbackState, toMs: number): void {
  if (toMs <= state.nowMs) return;
  const fromMs = state.nowMs;
  const symbols = activeSymbols(state);
  const moments: { readonly timeMs: number; readonly happen: () => void }[] = [];
  for (const symbol of symbols) {
    for (const tick of state.market.ticks(symbol, fromMs, toMs))
      moments.push({ timeMs: tick.timeMs, happen: () => trade(state, tick) });
    for (const { timeMs, rate } of state.market.funding(symbol, fromMs, toMs))
      moments.push({ timeMs, happen: () => bookFunding(state, symbol, rate) });
    const { deliveryMs } = instrumentOf(state, symbol);
    if (deliveryMs > fromMs && deliveryMs <= toMs)
      moments.push({ timeMs: deliveryMs, happen: () => deliver(state, symbol) });
  }
  moments.sort((a, b) => a.timeMs - b.timeMs);
  for (const { timeMs, happen } of moments) {
    matchDue(state, timeMs);
    state.nowMs = timeMs;
    happen();
  }
  matchDue(state, toMs);
  state.nowMs = toMs;
}

function activeSymbols(state: LoopbackState): Set<string> {
  const symbols = new Set<string>();
  for (const { symbol, steps } of state.positions.values()) if (steps !== 0) symbols.add(symbol);
  for (const { symbol } of state.working) symbols.add(symbol);
  return symbols;
}

function matchDue(state: LoopbackState, toMs: number): void {
  const due = [...state.working].filter(({ matchAtMs }) => matchAtMs !== null && matchAtMs <= toMs);
  due.sort((a, b) => (a.matchAtMs ?? 0) - (b.matchAtMs ?? 0));
  for (const order of due) {
    state.nowMs = Math.max(state.nowMs, order.matchAtMs ?? 0);
    order.matchAtMs = null;
    match(state, order);
  }
}

/** The order reaches the book. */
function match(state: LoopbackState, order: LoopbackOrder): void {
  if (!state.working.has(order)) return;
  if (order.fate.rejectReason !== '')
    return endOrder(state, order, { status: 'Rejected', rejectReason: order.fate.rejectReason });
  const lastPrice = state.market.lastPrice(order.symbol, state.nowMs);
  if (order.orderType === 'Market') {
    if (crosses(order, lastPrice)) return take(state, order, lastPrice);
    return endOrder(state, order, { status: 'Cancelled', rejectReason: 'EC_ReachMarketPriceLimit' });
  }
  if (!crosses(order, lastPrice)) return rest(state, order);
  if (order.timeInForce === 'PostOnly')
    return endOrder(state, order, { status: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity' });
  return take(
    state,
    order,
    Math.sign(signOf(order.side)) > 0 ? Math.min(order.price, lastPrice) : Math.max(order.price, lastPrice),
    false,
  );
}

function rest(state: LoopbackState, order: LoopbackOrder): void {
  if (order.timeInForce === 'IOC' || order.timeInForce === 'FOK')
    endOrder(state, order, { status: 'Cancelled', rejectReason: 'EC_NoImmediateQtyToFill' });
  else order.updatedMs = state.nowMs;
}

const crosses = ({ side, price }: LoopbackOrder, lastPrice: number): boolean =>
  side === 'Buy' ? lastPrice <= price : lastPrice >= price;

/** Fills an order that takes liquidity; what finds none is cancelled. */
function take(state: LoopbackState, order: LoopbackOrder, price: number, slips = true): void {
  const wanted = tradableSteps(state, order);
  if (wanted === 0) return endOrder(state, order, { status: 'Cancelled', cancelType: 'CancelByReduceOnly' });
  const slip = slips ? 1 + signOf(order.side) * state.options.slippageFrac : 1;
  execute(state, order, {
    steps: Math.floor(wanted * order.fate.fillFrac),
    price: onGrid(state, order.symbol, price * slip),
  });
  const isWhole = order.filledSteps >= order.steps;
  endOrder(
    state,
    order,
    isWhole ? { status: 'Filled' } : { status: 'Cancelled', rejectReason: 'EC_NoImmediateQtyToFill' },
  );
  afterFill(state, order, order.fate);
}

/** A reduce-only order never does more than close. */
function tradableSteps(state: LoopbackState, { symbol, side, steps, filledSteps, reduceOnly }: LoopbackOrder): number {
  const left = steps - filledSteps;
  if (!reduceOnly) return left;
  const held = positionOf(state, symbol).steps;
  return Math.sign(held) === -signOf(side) ? Math.min(left, Math.abs(held)) : 0;
}

interface Executed {
  readonly steps: number;
  readonly price: number;
  readonly isMaker?: boolean;
}

function execute(state: LoopbackState, order: LoopbackOrder, { steps, price, isMaker = false }: Executed): void {
  const { symbol, side } = order;
  let left = steps;
  const parts = Math.min(order.fate.parts, Math.max(1, steps));
  for (let part = parts; part > 0 && left > 0; part -= 1) {
    const piece = part === 1 ? left : Math.max(1, Math.floor(left / part));
    bookFill(state, { order, symbol, side, steps: piece, price, isMaker, execType: 'Trade' });
    left -= piece;
  }
  if (order.filledSteps > 0 && order.filledSteps < order.steps && state.working.has(order))
    order.status = 'PartiallyFilled';
}

/** Stops that came with the order now belong to the position. */
function afterFill(state: LoopbackState, order: LoopbackOrder, fate: OrderFate): void {
  const position = positionOf(state, order.symbol);
  const isHeld = position.steps !== 0 && Math.sign(position.steps) === signOf(order.side);
  if (order.attached !== null && order.filledSteps > 0 && isHeld && !fate.dropsStop) {
    position.stopLoss = order.attached.stopLoss;
    position.takeProfit = order.attached.takeProfit;
    position.slTriggerBy = order.attached.slTriggerBy;
    position.tpTriggerBy = order.attached.tpTriggerBy;
  }
  syncProtection(state, order.symbol);
}

/** One trade of the market. */
function trade(state: LoopbackState, { symbol, price }: Tick): void {
  const mark = state.market.markPrice(symbol, state.nowMs);
  for (const order of workingOf(state, symbol)) {
    if (order.matchAtMs !== null || !state.working.has(order)) continue;
    if (order.status === 'Untriggered') {
      const seen = order.triggerBy === 'MarkPrice' ? mark : price;
      if (isTriggered(order, seen)) trigger(state, order, price);
    } else if (order.orderType === 'Limit' && crosses(order, price)) fillResting(state, order);
  }
  liquidate(state, positionOf(state, symbol), mark);
}

const isTriggered = ({ triggerDirection, triggerPrice }: LoopbackOrder, price: number): boolean =>
  triggerDirection === 2 ? price <= triggerPrice : price >= triggerPrice;

/** A triggered stop is a market order at what is traded now: in a gap far from its price, and it may find too little. */
function trigger(state: LoopbackState, order: LoopbackOrder, price: number): void {
  if (isSystemStop(order)) unbindStops(state, order);
  order.status = 'New';
  pushOrder(state, order);
  if (order.orderType === 'Market') take(state, order, price);
  else match(state, order);
}

/** Stop and target cancel each other: the position has neither when one has triggered, however much it fills. */
export function unbindStops(state: LoopbackState, triggered: LoopbackOrder): void {
  const position = positionOf(state, triggered.symbol);
  position.stopLoss = 0;
  position.takeProfit = 0;
  const other = workingOf(state, triggered.symbol).find((one) => one !== triggered && isSystemStop(one));
  if (other === undefined) return;
  const cancelType = `CancelByOCO${other.stopOrderType === 'StopLoss' ? 'SlCanceledByTp' : 'TpCanceledBySl'}Triggered`;
  endOrder(state, other, { status: 'Deactivated', cancelType });
}

function fillResting(state: LoopbackState, order: LoopbackOrder): void {
  const steps = tradableSteps(state, order);
  if (steps === 0) return endOrder(state, order, { status: 'Cancelled', cancelType: 'CancelByReduceOnly' });
  execute(state, order, { steps, price: order.price, isMaker: true });
  endOrder(
    state,
    order,
    order.filledSteps >= order.steps ? { status: 'Filled' } : { status: 'Cancelled', cancelType: 'CancelByReduceOnly' },
  );
  afterFill(state, order, order.fate);
}

/** Isolated margin is gone: half of it is maintenance margin at the highest leverage. */
function liquidate(state: LoopbackState, position: LoopbackPosition, mark: number): void {
  if (position.steps === 0) return;
  const direction = Math.sign(position.steps);
  const maintenanceFrac = 0.5 / Number(instrumentOf(state, position.symbol).maxLeverage);
  const distanceFrac = Math.max(0, 1 / position.leverage - maintenanceFrac);
  const liquidationPrice = position.avgPrice * (1 - direction * distanceFrac);
  if (direction * (mark - liquidationPrice) > 0) return;
  forceClose(state, position.symbol, {
    price: position.avgPrice * (1 - direction / position.leverage),
    execType: 'BustTrade',
  });
}

export interface ForcedClose {
  readonly price: number;
  readonly execType: 'BustTrade' | 'AdlTrade' | 'Settle' | 'Trade';
}

/** Closes a position without an order of its owner. */
export function forceClose(state: LoopbackState, symbol: string, { price, execType }: ForcedClose): void {
  const position = positionOf(state, symbol);
  if (position.steps === 0) return;
  for (const order of workingOf(state, symbol)) {
    if (!isSystemStop(order) && execType !== 'Trade')
      endOrder(state, order, { status: 'Cancelled', cancelType: 'CancelAllBeforeLiq' });
  }
  const side = position.steps > 0 ? 'Sell' : 'Buy';
  const steps = Math.abs(position.steps);
  bookFill(state, { order: null, symbol, side, steps, price: onGrid(state, symbol, price), isMaker: false, execType });
  syncProtection(state, symbol);
}

function deliver(state: LoopbackState, symbol: string): void {
  const instrument = instrumentOf(state, symbol);
  instrument.status = 'Closed';
  for (const order of workingOf(state, symbol))
    if (!isSystemStop(order)) endOrder(state, order, { status: 'Cancelled', cancelType: 'CancelBySettle' });
  forceClose(state, symbol, { price: state.market.lastPrice(symbol, state.nowMs), execType: 'Settle' });
}
