import type { Gate } from './gate.ts';

/** Entries per UTC day, this one included. */
export const dailyCapGate: Gate = {
  gate: 'daily_cap',
  accepts: '<=',
  isOfAccount: true,
  measure: (_signal, { state }) => state.entriesToday + 1,
  limit: ({ settings }) => settings.guards.entriesPerDayMax,
};
