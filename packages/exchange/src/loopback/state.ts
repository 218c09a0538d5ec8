/** What the loopback exchange keeps of one account: orders, positions, executions, money. Quantities are whole steps. */
import { decimalsOf } from '@donch/core';
import type { LoopbackInstrument, LoopbackMarket, StreamEvent } from './wire.ts';

export type OrderSide = 'Buy' | 'Sell';
type OrderStatus = 'New' | 'PartiallyFilled' | 'Filled' | 'Cancelled' | 'Rejected' | 'Untriggered' | 'Deactivated';
type TriggerBy = 'LastPrice' | 'MarkPrice';

export interface LoopbackOrder {
  readonly orderId: string;
  readonly orderLinkId: string;
  readonly parentOrderLinkId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly orderType: 'Market' | 'Limit';
  price: number;
  steps: number;
  readonly timeInForce: string;
  status: OrderStatus;
  cancelType: string;
  rejectReason: string;
  filledSteps: number;
  filledValueUsd: number;
  feeUsd: number;
  /** '' | Stop | StopLoss | TakeProfit */
  readonly stopOrderType: string;
  readonly createType: string;
  triggerPrice: number;
  /** 1 = when the price rises to it, 2 = when it falls to it, 0 = none. */
  readonly triggerDirection: 0 | 1 | 2;
  readonly triggerBy: TriggerBy;
  readonly attached: AttachedStops | null;
  readonly reduceOnly: boolean;
  readonly closeOnTrigger: boolean;
  readonly lastPriceOnCreated: number;
  readonly createdMs: number;
  updatedMs: number;
  /** When the matching engine gets it; null = it rests, waits for its trigger or has ended. */
  matchAtMs: number | null;
  /** What a scenario planned for it. */
  readonly fate: OrderFate;
}

/** Stop and target that came with an entry; 0 = none. */
export interface AttachedStops {
  readonly stopLoss: number;
  readonly takeProfit: number;
  readonly slTriggerBy: TriggerBy;
  readonly tpTriggerBy: TriggerBy;
}

export interface OrderFate {
  /** Rejected after the acknowledgement, with this reason; '' = not. */
  readonly rejectReason: string;
  /** Share that finds liquidity; the rest is cancelled. */
  readonly fillFrac: number;
  /** Number of executions that the fill is split into. */
  readonly parts: number;
  /** The attached stop does not come into being. */
  readonly dropsStop: boolean;
}

export const PLAIN_FATE: OrderFate = { rejectReason: '', fillFrac: 1, parts: 1, dropsStop: false };

export interface LoopbackPosition {
  readonly symbol: string;
  /** > 0 long, < 0 short, 0 flat. */
  steps: number;
  avgPrice: number;
  leverage: number;
  /** 0 = none. */
  stopLoss: number;
  takeProfit: number;
  slTriggerBy: TriggerBy;
  tpTriggerBy: TriggerBy;
  realisedUsd: number;
  createdMs: number;
  updatedMs: number;
}

export interface LoopbackExecution {
  readonly execId: string;
  readonly orderId: string;
  readonly orderLinkId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly price: number;
  readonly steps: number;
  readonly valueUsd: number;
  readonly feeUsd: number;
  readonly feeRate: number;
  readonly isMaker: boolean;
  readonly execType: 'Trade' | 'AdlTrade' | 'BustTrade' | 'Funding' | 'Settle';
  readonly orderType: string;
  readonly orderSteps: number;
  readonly leavesSteps: number;
  readonly closedSteps: number;
  readonly createType: string;
  readonly stopOrderType: string;
  readonly timeMs: number;
  readonly seq: number;
}

export interface LoopbackOptions {
  /** Margin mode that the account begins with. */
  readonly marginMode: 'ISOLATED_MARGIN' | 'REGULAR_MARGIN';
  readonly walletUsd: number;
  /** From the acknowledgement to the match, >= 5 ms at the venue. */
  readonly ackToMatchMs: number;
  /** Age from which orders, executions and positions can be seen by questions. */
  readonly visibilityLagMs: number;
  readonly takerFeeFrac: number;
  readonly makerFeeFrac: number;
  readonly slippageFrac: number;
  readonly rateLimits: boolean;
}

export const LOOPBACK_DEFAULTS: LoopbackOptions = {
  marginMode: 'REGULAR_MARGIN',
  walletUsd: 10_000,
  ackToMatchMs: 5,
  visibilityLagMs: 0,
  takerFeeFrac: 0.00055,
  makerFeeFrac: 0.0002,
  slippageFrac: 0.0002,
  rateLimits: true,
};

/** The whole account; plain data that the modules beside change. */
export interface LoopbackState {
  readonly market: LoopbackMarket;
  options: LoopbackOptions;
  nowMs: number;
  walletUsd: number;
  marginMode: 'ISOLATED_MARGIN' | 'REGULAR_MARGIN';
  /** 0 one-way, 3 hedge. */
  positionMode: 0 | 3;
  readonly orders: LoopbackOrder[];
  readonly byId: Map<string, LoopbackOrder>;
  readonly byLinkId: Map<string, LoopbackOrder>;
  /** Orders that may still trade. */
  readonly working: Set<LoopbackOrder>;
  readonly positions: Map<string, LoopbackPosition>;
  readonly executions: LoopbackExecution[];
  seq: number;
  /** Rows of realtime that a restart of the venue wiped: orders that ended before. */
  wipedBeforeMs: number;
  emit: (event: StreamEvent) => void;
  readonly watch: TruthWatch;
}

/** What nobody inside the venue needs: kept for whoever judges a run. */
interface TruthWatch {
  readonly sizeMax: Map<string, number>;
  /** Since when a position of this symbol has no stop. */
  readonly unprotectedSinceMs: Map<string, number>;
  readonly unprotectedMaxMs: Map<string, number>;
  duplicatesRefused: number;
  /** Fills against the position's side that no order asked for. */
  rateLimited: number;
  readonly requests: Map<string, number>;
  realisedUsd: number;
  feesUsd: number;
  fundingUsd: number;
  depositsUsd: number;
}

export function createState(market: LoopbackMarket, options: LoopbackOptions, nowMs: number): LoopbackState {
  return {
    market,
    options,
    nowMs,
    walletUsd: options.walletUsd,
    marginMode: options.marginMode,
    positionMode: 0,
    orders: [],
    byId: new Map(),
    byLinkId: new Map(),
    working: new Set(),
    positions: new Map(),
    executions: [],
    seq: 0,
    wipedBeforeMs: -Infinity,
    emit: () => undefined,
    watch: {
      sizeMax: new Map(),
      unprotectedSinceMs: new Map(),
      unprotectedMaxMs: new Map(),
      duplicatesRefused: 0,
      rateLimited: 0,
      requests: new Map(),
      realisedUsd: 0,
      feesUsd: 0,
      fundingUsd: 0,
      depositsUsd: 0,
    },
  };
}

export function instrumentOf(state: LoopbackState, symbol: string): LoopbackInstrument {
  const found = state.market.instrument(symbol);
  if (found === undefined) throw new Error(`the loopback exchange lists no ${symbol}`);
  return found;
}

function stepOf(state: LoopbackState, symbol: string): number {
  return Number(instrumentOf(state, symbol).qtyStep);
}

/** Whole steps as a quantity. */
export function qtyOf(state: LoopbackState, symbol: string, steps: number): number {
  const step = stepOf(state, symbol);
  return Number((steps * step).toFixed(decimalsOf(step)));
}

/** The position of a symbol, made flat when it was never held. */
export function positionOf(state: LoopbackState, symbol: string): LoopbackPosition {
  const held = state.positions.get(symbol);
  if (held !== undefined) return held;
  const flat: LoopbackPosition = {
    symbol,
    steps: 0,
    avgPrice: 0,
    leverage: 10,
    stopLoss: 0,
    takeProfit: 0,
    slTriggerBy: 'LastPrice',
    tpTriggerBy: 'LastPrice',
    realisedUsd: 0,
    createdMs: state.nowMs,
    updatedMs: state.nowMs,
  };
  state.positions.set(symbol, flat);
  return flat;
}

export function nextId(state: LoopbackState, prefix: string): string {
  state.seq += 1;
  return `${prefix}-${String(state.seq).padStart(10, '0')}`;
}

/** Money to the cent of a millionth: sums of decimals, without the noise of floats. */
export function money(value: number): number {
  return Number(value.toFixed(10));
}

export function unrealisedUsd(state: LoopbackState, position: LoopbackPosition): number {
  if (position.steps === 0) return 0;
  const mark = state.market.markPrice(position.symbol, state.nowMs);
  return qtyOf(state, position.symbol, position.steps) * (mark - position.avgPrice);
}

export function equityUsd(state: LoopbackState): number {
  let sum = state.walletUsd;
  for (const position of state.positions.values()) sum += unrealisedUsd(state, position);
  return sum;
}

/** Margin of positions and of orders that would add to them. */
export function usedMarginUsd(state: LoopbackState): number {
  let sum = 0;
  for (const position of state.positions.values())
    sum += (Math.abs(qtyOf(state, position.symbol, position.steps)) * position.avgPrice) / position.leverage;
  for (const order of state.working) {
    if (order.reduceOnly || order.stopOrderType !== '') continue;
    const left = qtyOf(state, order.symbol, order.steps - order.filledSteps);
    sum += (left * order.lastPriceOnCreated) / positionOf(state, order.symbol).leverage;
  }
  return sum;
}

/** Orders of a symbol that may still trade, as of now. */
export function workingOf(state: LoopbackState, symbol: string): LoopbackOrder[] {
  return [...state.working].filter((order) => order.symbol === symbol);
}
