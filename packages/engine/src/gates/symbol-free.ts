import { formatMinute } from '@donch/core';
import { atMost, type Gate } from './gate.ts';

/** A symbol belongs to one strategy at a time, and not to us at all while it holds a position we cannot explain. */
export const symbolFreeGate: Gate = ({ instrumentId }, { state }) => {
  const trade = state.trades.find((open) => open.instrumentId === instrumentId);
  const foreign = Object.hasOwn(state.foreign, instrumentId);
  const detail =
    trade !== undefined
      ? `${trade.state} since ${formatMinute(trade.decisionTimeMs)} UTC by ${trade.strategyId}`
      : foreign
        ? 'foreign position'
        : '';
  return { ...atMost('symbol_free', Number(trade !== undefined || foreign), 0), detail };
};
