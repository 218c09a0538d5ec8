/** Values of the columns that a join reads. Rows are counted from 1, without the header. */
import { columnOf, DonchError, parseIsoTime, SECOND_MS, type Table } from '@donch/core';
import type { JoinSide } from './table-columns.ts';

/** A column of a file, and the flag that names it. */
export interface ReadColumn {
  readonly side: JoinSide;
  readonly table: Table;
  readonly name: string;
}

/**
 * Probabilities; NaN = the cell is empty. Throws `bad_predictions` for text, for true/false and whole numbers (classes are no
 * probabilities), and for a value outside of 0..1, with its row.
 */
export function probabilitiesOf({ side, table, name }: ReadColumn): Float64Array {
  const column = columnOf(table, name);
  if (column.type === 'text') {
    const row = Math.max(
      0,
      column.values.findIndex((value) => value !== null && !NUMBER.test(value)),
    );
    throw badCell({ side, table, name }, row, `is the text "${column.values[row] ?? ''}"`, PROBABILITY);
  }
  if (column.type !== 'float') {
    throw new DonchError('bad_predictions', `column "${name}" of the ${side} holds ${KIND[column.type]}`, {
      file: table.name,
      expected: 'probabilities: numbers between 0 and 1, not classes',
      remedy: 'name the column that holds them: --proba-col <column>',
    });
  }
  const row = column.values.findIndex((value) => !((value >= 0 && value <= 1) || Number.isNaN(value)));
  if (row >= 0) throw badCell({ side, table, name }, row, `is ${column.values[row]}`, PROBABILITY);
  return column.values;
}

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;
const PROBABILITY = 'a number from 0 to 1';
const KIND = { time: 'times', int: 'whole numbers', bool: 'true and false' } as const;

/** Units of numbers that stand for times, in ms. Each is told by its size: none of them overlap between 2001 and 2103. */
const EPOCH_UNITS_MS = [SECOND_MS, 1, 1e-3, 1e-6];
const EPOCH_SECONDS_MIN = 1e9;
const EPOCH_SECONDS_MAX = 4.2e9;

/**
 * Times as UTC ms. Text is read as ISO times, UTC where no zone is named. Numbers are read as seconds, milli-, micro- or nanoseconds since 1970, whichever gives a year of this century,
 * one unit for the whole column. Throws `bad_predictions` or `bad_signals` with the row of a cell that is empty or no time.
 */
export function timesOf({ side, table, name }: ReadColumn): Float64Array {
  const column = columnOf(table, name);
  if (column.type === 'text') return timesOfTexts({ side, table, name }, column.values);
  const empty = column.values.findIndex(Number.isNaN);
  if (empty >= 0) throw badCell({ side, table, name }, empty, 'is empty', TIME);
  if (column.type === 'time') return column.values;
  const unitMs = EPOCH_UNITS_MS.find((unit) => isEpoch(column.values[0], unit)) ?? Number.NaN;
  const row = column.values.findIndex((value) => !isEpoch(value, unitMs));
  if (row >= 0) throw badCell({ side, table, name }, row, `is ${column.values[row]}`, TIME);
  return column.values.map((value) => Math.round(value * unitMs));
}

function timesOfTexts(column: ReadColumn, texts: readonly (string | null)[]): Float64Array {
  return Float64Array.from(texts, (text, row) => {
    const parsed = text === null ? null : parseIsoTime(text.trim());
    if (parsed === null) throw badCell(column, row, text === null ? 'is empty' : `is "${text}"`, TIME);
    return parsed.timeMs;
  });
}

const TIME = 'a time such as 2025-01-22 00:30:00+00:00, or one unit since 1970 in all rows';

function isEpoch(value: number, unitMs: number): boolean {
  const seconds = (value * unitMs) / SECOND_MS;
  return seconds >= EPOCH_SECONDS_MIN && seconds <= EPOCH_SECONDS_MAX;
}

/** Symbols. Throws `bad_predictions` or `bad_signals` with the row of an empty one, or when the column holds no text. */
export function symbolsOf({ side, table, name }: ReadColumn): readonly string[] {
  return textsWithout({ side, table, name }, 'a symbol such as ETHUSDT');
}

/** Ids as text: numbers are written out. Throws `bad_predictions` or `bad_signals` with the row of an empty one. */
export function idsOf({ side, table, name }: ReadColumn): readonly string[] {
  const column = columnOf(table, name);
  if (column.type === 'text') return textsWithout({ side, table, name }, 'an id in every row');
  const empty = column.values.findIndex(Number.isNaN);
  if (empty >= 0) throw badCell({ side, table, name }, empty, 'is empty', 'an id in every row');
  return Array.from(column.values, String);
}

function textsWithout({ side, table, name }: ReadColumn, expected: string): readonly string[] {
  const column = columnOf(table, name);
  if (column.type !== 'text') throw badCell({ side, table, name }, 0, `is ${column.values[0]}`, expected);
  const row = column.values.findIndex((value) => value === null || value.trim() === '');
  if (row >= 0) throw badCell({ side, table, name }, row, 'is empty', expected);
  // checked above: no cell is null
  return column.values as readonly string[];
}

function badCell({ side, table, name }: ReadColumn, row: number, found: string, expected: string): DonchError {
  const message = `row ${row + 1} of the ${side}: column "${name}" ${found}`;
  return side === 'predictions'
    ? new DonchError('bad_predictions', message, { file: table.name, expected })
    : new DonchError('bad_signals', message, { file: table.name, expected });
}
