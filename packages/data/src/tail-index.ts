/** The records of a tail log by symbol and time. */
import { CandleBuffer, formatMonth, type Bar, type Candles } from '@donch/core';
import type { RevisedBar } from './candle-merge.ts';
import type { TailMark } from './candle-month.ts';
import { TAIL_COLUMNS, type TailRecord } from './tail-format.ts';

/** Bars of one symbol that month files do not hold yet. */
export interface TailRows {
  readonly candles: Candles;
  /** Bars that a later record of the log replaced. */
  readonly revised: readonly RevisedBar[];
}

export interface TailRowsQuery {
  readonly symbol: string;
  readonly intervalMs: number;
  /** What the month files already hold; a month that is missing holds nothing. */
  readonly marks: ReadonlyMap<string, TailMark | null>;
  /** Open times `[fromMs, toMs)`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Records up to this seq; all when left out. */
  readonly throughSeq?: number;
}

/** A bar of the log and the record it stands in. */
export interface LoggedBar {
  readonly bar: Bar;
  readonly seq: number;
}

export class TailIndex {
  /** Id of the log; '' when there is none. */
  readonly logId: string;
  readonly #records: TailRecord[] = [];
  /** Month of each record's open time. */
  readonly #months: string[] = [];
  readonly #byTime = new Map<number, TailRecord[]>();
  readonly #positions = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

  constructor(logId: string, records: readonly TailRecord[]) {
    this.logId = logId;
    for (const record of records) this.add(record);
  }

  /** Takes a record that was appended. */
  add(record: TailRecord): void {
    this.#records.push(record);
    this.#months.push(formatMonth(record.openTimeMs));
    const sameTime = this.#byTime.get(record.openTimeMs);
    if (sameTime === undefined) this.#byTime.set(record.openTimeMs, [record]);
    else sameTime.push(record);
  }

  /** All records, in order of seq. */
  get records(): readonly TailRecord[] {
    return this.#records;
  }

  /** Symbols of the log. */
  symbols(): Set<string> {
    const symbols = new Set<string>();
    let last: readonly string[] = [];
    for (const record of this.#records) {
      if (record.symbols !== last) for (const symbol of record.symbols) symbols.add(symbol);
      last = record.symbols;
    }
    return symbols;
  }

  /** Months in which the symbol has bars, among the records up to a seq. */
  monthsOf(symbol: string, throughSeq: number): Set<string> {
    const months = new Set<string>();
    for (const [k, record] of this.#records.entries()) {
      if (record.seq > throughSeq) break;
      if (!months.has(this.#months[k]) && this.#position(record, symbol) >= 0) months.add(this.#months[k]);
    }
    return months;
  }

  /** The last bar of a symbol at an open time and the seq of its record, or null. */
  latest(symbol: string, openTimeMs: number): LoggedBar | null {
    const records = this.#byTime.get(openTimeMs) ?? [];
    for (let k = records.length - 1; k >= 0; k -= 1) {
      const position = this.#position(records[k], symbol);
      if (position >= 0) return { bar: barOf(records[k], position), seq: records[k].seq };
    }
    return null;
  }

  /** Bars that the month files do not hold, ascending; of several for one time the last one counts. */
  rows({ symbol, intervalMs, marks, fromMs, toMs, throughSeq = Infinity }: TailRowsQuery): TailRows {
    const bars = new Map<number, Bar>();
    const revised: RevisedBar[] = [];
    for (const [k, record] of this.#records.entries()) {
      const { openTimeMs } = record;
      if (record.seq > throughSeq) break;
      if (!(openTimeMs >= fromMs && openTimeMs < toMs) || !this.#isOpen(record, marks.get(this.#months[k]))) continue;
      const position = this.#position(record, symbol);
      if (position < 0) continue;
      const bar = barOf(record, position);
      const old = bars.get(openTimeMs);
      if (old !== undefined && !isSameBar(old, bar)) revised.push({ openTimeMs, old, new: bar, kept: 'new' });
      bars.set(openTimeMs, bar);
    }
    const candles = new CandleBuffer(intervalMs, Math.max(1, bars.size));
    for (const openTimeMs of Float64Array.from(bars.keys()).sort()) candles.append(bars.get(openTimeMs) as Bar);
    return { candles, revised };
  }

  #isOpen({ seq }: TailRecord, mark: TailMark | null | undefined): boolean {
    return !(mark !== undefined && mark !== null && mark.logId === this.logId && seq <= mark.seq);
  }

  #position({ symbols }: TailRecord, symbol: string): number {
    let positions = this.#positions.get(symbols);
    if (positions === undefined) {
      positions = new Map(symbols.map((name, k) => [name, k]));
      this.#positions.set(symbols, positions);
    }
    return positions.get(symbol) ?? -1;
  }
}

/** Equal in all values; a missing turnover equals a missing one. */
export function isSameBar(a: Bar, b: Bar): boolean {
  return TAIL_COLUMNS.every((name) => a[name] === b[name] || (Number.isNaN(a[name]) && Number.isNaN(b[name])));
}

function barOf({ openTimeMs, symbols, values }: TailRecord, position: number): Bar {
  const [open, high, low, close, volume, turnover] = TAIL_COLUMNS.map((_, k) => values[k * symbols.length + position]);
  return { openTimeMs, open, high, low, close, volume, turnover };
}
