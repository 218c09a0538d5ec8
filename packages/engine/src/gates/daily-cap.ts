import { atMost, type Gate } from './gate.ts';

/** Entries per UTC day, this one included. */
export const dailyCapGate: Gate = (_signal, { state, settings }) =>
  atMost('daily_cap', state.entriesToday + 1, settings.guards.entriesPerDayMax);
