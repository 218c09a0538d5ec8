/** Physical lines and cells of delimited text. A quoted cell ends on its line: an open quote never swallows the next rows. */

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = '"';

/** Text with its line ends; a file without any LF but with CR has the line ends of old Macintosh systems. */
export interface CsvText {
  readonly bytes: Buffer;
  readonly lineEnd: number;
}

/** Wraps bytes; the line end is LF (a CR before it belongs to it) unless the file has only CR. */
export function csvText(bytes: Buffer): CsvText {
  return { bytes, lineEnd: bytes.includes(LF) || !bytes.includes(CR) ? LF : CR };
}

/** One physical line: content is `bytes[start, end)`; the next line starts at `next`. */
export interface LineSpan {
  readonly start: number;
  readonly end: number;
  readonly next: number;
  /** False for a last line without line end. */
  readonly isTerminated: boolean;
}

/** The line that starts at an offset. */
export function lineAt({ bytes, lineEnd }: CsvText, start: number): LineSpan {
  const found = bytes.indexOf(lineEnd, start);
  const stop = found < 0 ? bytes.length : found;
  const end = lineEnd === LF && stop > start && bytes[stop - 1] === CR ? stop - 1 : stop;
  return { start, end, next: found < 0 ? bytes.length : found + 1, isTerminated: found >= 0 };
}

/** Original text of the line that starts at an offset. */
export function textAt(text: CsvText, start: number): string {
  const { end } = lineAt(text, start);
  return text.bytes.toString('utf8', start, end);
}

/** Cells of a line, trimmed, quotes removed; null when a quotation mark is not closed (or text follows a closed one). */
export function splitCells(line: string, delimiter: string): string[] | null {
  if (!line.includes(QUOTE)) return line.split(delimiter).map((cell) => cell.trim());
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const cell = quotedCell(line, at, delimiter) ?? plainCell(line, at, delimiter);
    if (cell === null) return null;
    cells.push(cell.text);
    if (cell.next > line.length) return cells;
    at = cell.next;
  }
}

interface CellSpan {
  readonly text: string;
  /** Where the next cell starts; beyond the line's length after the last one. */
  readonly next: number;
}

function plainCell(line: string, start: number, delimiter: string): CellSpan | null {
  const stop = line.indexOf(delimiter, start);
  const text = line.slice(start, stop < 0 ? line.length : stop).trim();
  return text.includes(QUOTE) ? null : { text, next: stop < 0 ? line.length + 1 : stop + 1 };
}

function quotedCell(line: string, start: number, delimiter: string): CellSpan | null {
  let at = start;
  while (line[at] === ' ') at += 1;
  if (line[at] !== QUOTE) return null;
  let text = '';
  for (;;) {
    const close = line.indexOf(QUOTE, at + 1);
    if (close < 0) return null;
    text += line.slice(at + 1, close);
    at = close;
    if (line[at + 1] !== QUOTE) break;
    text += QUOTE;
    at += 1;
  }
  at += 1;
  while (line[at] === ' ') at += 1;
  if (at < line.length && line[at] !== delimiter) return null;
  return { text: text.trim(), next: at < line.length ? at + 1 : line.length + 1 };
}
