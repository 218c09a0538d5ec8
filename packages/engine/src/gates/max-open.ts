import type { Gate } from './gate.ts';

/** Positions at the same time, this one and those still exiting included. */
export const maxOpenGate: Gate = {
  gate: 'max_open',
  accepts: '<=',
  isOfAccount: true,
  measure: ({ openTrades }) => openTrades + 1,
  limit: ({ guards }) => guards.openMax,
  isOff: ({ guards }) => guards.openMax === Infinity,
};
