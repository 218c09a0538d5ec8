/** Finds the rows in JSON: answers of an exchange's kline or funding request, arrays of arrays, arrays of objects. */

import { DonchError } from '@donch/core';
import { knownNames } from './column-names.ts';
import type { FindingLog } from './finding-log.ts';
import { elementSpans, type JsonPath, valueSpan } from './json-spans.ts';

/** One JSON document: the whole file, or one line of a file of JSON lines. */
export interface JsonDocument {
  readonly value: unknown;
  /** Where its text starts in the file. */
  readonly start: number;
}

export interface JsonRow {
  /** Cells by position, or members of an object. */
  readonly value: readonly unknown[] | Readonly<Record<string, unknown>>;
  readonly start: number;
  readonly end: number;
}

export interface JsonRows {
  readonly rows: readonly JsonRow[];
  /** Symbols that the answers themselves name. */
  readonly symbols: readonly string[];
  /** The rows stand in Bybit's answer, whose order of cells is documented. */
  readonly isBybitAnswer: boolean;
}

/** Lines of JSON lines that are no JSON. */
interface DocumentList {
  readonly documents: readonly JsonDocument[];
  readonly badLines: readonly { readonly start: number; readonly text: string }[];
}

/** Keys under which answers keep their rows. */
const LIST_KEYS = ['result', 'data', 'list', 'rows', 'candles', 'klines'];
const DEPTH_MAX = 4;

/** Parses the file as one document, else as JSON lines; throws `bad_json` when it is neither. */
export function parseDocuments(text: string): DocumentList {
  const whole = parse(text);
  if (whole.isJson) return { documents: [{ value: whole.value, start: 0 }], badLines: [] };
  const firstEnd = text.indexOf('\n');
  if (firstEnd < 0 || !parse(text.slice(0, firstEnd)).isJson) {
    throw new DonchError('bad_json', `the file is no JSON (${whole.problem})`, {
      remedy: 'Fetch the file again: a piece of an answer cannot be read.',
    });
  }
  const documents: JsonDocument[] = [];
  const badLines: { start: number; text: string }[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const parsed = parse(line);
    if (parsed.isJson) documents.push({ value: parsed.value, start });
    else if (line.trim() !== '') badLines.push({ start, text: line });
    start += line.length + 1;
  }
  return { documents, badLines };
}

type Parsed = { readonly isJson: true; readonly value: unknown } | { readonly isJson: false; readonly problem: string };

function parse(text: string): Parsed {
  try {
    return { isJson: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { isJson: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** All rows of all documents with their places in the text; throws `venue_answer` for an answer that reports an error. */
export function findRows(text: string, documents: readonly JsonDocument[]): JsonRows {
  const rows: JsonRow[] = [];
  const symbols = new Set<string>();
  let isBybitAnswer = false;
  const isOneRowPerLine = isRow(documents[0]?.value);
  for (const { value, start } of documents) {
    if (isOneRowPerLine) {
      rows.push({ value: value as JsonRow['value'], ...valueSpan(text, start) });
      continue;
    }
    for (const list of listsIn(value, [], symbols)) {
      const spans = elementSpans(text, list.path, start);
      list.rows.forEach((row, k) => rows.push({ value: row, ...spans[k] }));
      isBybitAnswer ||= list.path.slice(-2).join('.') === 'result.list';
    }
  }
  return { rows, symbols: [...symbols], isBybitAnswer };
}

interface RowList {
  readonly path: JsonPath;
  readonly rows: readonly JsonRow['value'][];
}

function* listsIn(value: unknown, path: JsonPath, symbols: Set<string>): Generator<RowList> {
  if (path.length > DEPTH_MAX) return;
  if (Array.isArray(value)) {
    // A damaged row inside must not hide the others: the first element decides what the array is.
    if (isRow(value[0])) yield { path, rows: value as JsonRow['value'][] };
    else for (const [k, member] of value.entries()) yield* listsIn(member, [...path, k], symbols);
    return;
  }
  if (!isRecord(value)) return;
  refuseErrorAnswer(value);
  const { symbol } = value;
  if (typeof symbol === 'string' && symbol !== '') symbols.add(symbol);
  for (const key of LIST_KEYS) if (key in value) yield* listsIn(value[key], [...path, key], symbols);
}

/** Plain cells, nothing nested: an array of them, or an object with at least two known names. */
function isRow(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const cells: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  if (!(cells.length > 1 && cells.every((cell) => typeof cell !== 'object' || cell === null))) return false;
  return Array.isArray(value) || knownNames(Object.keys(value)) >= 2;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseErrorAnswer(answer: Readonly<Record<string, unknown>>): void {
  const { retCode, retMsg } = answer;
  if (retCode === undefined || retCode === 0 || retCode === '0') return;
  throw new DonchError(
    'venue_answer',
    `the file is an error of the exchange (retCode ${cellText(retCode)}: ${cellText(retMsg)})`,
    {
      remedy: 'Fetch the candles again.',
    },
  );
}

/** Text of a cell as the readers of CSV cells expect it. */
export function cellText(cell: unknown): string {
  if (typeof cell === 'string') return cell.trim();
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  return cell === null || cell === undefined ? '' : '[nested]';
}

/** Records lines of a JSON-lines file that are no JSON; each is a rejected row. */
export function rejectBadLines(
  badLines: DocumentList['badLines'],
  lineOf: (start: number) => number,
  log: FindingLog,
): void {
  for (const { start, text } of badLines) {
    log.reject({ rule: 'bad_json_line', line: lineOf(start), text, message: 'the line is no JSON' }, text);
  }
}
