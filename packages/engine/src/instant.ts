/**
 * Steps 3 and 4 of an instant: mark at the closes, market exits, risk state, day roll. One pass over the open trades (an exit
 * depends on its own trade alone, so it may be decided before the account is summed up).
 */
import { dayIndex, ROW_ABSENT, type BarSet, type Candles, type LateBar } from '@donch/core';
import { alert, type EngineContext } from './context.ts';
import { breakEvenStop } from './exits/break-even.ts';
import type { StopStep } from './exits/stop-step.ts';
import { trailStop } from './exits/trail.ts';
import { checkDeadline } from './protection-events.ts';
import { sendExit } from './send-order.ts';
import { sizingEquityUsd, unrealisedOf, type EngineState, type OpenTrade } from './state.ts';

export function applyInstant(context: EngineContext, barSet: BarSet): void {
  context.useInstruments(barSet.instruments);
  if (barSet.late !== undefined) markLate(context, barSet, barSet.late);
  let unrealised = 0;
  for (const trade of context.state.trades) {
    if (!(trade.qtyOpen > 0)) continue;
    const index = context.memberIndexOf(trade);
    const row = index < 0 ? ROW_ABSENT : barSet.rows[index];
    const candles = index < 0 ? null : barSet.candles[index];
    const hasBar = row >= 0 && candles !== null;
    if (hasBar) markTrade(trade, candles, row);
    unrealised += unrealisedOf(trade);
    checkDeadline(context, trade);
    if (trade.state === 'open') decideExit(context, trade, { closeTimeMs: barSet.closeTimeMs, hasBar });
  }
  markAccount(context, unrealised, barSet.closeTimeMs);
}

/** Bars that arrived late count as far as the position was held in them. */
function markLate(context: EngineContext, { candles }: BarSet, late: readonly LateBar[]): void {
  for (const trade of context.state.trades) {
    const member = context.memberIndexOf(trade);
    for (const { index, row } of late) {
      const columns = candles[index];
      if (index !== member || columns === null) continue;
      if (trade.qtyOpen > 0 && columns.openTimeMs[row] >= trade.entryTimeMs) markTrade(trade, columns, row);
    }
  }
}

/** Excursions and mark from a bar that closed while the position was held. */
function markTrade(trade: OpenTrade, candles: Candles, row: number): void {
  const high = candles.high[row];
  const low = candles.low[row];
  if (trade.side === 'long') {
    if (high > trade.bestPrice) trade.bestPrice = high;
    if (low < trade.worstPrice) trade.worstPrice = low;
  } else {
    if (low < trade.bestPrice) trade.bestPrice = low;
    if (high > trade.worstPrice) trade.worstPrice = high;
  }
  trade.markPrice = candles.close[row];
}

/** Equity, its peak, the day and the guards at a close, with what is open worth `unrealised` USD more than it cost. */
export function markAccount(context: EngineContext, unrealised: number, closeTimeMs: number): void {
  const { state, settings } = context;
  state.equityUsd = state.cashUsd + unrealised;
  if (state.equityUsd > state.peakEquityUsd) state.peakEquityUsd = state.equityUsd;
  const today = dayIndex(closeTimeMs);
  if (today !== state.dayIndex) {
    state.dayIndex = today;
    state.entriesToday = 0;
  }
  const { drawdownMaxFrac, equityMinUsd, abortEquityFrac } = settings.guards;
  const equityUsd = sizingEquityUsd(state);
  // written as what is accepted: an equity that is no number stops entries
  if (drawdownMaxFrac !== null && !(drawdownFrac(state) < drawdownMaxFrac))
    stopEntries(context, 'drawdown', `equity ${(drawdownFrac(state) * 100).toFixed(1)} % below its peak`);
  if (!(equityUsd >= equityMinUsd)) stopEntries(context, 'equity', `equity below ${equityMinUsd} USD`);
  if (!(equityUsd >= abortEquityFrac * settings.initialCapitalUsd))
    stopEntries(context, 'abort', `equity below ${abortEquityFrac} of the start`);
}

/**
 * Loss since the peak as a share of what the account would hold without it. Loss and peak are those of our own ledger, so that a
 * deposit or a withdrawal is neither a gain nor a drawdown.
 */
export function drawdownFrac(state: Readonly<EngineState>): number {
  const lossUsd = state.peakEquityUsd - state.equityUsd;
  return lossUsd / (sizingEquityUsd(state) + lossUsd);
}

function stopEntries(context: EngineContext, kind: 'drawdown' | 'equity' | 'abort', reason: string): void {
  const { state } = context;
  if (state.stops.some((stop) => stop.kind === kind)) return;
  state.stops.push({ kind, reason, sinceMs: state.timeMs });
  const then = kind === 'abort' ? 'the run ends once it is flat' : 'no entries until re-armed; positions stay managed';
  alert(context, { severity: 'critical', code: `stopped_${kind}`, text: `${reason}: ${then}` });
}

interface DecidedBar {
  readonly closeTimeMs: number;
  /** The instrument of the trade has a bar in the set. */
  readonly hasBar: boolean;
}

/**
 * Time exit at the first bar set at or after its age, whether or not this instrument has a bar in it (the order trades at its next
 * one); then break-even and the trailing stop, from the bar that has just closed.
 */
function decideExit(context: EngineContext, trade: OpenTrade, { closeTimeMs, hasBar }: DecidedBar): void {
  if (trade.timeExitAtMs !== null && closeTimeMs >= trade.timeExitAtMs) return sendExit(context, trade, 'time');
  const { trailing, partial } = trade.exits;
  if (trailing === null && partial === null) return undefined;
  const { stopPrice } = trade.protection;
  const { tickSize } = context.rulesAt(trade.instrumentId, context.state.timeMs);
  moveStop(context, trade, 'break_even', breakEvenStop(trade, trade.markPrice, tickSize));
  if (trailing !== null && hasBar && trade.state === 'open')
    moveStop(context, trade, 'trail', trailStop(trade, trailing, trade.markPrice, tickSize));
  if (trade.protection.stopPrice !== stopPrice) {
    const { instrumentId, tradeId, protection } = trade;
    context.emit({ kind: 'set_protection', instrumentId, tradeId, protection });
  }
  return undefined;
}

function moveStop(context: EngineContext, trade: OpenTrade, kind: 'break_even' | 'trail', step: StopStep): void {
  if (step.kind === 'exit') return sendExit(context, trade, kind);
  if (step.kind === 'hold') return undefined;
  trade.protection = { ...trade.protection, stopPrice: step.stopPrice };
  trade.stopKind = kind;
  return undefined;
}
