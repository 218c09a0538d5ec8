import type { Gate } from './gate.ts';

/** Win probability p >= p* where the gate is required; a signal without p does not pass. */
export const metaGate: Gate = {
  gate: 'meta',
  accepts: '>=',
  measure: ({ p }, { meta }) => (meta.required ? p : 1),
  limit: ({ meta }) => (meta.required ? meta.pStar : 0),
  isOff: ({ meta }) => !meta.required,
  shown: ({ p }) => p,
  detail: (_signal, { settings }) => (settings.meta.required ? '' : 'off'),
};
