/** What open trades tie up. For caps, entries on their way count with their planned quantity: it is reserved when it is decided. */
import { directionOf } from '@donch/core';
import { entryPriceOf, unrealisedOf, type ExposedTrade } from '../state.ts';

const liveQty = ({ entryWorking, qtyPlanned, exitQty, qtyOpen }: ExposedTrade): number =>
  entryWorking ? Math.max(qtyPlanned - exitQty, qtyOpen) : qtyOpen;

export interface TiedUp {
  /** Sum of quantity x last mark. */
  readonly notionalUsd: number;
  /** Initial margin of all positions, each at its leverage. */
  readonly marginUsd: number;
  /** Sum of what would be lost at the stops. */
  readonly riskUsd: number;
}

/** What open trades tie up, reservations included. */
export function tiedUp(trades: readonly ExposedTrade[]): TiedUp {
  let notionalUsd = 0;
  let marginUsd = 0;
  let riskUsd = 0;
  for (const trade of trades) {
    const qty = liveQty(trade);
    notionalUsd += qty * trade.markPrice;
    marginUsd += (qty * trade.markPrice) / trade.leverage;
    riskUsd += riskPerUnit(trade) * qty;
  }
  return { notionalUsd, marginUsd, riskUsd };
}

/** Loss at the stop against the entry price (not the last mark); a stop in profit counts 0. */
function riskPerUnit(trade: ExposedTrade): number {
  const entry = trade.entryQty > 0 ? entryPriceOf(trade) : trade.referencePrice;
  return Math.max(0, directionOf(trade.side) * (entry - trade.protection.stopPrice));
}

export interface HeldExposure {
  readonly positions: number;
  readonly unrealisedUsd: number;
  readonly notionalUsd: number;
  readonly riskUsd: number;
}

/** What is held: filled quantities only. */
export function heldExposure(trades: readonly ExposedTrade[]): HeldExposure {
  let positions = 0;
  let unrealisedUsd = 0;
  let notionalUsd = 0;
  let riskUsd = 0;
  for (const trade of trades) {
    if (!(trade.qtyOpen > 0)) continue;
    positions += 1;
    unrealisedUsd += unrealisedOf(trade);
    notionalUsd += trade.qtyOpen * trade.markPrice;
    riskUsd += riskPerUnit(trade) * trade.qtyOpen;
  }
  return { positions, unrealisedUsd, notionalUsd, riskUsd };
}
