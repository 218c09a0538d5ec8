/** What a person tells the engine. Stopping entries never closes positions; closing is a command of its own. */
import { assertNever, type InstrumentId, type OperatorCommand } from '@donch/core';
import { alert, tradeOf, type EngineContext } from './context.ts';
import { sendExit } from './send-order.ts';
import type { StopState } from './state.ts';

export function applyOperator(context: EngineContext, command: OperatorCommand): void {
  const { state } = context;
  switch (command.kind) {
    case 'pause':
      return stop(context, { kind: 'pause', reason: command.reason, sinceMs: state.timeMs });
    case 'kill':
      return stop(context, { kind: 'kill', reason: command.reason, sinceMs: state.timeMs });
    case 'resume':
      return resume(context);
    case 'rearm':
      state.stops = state.stops.filter(({ kind }) => kind === 'pause' || kind === 'abort');
      state.lossStreak = 0;
      state.peakEquityUsd = state.equityUsd;
      return alert(context, {
        severity: 'info',
        code: 'rearmed',
        text: 'guards are armed again; loss streak and drawdown peak start anew',
      });
    case 'close':
      return close(context, command.instrumentId);
    default:
      return assertNever(command, 'operator command');
  }
}

function stop({ state }: EngineContext, added: StopState): void {
  state.stops = [...state.stops.filter(({ kind }) => kind !== added.kind), added];
}

/** Lifts a pause. Refused while something else stops entries, which needs `rearm` first: nobody must believe that it trades again. */
function resume(context: EngineContext): void {
  const { state } = context;
  const others = state.stops.filter(({ kind }) => kind !== 'pause').map(({ kind }) => kind);
  if (others.length === 0) {
    state.stops = [];
    return;
  }
  alert(context, {
    severity: 'warning',
    code: 'resume_refused',
    text: `entries are stopped by ${others.join(', ')}: re-arm first, then resume`,
  });
}

/** Closes a position; an entry on its way is closed as soon as it is filled. */
function close(context: EngineContext, instrumentId: InstrumentId): void {
  const trade = tradeOf(context, instrumentId);
  if (trade === undefined) {
    return alert(context, {
      severity: 'info',
      code: 'nothing_to_close',
      text: `${instrumentId} has no position of ours`,
    });
  }
  if (!trade.entryWorking) return sendExit(context, trade, 'manual');
  trade.exitCause = 'manual';
  return alert(context, {
    severity: 'info',
    code: 'close_after_entry',
    text: `${instrumentId} is being entered; it is closed once the entry is done`,
  });
}
