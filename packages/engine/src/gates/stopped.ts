import type { Gate } from './gate.ts';

/** Pause, kill switch, drawdown pause, loss streak, equity floor: any of them stops entries. Positions stay managed. */
export const stoppedGate: Gate = {
  gate: 'not_stopped',
  accepts: '<=',
  isOfAccount: true,
  measure: ({ stops }) => stops,
  limit: () => 0,
  detail: (_signal, { state }) =>
    state.stops.map(({ kind, reason }) => (reason === '' ? kind : `${kind}: ${reason}`)).join('; '),
};
