/** What open trades tie up. Entries that are on their way count with their planned quantity: a slot is taken when it is decided. */
import { directionOf } from '@donch/core';
import type { OpenTrade } from '../state.ts';

const liveQty = (trade: OpenTrade): number =>
  trade.state === 'entering' ? Math.max(trade.qtyPlanned, trade.qtyOpen) : trade.qtyOpen;

/** Sum of quantity x last mark, USD. */
export function grossNotionalUsd(trades: readonly OpenTrade[]): number {
  let sum = 0;
  for (const trade of trades) sum += liveQty(trade) * trade.markPrice;
  return sum;
}

/** Initial margin of all positions at the configured leverage, USD. */
export function marginUsedUsd(trades: readonly OpenTrade[], leverage: number): number {
  return grossNotionalUsd(trades) / leverage;
}

/** Sum of what would be lost at the stops, from the last mark's entry price on; a stop in profit counts 0. USD. */
export function openRiskUsd(trades: readonly OpenTrade[]): number {
  let sum = 0;
  for (const trade of trades) {
    const entry = trade.entryQty > 0 ? trade.entryNotionalUsd / trade.entryQty : trade.referencePrice;
    const risk = directionOf(trade.side) * (entry - trade.protection.stopPrice) * liveQty(trade);
    if (risk > 0) sum += risk;
  }
  return sum;
}
