/** Union of two event series of one instrument. Pure. */
import { DonchError, formatMinute } from '@donch/core';

/** Events of one instrument: times strictly ascending, one value each. */
export interface EventSeries {
  readonly timeMs: Float64Array;
  readonly value: Float64Array;
}

export const NO_EVENTS: EventSeries = { timeMs: new Float64Array(0), value: new Float64Array(0) };

/** An event that was stored with another value. */
export interface RevisedEvent {
  readonly timeMs: number;
  readonly old: number;
  readonly new: number;
  readonly kept: 'old' | 'new';
}

export interface MergedEvents {
  readonly events: EventSeries;
  readonly added: number;
  readonly identical: number;
  readonly revised: readonly RevisedEvent[];
}

/** All events of both, ascending; where both have one with different values, `kept` says which stays. */
export function mergeEvents(base: EventSeries, incoming: EventSeries, kept: 'old' | 'new'): MergedEvents {
  const timeMs = new Float64Array(base.timeMs.length + incoming.timeMs.length);
  const value = new Float64Array(timeMs.length);
  const revised: RevisedEvent[] = [];
  let [b, n, length, identical] = [0, 0, 0, 0];
  while (b < base.timeMs.length || n < incoming.timeMs.length) {
    const baseMs = b < base.timeMs.length ? base.timeMs[b] : Infinity;
    const incomingMs = n < incoming.timeMs.length ? incoming.timeMs[n] : Infinity;
    timeMs[length] = Math.min(baseMs, incomingMs);
    if (baseMs < incomingMs) value[length] = base.value[b];
    else if (incomingMs < baseMs) value[length] = incoming.value[n];
    else {
      const [old, fresh] = [base.value[b], incoming.value[n]];
      const isSame = old === fresh;
      if (isSame) identical += 1;
      else revised.push({ timeMs: baseMs, old, new: fresh, kept });
      value[length] = isSame || kept === 'old' ? old : fresh;
    }
    length += 1;
    b += baseMs <= incomingMs ? 1 : 0;
    n += incomingMs <= baseMs ? 1 : 0;
  }
  const events = { timeMs: timeMs.slice(0, length), value: value.slice(0, length) };
  return { events, added: length - base.timeMs.length, identical, revised };
}

export interface EventCheck {
  /** What the events are, for the message. */
  readonly what: string;
  /** Events that lie in the future are refused. */
  readonly nowMs: number;
}

/** Throws `bad_event` for the first event that does not ascend, has no finite value, or lies in the future. */
export function checkEvents({ timeMs, value }: EventSeries, { what, nowMs }: EventCheck): void {
  for (let i = 0; i < timeMs.length; i += 1) {
    const problem = eventProblem({ timeMs, value }, i, nowMs);
    if (problem !== null)
      throw new DonchError('bad_event', `${what}: event ${i} ${problem}`, { expected: 'past events, ascending' });
  }
}

function eventProblem({ timeMs, value }: EventSeries, i: number, nowMs: number): string | null {
  if (!Number.isSafeInteger(timeMs[i])) return `is at ${timeMs[i]}`;
  if (!Number.isFinite(value[i])) return `has the value ${value[i]}`;
  if (timeMs[i] > nowMs) return `is at ${formatMinute(timeMs[i])}, in the future`;
  return i === 0 || timeMs[i] > timeMs[i - 1] ? null : `is at ${formatMinute(timeMs[i])}, not after the one before it`;
}
