import { HOUR_MS } from '@donch/core';
import type { Gate } from './gate.ts';

/** Pause of a symbol after an exit, in hours. */
export const cooldownGate: Gate = {
  gate: 'cooldown',
  accepts: '>=',
  measure: ({ timeMs, exitedMs }) => (timeMs - exitedMs) / HOUR_MS,
  limit: ({ guards }) => guards.cooldownMs / HOUR_MS,
  isOff: ({ guards }) => guards.cooldownMs <= 0,
};
