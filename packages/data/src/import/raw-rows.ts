/** Rows of one file as they were read: in file order, values checked one by one, times not yet settled. */

import type { ImportKind } from './import-options.ts';
import type { TimeReader } from './time-cell.ts';

/** Places of the values of a candle row. */
export const OPEN = 0;
export const HIGH = 1;
export const LOW = 2;
export const CLOSE = 3;
export const VOLUME = 4;
export const TURNOVER = 5;
/** Place of the value of a row of events: a funding rate, an open interest. */
export const EVENT = 0;

/** Names of the values by place. */
export const VALUE_NAMES: Readonly<Record<ImportKind, readonly string[]>> = {
  candles: ['open', 'high', 'low', 'close', 'volume', 'turnover'],
  funding: ['rate'],
  'open-interest': ['open_interest'],
};

/** What became of a row. */
export const USABLE = 0;
export const LEFT_OUT = 1;
export const DUPLICATE = 2;

/** Growable columns; `cells` is the row being read, `append` adds it. */
export class RawRows {
  readonly kind: ImportKind;
  length = 0;
  /** UTC ms, as the row's own unit says. */
  timeMs: Float64Array;
  /** Index into `TIME_FORMS`. */
  form: Uint8Array;
  /** 1 = the row named its zone (epoch numbers always do). */
  zoneGiven: Uint8Array;
  /** Physical line (Parquet: row number), 1-based. */
  line: Float64Array;
  /** Where the source finds the row's text again. */
  place: Float64Array;
  status: Uint8Array;
  /** By place of the value. */
  readonly values: Float64Array[];
  readonly cells: Float64Array;

  constructor(kind: ImportKind, capacity = 4_096) {
    this.kind = kind;
    this.timeMs = new Float64Array(capacity);
    this.form = new Uint8Array(capacity);
    this.zoneGiven = new Uint8Array(capacity);
    this.line = new Float64Array(capacity);
    this.place = new Float64Array(capacity);
    this.status = new Uint8Array(capacity);
    this.values = VALUE_NAMES[kind].map(() => new Float64Array(capacity));
    this.cells = new Float64Array(VALUE_NAMES[kind].length).fill(Number.NaN);
  }

  /** Adds the row in `cells` with the time that the reader read last. */
  append(time: TimeReader, line: number, place: number): void {
    const at = this.length;
    if (at === this.timeMs.length) this.#grow();
    this.timeMs[at] = time.timeMs;
    this.form[at] = time.form;
    this.zoneGiven[at] = time.zoneGiven ? 1 : 0;
    this.line[at] = line;
    this.place[at] = place;
    for (let k = 0; k < this.values.length; k += 1) this.values[k][at] = this.cells[k];
    this.length = at + 1;
  }

  /** Positions of the rows that are still usable, in file order. */
  usable(): Int32Array {
    const positions = new Int32Array(this.length);
    let count = 0;
    for (let at = 0; at < this.length; at += 1) if (this.status[at] === USABLE) positions[count++] = at;
    return positions.subarray(0, count);
  }

  #grow(): void {
    const capacity = this.timeMs.length * 2;
    this.timeMs = grown(this.timeMs, new Float64Array(capacity));
    this.form = grown(this.form, new Uint8Array(capacity));
    this.zoneGiven = grown(this.zoneGiven, new Uint8Array(capacity));
    this.line = grown(this.line, new Float64Array(capacity));
    this.place = grown(this.place, new Float64Array(capacity));
    this.status = grown(this.status, new Uint8Array(capacity));
    this.values.forEach((values, k) => (this.values[k] = grown(values, new Float64Array(capacity))));
  }
}

function grown<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
