import type { ScanWindow } from '@donch/backtester';
/** Signals from a file: a run's own table, or the view under the names users know. */
import {
  DonchError,
  hashJson,
  intervalMs,
  numbersOf,
  parseTimeArgument,
  registryName,
  SIGNAL_ALIASES,
  TABLES,
  textsOf,
  type Column,
  type InstrumentId,
  type Table,
} from '@donch/core';
import { readTable, resolveUserPath } from '@donch/data';
import type { ResearchSetup } from './research.ts';

/** Reads a signals file under either set of names. Throws `bad_signals` naming the missing columns, and what reading a table throws. */
export async function readSignals(file: string): Promise<Table> {
  const path = resolveUserPath(process.cwd(), file);
  const table = toRegistryNames(await readTable(path));
  const needed = TABLES.signals.columns.map(({ name }) => name);
  const missing = needed.filter((name) => !table.columns.has(name));
  if (missing.length === 0) return table;
  throw new DonchError('bad_signals', `the file lacks the columns ${missing.join(', ')}`, {
    file: path,
    expected: 'a signals table written by donch scout (signals.parquet of a run, or signals/signals.parquet)',
  });
}

/** Old names become registry names; a name that stands under both is the registry's. */
function toRegistryNames(table: Table): Table {
  if (table.columns.has('decision_time')) return table;
  const aliases = new Set(SIGNAL_ALIASES.map(([, alias]) => alias));
  const columns = new Map<string, Column>();
  for (const [name, column] of table.columns) {
    const registry = SIGNAL_ALIASES.find(([, alias]) => alias === name)?.[0] ?? registryName(name);
    if (name === 'symbol' && aliases.has(name)) continue;
    columns.set(registry, column);
  }
  return { ...table, columns };
}

export interface ForeignScan {
  readonly signals: Table;
  readonly window: ScanWindow;
  readonly dataHash: string;
}

/** Window and data of a signals file: from START_DATE (else the first signal) to END_DATE (else the last stored close of its instruments). */
export async function scanOfSignals({ store, interval, project }: ResearchSetup, signals: Table): Promise<ForeignScan> {
  if (signals.length === 0)
    throw new DonchError('bad_signals', 'the file holds no signal', { expected: 'at least one' });
  const instruments = [...new Set(textsOf(signals, 'instrument_id'))].sort() as InstrumentId[];
  const barMs = intervalMs(interval);
  let lastCloseMs = -Infinity;
  for (const id of instruments) {
    const { openTimeMs, length } = await store.candles.read(id, interval);
    if (length > 0) lastCloseMs = Math.max(lastCloseMs, openTimeMs[length - 1] + barMs);
  }
  const { START_DATE: start, END_DATE: end } = project.config.values;
  const firstMs = numbersOf(signals, 'decision_time').reduce((least, value) => Math.min(least, value), Infinity);
  const window = {
    startMs: start === null ? firstMs : parseTimeArgument(start, 'START_DATE'),
    endMs: end === null ? lastCloseMs + barMs : Math.min(lastCloseMs + barMs, parseTimeArgument(end, 'END_DATE')),
  };
  const { hash } = await store.certifier.storeHash(instruments.map((instrumentId) => ({ instrumentId, interval })));
  return { signals, window, dataHash: hashJson([hash]) };
}
