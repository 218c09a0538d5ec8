import type { Gate } from './gate.ts';

/** Positions at the same time, this one and those still exiting included. */
export const maxOpenGate: Gate = {
  gate: 'max_open',
  accepts: '<=',
  isOfAccount: true,
  measure: (_signal, { state }) => state.trades.length + 1,
  limit: ({ settings }) => settings.guards.openMax,
};
