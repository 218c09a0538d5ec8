/**
 * CSV as users' notebooks read it: RFC 4180 quoting, times `2025-01-22 00:30:00+00:00`, shortest floats that read back to the
 * same number, booleans `true`/`false`, null as an empty field and empty text as `""`.
 */
import {
  DonchError,
  cellAt,
  formatCsvTime,
  parseIsoTime,
  type Column,
  type ColumnShape,
  type ColumnType,
  type NumericColumnType,
  type Table,
} from '@donch/core';
import { CsvError, parse } from 'csv-parse/sync';
import { checkNumbers, checkTexts } from './cell-rules.ts';

/** Text of a table. Throws `bad_cell` for what CSV cannot carry. */
export function encodeCsv(table: Table): string {
  const names = [...table.columns.keys()];
  const columns = [...table.columns.values()];
  for (const [name, column] of table.columns) checkColumn(name, column);
  const lines = [names.map(quoted).join(',')];
  const writers = columns.map(cellWriter);
  for (let row = 0; row < table.length; row += 1) {
    let line = writers[0]?.(row) ?? '';
    for (let k = 1; k < writers.length; k += 1) line += `,${writers[k](row)}`;
    lines.push(line);
  }
  return `${lines.join('\n')}\n`;
}

function checkColumn(name: string, column: Column): void {
  if (column.type === 'text') checkTexts(column.values, { name, isNullable: true });
  else checkNumbers(column.values, { name, isNullable: true, type: column.type });
}

function cellWriter(column: Column): (row: number) => string {
  if (column.type === 'text') return (row) => textCell(column.values[row]);
  if (column.type === 'time') return (row) => timeCell(column.values[row]);
  if (column.type === 'bool') return (row) => String(cellAt(column, row) ?? '');
  return (row) => numberCell(column.values[row]);
}

function textCell(value: string | null): string {
  if (value === null) return '';
  return value === '' ? '""' : quoted(value);
}

function quoted(value: string): string {
  return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function timeCell(value: number): string {
  return Number.isNaN(value) ? '' : formatCsvTime(value);
}

function numberCell(value: number): string {
  if (Number.isNaN(value)) return '';
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? 'inf' : '-inf';
}

export interface CsvReadOptions {
  /** Name for messages. */
  readonly file: string;
  /** Types by column name; other columns are inferred. */
  readonly types?: ReadonlyMap<string, ColumnType>;
}

export interface CsvTable {
  readonly table: Table;
  /** Columns whose type was not given, with the type that fits all their cells. */
  readonly inferred: readonly ColumnShape[];
}

/**
 * Reads CSV text with a header line. Throws `csv_damaged` with the line for ragged rows and broken quotes, `bad_cell` with line
 * and column for a cell that does not fit its type.
 */
export function decodeCsv(text: string, { file, types = new Map() }: CsvReadOptions): CsvTable {
  const { header, rows, lines } = splitCsv(text, file);
  const columns = new Map<string, Column>();
  const inferred: ColumnShape[] = [];
  for (const [k, name] of header.entries()) {
    const cells = rows.map((row) => row[k]);
    const given = types.get(name);
    const type = given ?? inferType(cells);
    if (given === undefined) inferred.push({ name, type });
    columns.set(name, parseColumn(cells, { name, type, file, lines }));
  }
  return { table: { name: file, length: rows.length, columns }, inferred };
}

/** A field: text, or null for an unquoted empty one. */
type Field = string | null;

interface Split {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Field[])[];
  /** 1-based physical line of each row (the last one, where a quoted field spans several). */
  readonly lines: ArrayLike<number>;
}

function splitCsv(text: string, file: string): Split {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const split = body.includes('"') ? splitQuoted(body, file) : splitPlain(body, file);
  const doubled = split.header.find((name, k) => split.header.indexOf(name) !== k);
  if (doubled !== undefined) {
    throw new DonchError('csv_damaged', `the column "${doubled}" stands twice in the header`, { file, line: 1 });
  }
  return split;
}

function splitPlain(text: string, file: string): Split {
  const physical = text.split(/\r?\n/);
  if (physical.at(-1) === '') physical.pop();
  const [first, ...rest] = physical;
  if (first === undefined || first === '') throw emptyError(file);
  const header = first.split(',');
  const lines = new Float64Array(rest.length);
  const rows = rest.map((line, k) => {
    lines[k] = k + 2;
    const fields = line.split(',');
    if (fields.length !== header.length) throw raggedError(file, k + 2, [fields.length, header.length]);
    return fields.map((field) => (field === '' ? null : field));
  });
  return { header, rows, lines };
}

function splitQuoted(text: string, file: string): Split {
  const lines: number[] = [];
  const parseRows = (): Field[][] =>
    parse(text, {
      relax_column_count: true,
      // An unquoted empty field is null, a quoted one is empty text.
      cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
      on_record: (record, { lines: lastLine }) => {
        lines.push(lastLine);
        return record;
      },
    });
  const [header, ...rows] = withCsvErrors(file, parseRows);
  if (header === undefined) throw emptyError(file);
  for (const [k, row] of rows.entries()) {
    if (row.length !== header.length) throw raggedError(file, lines[k + 1], [row.length, header.length]);
  }
  return { header: header.map((name) => name ?? ''), rows, lines: lines.slice(1) };
}

function withCsvErrors<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const { lines, message } = cause;
    const place = typeof lines === 'number' ? { file, line: lines } : { file };
    throw new DonchError('csv_damaged', message, { ...place, expected: 'RFC 4180 CSV', cause });
  }
}

function emptyError(file: string): DonchError {
  return new DonchError('csv_damaged', 'the file is empty', { file, expected: 'a header line' });
}

function raggedError(file: string, line: number, [found, expected]: readonly [number, number]): DonchError {
  return new DonchError('csv_damaged', `${found} fields`, { file, line, expected: `${expected} as in the header` });
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Inference leaves digits that begin with a zero alone: they are somebody's identifiers. */
const PLAIN_WHOLE = /^[+-]?(?:0|[1-9]\d{0,14})$/;
const PADDED = /^[+-]?0\d/;
/** What Python, R and spreadsheets write for a missing number. */
const MISSING = new Set(['', 'nan', 'NaN', 'NA', 'null', 'None', '<NA>', 'NaT']);
const INFINITE = new Map([
  ['inf', Infinity],
  ['-inf', -Infinity],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);
const BOOLEAN = new Map([
  ['true', 1],
  ['false', 0],
  ['True', 1],
  ['False', 0],
  ['TRUE', 1],
  ['FALSE', 0],
]);

/** The narrowest type that holds all cells; text when there is no cell. */
function inferType(cells: readonly Field[]): ColumnType {
  const present = cells.filter((cell) => cell !== null && !MISSING.has(cell)) as string[];
  if (present.length === 0) return cells.length === 0 ? 'text' : 'float';
  if (present.every((cell) => BOOLEAN.has(cell))) return 'bool';
  if (present.every((cell) => PLAIN_WHOLE.test(cell))) return 'int';
  if (present.every((cell) => (NUMBER.test(cell) && !PADDED.test(cell)) || INFINITE.has(cell))) return 'float';
  return present.every((cell) => parseIsoTime(cell) !== null) ? 'time' : 'text';
}

interface ColumnPlace {
  readonly name: string;
  readonly type: ColumnType;
  readonly file: string;
  readonly lines: ArrayLike<number>;
}

function parseColumn(cells: readonly Field[], place: ColumnPlace): Column {
  const { type } = place;
  if (type === 'text') return { type, values: cells };
  const parseCell = PARSERS[type];
  const values = new Float64Array(cells.length).fill(Number.NaN);
  for (const [row, cell] of cells.entries()) {
    if (cell === null || MISSING.has(cell)) continue;
    const value = parseCell(cell);
    if (value === undefined) {
      throw new DonchError('bad_cell', `column "${place.name}" holds "${cell}"`, {
        file: place.file,
        line: place.lines[row],
        expected: EXPECTED[type],
      });
    }
    values[row] = value;
  }
  return { type, values };
}

const PARSERS: Readonly<Record<NumericColumnType, (cell: string) => number | undefined>> = {
  time: (cell) => parseIsoTime(cell)?.timeMs,
  float: (cell) => (NUMBER.test(cell) ? Number(cell) : INFINITE.get(cell)),
  int: parseWhole,
  bool: (cell) => BOOLEAN.get(cell) ?? (cell === '1' ? 1 : cell === '0' ? 0 : undefined),
};

/** pandas writes whole numbers with gaps as `3.0`. */
function parseWhole(cell: string): number | undefined {
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

const EXPECTED: Readonly<Record<NumericColumnType, string>> = {
  time: 'a time such as 2025-01-22 00:30:00+00:00',
  float: 'a number',
  int: 'a whole number',
  bool: 'true or false',
};
