import { formatMinute, type Signal } from '@donch/core';
import type { Gate, GateContext } from './gate.ts';

/** A symbol belongs to one strategy at a time, and not to us at all while it holds a position we cannot explain. */
export const symbolFreeGate: Gate = {
  gate: 'symbol_free',
  accepts: '<=',
  measure: ({ isHeld }) => Number(isHeld),
  limit: () => 0,
  detail(signal, context) {
    const trade = holderOf(signal, context);
    if (trade === undefined) return isForeign(signal, context) ? 'foreign position' : '';
    return `${trade.state} since ${formatMinute(trade.decisionTimeMs)} UTC by ${trade.strategyId}`;
  },
};

function holderOf(
  { instrumentId }: Signal,
  { state }: GateContext,
): GateContext['state']['trades'][number] | undefined {
  for (const trade of state.trades) if (trade.instrumentId === instrumentId) return trade;
  return undefined;
}

function isForeign({ instrumentId }: Signal, { state }: GateContext): boolean {
  return Object.hasOwn(state.foreign, instrumentId);
}
