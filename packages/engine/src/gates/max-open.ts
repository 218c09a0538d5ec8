import { atMost, type Gate } from './gate.ts';

/** Positions at the same time, this one and those still exiting included. */
export const maxOpenGate: Gate = (_signal, { state, settings }) =>
  atMost('max_open', state.trades.length + 1, settings.guards.openMax);
