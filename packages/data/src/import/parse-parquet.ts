/** Reads Parquet files. Sound rows stay numbers; a row with a problem goes through text like a line of CSV. */

import { DonchError, formatCsvTime } from '@donch/core';
import type { ParquetColumn } from '../parquet-columns.ts';
import { openParquet, type ParquetFile } from '../parquet.ts';
import { type CellRole, knownNames, mapColumns } from './column-names.ts';
import { decodeParquet } from './decode-parquet.ts';
import type { FindingLog } from './finding-log.ts';
import type { ResolvedOptions } from './import-options.ts';
import type { Source } from './load-source.ts';
import type { ParsedRows } from './parsed-rows.ts';
import { VALUE_NAMES } from './raw-rows.ts';
import { RowReader } from './row-reader.ts';
import { setUpTimes } from './time-setup.ts';
import { isSound } from './value-check.ts';
import { evidenceOfColumns } from './venue-evidence.ts';

const SAMPLE_ROWS = 200;

/** Parses a Parquet file; throws `parquet_damaged`, `parquet_unsupported` and what the detection throws. */
export async function parseParquet(source: Source, options: ResolvedOptions, log: FindingLog): Promise<ParsedRows> {
  const file = openParquet(source.bytes, source.path);
  requireNames(file);
  const names = namesOf(file);
  const columns = mapColumns(names, options);
  const used = names.flatMap((_, k) => (columns.roles[k] === null ? [] : [k]));
  const read = await decodeParquet(
    file,
    used.map((k) => file.shapes[k].name),
  );
  const roles = used.map((k) => columns.roles[k]);
  const time = read[roles.indexOf('time')];
  const isNaive = time.type === 'time' && !isAdjustedToUtc(file, time.name);
  const cell = (column: ParquetColumn, row: number): string => cellText(column, row, isNaive && column === time);
  const times = function* (count: number): Generator<string> {
    for (let row = 0; row < count; row += 1) yield cell(time, row);
  };
  const setup = setUpTimes([...times(Math.min(SAMPLE_ROWS, file.rows))], () => times(file.rows), options);
  const reader = new RowReader({ kind: columns.kind, roles }, setup.reader, log);
  const fast = fastReader(read, roles, reader, isNaive);
  const textAt = (row: number): string => read.map((column) => `${column.name}=${cell(column, row)}`).join(', ');
  for (let row = 0; row < file.rows; row += 1) {
    if (fast?.(row) === true) reader.rows.append(setup.reader, row + 1, row);
    else {
      const cells = read.map((column) => cell(column, row));
      reader.accept(cells, { line: row + 1, place: row, text: textAt(row), isUnterminated: false });
    }
  }
  return {
    reader,
    log,
    counts: { lines: file.rows, headers: 0, preamble: 0, blank: 0, repeatedHeaders: 0 },
    columns: file.shapes.map(({ name }, k) => ({ name, role: columns.roles[k] })),
    assumptions: setup.assumptions,
    textAt,
    venue: evidenceOfColumns(names),
    symbol: reader.symbol,
  };
}

/** A damaged footer may have lost the name of a column. */
function requireNames({ shapes, file }: ParquetFile): void {
  if (shapes.every(({ name }) => typeof name === 'string' && name !== '')) return;
  throw new DonchError('parquet_damaged', 'a column has no name', { file, expected: 'an intact Parquet file' });
}

/** pandas stores an unnamed index as `__index_level_0__`; it is the time when it holds times and no other column is named so. */
function namesOf({ shapes }: ParquetFile): string[] {
  const names = shapes.map(({ name }) => name);
  const hasTime = names.some((name) => knownNames([name]) > 0 && mapsToTime(name));
  return shapes.map(({ name, type }) =>
    !hasTime && type === 'time' && name === '__index_level_0__' ? 'timestamp' : name,
  );
}

function mapsToTime(name: string): boolean {
  return /time|date|^ts$|^t$|^start/i.test(name);
}

/** False for timestamps without a zone (pandas: naive), which are read in the assumed zone. */
function isAdjustedToUtc({ footer }: ParquetFile, name: string): boolean {
  const logical = footer.schema.find((element) => element.name === name)?.logical_type;
  return logical?.type !== 'TIMESTAMP' || logical.isAdjustedToUTC;
}

function cellText({ type, values }: ParquetColumn, row: number, isNaive: boolean): string {
  const value = values[row];
  if (value === null || Number.isNaN(value)) return '';
  if (typeof value === 'string') return value.trim();
  if (type !== 'time') return String(value);
  return isNaive ? formatCsvTime(value).replace('+00:00', '') : formatCsvTime(value);
}

/** Reads a row of numbers into the reader; false = take the careful way. Null when a column is not numeric. */
function fastReader(
  read: readonly ParquetColumn[],
  roles: readonly CellRole[],
  { rows, time }: RowReader,
  isNaive: boolean,
): ((row: number) => boolean) | null {
  const places = VALUE_NAMES[rows.kind].map((name) => read[roles.indexOf(name as CellRole)]?.values);
  const timeColumn = read[roles.indexOf('time')];
  const times = timeColumn.values;
  const isPlain = roles.every((role) => role !== 'symbol' && role !== 'confirm');
  if (!isPlain || !(times instanceof Float64Array)) return null;
  const values = places.map((column) => (column instanceof Float64Array ? column : null));
  if (places.some((column, k) => column !== undefined && values[k] === null)) return null;
  return (row) => {
    for (let k = 0; k < values.length; k += 1) {
      const value = values[k]?.[row] ?? Number.NaN;
      if (values[k] !== null && Number.isNaN(value)) return false;
      rows.cells[k] = value;
    }
    if (!isSound(rows.kind, rows.cells)) return false;
    const instant = times[row];
    return (timeColumn.type === 'time' ? time.readInstant(instant, !isNaive) : time.readEpoch(instant)) === null;
  };
}
