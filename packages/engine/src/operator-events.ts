/** What a person tells the engine. Stopping entries never closes positions; closing is a command of its own. */
import { assertNever, type OperatorCommand } from '@donch/core';
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
      state.peakEquityUsd = state.walletUsd ?? state.equityUsd;
      return alert(context, {
        severity: 'info',
        code: 'rearmed',
        text: 'guards are armed again; loss streak and drawdown peak start anew',
      });
    case 'close': {
      const trade = tradeOf(context, command.instrumentId);
      if (trade !== undefined) return sendExit(context, trade, 'manual');
      return alert(context, {
        severity: 'info',
        code: 'nothing_to_close',
        text: `${command.instrumentId} has no position of ours`,
      });
    }
    default:
      return assertNever(command, 'operator command');
  }
}

function stop({ state }: EngineContext, added: StopState): void {
  state.stops = [...state.stops.filter(({ kind }) => kind !== added.kind), added];
}

/** Lifts a pause, and only that: what a guard stopped needs `rearm`. */
function resume(context: EngineContext): void {
  const { state } = context;
  state.stops = state.stops.filter(({ kind }) => kind !== 'pause');
  const rest = state.stops.map(({ kind }) => kind).join(', ');
  if (rest !== '')
    alert(context, {
      severity: 'warning',
      code: 'still_stopped',
      text: `entries stay stopped by ${rest}; re-arm to lift it`,
    });
}
