/** What open trades tie up. For caps, entries on their way count with their planned quantity: it is reserved when it is decided. */
import { directionOf } from '@donch/core';
import { entryPriceOf, unrealisedOf, type ExposedTrade } from '../state.ts';

const liveQty = ({ entryWorking, qtyPlanned, exitQty, qtyOpen }: ExposedTrade): number =>
  entryWorking ? Math.max(qtyPlanned - exitQty, qtyOpen) : qtyOpen;

/** Sums over trades. */
export interface TiedUp {
  /** Quantity x last mark. */
  notionalUsd: number;
  /** Initial margin, each position at its leverage. */
  marginUsd: number;
  /** What would be lost at the stops. */
  riskUsd: number;
}

export function nothingTied(): TiedUp {
  return { notionalUsd: 0, marginUsd: 0, riskUsd: 0 };
}

/** What open trades tie up, reservations included. */
export function tiedUp(trades: readonly ExposedTrade[]): Readonly<TiedUp> {
  const tied = nothingTied();
  for (const trade of trades) tieUp(tied, trade);
  return tied;
}

/** Adds what one trade ties up. */
export function tieUp(tied: TiedUp, trade: ExposedTrade): void {
  const qty = liveQty(trade);
  addTied(tied, qty * trade.markPrice, trade.leverage, riskPerUnit(trade) * qty);
}

/** The same in numbers. */
export function addTied(tied: TiedUp, notionalUsd: number, leverage: number, riskUsd: number): void {
  tied.notionalUsd += notionalUsd;
  tied.marginUsd += notionalUsd / leverage;
  tied.riskUsd += riskUsd;
}

function riskPerUnit(trade: ExposedTrade): number {
  const entryPrice = trade.entryQty > 0 ? entryPriceOf(trade) : trade.referencePrice;
  return stopRiskPerUnit(directionOf(trade.side), entryPrice, trade.protection.stopPrice);
}

/** Loss at the stop against the entry price (not the last mark); a stop in profit counts 0. */
export function stopRiskPerUnit(direction: number, entryPrice: number, stopPrice: number): number {
  return Math.max(0, direction * (entryPrice - stopPrice));
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
