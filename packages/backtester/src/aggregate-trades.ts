/** Totals of finished trades per group of columns (`AGGREGATE_BY`): breakdowns of one run, never trials. */
import {
  cellAt,
  columnOf,
  numbersOf,
  DonchError,
  medianOf,
  tableFromRows,
  type Cell,
  type ColumnShape,
  type Row,
  type Table,
} from '@donch/core';
import { mean, profitFactor, winRateFrac } from '@donch/stats';

const FIGURES: readonly ColumnShape[] = [
  { name: 'trades', type: 'int' },
  { name: 'win_rate_frac', type: 'float' },
  { name: 'profit_factor', type: 'float' },
  { name: 'pnl_usd_mean', type: 'float' },
  { name: 'pnl_usd_median', type: 'float' },
  { name: 'pnl_r_mean', type: 'float' },
  { name: 'pnl_r_median', type: 'float' },
];

/**
 * One row per distinct combination of the group columns, in their order; a profit factor without losses is null in the table
 * (infinite). Throws `no_column` for a group column that trades do not have.
 */
export function aggregateTrades(trades: Table, groupBy: readonly string[]): Table {
  const groups = groupBy.map((name) => ({ name, column: columnOf(trades, name) }));
  if (groups.length === 0)
    throw new DonchError('bad_groups', 'no column to group by', { expected: 'at least one column in AGGREGATE_BY' });
  const members = new Map<string, { readonly key: readonly Cell[]; readonly rows: number[] }>();
  for (let row = 0; row < trades.length; row += 1) {
    const key = groups.map(({ column }) => cellAt(column, row));
    const id = JSON.stringify(key);
    const member = members.get(id);
    if (member === undefined) members.set(id, { key, rows: [row] });
    else member.rows.push(row);
  }
  const sorted = [...members.values()].sort((a, b) => compareKeys(a.key, b.key));
  const shapes = [...groups.map(({ name, column }) => ({ name, type: column.type })), ...FIGURES];
  return tableFromRows(
    'trades_aggregated',
    shapes,
    sorted.map(({ key, rows }) => ({
      ...Object.fromEntries(groups.map(({ name }, k) => [name, key[k]])),
      ...figuresOf(trades, rows),
    })),
  );
}

function figuresOf(trades: Table, rows: readonly number[]): Row {
  const pick = (name: string): Float64Array => {
    const values = numbersOf(trades, name);
    return Float64Array.from(rows, (row) => values[row]);
  };
  const usd = pick('pnl_usd');
  const r = pick('pnl_r');
  const factor = profitFactor(usd);
  return {
    trades: rows.length,
    win_rate_frac: winRateFrac(usd),
    profit_factor: Number.isFinite(factor) ? factor : null,
    pnl_usd_mean: mean(usd),
    pnl_usd_median: medianOf(usd),
    pnl_r_mean: mean(r),
    pnl_r_median: medianOf(r),
  };
}

function compareKeys(a: readonly Cell[], b: readonly Cell[]): number {
  for (let k = 0; k < a.length; k += 1) {
    const left = a[k];
    const right = b[k];
    if (left === right) continue;
    if (left === null) return -1;
    if (right === null) return 1;
    return left < right ? -1 : 1;
  }
  return 0;
}
