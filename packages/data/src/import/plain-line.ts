/**
 * The fast way through a line of CSV: plain decimal numbers in the expected columns, nothing else. It never judges: whatever
 * it does not understand goes the careful way (`RowReader`), which finds out what is wrong. A test keeps both ways equal.
 */

import type { CellRole, ColumnMap } from './column-names.ts';
import { POWERS_OF_TEN } from './number-cell.ts';
import { type RawRows, VALUE_NAMES } from './raw-rows.ts';
import type { RowReader } from './row-reader.ts';
import type { TimeReader } from './time-cell.ts';
import { isSound } from './value-check.ts';

const SKIPPED = -1;
const TIME = -2;

const DIGIT_0 = 0x30;
const POINT = 0x2e;
const MINUS = 0x2d;
const QUOTE = 0x22;

/** Digits up to here are exact in a float64; divided by a power of ten up to 10^22 they are correctly rounded. */
const MANTISSA_MAX = Number.MAX_SAFE_INTEGER;
const DECIMALS_MAX = 22;

export class PlainLineReader {
  readonly #bytes: Buffer;
  readonly #delimiter: number;
  readonly #rows: RawRows;
  readonly #time: TimeReader;
  /** Per column: place of the value, SKIPPED or TIME. */
  readonly #columns: Int8Array;
  #value = 0;

  constructor(bytes: Buffer, delimiter: string, { rows, time, columns }: RowReader) {
    this.#bytes = bytes;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#rows = rows;
    this.#time = time;
    this.#columns = Int8Array.from(columns.roles, (role) => columnCode(role, columns));
  }

  /** True when these columns can be read fast at all. */
  static canRead({ roles }: ColumnMap): boolean {
    return !roles.includes('confirm') && !roles.includes('symbol');
  }

  /** Reads `bytes[start, end)` into the cells of the rows and into the time reader; false = take the careful way. */
  read(start: number, end: number): boolean {
    const { cells } = this.#rows;
    let at = start;
    let column = 0;
    for (;;) {
      const code = this.#columns[column];
      if (code >= 0) {
        at = this.#readDecimal(at, end);
        if (at < 0) return false;
        cells[code] = this.#value;
      } else {
        const from = at;
        at = this.#skipCell(at, end);
        if (at < 0 || (code === TIME && !this.#readTime(from, at))) return false;
      }
      column += 1;
      if (at === end) break;
      at += 1;
      if (column === this.#columns.length) return false;
    }
    return column === this.#columns.length && isSound(this.#rows.kind, cells);
  }

  /** End of the cell, or -1 for a quoted one. */
  #skipCell(start: number, end: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (at < end && bytes[at] !== this.#delimiter) {
      if (bytes[at] === QUOTE) return -1;
      at += 1;
    }
    return at;
  }

  #readTime(start: number, end: number): boolean {
    if (end - start <= 16 && this.#readDecimal(start, end) === end) return this.#time.readEpoch(this.#value) === null;
    return this.#time.read(this.#bytes.toString('latin1', start, end)) === null;
  }

  /** Reads a plain decimal up to the delimiter into `#value`; returns its end, or -1 when it is anything else. */
  #readDecimal(start: number, end: number): number {
    const bytes = this.#bytes;
    const delimiter = this.#delimiter;
    let at = start;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at += 1;
    let mantissa = 0;
    let digits = 0;
    let pointAt = -1;
    for (; at < end; at += 1) {
      const byte = bytes[at];
      const digit = byte - DIGIT_0;
      if (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        digits += 1;
      } else if (byte === POINT && pointAt < 0) pointAt = at;
      else if (byte === delimiter) break;
      else return -1;
    }
    const decimals = pointAt < 0 ? 0 : at - pointAt - 1;
    if (digits === 0 || mantissa > MANTISSA_MAX || decimals > DECIMALS_MAX) return -1;
    const size = mantissa / POWERS_OF_TEN[decimals];
    this.#value = isNegative && size > 0 ? -size : size;
    return at;
  }
}

function columnCode(role: CellRole, { kind }: ColumnMap): number {
  if (role === 'time') return TIME;
  const place = VALUE_NAMES[kind].indexOf(role ?? '');
  return place >= 0 ? place : SKIPPED;
}
