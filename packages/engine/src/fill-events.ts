/** Fills and funding: the ledger. Size, profit and cost come from here alone, each execution counted once. */
import { directionOf, HOUR_MS, type EngineEvent, type ExitCause, type Fill } from '@donch/core';
import { closeTrade } from './close-trade.ts';
import { alert, tradeOf, type EngineContext } from './context.ts';
import { planExits } from './exits/plan.ts';
import { endIfComplete } from './order-events.ts';
import { QTY_NOISE_FRAC } from './send-order.ts';
import { entryPriceOf, intentOf, type OpenTrade } from './state.ts';

/** Books one execution. A repeated `execId` is ignored; one that no trade explains is an alert, never a guess. */
export function applyFill(context: EngineContext, fill: Fill): void {
  const { state } = context;
  if (!context.executions.remember(fill.execId)) return;
  const intent = fill.clientOrderId === null ? undefined : intentOf(state, fill.clientOrderId);
  if (intent !== undefined) intent.filledQty += fill.qty;
  const trade = tradeOf(context, fill.instrumentId);
  const entering = trade !== undefined && (fill.side === 'buy') === (trade.side === 'long');
  // what reduces a position that has not begun, or adds to one without an order of ours, is somebody else's
  const isForeign = entering ? fill.clientOrderId === null : trade?.entryQty === 0;
  if (trade === undefined || isForeign) {
    alert(context, {
      severity: 'critical',
      code: 'foreign_fill',
      text: `${fill.instrumentId}: ${fill.side} ${fill.qty} at ${fill.price} belongs to no trade`,
    });
    return;
  }
  trade.feesUsd += fill.feeUsd;
  trade.slippageUsd += fill.slippageUsd;
  state.cashUsd -= fill.feeUsd;
  if (entering) bookEntry(context, trade, fill);
  else bookExit(context, trade, fill);
  if (intent !== undefined) endIfComplete(context, intent);
}

function bookEntry(context: EngineContext, trade: OpenTrade, fill: Fill): void {
  trade.entryQty += fill.qty;
  trade.qtyOpen += fill.qty;
  trade.entryNotionalUsd += fill.qty * fill.price;
  if (trade.entryTimeMs === 0) {
    trade.entryTimeMs = fill.timeMs;
    trade.bestPrice = fill.price;
    trade.worstPrice = fill.price;
    const { timeExitHours } = trade.exits;
    trade.timeExitAtMs = timeExitHours === null ? null : fill.timeMs + timeExitHours * HOUR_MS;
    if (trade.state === 'entering') trade.state = 'open';
    if (context.settings.protectionAnchor === 'fill' && trade.exits.basis === 'price_atr')
      anchorAtFill(context, trade, fill.price);
    context.emit({ kind: 'verify_protection', instrumentId: trade.instrumentId, tradeId: trade.tradeId });
  }
  trackExtremes(trade, fill.price);
  trade.markPrice = fill.price;
}

/** `PROTECTION_ANCHOR: fill`: the same distances, counted from the first fill. One R stays what was planned at the decision. */
function anchorAtFill(context: EngineContext, trade: OpenTrade, price: number): void {
  const rules = context.rulesAt(trade.instrumentId, context.state.timeMs);
  const plan = planExits(trade, price, trade.exits, rules);
  trade.protection = plan.protection;
  if (trade.firstTarget !== null && plan.firstTargetPrice !== null)
    trade.firstTarget = { ...trade.firstTarget, price: plan.firstTargetPrice };
  context.emit({
    kind: 'set_protection',
    instrumentId: trade.instrumentId,
    tradeId: trade.tradeId,
    protection: plan.protection,
  });
}

function bookExit(context: EngineContext, trade: OpenTrade, fill: Fill): void {
  const { state } = context;
  if (fill.qty > trade.qtyOpen * (1 + QTY_NOISE_FRAC)) {
    alert(context, {
      severity: 'critical',
      code: 'overfill',
      text: `${fill.instrumentId}: closed ${fill.qty} of ${trade.qtyOpen}; the rest belongs to no trade`,
    });
  }
  if (fill.cause === 'liquidation') {
    alert(context, {
      severity: 'critical',
      code: 'liquidated',
      text: `${fill.instrumentId}: liquidated at ${fill.price}, entered at ${entryPriceOf(trade)}`,
    });
  }
  const qty = Math.min(fill.qty, trade.qtyOpen);
  state.cashUsd += directionOf(trade.side) * (fill.price - entryPriceOf(trade)) * qty;
  trade.exitQty += qty;
  trade.exitNotionalUsd += qty * fill.price;
  trade.qtyOpen = trade.exitQty >= trade.entryQty * (1 - QTY_NOISE_FRAC) ? 0 : trade.entryQty - trade.exitQty;
  trackExtremes(trade, fill.price);
  trade.markPrice = fill.price;
  if (trade.qtyOpen === 0) closeTrade(context, trade, { cause: exitCauseOf(trade, fill), timeMs: fill.timeMs });
  else if (fill.cause === 'tp1' && trade.firstTarget !== null) trade.firstTarget.taken = true;
}

function exitCauseOf(trade: OpenTrade, { cause }: Fill): ExitCause {
  switch (cause) {
    case 'sl':
      return trade.stopKind === 'initial' ? 'sl' : trade.stopKind;
    case 'exit':
      return trade.exitCause ?? 'manual';
    case 'tp1':
    case 'entry':
      return 'tp';
    default:
      return cause;
  }
}

/** Widens the excursion by a price that was traded. */
function trackExtremes(trade: OpenTrade, price: number): void {
  const direction = directionOf(trade.side);
  if (direction * price > direction * trade.bestPrice) trade.bestPrice = price;
  if (direction * price < direction * trade.worstPrice) trade.worstPrice = price;
}

type FundingEvent = Extract<EngineEvent, { kind: 'funding' }>;

/** Books a funding settlement once. */
export function applyFunding(context: EngineContext, { execId, instrumentId, amountUsd, assumed }: FundingEvent): void {
  if (!context.executions.remember(execId)) return;
  context.state.cashUsd += amountUsd;
  const trade = tradeOf(context, instrumentId);
  if (trade === undefined) {
    alert(context, {
      severity: 'info',
      code: 'funding_without_trade',
      text: `${instrumentId}: ${amountUsd} USD of funding came after the trade had ended; in equity, in no trade`,
    });
    return;
  }
  trade.fundingUsd += amountUsd;
  trade.fundingAssumed ||= assumed;
}
