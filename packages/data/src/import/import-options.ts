/**
 * What a caller may prescribe to an import. Everything left out is detected, and what was detected is reported. Messages call
 * the options by their flags on the command line: `timeUnit` is `--time-unit`, the modes are `--strict` and `--repair`.
 */

import { DonchError, type Interval, isInterval, isSymbol, isVenue } from '@donch/core';
import type { ImportMode } from './rules.ts';

/** Meaning of a column. */
export const COLUMN_ROLES = [
  'time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'turnover',
  'rate',
  'open_interest',
  'confirm',
] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const;
/** Unit of numbers that mean instants since 1970. */
export type TimeUnit = (typeof TIME_UNITS)[number];

/** What a file holds. */
const IMPORT_KINDS = ['candles', 'funding', 'open-interest'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

export interface ImportOptions {
  /** Role -> header name or 1-based position ("3"); `none` = the file has no such column. Others are recognised by name. */
  readonly columns?: Readonly<Partial<Record<ColumnRole, string>>>;
  readonly kind?: ImportKind;
  readonly symbol?: string;
  readonly venue?: string;
  readonly interval?: Interval;
  readonly timeUnit?: TimeUnit;
  /** Zone of times that name none: `UTC` or a fixed offset such as `+02:00`. */
  readonly timeZone?: string;
  /** Order in times such as 03/04/2025. */
  readonly dayMonthOrder?: 'day-first' | 'month-first';
  /** Which instant of the bar the time column names; default `open`. */
  readonly timeLabel?: 'open' | 'close';
  readonly mode?: ImportMode;
  /** Which row of a bar with conflicting rows is used; default `none`. */
  readonly conflicts?: 'none' | 'first' | 'last';
  /** What happens when the store holds other values for a bar; default `keep`. */
  readonly revisions?: 'keep' | 'take';
  /** Use the complete lines of an archive that ends too early. */
  readonly allowPartial?: boolean;
}

/** Checked options with their defaults; null = to be detected. */
export interface ResolvedOptions {
  readonly columns: Readonly<Partial<Record<ColumnRole, string>>>;
  readonly kind: ImportKind | null;
  readonly symbol: string | null;
  readonly venue: string | null;
  readonly interval: Interval | null;
  readonly timeUnit: TimeUnit | null;
  /** Null = not stated (UTC is assumed where the form of the times allows it). */
  readonly zoneOffsetMs: number | null;
  readonly dayMonthOrder: 'day-first' | 'month-first' | null;
  readonly timeLabel: 'open' | 'close';
  readonly mode: ImportMode;
  readonly conflicts: 'none' | 'first' | 'last';
  readonly revisions: 'keep' | 'take';
  readonly allowPartial: boolean;
}

/** Checks the options; throws `bad_import_option` naming the option. */
export function resolveOptions(options: ImportOptions): ResolvedOptions {
  const { symbol = null, venue = null, interval = null } = options;
  if (symbol !== null && !isSymbol(symbol)) refuse('symbol', symbol, 'letters, digits, _ . -');
  if (venue !== null && !isVenue(venue)) refuse('venue', venue, 'lower-case letters, digits, _');
  if (interval !== null && !isInterval(interval)) refuse('interval', interval, 'a bar length such as 5m or 1h');
  return {
    columns: checkedColumns(options.columns ?? {}),
    kind: oneOf('kind', options.kind ?? null, [...IMPORT_KINDS, null]),
    symbol,
    venue,
    interval,
    timeUnit: oneOf('timeUnit', options.timeUnit ?? null, [...TIME_UNITS, null]),
    zoneOffsetMs: options.timeZone === undefined ? null : parseZone(options.timeZone),
    dayMonthOrder: oneOf('dayMonthOrder', options.dayMonthOrder ?? null, ['day-first', 'month-first', null]),
    timeLabel: oneOf('timeLabel', options.timeLabel ?? 'open', ['open', 'close']),
    mode: oneOf('mode', options.mode ?? 'default', ['default', 'strict', 'repair']),
    conflicts: oneOf('conflicts', options.conflicts ?? 'none', ['none', 'first', 'last']),
    revisions: oneOf('revisions', options.revisions ?? 'keep', ['keep', 'take']),
    allowPartial: options.allowPartial ?? false,
  };
}

/** Reads `time=date,open=3,turnover=none` as the option `columns`; throws `bad_import_option`. */
export function parseColumnsOption(text: string): NonNullable<ImportOptions['columns']> {
  const columns: Partial<Record<ColumnRole, string>> = {};
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(at + 1).trim();
    if (at < 0 || name === '') refuse('columns', text, 'role=column, separated by commas, such as time=date,open=3');
    columns[oneOf('columns', part.slice(0, at).trim(), COLUMN_ROLES)] = name;
  }
  return columns;
}

function checkedColumns(columns: NonNullable<ImportOptions['columns']>): ResolvedOptions['columns'] {
  for (const role of Object.keys(columns)) oneOf('columns', role, COLUMN_ROLES);
  return columns;
}

/** Values come from a command line, so the compiler's word is not enough. */
function oneOf<T extends string | null>(option: string, value: string | null, accepted: readonly T[]): T {
  const match = accepted.find((candidate) => candidate === value);
  if (match === undefined) refuse(option, String(value), accepted.filter((candidate) => candidate !== null).join(', '));
  return match;
}

function refuse(option: string, value: string, expected: string): never {
  const flag = option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new DonchError('bad_import_option', `--${flag} is "${value}"`, { expected });
}

/** A fixed offset only: a zone with daylight saving has an hour per year that means two instants. */
function parseZone(text: string): number {
  if (/^(?:UTC|Z|GMT)$/i.test(text)) return 0;
  const match = /^([+-])(\d{1,2}):?([0-5]\d)?$/.exec(text);
  const hours = Number(match?.[2] ?? Number.NaN);
  if (match === null || !(hours <= 14)) {
    refuse(
      'timeZone',
      text,
      'UTC or a fixed offset such as +02:00 (a zone with daylight saving is not one instant per text)',
    );
  }
  return (match[1] === '-' ? -1 : 1) * (hours * 60 + Number(match[3] ?? 0)) * 60_000;
}
