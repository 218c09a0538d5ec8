import { HOUR_MS } from '@donch/core';
import type { Gate } from './gate.ts';

/** Pause of a symbol after an exit, in hours. */
export const cooldownGate: Gate = {
  gate: 'cooldown',
  accepts: '>=',
  measure({ instrumentId }, { state, timeMs }) {
    const last = state.exitedMs[instrumentId];
    return last === undefined ? Infinity : (timeMs - last) / HOUR_MS;
  },
  limit: ({ settings }) => settings.guards.cooldownMs / HOUR_MS,
};
