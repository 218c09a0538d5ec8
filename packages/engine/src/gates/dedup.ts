import { MINUTE_MS } from '@donch/core';
import { atLeast, type Gate } from './gate.ts';

/** One accepted entry per symbol within the busy window, in minutes. */
export const dedupGate: Gate = ({ instrumentId }, { state, settings, timeMs }) => {
  const last = state.acceptedMs[instrumentId];
  return atLeast(
    'dedup',
    last === undefined ? Infinity : (timeMs - last) / MINUTE_MS,
    settings.guards.dedupMs / MINUTE_MS,
  );
};
