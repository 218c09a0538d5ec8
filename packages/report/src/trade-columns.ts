/** The trades of a run as typed columns, and subsets of them. */
import { numbersOf, symbolColumn, textsOf, type Table } from '@donch/core';

export interface TradeSet {
  readonly length: number;
  /** Rows of the trades table. */
  readonly rows: readonly number[];
  readonly entryTimeMs: Float64Array;
  readonly pnlR: Float64Array;
  readonly pnlUsd: Float64Array;
}

/** The trades at these rows, or all. */
export function tradeSet(trades: Table, rows: readonly number[] = allRows(trades)): TradeSet {
  const pick = (name: string): Float64Array => {
    const values = numbersOf(trades, name);
    return Float64Array.from(rows, (row) => values[row]);
  };
  return {
    length: rows.length,
    rows,
    entryTimeMs: pick('entry_time'),
    pnlR: pick('pnl_r'),
    pnlUsd: pick('pnl_usd'),
  };
}

function allRows({ length }: Table): number[] {
  return Array.from({ length }, (_, row) => row);
}

/** Symbols of the trades, in the order of their rows. */
export function symbolsOf(trades: Table): string[] {
  return symbolColumn(textsOf(trades, 'instrument_id'));
}

/** Text of a column; '' for a missing cell. */
export function wordsOf(trades: Table, name: string): string[] {
  return textsOf(trades, name).map((word) => word ?? '');
}

/** A group of rows under one name. */
export interface Group {
  readonly name: string;
  readonly rows: readonly number[];
}

/** Rows by name, in the order in which the names first appear. */
export function groupRows(names: readonly string[]): Group[] {
  const groups = new Map<string, number[]>();
  for (const [row, name] of names.entries()) {
    const rows = groups.get(name);
    if (rows === undefined) groups.set(name, [row]);
    else rows.push(row);
  }
  return Array.from(groups, ([name, rows]) => ({ name, rows }));
}
