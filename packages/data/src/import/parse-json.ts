/** Reads JSON files: each row of the answer goes the same careful way as a line of CSV. */

import { DonchError } from '@donch/core';
import { type ColumnMap, mapColumns } from './column-names.ts';
import type { FindingLog } from './finding-log.ts';
import { guessHeaderless } from './headerless.ts';
import type { ResolvedOptions } from './import-options.ts';
import { cellText, findRows, type JsonRow, type JsonRows, parseDocuments, rejectBadLines } from './json-documents.ts';
import type { Source } from './load-source.ts';
import type { ParsedRows } from './parsed-rows.ts';
import { RowReader } from './row-reader.ts';
import { setUpTimes } from './time-setup.ts';
import { evidenceOfColumns } from './venue-evidence.ts';

/** A string of V8 holds at most 512 MiB; a page of 1,000 bars has 76 KB. */
const JSON_BYTES_MAX = 1 << 28;

/** Rows from which shape and form of times are read. */
const SAMPLE_ROWS = 200;

/** Order of the cells in Bybit's kline answer (API v5, market/kline). */
const BYBIT_KLINE = ['startTime', 'openPrice', 'highPrice', 'lowPrice', 'closePrice', 'volume', 'turnover'];

/** Parses a JSON file; throws `bad_json`, `no_data`, `venue_answer`, `several_symbols` and what the detection throws. */
export function parseJson(source: Source, options: ResolvedOptions, log: FindingLog): ParsedRows {
  if (source.bytes.length > JSON_BYTES_MAX) {
    throw new DonchError('file_too_large', 'the JSON file is larger than 256 MiB', {
      remedy: 'Split it, or import CSV.',
    });
  }
  const text = source.bytes.toString('utf8');
  const { documents, badLines } = parseDocuments(text);
  const found = findRows(text, documents);
  if (found.rows.length === 0) throw new DonchError('no_data', 'the file holds no list of rows');
  if (found.symbols.length > 1) refuseSeveral(found.symbols);
  const layout = layoutOf(found, options);
  const rowCells = (row: JsonRow): string[] => layout.cells(row.value);
  const time = layout.columns.roles.indexOf('time');
  const times = function* (rows: readonly JsonRow[]): Generator<string> {
    for (const row of rows) yield rowCells(row)[time] ?? '';
  };
  const setup = setUpTimes([...times(found.rows.slice(0, SAMPLE_ROWS))], () => times(found.rows), options);
  const reader = new RowReader(layout.columns, setup.reader, log);
  const lineOf = lineCounter(text);
  const bounds = new Map(found.rows.map(({ start, end }) => [start, end]));
  const textAt = (place: number): string => text.slice(place, bounds.get(place));
  rejectBadLines(badLines, lineCounter(text), log);
  for (const row of found.rows) {
    reader.accept(rowCells(row), {
      line: lineOf(row.start),
      place: row.start,
      text: textAt(row.start),
      isUnterminated: false,
    });
  }
  return {
    reader,
    log,
    counts: { lines: found.rows.length + badLines.length, headers: 0, preamble: 0, blank: 0, repeatedHeaders: 0 },
    columns: layout.names.map((name, column) => ({ name, role: layout.columns.roles[column] })),
    assumptions: [...layout.assumptions, ...setup.assumptions],
    textAt,
    venue: found.isBybitAnswer ? 'bybit' : evidenceOfColumns(layout.names),
    symbol: found.symbols[0] ?? reader.symbol,
  };
}

interface JsonLayout {
  readonly names: readonly string[];
  readonly columns: ColumnMap;
  readonly assumptions: readonly string[];
  readonly cells: (row: JsonRow['value']) => string[];
}

function layoutOf({ rows, isBybitAnswer }: JsonRows, options: ResolvedOptions): JsonLayout {
  const first = rows[0].value;
  if (!isCells(first)) {
    const names = Object.keys(first);
    return { names, columns: mapColumns(names, options), assumptions: [], cells: (row) => memberCells(row, names) };
  }
  if (isBybitAnswer && first.length === BYBIT_KLINE.length) {
    return { names: BYBIT_KLINE, columns: mapColumns(BYBIT_KLINE, options), assumptions: [], cells: arrayCells };
  }
  return {
    ...guessHeaderless(
      rows.slice(0, SAMPLE_ROWS).map((row) => arrayCells(row.value)),
      options,
    ),
    cells: arrayCells,
  };
}

function isCells(row: JsonRow['value']): row is readonly unknown[] {
  return Array.isArray(row);
}

/** Cells of an array; anything else has none, which is a wrong number of cells. */
function arrayCells(row: unknown): string[] {
  return Array.isArray(row) ? row.map(cellText) : [];
}

/** Cells of an object by the names of the first one; a further member makes a cell too many. */
function memberCells(row: unknown, names: readonly string[]): string[] {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return [];
  const members = row as Readonly<Record<string, unknown>>;
  const extra = Object.keys(members).filter((name) => !names.includes(name));
  return [...names, ...extra].map((name) => (Object.hasOwn(members, name) ? cellText(members[name]) : ''));
}

/** Physical line of a place; places must be asked for in ascending order. */
function lineCounter(text: string): (place: number) => number {
  let at = 0;
  let line = 1;
  return (place) => {
    for (let next = text.indexOf('\n', at); next >= 0 && next < place; next = text.indexOf('\n', at)) {
      line += 1;
      at = next + 1;
    }
    return line;
  };
}

function refuseSeveral(symbols: readonly string[]): never {
  throw new DonchError(
    'several_symbols',
    `the file holds ${symbols.length} symbols (${symbols.slice(0, 5).join(', ')})`,
    {
      remedy: 'Split it into one file per symbol.',
    },
  );
}
