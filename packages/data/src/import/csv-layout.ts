/** Finds out how a text file is laid out: delimiter, header or its absence, columns. All of it is reported. */

import { DonchError } from '@donch/core';
import { type ColumnMap, knownNames, mapColumns, plainName } from './column-names.ts';
import { type CsvText, lineAt, splitCells } from './csv-text.ts';
import { guessHeaderless } from './headerless.ts';
import type { ResolvedOptions } from './import-options.ts';
import { readNumber } from './number-cell.ts';
import { textTimeStyle } from './time-cell.ts';

export interface CsvLayout {
  readonly delimiter: string;
  /** Header cells, or `column 1` .. when there is no header. */
  readonly names: readonly string[];
  readonly columns: ColumnMap;
  /** 0 = no header. */
  readonly headerLine: number;
  /** Physical line and offset of the first line after the header. */
  readonly dataLine: number;
  readonly dataStart: number;
  /** Lines before the header, without the blank ones. */
  readonly preamble: readonly SampleLine[];
  readonly blankLines: readonly number[];
  readonly assumptions: readonly string[];
}

interface SampleLine {
  readonly line: number;
  readonly start: number;
  readonly next: number;
  readonly text: string;
}

const DELIMITERS = [',', ';', '\t', '|'];

/** Lines that are looked at; exports have at most a title, an address and a blank line before the header. */
const SAMPLE_LINES = 40;
const PREAMBLE_LINES_MAX = 5;

/** Detects the layout; throws `no_data`, `no_header`, `columns_unclear` or `no_such_column`. */
export function detectCsvLayout(text: CsvText, options: ResolvedOptions): CsvLayout {
  const { lines, blankLines } = sampleLines(text);
  if (lines.length === 0) throw new DonchError('no_data', 'the file has no line with content');
  const isDataFirst = DELIMITERS.some((delimiter) => isDataLine(splitCells(lines[0].text, delimiter) ?? []));
  if (isDataFirst) return headerlessLayout(lines, blankLines, options);
  for (let at = 0; at < Math.min(lines.length, PREAMBLE_LINES_MAX + 1); at += 1) {
    const { text: line, line: headerLine, next } = lines[at];
    const delimiter = headerDelimiter(line, options);
    if (delimiter === null) continue;
    const names = splitCells(line, delimiter) ?? [];
    return {
      delimiter,
      names,
      columns: mapColumns(names, options),
      headerLine,
      dataLine: headerLine + 1,
      dataStart: next,
      preamble: lines.slice(0, at),
      blankLines: blankLines.filter((blank) => blank < headerLine),
      assumptions: delimiter === ',' ? [] : [`cells are separated by ${JSON.stringify(delimiter)}`],
    };
  }
  throw new DonchError(
    'no_header',
    `the first line is ${JSON.stringify(lines[0].text.slice(0, 120))}: neither a known header nor data`,
    {
      line: lines[0].line,
      expected: 'a header such as timestamp,open,high,low,close,volume',
      remedy: 'Name the columns: --columns time=...,open=... (a header name or a position each).',
    },
  );
}

function sampleLines(text: CsvText): { lines: SampleLine[]; blankLines: number[] } {
  const lines: SampleLine[] = [];
  const blankLines: number[] = [];
  let start = 0;
  for (let line = 1; start < text.bytes.length && lines.length < SAMPLE_LINES; line += 1) {
    const { end, next } = lineAt(text, start);
    const content = text.bytes.toString('utf8', start, end);
    if (content.trim() === '') blankLines.push(line);
    else lines.push({ line, start, next, text: content });
    start = next;
  }
  return { lines, blankLines };
}

/** A header names at least two known columns, or one that the caller named. */
function headerDelimiter(line: string, options: ResolvedOptions): string | null {
  const wanted = Object.values(options.columns).map(plainName);
  let best: string | null = null;
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const names = splitCells(line, delimiter) ?? [];
    const named = names.filter((name) => plainName(name) !== '' && wanted.includes(plainName(name))).length;
    const score = Math.max(knownNames(names), named);
    if (names.length >= 2 && score >= (named > 0 ? 1 : 2) && score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

/** At least two numbers (or a time and a number), and more cells with values than without. */
function isDataLine(cells: readonly string[]): boolean {
  const numbers = cells.filter((cell) => !Number.isNaN(readNumber(cell))).length;
  const times = cells.filter((cell) => textTimeStyle(cell) !== null).length;
  return numbers >= 1 && numbers + times >= 2 && (numbers + times) * 2 > cells.length;
}

function headerlessLayout(
  lines: readonly SampleLine[],
  blankLines: readonly number[],
  options: ResolvedOptions,
): CsvLayout {
  const first = lines[0];
  const delimiter = widestDelimiter(first.text);
  const sample = lines.map(({ text }) => splitCells(text, delimiter) ?? []);
  const { names, columns, assumptions } = guessHeaderless(sample, options);
  return {
    delimiter,
    names,
    columns,
    headerLine: 0,
    dataLine: first.line,
    dataStart: first.start,
    preamble: [],
    blankLines: blankLines.filter((blank) => blank < first.line),
    assumptions,
  };
}

function widestDelimiter(line: string): string {
  const widths = DELIMITERS.map((delimiter) => splitCells(line, delimiter)?.length ?? 0);
  return DELIMITERS[widths.indexOf(Math.max(...widths))];
}
