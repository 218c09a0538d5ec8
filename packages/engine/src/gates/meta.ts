import { atLeast, type Gate } from './gate.ts';

/** Win probability p >= p* where the gate is required; a signal without p does not pass. */
export const metaGate: Gate = ({ p }, { settings }) => {
  if (!settings.meta.required) return { ...atLeast('meta', 1, 0), value: p, detail: 'off' };
  return atLeast('meta', p, settings.meta.pStar);
};
