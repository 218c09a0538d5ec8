/**
 * Time as the whole system uses it: UTC epoch milliseconds, half-open buckets labelled by their start,
 * weeks that begin on Monday 00:00 UTC. No `Date` object and no local time anywhere.
 */
import { DonchError } from './errors.ts';
import { invariant } from './invariant.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const WEEK_MS = 604_800_000;

/** 1970-01-05 00:00 UTC, the first Monday of the epoch (which began on a Thursday). */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Bar lengths that the system knows. `1m 5m 15m 1h` may be base intervals. */
export const INTERVALS = ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '12h', '1d', '1w'] as const;
export type Interval = (typeof INTERVALS)[number];

const INTERVAL_MS: Readonly<Record<Interval, number>> = {
  '1m': MINUTE_MS,
  '3m': 3 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '4h': 4 * HOUR_MS,
  '6h': 6 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '1d': DAY_MS,
  '1w': WEEK_MS,
};

/** Length of an interval in milliseconds. */
export function intervalMs(interval: Interval): number {
  return INTERVAL_MS[interval];
}

/** The interval of a length in milliseconds; throws `unknown_interval` when there is none. */
export function intervalOf(lengthMs: number): Interval {
  for (const interval of INTERVALS) if (INTERVAL_MS[interval] === lengthMs) return interval;
  throw new DonchError('unknown_interval', `bar length is ${lengthMs} ms`, {
    expected: `one of ${INTERVALS.join(', ')}`,
  });
}

/** True when the text names a known interval. */
export function isInterval(text: string): text is Interval {
  return (INTERVALS as readonly string[]).includes(text);
}

/** Start of the bucket `[start, start + length)` that holds the instant; weeks start on Monday 00:00 UTC. */
export function bucketStartMs(timeMs: number, lengthMs: number): number {
  if (lengthMs === WEEK_MS) return Math.floor((timeMs - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS;
  return Math.floor(timeMs / lengthMs) * lengthMs;
}

/** Number of whole UTC days since the epoch. */
export function dayIndex(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

/** Number of whole Monday-to-Monday weeks since 1970-01-05 (negative before). */
export function weekIndex(timeMs: number): number {
  return Math.floor((timeMs - FIRST_MONDAY_MS) / WEEK_MS);
}

/** Weekday of an instant in UTC, Monday = 0. */
export function weekdayIndex(timeMs: number): number {
  return (((dayIndex(timeMs) + 3) % 7) + 7) % 7;
}

export interface CivilDate {
  readonly year: number;
  /** 1..12 */
  readonly month: number;
  /** 1..31 */
  readonly day: number;
}

/** Days since the epoch of a proleptic Gregorian date (algorithm `days_from_civil`, H. Hinnant, "chrono-compatible date algorithms"). */
export function daysFromCivil({ year, month, day }: CivilDate): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Gregorian date of an instant in UTC (inverse of `daysFromCivil`, same source). */
export function civilFromMs(timeMs: number): CivilDate {
  const z = dayIndex(timeMs) + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * mp + 2) / 5) + 1,
  };
}

/** True when the calendar has this date (no 30 February). */
export function isCivilDate({ year, month, day }: CivilDate): boolean {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return false;
  const back = civilFromMs(daysFromCivil({ year, month, day }) * DAY_MS);
  return back.year === year && back.month === month && back.day === day;
}

/** First instant of the UTC month that holds `timeMs`. */
export function monthStartMs(timeMs: number): number {
  const { year, month } = civilFromMs(timeMs);
  return daysFromCivil({ year, month, day: 1 }) * DAY_MS;
}

/** First instant of the following UTC month. */
export function nextMonthStartMs(timeMs: number): number {
  const { year, month } = civilFromMs(timeMs);
  return (
    daysFromCivil(month === 12 ? { year: year + 1, month: 1, day: 1 } : { year, month: month + 1, day: 1 }) * DAY_MS
  );
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** `2025-01-22` */
export function formatDay(timeMs: number): string {
  const { year, month, day } = civilFromMs(timeMs);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** `2025-01` */
export function formatMonth(timeMs: number): string {
  return formatDay(timeMs).slice(0, 7);
}

function formatClock(timeMs: number): string {
  const inDay = timeMs - dayIndex(timeMs) * DAY_MS;
  const ms = inDay % SECOND_MS;
  const seconds = Math.floor(inDay / SECOND_MS);
  const text = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  return ms === 0 ? text : `${text}.${pad(ms, 3)}`;
}

/** `2025-01-22 00:30:00+00:00`, the form in which CSV files carry instants (pandas reads it as UTC). */
export function formatCsvTime(timeMs: number): string {
  return `${formatDay(timeMs)} ${formatClock(timeMs)}+00:00`;
}

/** `2025-01-22 00:30` (seconds only when there are any): for people. */
export function formatMinute(timeMs: number): string {
  const clock = formatClock(timeMs);
  return `${formatDay(timeMs)} ${clock.endsWith(':00') ? clock.slice(0, 5) : clock}`;
}

const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/;

export interface ParsedTime {
  readonly timeMs: number;
  /** False when the text named no zone and UTC was assumed. */
  readonly zoneGiven: boolean;
}

/**
 * Reads ISO text such as `2025-01-22`, `2025-01-22 00:30`, `2025-01-22T02:30:00.5+02:00`.
 * Returns null for anything that is not a real instant (minute 61, 30 February); nothing rolls over.
 */
export function parseIsoTime(text: string): ParsedTime | null {
  const match = ISO_TIME.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] = match;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  if (!isCivilDate(date) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const localMs =
    daysFromCivil(date) * DAY_MS +
    Number(hour) * HOUR_MS +
    Number(minute) * MINUTE_MS +
    Number(second) * SECOND_MS +
    Math.floor(Number(`0.${fraction}`) * 1_000 + 1e-6);
  const offsetMs = zone === undefined ? 0 : zoneOffsetMs(zone);
  return offsetMs === null ? null : { timeMs: localMs - offsetMs, zoneGiven: zone !== undefined };
}

function zoneOffsetMs(zone: string): number | null {
  if (zone === 'Z' || zone === 'UTC') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
}

/** Reads a user's date or time (a bare date means its 00:00 UTC); throws `bad_time` with the flag's name. */
export function parseTimeArgument(text: string, what: string): number {
  const parsed = parseIsoTime(text.trim());
  if (parsed === null) {
    throw new DonchError('bad_time', `${what} is "${text}"`, {
      expected: 'a UTC date or time such as 2025-01-31 or 2025-01-31T14:35Z',
    });
  }
  return parsed.timeMs;
}

/**
 * THE as-of function: index of the last entry whose close time is <= `timeMs`, or -1.
 * `closeTimesMs` is ascending; only its first `length` entries count. O(log n).
 * Source of the rule: a value may be read at `timeMs` if and only if its bar has closed by then.
 */
export function asOfIndex(closeTimesMs: Float64Array, length: number, timeMs: number): number {
  invariant(length <= closeTimesMs.length, 'as-of length lies inside the array');
  let low = 0;
  let high = length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (closeTimesMs[mid] <= timeMs) low = mid + 1;
    else high = mid;
  }
  return low - 1;
}
