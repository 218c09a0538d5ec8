/** What open trades tie up. Entries that are on their way count with their planned quantity: it is reserved when it is decided. */
import { directionOf } from '@donch/core';
import { entryPriceOf, type OpenTrade } from '../state.ts';

const liveQty = ({ entryWorking, qtyPlanned, exitQty, qtyOpen }: OpenTrade): number =>
  entryWorking ? Math.max(qtyPlanned - exitQty, qtyOpen) : qtyOpen;

/** Sum of quantity x last mark, USD. */
export function grossNotionalUsd(trades: readonly OpenTrade[]): number {
  let sum = 0;
  for (const trade of trades) sum += liveQty(trade) * trade.markPrice;
  return sum;
}

/** Initial margin of all positions, each at its leverage, USD. */
export function marginUsedUsd(trades: readonly OpenTrade[]): number {
  let sum = 0;
  for (const trade of trades) sum += (liveQty(trade) * trade.markPrice) / trade.leverage;
  return sum;
}

/** Sum of what would be lost at the stops against the entry prices (not the last marks); a stop in profit counts 0. USD. */
export function openRiskUsd(trades: readonly OpenTrade[]): number {
  let sum = 0;
  for (const trade of trades) {
    const entry = trade.entryQty > 0 ? entryPriceOf(trade) : trade.referencePrice;
    const risk = directionOf(trade.side) * (entry - trade.protection.stopPrice) * liveQty(trade);
    if (risk > 0) sum += risk;
  }
  return sum;
}
