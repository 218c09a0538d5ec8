import { MINUTE_MS } from '@donch/core';
import type { Gate } from './gate.ts';

/** One accepted entry per symbol within the busy window, in minutes. */
export const dedupGate: Gate = {
  gate: 'dedup',
  accepts: '>=',
  measure: ({ timeMs, acceptedMs }) => (timeMs - acceptedMs) / MINUTE_MS,
  limit: ({ guards }) => guards.dedupMs / MINUTE_MS,
  isOff: ({ guards }) => guards.dedupMs <= 0,
};
