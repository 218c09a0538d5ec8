import type { Gate } from './gate.ts';

/** Entries per UTC day, this one included. */
export const dailyCapGate: Gate = {
  gate: 'daily_cap',
  accepts: '<=',
  isOfAccount: true,
  measure: ({ entriesToday }) => entriesToday + 1,
  limit: ({ guards }) => guards.entriesPerDayMax,
  isOff: ({ guards }) => guards.entriesPerDayMax === Infinity,
};
