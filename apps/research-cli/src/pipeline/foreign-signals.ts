/** Signals from a file: a run's own table, or the view under the names users know. */
import type { ScanWindow } from '@donch/backtester';
import {
  DonchError,
  registryName,
  SIGNAL_ALIASES,
  TABLES,
  textsOf,
  type Column,
  type ColumnSpec,
  type InstrumentId,
  type Table,
} from '@donch/core';
import { readTable, resolveUserPath } from '@donch/data';
import { instrumentsOf, pinData, type PinnedData, researchWindow, scanWindow, type OpenSpan } from '@donch/project';
import { beforeHoldout } from './before-holdout.ts';
import type { ResearchSetup } from './research.ts';

/** Reads a signals file under either set of names. Throws `bad_signals` naming the missing columns, and what reading a table throws. */
export async function readSignals(file: string, cwd: string): Promise<Table> {
  const path = resolveUserPath(cwd, file);
  const table = toRegistryNames(await readTable(path));
  const missing = TABLES.signals.columns.map(({ name }) => name).filter((name) => !table.columns.has(name));
  if (missing.length > 0) {
    throw new DonchError('bad_signals', `the file lacks the columns ${missing.join(', ')}`, {
      file: path,
      expected: 'a signals table written by donch scout (signals.parquet of a run, or signals/signals.parquet)',
    });
  }
  if (table.length === 0)
    throw new DonchError('bad_signals', 'the file holds no signal', { file: path, expected: 'at least one' });
  return { ...table, columns: new Map([...table.columns].map(([name, column]) => [name, typed(name, column, path)])) };
}

/** Old names become registry names; the instrument id says the symbol. */
function toRegistryNames(table: Table): Table {
  if (table.columns.has('decision_time')) return table;
  const columns = new Map<string, Column>();
  for (const [name, column] of table.columns) {
    const registry = SIGNAL_ALIASES.find(([, alias]) => alias === name)?.[0] ?? registryName(name);
    if (name !== 'symbol') columns.set(registry, column);
  }
  return { ...table, columns };
}

/** A column with the type of its table: CSV does not tell the type of a column without values. */
function typed(name: string, column: Column, file: string): Column {
  const spec: ColumnSpec | undefined = TABLES.signals.columns.find((known) => known.name === name);
  if (spec === undefined || spec.type === column.type) return column;
  if (column.type === 'text' && spec.type !== 'text' && column.values.every((value) => value === null)) {
    return { type: spec.type, values: new Float64Array(column.values.length).fill(Number.NaN) };
  }
  if (column.type !== 'text' && spec.type !== 'text' && spec.type !== 'time') return { ...column, type: spec.type };
  throw new DonchError('bad_signals', `column ${name} holds ${column.type}`, { file, expected: spec.type });
}

export interface ForeignScan {
  readonly signals: Table;
  readonly window: ScanWindow;
  readonly data: PinnedData;
}

/**
 * Window and data of a signals file: the window that a scan of the same universe would have, so that the figures of both can be
 * compared. Throws `no_candles`, `bad_time`, and `bad_signals` for signals of a strategy that is not loaded.
 */
export async function scanOfSignals(setup: ResearchSetup, table: Table): Promise<ForeignScan> {
  const { store, interval, strategies, universe, project, context } = setup;
  const { holdoutMs } = researchWindow(project.config.values);
  const signals = beforeHoldout(table, { name: 'decision_time', holdoutMs, what: 'signals' }, context);
  refuseUnknownStrategies(
    signals,
    strategies.map(({ strategyId }) => strategyId),
  );
  const instruments = instrumentsOf(signals);
  const spans = new Map<InstrumentId, OpenSpan>();
  for (const id of new Set([...universe.members.map((member) => member.instrumentId), ...instruments])) {
    const { rows, firstMs, lastMs } = await store.certifier.certify(id, interval);
    if (rows > 0) spans.set(id, { firstOpenMs: firstMs, lastOpenMs: lastMs });
  }
  const missing = instruments.find((id) => !spans.has(id));
  if (missing !== undefined) throw noCandles(missing, interval);
  const data = await pinData(
    store,
    instruments.map((instrumentId) => ({ instrumentId, interval })),
  );
  return { signals, window: scanWindow(setup, [...spans.values()]), data };
}

function refuseUnknownStrategies(signals: Table, known: readonly string[]): void {
  const unknown = textsOf(signals, 'strategy_id').find((id) => id === null || !known.includes(id));
  if (unknown === undefined) return;
  throw new DonchError('bad_signals', `there are signals of the strategy "${unknown}"`, {
    expected: `signals of ${known.join(', ')}`,
    remedy: 'name its file with --strategy: its exits are needed to trade them',
  });
}

function noCandles(id: InstrumentId, interval: string): DonchError {
  return new DonchError('no_candles', `there are no ${interval} candles of ${id}, of which the file has signals`, {
    remedy: 'import them first: donch import <files> --venue <venue> --interval <interval>',
  });
}
