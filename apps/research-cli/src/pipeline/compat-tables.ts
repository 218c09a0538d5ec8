/** The tables at the places users know, under the names their notebooks read. Made from ours; nothing is computed here but units. */
import {
  AGGREGATE_ALIASES,
  columnOf,
  EQUITY_ALIASES,
  numbersOf,
  registryName,
  SIGNAL_ALIASES,
  symbolColumn,
  textsOf,
  TRADE_ALIASES,
  type AliasTable,
  type Column,
  type Table,
} from '@donch/core';

/** The table with a `symbol` column behind the instrument id. */
export function withSymbol(table: Table): Table {
  const columns = new Map(table.columns);
  columns.set('symbol', { type: 'text', values: symbolColumn(textsOf(table, 'instrument_id')) });
  return { ...table, columns };
}

function renamed(table: Table, aliases: AliasTable): Map<string, Column> {
  return new Map(aliases.map(([registry, alias]) => [alias, columnOf(table, registry)]));
}

/** Signals: the columns notebooks read, then every further feature under its own name, then the ids. */
export function compatSignals(signals: Table): Table {
  const table = withSymbol(signals);
  const columns = renamed(table, SIGNAL_ALIASES);
  const used = new Set(SIGNAL_ALIASES.map(([registry]) => registry));
  for (const [name, column] of table.columns) if (!used.has(name)) columns.set(name, column);
  return { name: 'signals', length: signals.length, columns };
}

/** Exit reasons as old notebooks filter them. */
const OLD_REASONS: Readonly<Record<string, string>> = { tp: 'tp_final', 'tp1+tp': 'tp1+tp_final' };

/** Trades: the columns notebooks read, then `signal_id` and `strategy_id`. */
export function compatTrades(trades: Table): Table {
  const columns = renamed(withSymbol(trades), TRADE_ALIASES);
  columns.set('exit_reason', {
    type: 'text',
    values: textsOf(trades, 'exit_reason').map((reason) => OLD_REASONS[reason ?? ''] ?? reason),
  });
  for (const name of ['signal_id', 'strategy_id']) columns.set(name, columnOf(trades, name));
  return { name: 'trades', length: trades.length, columns };
}

/** Equity: time and value. */
export function compatEquity(equity: Table): Table {
  return { name: 'equity', length: equity.length, columns: renamed(equity, EQUITY_ALIASES) };
}

/** Group totals with the win rate in percent; group columns under the names the user wrote. */
export function compatAggregated(aggregated: Table, groups: readonly string[]): Table {
  const columns = new Map<string, Column>(groups.map((name) => [name, columnOf(aggregated, registryName(name))]));
  for (const [alias, column] of renamed(aggregated, AGGREGATE_ALIASES)) columns.set(alias, column);
  columns.set('win_rate_pct', {
    type: 'float',
    values: numbersOf(aggregated, 'win_rate_frac').map((value) => value * 100),
  });
  return { name: 'trades_aggregated', length: aggregated.length, columns };
}
