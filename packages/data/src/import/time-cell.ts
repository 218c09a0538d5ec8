/** One cell that must be an instant: an epoch number in s, ms, us or ns, ISO text, or day and month with slashes. */

import { DAY_MS, parseIsoTime } from '@donch/core';
import type { TimeUnit } from './import-options.ts';
import { readNumber } from './number-cell.ts';
import type { ImportRule } from './rules.ts';

/** How a row's time was written: as text (or a typed column), or as a number of this unit. Indexes `TIME_FORMS`. */
export const TIME_FORMS = ['text', 's', 'ms', 'us', 'ns'] as const satisfies readonly ('text' | TimeUnit)[];
const FORM_TEXT = 0;
const FORM_MS = 2;

/** Numbers of one unit per second, by index of `TIME_FORMS`. */
const PER_SECOND = [Number.NaN, 1, 1e3, 1e6, 1e9];

/**
 * Instants that a market file may hold, in seconds: from Bitcoin's first block (2009-01-03) to the end of 2099. The windows
 * of the four units do not overlap, so a number has one unit or none.
 */
const FIRST_SEC = 1_230_940_800;
const END_SEC = 4_102_444_800;

/** Index into `TIME_FORMS` of the unit in which a number is an instant of a market, or -1. */
export function epochForm(value: number): number {
  for (let form = 1; form < PER_SECOND.length; form += 1) {
    if (value >= FIRST_SEC * PER_SECOND[form] && value < END_SEC * PER_SECOND[form]) return form;
  }
  return -1;
}

/** The instant of an epoch number of this form, UTC ms (with a fraction when the number had one). */
function epochMs(value: number, form: number): number {
  return form === 1 ? value * 1_000 : form === FORM_MS ? value : value / (PER_SECOND[form] / 1_000);
}

/** 11/09/2025 12:00, 9-11-2025 1:05:00 PM, 11.09.2025. */
const DAY_MONTH =
  /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:,?[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?(?:\s*([AP]M))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;
/** 2025/09/11, 2025.09.11: the year first leaves no doubt. */
const YEAR_FIRST = /^(\d{4})([/.])(\d{1,2})\2(\d{1,2})(?=$|[ T])/;
const SHORT_ZONE = /(:\d{2}(?:[.,]\d+)?)\s*([+-]\d{2})$/;

/** How the text of times is written. `dotted` is MetaTrader's 2025.09.11 12:00, whose clock is the broker's. */
export type TextTimeStyle = 'iso' | 'day-month' | 'dotted';

/** The style of a text, or null when it is no date at all. */
export function textTimeStyle(text: string): TextTimeStyle | null {
  if (DAY_MONTH.test(text)) return 'day-month';
  if (YEAR_FIRST.exec(text)?.[2] === '.') return 'dotted';
  return parseIsoTime(isoText(text)) === null ? null : 'iso';
}

/** Which orders of day and month a text proves: a first number above 12 is a day, a second one too. */
export function dayMonthEvidence(text: string): 'day-first' | 'month-first' | null {
  const match = DAY_MONTH.exec(text);
  if (match === null) return null;
  const isFirstDay = Number(match[1]) > 12;
  const isSecondDay = Number(match[3]) > 12;
  return isFirstDay === isSecondDay ? null : isFirstDay ? 'day-first' : 'month-first';
}

function isoText(text: string): string {
  const yearFirst = YEAR_FIRST.exec(text);
  let iso = text;
  if (yearFirst !== null) {
    const [date, year, , month, day] = yearFirst;
    iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}${text.slice(date.length)}`;
  }
  return iso.replace(SHORT_ZONE, '$1$2:00').toUpperCase();
}

function isoOfDayMonth(match: RegExpExecArray, isDayFirst: boolean): string | null {
  const [, first, , second, year, hour = '0', minute = '00', seconds = '00', fraction = '', half, zone = ''] = match;
  const [day, month] = isDayFirst ? [first, second] : [second, first];
  let hours = Number(hour);
  if (half !== undefined) {
    if (!(hours >= 1 && hours <= 12)) return null;
    hours = (hours % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
  }
  const clock = `${String(hours).padStart(2, '0')}:${minute}:${seconds}${fraction}`;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')} ${clock}${zone.toUpperCase()}`;
}

export interface TimeReaderOptions {
  /** Offset of the zone of texts that name none. */
  readonly zoneOffsetMs: number;
  /** Null = the file has no such texts. */
  readonly dayMonthOrder: 'day-first' | 'month-first' | null;
}

/**
 * Reads the time cells of one file. The result stands in the fields, so that a loop over millions of rows makes no object.
 * `read` returns null or the rule that the text breaks.
 */
export class TimeReader {
  timeMs = Number.NaN;
  /** Index into `TIME_FORMS`. */
  form = FORM_TEXT;
  zoneGiven = true;
  readonly #options: TimeReaderOptions;
  /** The date of the last text and its start, read once per day instead of once per row. */
  #date = '';
  #dateMs = Number.NaN;

  constructor(options: TimeReaderOptions) {
    this.#options = options;
  }

  read(text: string): ImportRule | null {
    if (text === '') return 'empty_value';
    const value = readNumber(text);
    return Number.isNaN(value) ? this.#readText(text) : this.readEpoch(value);
  }

  readEpoch(value: number): ImportRule | null {
    const form = epochForm(value);
    if (form < 0) return 'time_out_of_range';
    this.form = form;
    this.timeMs = epochMs(value, form);
    this.zoneGiven = true;
    return null;
  }

  /** An instant of a typed column, UTC ms; without a zone it counts from the assumed one. */
  readInstant(timeMs: number, zoneGiven: boolean): ImportRule | null {
    return Number.isNaN(timeMs) ? 'empty_value' : this.#settle(timeMs, zoneGiven);
  }

  #readText(text: string): ImportRule | null {
    if (this.#readPlainIso(text)) return this.#settle(this.timeMs, text.length > PLAIN_LENGTH);
    const dayMonth = DAY_MONTH.exec(text);
    const iso = dayMonth === null ? isoText(text) : this.#isoOf(dayMonth);
    const parsed = iso === null ? null : parseIsoTime(iso);
    return parsed === null ? 'invalid_time' : this.#settle(parsed.timeMs, parsed.zoneGiven);
  }

  #isoOf(match: RegExpExecArray): string | null {
    const order = this.#options.dayMonthOrder;
    return order === null ? null : isoOfDayMonth(match, order === 'day-first');
  }

  #settle(timeMs: number, zoneGiven: boolean): ImportRule | null {
    this.timeMs = zoneGiven ? timeMs : timeMs - this.#options.zoneOffsetMs;
    this.form = FORM_TEXT;
    this.zoneGiven = zoneGiven;
    return this.timeMs >= FIRST_SEC * 1_000 && this.timeMs < END_SEC * 1_000 ? null : 'time_out_of_range';
  }

  /** The common `2025-07-17 18:00:00`, also with Z or +00:00, its date remembered; false = take the general way. */
  #readPlainIso(text: string): boolean {
    if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return false;
    if (text.length !== PLAIN_LENGTH && !UTC_SUFFIXES.includes(text.slice(PLAIN_LENGTH))) return false;
    const date = text.slice(0, 10);
    if (date !== this.#date) {
      const parsed = parseIsoTime(text);
      if (parsed === null) return false;
      this.#date = date;
      this.#dateMs = Math.floor(parsed.timeMs / DAY_MS) * DAY_MS;
    }
    const separator = text.charCodeAt(10);
    const hours = twoDigits(text, 11);
    const minutes = twoDigits(text, 14);
    const seconds = twoDigits(text, 17);
    if (!((separator === SPACE || separator === LETTER_T) && hours < 24 && minutes < 60 && seconds < 60)) return false;
    this.timeMs = this.#dateMs + ((hours * 60 + minutes) * 60 + seconds) * 1_000;
    return true;
  }
}

/** Length of `2025-07-17 18:00:00`. */
const PLAIN_LENGTH = 19;
const UTC_SUFFIXES = ['Z', '+00:00'];
const COLON = 0x3a;
const SPACE = 0x20;
const LETTER_T = 0x54;

/** Value of two digits, or NaN. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
