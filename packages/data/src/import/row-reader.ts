/** Turns the cells of one row into numbers, or into a finding. The careful way; plain lines of CSV take a faster one. */

import { invariant } from '@donch/core';
import type { CellRole, ColumnMap } from './column-names.ts';
import type { FindingLog } from './finding-log.ts';
import { numberProblem, readNumber } from './number-cell.ts';
import { RawRows, TURNOVER, VALUE_NAMES } from './raw-rows.ts';
import type { ImportRule } from './rules.ts';
import type { TimeReader } from './time-cell.ts';
import { isSound, valueProblem } from './value-check.ts';

/** Where a row stands and how its text is found. */
export interface RowPlace {
  readonly line: number;
  /** Where the source finds the row again. */
  readonly place: number;
  /** Original text of the row. */
  readonly text: string;
  /** The row ends with the file instead of a line end: whatever is wrong with it is the cut. */
  readonly isUnterminated: boolean;
}

interface CellProblem {
  readonly rule: ImportRule;
  readonly text: string;
  readonly message: string;
}

const MISSING = /^(?:|nan|null|none|na|n\/a|nil|-)$/i;
const IS_TRUE = /^(?:1|1\.0|true|yes)$/i;
const IS_FALSE = /^(?:0|0\.0|false|no)$/i;
const PERCENT = /^(.*[^%])%$/;

export class RowReader {
  readonly rows: RawRows;
  readonly columns: ColumnMap;
  readonly time: TimeReader;
  readonly log: FindingLog;
  /** The symbol of the file's symbol column (its first row), or null. */
  symbol: string | null = null;
  /** Rows whose rate was written with a percent sign. */
  percentRows = 0;
  readonly #names: readonly string[];

  constructor(columns: ColumnMap, time: TimeReader, log: FindingLog) {
    this.rows = new RawRows(columns.kind);
    this.columns = columns;
    this.time = time;
    this.log = log;
    this.#names = VALUE_NAMES[columns.kind];
  }

  /** Reads one row of trimmed cells: appended to `rows`, or one finding and one rejected row. */
  accept(cells: readonly string[], at: RowPlace): void {
    const problem = this.#countProblem(cells) ?? this.#read(cells);
    if (problem !== null) {
      this.reject(problem, at);
      return;
    }
    if (at.isUnterminated) {
      const message = 'the last line has no line end: complete as a row, but its last number may be cut';
      this.log.add({ rule: 'unterminated_last_line', line: at.line, text: at.text, message });
    }
    const turnover = this.columns.roles.indexOf('turnover');
    if (turnover >= 0 && Number.isNaN(this.rows.cells[TURNOVER])) {
      const message = 'turnover is missing: unknown for this bar';
      this.log.add({ rule: 'turnover_missing', line: at.line, text: cells[turnover], message });
    }
    this.rows.append(this.time, at.line, at.place);
  }

  /** Keeps a row out; in an unterminated last line every problem is the cut. */
  reject({ rule, text, message }: CellProblem, { line, text: rowText, isUnterminated }: RowPlace): void {
    const input = isUnterminated
      ? {
          rule: 'truncated_last_line' as const,
          line,
          text: rowText,
          message: `the file ends inside this line (${message})`,
        }
      : { rule, line, text: text === '' ? rowText : text, message };
    this.log.reject(input, rowText);
  }

  #countProblem(cells: readonly string[]): CellProblem | null {
    const expected = this.columns.roles.length;
    if (cells.length === expected) return null;
    const message = `${cells.length} cells where the file has ${expected} columns`;
    return { rule: 'wrong_field_count', text: cells.join(','), message };
  }

  #read(cells: readonly string[]): CellProblem | null {
    this.rows.cells.fill(Number.NaN);
    for (let column = 0; column < cells.length; column += 1) {
      const role = this.columns.roles[column];
      if (role === null) continue;
      const problem = this.#readCell(role, cells[column]);
      if (problem !== null) return problem;
    }
    const broken = valueProblem(this.columns.kind, this.rows.cells);
    if (broken !== null) {
      const name = this.#names[broken.value];
      const column = this.columns.roles.indexOf(name as CellRole);
      return { rule: broken.rule, text: cells[column], message: `${name} ${broken.what}` };
    }
    invariant(isSound(this.columns.kind, this.rows.cells), 'a row without a problem is sound');
    return null;
  }

  #readCell(role: Exclude<CellRole, null>, text: string): CellProblem | null {
    switch (role) {
      case 'time':
        return this.#readTime(text);
      case 'symbol':
        return this.#readSymbol(text);
      case 'confirm':
        return confirmProblem(text);
      case 'turnover':
        return MISSING.test(text) ? null : this.#readValue(role, text);
      case 'rate':
        return this.#readRate(text);
      case 'open':
      case 'high':
      case 'low':
      case 'close':
      case 'volume':
      case 'open_interest':
        return this.#readValue(role, text);
    }
  }

  #readTime(text: string): CellProblem | null {
    const rule = this.time.read(text);
    if (rule === null) return null;
    const why = rule === 'invalid_time' ? 'is no instant' : rule === 'empty_value' ? 'is empty' : 'is out of range';
    return { rule, text, message: `time ${why}` };
  }

  #readSymbol(text: string): CellProblem | null {
    if (text !== '') this.symbol ??= text;
    if (text === this.symbol) return null;
    return { rule: 'other_symbol', text, message: `the row is of another symbol than "${this.symbol ?? ''}"` };
  }

  #readRate(text: string): CellProblem | null {
    const percent = PERCENT.exec(text)?.[1].trim();
    if (percent === undefined) return this.#readValue('rate', text);
    const problem = this.#readValue('rate', percent);
    if (problem !== null) return { ...problem, text };
    this.rows.cells[0] /= 100;
    this.percentRows += 1;
    return null;
  }

  #readValue(name: string, text: string): CellProblem | null {
    const value = readNumber(text);
    if (Number.isNaN(value)) {
      const { rule, what } = numberProblem(text);
      return { rule, text, message: `${name} ${what}` };
    }
    this.rows.cells[this.#names.indexOf(name)] = value;
    return null;
  }
}

function confirmProblem(text: string): CellProblem | null {
  if (IS_TRUE.test(text)) return null;
  if (IS_FALSE.test(text)) return { rule: 'not_closed', text, message: 'the confirm column says that the bar is open' };
  const { rule, what } =
    text === '' ? numberProblem('') : { rule: 'not_a_number' as const, what: 'is neither true nor false' };
  return { rule, text, message: `confirm ${what}` };
}
