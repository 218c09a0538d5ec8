import { type CommandContext, grouped } from '@donch/cli';
/** `donch export`: series of the store and tables of runs, as Parquet or CSV. */
import { DonchError, selectColumns, symbolOf, takeRows, textsOf, type InstrumentId, type Table } from '@donch/core';
import { encodeTable, openStore, resolveUserPath, RunStore, writeTable, type Store } from '@donch/data';
import { openProject, type ProjectContext } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { ExportFlags, ExportKind } from '../commands/export.ts';
import { runTable } from './export-run.ts';
import { candlesTable, fundingTable } from './export-series.ts';
import { exportWindow } from './export-window.ts';
import { storeSeries, type StorePart } from './store-series.ts';

export interface ExportQuestion {
  readonly what: ExportKind;
  readonly symbols: readonly string[];
}

interface Exported {
  readonly table: Table;
  readonly runId: string | null;
}

/** `donch export <what> [symbols]`. */
export async function runExport(question: ExportQuestion, flags: ExportFlags, context: CommandContext): Promise<void> {
  const { terminal, cwd } = context;
  const { out } = flags;
  if (out === undefined && terminal.json) {
    throw new DonchError('bad_argument', '--json without --out', {
      expected: '--out <file>: stdout holds one of them',
    });
  }
  const project = openProject(flags, context);
  const { table, runId } = await exported(project, question, { flags, context });
  if (out === undefined) {
    terminal.raw(new TextDecoder().decode(encodeTable(table, 'csv')));
    return;
  }
  const { path, sha256 } = writeTable(resolveUserPath(cwd, out), table);
  const columns = [...table.columns.keys()];
  terminal.result(
    `${path}: ${grouped(table.length)} rows, ${columns.length} columns${runId === null ? '' : ` of ${runId}`}`,
  );
  terminal.document(
    documentOf('export', { ok: true, what: question.what, path, rows: table.length, columns, sha256, runId }),
  );
}

interface Request {
  readonly flags: ExportFlags;
  readonly context: CommandContext;
}

async function exported(
  project: ProjectContext,
  { what, symbols }: ExportQuestion,
  request: Request,
): Promise<Exported> {
  const { flags } = request;
  const window = exportWindow(flags);
  const oldNames = flags.oldNames === true;
  if (what === 'candles' || what === 'funding') {
    const store = openStore(project.dataFolder);
    const series = seriesOf(project, store, symbols, request);
    const table = await (what === 'candles' ? candlesTable : fundingTable)({ ...series, store, window });
    return { table: oldNames ? withTimestamp(table) : table, runId: null };
  }
  if (what === 'instruments') {
    if (oldNames)
      throw new DonchError('bad_argument', '--old-names with instruments: the earlier system had no such table');
    return { table: await instrumentsTable(project, symbols), runId: null };
  }
  const runs = new RunStore(project.resultsFolder);
  const { table, run } = await runTable(what, { runs, runId: flags.run, window, symbols, oldNames });
  return { table, runId: run.id };
}

interface ChosenSeries {
  readonly part: StorePart;
  readonly symbols: readonly string[];
}

/** The symbols as the store writes them, of one venue and interval. Throws `bad_argument`, `unknown_symbol`, `no_venue`. */
function seriesOf(
  { config }: ProjectContext,
  store: Store,
  symbols: readonly string[],
  { context: { cwd } }: Request,
): ChosenSeries {
  if (symbols.length === 0) {
    throw new DonchError('bad_argument', 'no symbol is given', {
      expected: 'symbols, e.g. donch export candles BTCUSDT',
    });
  }
  const { VENUE: venue, TIMEFRAME: interval } = config.values;
  const choice = { interval, ...(venue !== null && { venue }), symbols: symbols.join(',') };
  const found = storeSeries(store, choice, cwd);
  const venues = new Set(found.map(({ instrumentId }) => instrumentId.slice(0, instrumentId.indexOf(':'))));
  if (venues.size > 1) {
    throw new DonchError('no_venue', `several venues have these symbols: ${[...venues].join(', ')}`, {
      remedy: 'choose one: --set VENUE=<venue>',
    });
  }
  return {
    part: { venue: [...venues][0], interval },
    symbols: found.map(({ instrumentId }) => symbolOf(instrumentId)),
  };
}

/** `open_time` and `time` under the name that notebooks read. */
function withTimestamp(table: Table): Table {
  const names = [...table.columns.keys()];
  return selectColumns(
    table,
    names.map((name) => [name, name === 'open_time' || name === 'time' ? 'timestamp' : name] as const),
  );
}

/** Rules and life of the instruments of the venue. */
async function instrumentsTable({ config, dataFolder }: ProjectContext, symbols: readonly string[]): Promise<Table> {
  const store = openStore(dataFolder);
  const [only, ...others] = store.candles.venues();
  const venue = config.values.VENUE ?? (others.length === 0 ? only : undefined);
  const table = venue === undefined ? null : await store.instruments.read(venue);
  if (table === null) {
    throw new DonchError('no_candles', 'the store has no instrument rules', {
      remedy: 'import candles first, or set VENUE',
    });
  }
  if (symbols.length === 0) return table;
  const wanted = new Set(symbols.map((symbol) => symbol.toUpperCase()));
  const rows = textsOf(table, 'instrument_id').flatMap((id, row) =>
    wanted.has(symbolOf((id ?? '') as InstrumentId).toUpperCase()) ? [row] : [],
  );
  return takeRows(table, rows);
}
