/**
 * Values that become known at instants of their own (funding settlements, open interest): ascending by time, each readable from
 * its own instant of availability on.
 */
import { invariant } from './invariant.ts';
import { asOfIndex } from './time.ts';

/** Rows 0 .. length-1 count; the arrays may be longer. */
export interface EventSeries {
  readonly length: number;
  /** When the event happened. */
  readonly timeMs: Float64Array;
  /** From when it may be read: never before it happened, never before an earlier one. */
  readonly availableMs: Float64Array;
  readonly value: Float64Array;
}

export const NO_EVENTS: EventSeries = {
  length: 0,
  timeMs: new Float64Array(),
  availableMs: new Float64Array(),
  value: new Float64Array(),
};

/** Events of history, each known a fixed delay after it happened. */
export function delayedEvents(timeMs: Float64Array, value: Float64Array, delayMs: number): EventSeries {
  invariant(timeMs.length === value.length, 'one value per event');
  return { length: timeMs.length, timeMs, value, availableMs: timeMs.map((ms) => ms + delayMs) };
}

/** Row of the last event that may be read at the instant; -1 = none. */
export function lastEventAt({ availableMs, length }: EventSeries, decisionMs: number): number {
  return asOfIndex(availableMs, length, decisionMs);
}

/** Growable events of the live edge. */
export class EventBuffer implements EventSeries {
  length = 0;
  timeMs = new Float64Array(16);
  availableMs = new Float64Array(16);
  value = new Float64Array(16);

  /** Appends an event that is later than the last one; `availableMs` is when it may be read in research, or when it arrived if that was later. */
  append(timeMs: number, value: number, availableMs: number): void {
    const i = this.length;
    invariant(i === 0 || timeMs > this.timeMs[i - 1], 'an event comes after the last one');
    if (i === this.timeMs.length) this.#grow();
    this.timeMs[i] = timeMs;
    this.value[i] = value;
    this.availableMs[i] = i === 0 ? availableMs : Math.max(availableMs, this.availableMs[i - 1]);
    this.length = i + 1;
  }

  #grow(): void {
    const wider = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.timeMs = wider(this.timeMs);
    this.value = wider(this.value);
    this.availableMs = wider(this.availableMs);
  }
}
