import type { Gate } from './gate.ts';

/** Data that are too old, or a bar set without its benchmark, must not be traded on. */
export const freshDataGate: Gate = {
  gate: 'fresh_data',
  accepts: '<=',
  isOfAccount: true,
  measure: ({ isStale }) => Number(isStale),
  limit: () => 0,
  detail: (_signal, { staleReason }) => staleReason,
};
