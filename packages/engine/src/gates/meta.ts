import type { Gate } from './gate.ts';

/** Win probability p >= p* where the gate is required; a signal without p does not pass. */
export const metaGate: Gate = {
  gate: 'meta',
  accepts: '>=',
  measure: (signal, { settings }) => (settings.meta.required ? signal.p : 1),
  limit: ({ settings }) => (settings.meta.required ? settings.meta.pStar : 0),
  shown: ({ p }) => p,
  detail: (_signal, { settings }) => (settings.meta.required ? '' : 'off'),
};
