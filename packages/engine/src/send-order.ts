/** Orders on their way out: remembered as an intent before the command leaves the engine. */
import {
  clientOrderId,
  directionOf,
  floorToStep,
  invariant,
  roundToStep,
  type ExitCause,
  type OrderIntent,
} from '@donch/core';
import { alert, type EngineContext } from './context.ts';
import { intentOf, type OpenTrade } from './state.ts';

/** From this attempt to close a position on, somebody has to look. */
const EXIT_ATTEMPTS_ALERT = 3;
/** Rounding error of sums and differences of quantities. */
export const QTY_NOISE_FRAC = 1e-9;

/** Remembers the intent and asks the venue for the order. An id is used once, for ever. */
export function sendOrder({ state, emit }: EngineContext, order: OrderIntent): void {
  invariant(intentOf(state, order.clientOrderId) === undefined, 'a client order id is used once');
  invariant(order.qty > 0, 'order quantity is positive');
  state.intents.push({ order, state: 'sent', filledQty: 0, doneQty: null });
  emit({ kind: 'submit', order });
}

/** Closes what is open at market, once: a second cause does not send a second order. */
export function sendExit(context: EngineContext, trade: OpenTrade, cause: ExitCause): void {
  if (trade.state === 'exiting' || trade.state === 'emergency_exit' || !(trade.qtyOpen > 0)) return;
  trade.exitCause = cause;
  trade.state = cause === 'emergency' ? 'emergency_exit' : 'exiting';
  resendExit(context, trade);
}

/** Next attempt of an exit under a new id; the one before is terminal. There is no last attempt: a position must go. */
export function resendExit(context: EngineContext, trade: OpenTrade): void {
  const attempt = trade.exitAttempts;
  trade.exitAttempts += 1;
  trade.exitDue = false;
  if (trade.exitAttempts >= EXIT_ATTEMPTS_ALERT) {
    alert(context, {
      severity: 'critical',
      code: 'exit_failing',
      text: `${trade.instrumentId}: attempt ${trade.exitAttempts} to close ${trade.qtyOpen}`,
    });
  }
  const { qtyStep } = context.rulesAt(trade.instrumentId, context.state.timeMs);
  sendOrder(context, {
    ...orderOf(context, trade),
    clientOrderId: clientOrderId(trade.tradeId, 'exit', attempt),
    leg: 'exit',
    type: 'market',
    qty: wholeSteps(trade.qtyOpen, qtyStep),
    limitPrice: null,
    expiresMs: null,
  });
}

/** 0.3 - 0.1 is 0.19999999999999998, which no venue takes; a quantity that is no multiple for any other reason is left alone. */
function wholeSteps(qty: number, qtyStep: number): number {
  const whole = roundToStep(qty, qtyStep);
  return Math.abs(whole - qty) <= QTY_NOISE_FRAC * qty ? whole : qty;
}

/** Puts the first target on the book once the filled quantity is known. Too small a share to trade: no first target, said so. */
export function sendFirstTarget(context: EngineContext, trade: OpenTrade): void {
  const { firstTarget } = trade;
  if (firstTarget === null || firstTarget.clientOrderId !== null || firstTarget.taken) return;
  const rules = context.rulesAt(trade.instrumentId, context.state.timeMs);
  const qty = floorToStep(trade.qtyOpen * firstTarget.ratioFrac, rules.qtyStep);
  if (!(qty >= Math.max(rules.qtyMin, rules.qtyStep) && qty < trade.qtyOpen)) {
    alert(context, {
      severity: 'info',
      code: 'no_first_target',
      text: `${trade.instrumentId}: ${firstTarget.ratioFrac} of ${trade.qtyOpen} is no tradable quantity; the whole position runs to the final exit`,
    });
    trade.firstTarget = null;
    return;
  }
  const id = clientOrderId(trade.tradeId, 'tp1', 0);
  firstTarget.clientOrderId = id;
  sendOrder(context, {
    ...orderOf(context, trade),
    clientOrderId: id,
    leg: 'tp1',
    type: 'limit',
    qty,
    limitPrice: firstTarget.price,
    expiresMs: null,
  });
}

type Common = Pick<
  OrderIntent,
  | 'tradeId'
  | 'instrumentId'
  | 'strategyId'
  | 'side'
  | 'reduceOnly'
  | 'leverage'
  | 'protection'
  | 'referencePrice'
  | 'decidedMs'
>;

/** What all reducing orders of a trade have in common. */
function orderOf({ state }: EngineContext, trade: OpenTrade): Common {
  return {
    tradeId: trade.tradeId,
    instrumentId: trade.instrumentId,
    strategyId: trade.strategyId,
    side: directionOf(trade.side) > 0 ? 'sell' : 'buy',
    reduceOnly: true,
    leverage: null,
    protection: null,
    referencePrice: trade.markPrice,
    decidedMs: state.timeMs,
  };
}
