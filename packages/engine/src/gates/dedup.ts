import { MINUTE_MS } from '@donch/core';
import type { Gate } from './gate.ts';

/** One accepted entry per symbol within the busy window, in minutes. */
export const dedupGate: Gate = {
  gate: 'dedup',
  accepts: '>=',
  measure({ instrumentId }, { state, timeMs }) {
    const last = state.acceptedMs[instrumentId];
    return last === undefined ? Infinity : (timeMs - last) / MINUTE_MS;
  },
  limit: ({ settings }) => settings.guards.dedupMs / MINUTE_MS,
};
