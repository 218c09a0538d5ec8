/** A position on the simulated venue, and the orders that rest on it. */
import {
  directionOf,
  floorToStep,
  type FillCause,
  type InstrumentId,
  type InstrumentRules,
  type OrderIntent,
  type Protection,
  type Side,
} from '@donch/core';
import { marketFillPrice, type CostSettings } from './costs.ts';
import type { Fate } from './disturbance.ts';
import type { Liquidation } from './liquidation.ts';
import type { QuietBand } from './quiet-band.ts';

/** An order on the venue with what chance has decided about it. */
export interface SimOrder {
  readonly order: OrderIntent;
  readonly fate: Fate;
}

export interface SimPosition {
  readonly instrumentId: InstrumentId;
  /** Position in the lists of the bar sets. */
  index: number;
  readonly side: Side;
  qty: number;
  entryPrice: number;
  /** Null = no stop rests on it. */
  protection: Protection | null;
  /** Null = entered without leverage being set. */
  liquidation: Liquidation | null;
  /** Reduce-only limit order that rests on it; ends with it. */
  limit: SimOrder | null;
  /** Funding is settled up to here; at first the entry, for it falls on positions filled before it is due. */
  fundedMs: number;
  nextFundingMs: number;
  /** Last close. */
  markPrice: number;
  /** Where nothing of it trades; null = nobody has asked yet. */
  band: QuietBand | null;
}

/** Why the venue refuses an order; null = it takes it. */
export function refusalOf(
  order: OrderIntent,
  rules: InstrumentRules,
  position: SimPosition | undefined,
): string | null {
  const { qty, reduceOnly, side, type } = order;
  if (!(qty > 0)) return 'quantity is not positive';
  if (floorToStep(qty, rules.qtyStep) !== qty) return `quantity is no multiple of ${rules.qtyStep}`;
  if (type === 'market' && rules.marketQtyMax !== null && qty > rules.marketQtyMax)
    return 'quantity above the market maximum';
  if (reduceOnly) {
    if (position === undefined || !reduces(position, side)) return 'nothing to reduce';
    return type === 'limit' && position.limit !== null ? 'a limit order rests on the position already' : null;
  }
  if (type === 'limit') return 'limit orders only reduce';
  if (qty < rules.qtyMin) return 'quantity below the minimum';
  if (qty * order.referencePrice < rules.notionalMinUsd) return 'order value below the minimum';
  return position === undefined ? null : 'instrument already has a position';
}

/** Whether an order of this side makes the position smaller. */
export function reduces({ side }: SimPosition, orderSide: 'buy' | 'sell'): boolean {
  return (side === 'long') === (orderSide === 'sell');
}

/** Whether a bar comes as far as the stop, the target, the limit order or the liquidation: most bars do not. */
export function reaches({ side, protection, limit, liquidation }: SimPosition, high: number, low: number): boolean {
  const best = side === 'long' ? high : low;
  const worst = side === 'long' ? low : high;
  const direction = directionOf(side);
  const limitPrice = limit === null ? null : limit.order.limitPrice;
  if (limitPrice !== null && direction * (best - limitPrice) > 0) return true;
  if (liquidation !== null && direction * (worst - liquidation.price) <= 0) return true;
  if (protection === null) return false;
  const { stopPrice, targetPrice } = protection;
  return direction * (worst - stopPrice) <= 0 || (targetPrice !== null && direction * (best - targetPrice) >= 0);
}

/** Whether a price lies at or beyond stop or target: the venue would not take a position with them. */
export function isBeyond(price: number, side: Side, protection: Protection | null): boolean {
  if (protection === null) return false;
  const direction = directionOf(side);
  const { stopPrice, targetPrice } = protection;
  return direction * (price - stopPrice) <= 0 || (targetPrice !== null && direction * (targetPrice - price) <= 0);
}

/** What trades, before slippage. */
export interface Execution {
  readonly cause: FillCause;
  /** Price without slippage. */
  readonly price: number;
  readonly qty: number;
  readonly order: SimOrder | null;
  /** Null = a limit order at its price. */
  readonly slippageFrac: number | null;
  /** NaN = outside of trading. */
  readonly barVolume: number;
}

/** Rounding error of differences of quantities. */
const QTY_NOISE_FRAC = 1e-9;

/** Books an execution on the position: side and price at which it traded. */
export function changePosition(
  position: SimPosition,
  { cause, price, qty, slippageFrac, barVolume }: Execution,
  { impactFrac }: CostSettings,
): { readonly side: 'buy' | 'sell'; readonly filledPrice: number } {
  const entering = cause === 'entry';
  const side = entering === (position.side === 'long') ? 'buy' : 'sell';
  const filledPrice =
    slippageFrac === null ? price : marketFillPrice({ side, price, qty, barVolume, slippageFrac }, impactFrac);
  const held = position.qty;
  if (entering) {
    position.entryPrice = (position.entryPrice * held + filledPrice * qty) / (held + qty);
    position.qty = held + qty;
  } else {
    // what is left of a closed position is a rounding error of the halves
    const left = held - qty;
    position.qty = left > QTY_NOISE_FRAC * held ? left : 0;
  }
  return { side, filledPrice };
}
