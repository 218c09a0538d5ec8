import type { Gate } from './gate.ts';
import { atMost } from './gate.ts';

/** Pause, kill switch, drawdown pause, loss streak, equity floor: any of them stops entries. Positions stay managed. */
export const stoppedGate: Gate = (_signal, { state }) => ({
  ...atMost('not_stopped', state.stops.length, 0),
  detail: state.stops.map(({ kind, reason }) => (reason === '' ? kind : `${kind}: ${reason}`)).join('; '),
});
