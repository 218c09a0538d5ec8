/** The columns by which users cut a run into groups. */
import {
  cellAt,
  columnOf,
  DonchError,
  numbersOf,
  registryName,
  symbolColumn,
  textsOf,
  type Column,
  type Table,
} from '@donch/core';
import type { VariantGroups } from '@donch/report';

export interface GroupColumns {
  /** As they were written: under the registry's names or those of old files. */
  readonly results: string;
  readonly columns: readonly string[];
}

/** Groups of trades. Throws `no_column` naming the columns that there are, and `wrong_column_type` for results that are text. */
export function variantGroups(trades: Table, { results, columns }: GroupColumns): VariantGroups {
  return {
    results: tradeResults(trades, results),
    columns: columns.map((name) => ({ name, values: columnWords(groupColumn(trades, name)) })),
  };
}

/** Results under their name. */
export function tradeResults(trades: Table, name: string): VariantGroups['results'] {
  const known = nameIn(trades, name);
  if (known === null) throw noColumn(trades, '--returns-col', name);
  return { name, values: numbersOf(trades, known), isR: registryName(name) === 'pnl_r' };
}

function groupColumn(trades: Table, name: string): Column {
  if (name === 'symbol' && !trades.columns.has('symbol') && trades.columns.has('instrument_id')) {
    return { type: 'text', values: symbolColumn(textsOf(trades, 'instrument_id')) };
  }
  const known = nameIn(trades, name);
  if (known === null) throw noColumn(trades, '--variant-cols', name);
  return columnOf(trades, known);
}

/** The name of the column in the table, under either set of names; null = it is not there. */
export function nameIn({ columns }: Table, name: string): string | null {
  if (columns.has(name)) return name;
  const registry = registryName(name);
  return columns.has(registry) ? registry : null;
}

/** Cells as the names of groups; '' = no value. */
export function columnWords(column: Column): string[] {
  return Array.from({ length: column.values.length }, (_, row) => {
    const value = cellAt(column, row);
    if (value === null) return '';
    return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  });
}

function noColumn({ name: table, columns }: Table, flag: string, name: string): DonchError {
  return new DonchError('no_column', `${flag} names "${name}", and ${table} have no such column`, {
    expected: [...columns.keys()].join(', '),
  });
}
