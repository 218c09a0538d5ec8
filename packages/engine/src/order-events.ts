/** What the venue says about our orders. Unknown is neither accepted nor rejected; a refused exit is tried again under a new id. */
import type { ClientOrderId } from '@donch/core';
import { alert, type EngineContext } from './context.ts';
import { resendExit, sendFirstTarget } from './send-order.ts';
import type { IntentRecord, OpenTrade } from './state.ts';

const TERMINAL = new Set(['filled', 'dead', 'rejected', 'abandoned', 'never']);

/** Intent and trade of an order that is still open; undefined for anything else: an answer after the end changes nothing. */
function openIntent(
  { state }: EngineContext,
  id: ClientOrderId,
): { readonly intent: IntentRecord; readonly trade: OpenTrade } | undefined {
  const intent = state.intents[id];
  if (intent === undefined || TERMINAL.has(intent.state)) return undefined;
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
  found.intent.state = 'rejected';
  alert(context, { severity: 'warning', code: 'order_rejected', text: `${id}: ${reason}` });
  orderGone(context, found.intent, found.trade);
}

export function orderNever(context: EngineContext, id: ClientOrderId): void {
  const found = openIntent(context, id);
  if (found === undefined) return;
  found.intent.state = 'never';
  orderGone(context, found.intent, found.trade);
}

/** The order will not trade any more. `filledQty` is what the venue says; the fills that make it up have arrived or will. */
export function orderDone(context: EngineContext, id: ClientOrderId, filledQty: number): void {
  const found = openIntent(context, id);
  if (found === undefined) return;
  const { intent, trade } = found;
  const missing = filledQty > intent.filledQty * (1 + 1e-9);
  if (missing) {
    alert(context, {
      severity: 'warning',
      code: 'fills_missing',
      text: `${id}: venue filled ${filledQty}, ${intent.filledQty} booked so far`,
    });
    context.emit({ kind: 'lookup', clientOrderId: id, instrumentId: intent.order.instrumentId });
    return;
  }
  intent.state = filledQty > 0 ? 'filled' : 'dead';
  if (intent.order.leg === 'entry' && filledQty > 0) sendFirstTarget(context, trade);
  else orderGone(context, intent, trade);
}

/** A closed order that left something undone: a dead entry frees its slot, an unfinished exit goes on. */
function orderGone(context: EngineContext, { order, filledQty }: IntentRecord, trade: OpenTrade): void {
  delete context.state.intents[order.clientOrderId];
  if (order.leg === 'entry' && filledQty === 0) return forgetEntry(context, trade);
  if (order.leg === 'exit' && trade.qtyOpen > 0) return resendExit(context, trade);
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
  state.entriesToday -= 1;
  if (state.acceptedMs[trade.instrumentId] === trade.decisionTimeMs) delete state.acceptedMs[trade.instrumentId];
}
