import { HOUR_MS } from '@donch/core';
import { atLeast, type Gate } from './gate.ts';

/** Pause of a symbol after an exit, in hours. */
export const cooldownGate: Gate = ({ instrumentId }, { state, settings, timeMs }) => {
  const last = state.exitedMs[instrumentId];
  return atLeast(
    'cooldown',
    last === undefined ? Infinity : (timeMs - last) / HOUR_MS,
    settings.guards.cooldownMs / HOUR_MS,
  );
};
