/** A position has a stop on the venue, or it gets one, or it is closed. */
import { type EngineEvent, type InstrumentId, type Protection } from '@donch/core';
import { alert, tradeOf, type EngineContext } from './context.ts';
import { resendExit, sendExit } from './send-order.ts';
import type { OpenTrade } from './state.ts';

/** The venue shows a stop. If it is not the one we want, it is set again. */
export function protectionVerified(context: EngineContext, instrumentId: InstrumentId, shown: Protection): void {
  const trade = tradeOf(context, instrumentId);
  if (trade === undefined) return;
  if (shown.stopPrice !== trade.protection.stopPrice || shown.targetPrice !== trade.protection.targetPrice) {
    context.emit({ kind: 'set_protection', instrumentId, tradeId: trade.tradeId, protection: trade.protection });
    return;
  }
  trade.unprotectedSinceMs = null;
  if (trade.state === 'protecting') trade.state = 'open';
}

/** The venue shows none: set it at once; past the deadline the position is closed. */
export function protectionMissing(context: EngineContext, instrumentId: InstrumentId, reason: string): void {
  const trade = tradeOf(context, instrumentId);
  if (trade === undefined || !(trade.qtyOpen > 0)) return;
  trade.unprotectedSinceMs ??= context.state.timeMs;
  if (trade.state === 'open') trade.state = 'protecting';
  alert(context, { severity: 'critical', code: 'unprotected', text: `${instrumentId} has no stop: ${reason}` });
  context.emit({ kind: 'set_protection', instrumentId, tradeId: trade.tradeId, protection: trade.protection });
  checkDeadline(context, trade);
}

/** The price is beyond the stop before the venue has it: the position is closed at market, for the reason that the stop had. */
export function stopPassed(context: EngineContext, instrumentId: InstrumentId, reason: string): void {
  const trade = tradeOf(context, instrumentId);
  if (trade === undefined || !(trade.qtyOpen > 0)) return;
  alert(context, { severity: 'warning', code: 'stop_passed', text: `${instrumentId}: ${reason}; closing at market` });
  sendExit(context, trade, trade.stopKind === 'initial' ? 'sl' : trade.stopKind);
}

/** What time alone brings: an exit that is due goes out again, a position whose stop has been missing for too long is closed. */
export function checkDeadlines(context: EngineContext): void {
  for (const trade of context.state.trades) checkDeadline(context, trade);
}

/** The same for one trade. */
export function checkDeadline(context: EngineContext, trade: OpenTrade): void {
  if (trade.exitDue) return resendExit(context, trade);
  if (trade.unprotectedSinceMs === null) return undefined;
  const unprotectedMs = context.state.timeMs - trade.unprotectedSinceMs;
  if (unprotectedMs >= context.settings.protectionDeadlineMs) return sendExit(context, trade, 'emergency');
  return undefined;
}

type ForeignEvent = Extract<EngineEvent, { kind: 'foreign_position' }>;

/** A position that no trade explains: the symbol is not traded, somebody is told. Quantity 0 = it is gone. */
export function foreignPosition(context: EngineContext, { instrumentId, side, qty, timeMs }: ForeignEvent): void {
  if (qty === 0) {
    delete context.state.foreign[instrumentId];
    return;
  }
  const known = context.state.foreign[instrumentId];
  context.state.foreign[instrumentId] = { side, qty, sinceMs: known?.sinceMs ?? timeMs };
  if (known === undefined) {
    alert(context, {
      severity: 'critical',
      code: 'foreign_position',
      text: `${instrumentId}: ${side} ${qty} belongs to no trade; the symbol is not traded`,
    });
  }
}
