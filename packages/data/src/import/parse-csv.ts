/** Reads delimited text: every physical line becomes a row, a skipped line or a finding, and is counted as one of them. */

import { plainName } from './column-names.ts';
import { type CsvLayout, detectCsvLayout } from './csv-layout.ts';
import { csvText, type CsvText, lineAt, type LineSpan, splitCells, textAt } from './csv-text.ts';
import type { FindingLog } from './finding-log.ts';
import type { ResolvedOptions } from './import-options.ts';
import type { Source } from './load-source.ts';
import type { ParsedRows } from './parsed-rows.ts';
import { PlainLineReader } from './plain-line.ts';
import { RowReader } from './row-reader.ts';
import { setUpTimes } from './time-setup.ts';
import { evidenceOfColumns } from './venue-evidence.ts';

/** Rows of the sample from which the form of the times is read. */
const TIME_SAMPLE = 200;

/** Parses a text file; throws what the detection throws. `linesMax` ends the reading early (previews). */
export function parseCsv(source: Source, options: ResolvedOptions, log: FindingLog): ParsedRows {
  const text = csvText(source.bytes);
  const layout = detectCsvLayout(text, options);
  const times = (limit: number): Generator<string> => timeCells(text, layout, limit);
  const setup = setUpTimes([...times(TIME_SAMPLE)], () => times(Infinity), options);
  const reader = new RowReader(layout.columns, setup.reader, log);
  const walk = new CsvWalk(text, layout, reader, source.isComplete);
  walk.run();
  return {
    reader,
    log,
    counts: {
      lines: walk.lines,
      headers: layout.headerLine > 0 ? 1 : 0,
      preamble: layout.preamble.length,
      blank: walk.blank,
      repeatedHeaders: walk.repeatedHeaders,
    },
    columns: layout.names.map((name, column) => ({ name, role: layout.columns.roles[column] })),
    assumptions: [...layout.assumptions, ...setup.assumptions],
    textAt: (place) => textAt(text, place),
    venue: evidenceOfColumns(layout.names),
    symbol: reader.symbol,
  };
}

/** Time cells of the data lines, in file order. */
function* timeCells(text: CsvText, layout: CsvLayout, limit: number): Generator<string> {
  const column = layout.columns.roles.indexOf('time');
  let start = layout.dataStart;
  for (let count = 0; start < text.bytes.length && count < limit; count += 1) {
    const { end, next } = lineAt(text, start);
    const cell = splitCells(text.bytes.toString('utf8', start, end), layout.delimiter)?.[column];
    if (cell !== undefined) yield cell;
    start = next;
  }
}

class CsvWalk {
  lines: number;
  blank: number;
  repeatedHeaders = 0;
  readonly #text: CsvText;
  readonly #layout: CsvLayout;
  readonly #reader: RowReader;
  readonly #header: string;
  /** False: the last line is a piece of an archive that ended too early, whatever it looks like. */
  readonly #isComplete: boolean;

  constructor(text: CsvText, layout: CsvLayout, reader: RowReader, isComplete: boolean) {
    this.#text = text;
    this.#layout = layout;
    this.#reader = reader;
    this.#isComplete = isComplete;
    this.#header = layout.headerLine > 0 ? headerKey(layout.names) : '';
    this.lines = layout.dataLine - 1;
    this.blank = layout.blankLines.length;
  }

  run(): void {
    const { log } = this.#reader;
    for (const line of this.#layout.blankLines) this.#addBlank(line);
    for (const { line, text } of this.#layout.preamble) {
      log.add({ rule: 'preamble_line', line, text, message: 'a line before the header' });
    }
    const { bytes } = this.#text;
    const { delimiter, columns } = this.#layout;
    const plain = PlainLineReader.canRead(columns) ? new PlainLineReader(bytes, delimiter, this.#reader) : null;
    let start = this.#layout.dataStart;
    while (start < bytes.length) {
      const span = lineAt(this.#text, start);
      this.lines += 1;
      if (span.isTerminated && plain !== null && plain.read(span.start, span.end)) {
        this.#reader.rows.append(this.#reader.time, this.lines, span.start);
      } else this.#readCarefully(span);
      start = span.next;
    }
  }

  #readCarefully({ start, end, isTerminated }: LineSpan): void {
    const line = this.lines;
    const text = this.#text.bytes.toString('utf8', start, end);
    const at = { line, place: start, text, isUnterminated: !isTerminated };
    const cells = splitCells(text, this.#layout.delimiter);
    if (!isTerminated && !this.#isComplete) {
      this.#reader.reject({ rule: 'truncated_last_line', text, message: 'the archive ends inside this line' }, at);
    } else if (cells === null) {
      this.#reader.reject({ rule: 'bad_quote', text, message: 'a quotation mark is not closed' }, at);
    } else if (cells.every((cell) => cell === '')) {
      this.blank += 1;
      this.#addBlank(line);
    } else if (this.#header !== '' && headerKey(cells) === this.#header) {
      this.repeatedHeaders += 1;
      this.#reader.log.add({ rule: 'repeated_header', line, text, message: 'the header line again' });
    } else this.#reader.accept(cells, at);
  }

  #addBlank(line: number): void {
    this.#reader.log.add({ rule: 'blank_line', line, text: '', message: 'a line without any value' });
  }
}

function headerKey(names: readonly string[]): string {
  return names.map((name) => (/^[A-Za-z]$/.test(name) ? name : plainName(name))).join('|');
}
