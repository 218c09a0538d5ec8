import { atMost, type Gate } from './gate.ts';

/** Data that are too old, or a bar set without its benchmark, must not be traded on. */
export const freshDataGate: Gate = (_signal, { staleReason }) => ({
  ...atMost('fresh_data', Number(staleReason !== ''), 0),
  detail: staleReason,
});
