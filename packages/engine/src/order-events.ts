/** What the venue says about our orders. Unknown is neither accepted nor rejected; a refused exit is tried again under a new id. */
import { dayIndex, type ClientOrderId } from '@donch/core';
import { alert, type EngineContext } from './context.ts';
import { QTY_NOISE_FRAC, resendExit, sendExit, sendFirstTarget } from './send-order.ts';
import { intentOf, type IntentRecord, type OpenTrade } from './state.ts';

/** Intent and trade of an order that is still open (closed ones leave the state): an answer after the end changes nothing. */
function openIntent(
  { state }: EngineContext,
  id: ClientOrderId,
): { readonly intent: IntentRecord; readonly trade: OpenTrade } | undefined {
  const intent = intentOf(state, id);
  if (intent === undefined) return undefined;
  const trade = state.trades.find(({ tradeId }) => tradeId === intent.order.tradeId);
  return trade === undefined ? undefined : { intent, trade };
}

export function orderAccepted(context: EngineContext, id: ClientOrderId): void {
  const found = openIntent(context, id);
  if (found !== undefined) found.intent.state = 'live';
}

export function orderUnknown(context: EngineContext, id: ClientOrderId, reason: string): void {
  const found = openIntent(context, id);
  if (found === undefined) return;
  found.intent.state = 'unknown';
  alert(context, { severity: 'warning', code: 'order_unknown', text: `${id}: ${reason}; looking it up` });
  context.emit({ kind: 'lookup', clientOrderId: id, instrumentId: found.intent.order.instrumentId });
}

export function orderRejected(context: EngineContext, id: ClientOrderId, reason: string): void {
  const found = openIntent(context, id);
  if (found === undefined) return;
  alert(context, { severity: 'warning', code: 'order_rejected', text: `${id}: ${reason}` });
  orderGone(context, found.intent, found.trade);
}

export function orderNever(context: EngineContext, id: ClientOrderId): void {
  const found = openIntent(context, id);
  if (found !== undefined) orderGone(context, found.intent, found.trade);
}

/** The order will not trade any more. `filledQty` is what the venue says; until the fills that make it up are booked it stays open. */
export function orderDone(context: EngineContext, id: ClientOrderId, filledQty: number): void {
  const found = openIntent(context, id);
  if (found === undefined) return;
  const { intent } = found;
  const isNews = intent.doneQty === null;
  intent.doneQty = filledQty;
  if (endIfComplete(context, intent) || !isNews) return;
  alert(context, {
    severity: 'warning',
    code: 'fills_missing',
    text: `${id}: venue filled ${filledQty}, ${intent.filledQty} booked so far`,
  });
  context.emit({ kind: 'lookup', clientOrderId: id, instrumentId: intent.order.instrumentId });
}

/** Ends an order that is done and whose fills are all booked; true when it did. */
export function endIfComplete(context: EngineContext, intent: IntentRecord): boolean {
  const { doneQty, filledQty } = intent;
  if (doneQty === null || doneQty > filledQty * (1 + QTY_NOISE_FRAC)) return false;
  const found = openIntent(context, intent.order.clientOrderId);
  if (found === undefined) return true;
  orderGone(context, intent, found.trade);
  return true;
}

/** The whole entry is known: now the first target has a quantity, and an operator's `close` something to close. */
function entryDone(context: EngineContext, trade: OpenTrade): void {
  trade.entryWorking = false;
  if (trade.exitCause !== null) sendExit(context, trade, trade.exitCause);
  else sendFirstTarget(context, trade);
}

/**
 * What an order that has ended leaves to do: a dead entry frees its slot; an exit goes on at once when it traded a part, else with
 * the next instant or clock event - a venue that refuses everything is asked once per event and not in a loop.
 */
function orderGone(context: EngineContext, intent: IntentRecord, trade: OpenTrade): void {
  const { intents } = context.state;
  intents.splice(intents.indexOf(intent), 1);
  const { order, filledQty } = intent;
  if (order.leg === 'entry') return filledQty > 0 ? entryDone(context, trade) : forgetEntry(context, trade);
  if (order.leg === 'exit' && trade.qtyOpen > 0) {
    if (filledQty > 0) return resendExit(context, trade);
    trade.exitDue = true;
    return undefined;
  }
  if (order.leg === 'tp1' && trade.firstTarget !== null && !trade.firstTarget.taken && trade.qtyOpen > 0) {
    trade.firstTarget = null;
    alert(context, {
      severity: 'warning',
      code: 'no_first_target',
      text: `${order.clientOrderId} is gone; the whole position runs to the final exit`,
    });
  }
  return undefined;
}

/** An entry that never happened gives back slot, day count and busy window. */
function forgetEntry({ state }: EngineContext, trade: OpenTrade): void {
  state.trades.splice(state.trades.indexOf(trade), 1);
  if (dayIndex(trade.decisionTimeMs) === state.dayIndex) state.entriesToday -= 1;
  if (state.acceptedMs[trade.instrumentId] === trade.decisionTimeMs) delete state.acceptedMs[trade.instrumentId];
}
