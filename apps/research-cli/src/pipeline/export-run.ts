/** Tables of a run, under the registry's names or those of the earlier system. */
import { join } from 'node:path';
import {
  DonchError,
  symbolOf,
  takeRows,
  textsOf,
  TABLES,
  type InstrumentId,
  type Table,
  type TableSpec,
} from '@donch/core';
import { readTable, type Run, type RunStore } from '@donch/data';
import { compatEquity, compatSignals, compatTrades } from './compat-tables.ts';
import { inWindow, type ExportWindow } from './export-window.ts';
import { findRun } from './find-run.ts';

export type RunTableName = 'trades' | 'equity' | 'signals' | 'labels' | 'decisions' | 'funnel' | 'gates' | 'aggregated';

interface RunTable {
  readonly file: string;
  /** Null: a CSV without a declared table. */
  readonly spec: TableSpec | null;
  /** Column that `--start --end` are about; null = none. */
  readonly time: string | null;
  /** Which kind of run holds it. */
  readonly of: 'scout' | 'backtest' | 'both';
  /** The file under old names, or how they are made; null = there are none. */
  readonly old: ((table: Table) => Table) | string | null;
}

const RUN_TABLES: Readonly<Record<RunTableName, RunTable>> = {
  trades: { file: 'trades.parquet', spec: TABLES.trades, time: 'entry_time', of: 'backtest', old: compatTrades },
  equity: { file: 'equity.parquet', spec: TABLES.equity, time: 'time', of: 'backtest', old: compatEquity },
  signals: { file: 'signals.parquet', spec: TABLES.signals, time: 'decision_time', of: 'scout', old: compatSignals },
  decisions: { file: 'decisions.parquet', spec: TABLES.decisions, time: 'decision_time', of: 'both', old: null },
  funnel: { file: 'funnel.parquet', spec: TABLES.funnel, time: 'decision_time', of: 'scout', old: null },
  labels: { file: 'labels.parquet', spec: TABLES.labels, time: 'decision_time', of: 'backtest', old: null },
  gates: { file: 'gate_profile.parquet', spec: TABLES.gate_profile, time: null, of: 'backtest', old: null },
  aggregated: {
    file: 'trades_aggregated.csv',
    spec: null,
    time: null,
    of: 'backtest',
    old: 'compat/trades_aggregated.csv',
  },
};

export interface RunExport {
  readonly runs: RunStore;
  /** `--run`; undefined = the latest. */
  readonly runId: string | undefined;
  readonly window: ExportWindow;
  readonly symbols: readonly string[];
  readonly oldNames: boolean;
}

/** A table of a run, with the run that holds it. Throws `no_run`, `bad_argument`, and what reading a table throws. */
export async function runTable(name: RunTableName, wanted: RunExport): Promise<{ table: Table; run: Run }> {
  const { file, spec, time, old } = RUN_TABLES[name];
  const { window, symbols, oldNames } = wanted;
  if (oldNames && old === null) throw refuse(`--old-names with ${name}`, 'the earlier system had no such table');
  if (time === null && (window.fromMs !== null || window.toMs !== null))
    throw refuse(`--start or --end with ${name}`, 'its rows have no time');
  const run = runWith(name, wanted);
  const path = join(run.folder, oldNames && typeof old === 'string' ? old : file);
  const read = await readTable(path, ...(spec === null ? [] : [spec]));
  const chosen = ofSymbols(time === null ? read : inWindow(read, time, window), symbols, name);
  return { table: oldNames && typeof old === 'function' ? old(chosen) : chosen, run };
}

/** The run that was asked for, or the scan that its signals come from. */
function runWith(name: RunTableName, { runs, runId }: RunExport): Run {
  const run = findRun(runs, runId);
  const { of } = RUN_TABLES[name];
  if (of === 'both' || run.manifest.command === of) return run;
  if (of === 'backtest') {
    throw new DonchError('no_run', `run ${run.id} is a scan: it has no ${name}`, {
      remedy: 'name a backtest with --run (donch list shows them)',
    });
  }
  const { scout_run: scoutRun } = run.manifest.parameters;
  if (typeof scoutRun === 'string') return findRun(runs, scoutRun);
  throw new DonchError('no_run', `the signals of run ${run.id} come from a file: it has no ${name}`, {
    remedy: 'name a scan with --run (donch list shows them)',
  });
}

function ofSymbols(table: Table, symbols: readonly string[], name: string): Table {
  if (symbols.length === 0) return table;
  const column = ['instrument_id', 'symbol'].find((known) => table.columns.has(known));
  if (column === undefined) throw refuse(`symbols with ${name}`, 'its rows belong to no symbol');
  const wanted = new Set(symbols.map((symbol) => symbol.toUpperCase()));
  const symbolOfCell = (cell: string): string => (cell.includes(':') ? symbolOf(cell as InstrumentId) : cell);
  const rows = textsOf(table, column).flatMap((cell, row) =>
    cell !== null && wanted.has(symbolOfCell(cell).toUpperCase()) ? [row] : [],
  );
  return takeRows(table, rows);
}

function refuse(found: string, why: string): DonchError {
  return new DonchError('bad_argument', `${found}: ${why}`);
}
