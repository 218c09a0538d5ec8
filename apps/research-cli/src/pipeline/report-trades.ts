import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
/** `donch report --trades-csv`: a page about trades that somebody else has made. */
import { basename } from 'node:path';
import { donchVersion, type CommandContext } from '@donch/cli';
import { DonchError, takeRows, type Table } from '@donch/core';
import { readTable, resolveUserPath, withIoErrors } from '@donch/data';
import { timesOf } from '@donch/meta';
import type { TradesReportInput } from '@donch/report';
import { beforeHoldout } from './before-holdout.ts';
import { columnWords, nameIn, tradeResults, variantGroups } from './report-groups.ts';
import type { ReportOptions } from './report-options.ts';

export interface ForeignTrades {
  /** As it was written. */
  readonly file: string;
  readonly options: ReportOptions;
  /** Trades from then on are not looked at; null = there is no hold-out. */
  readonly holdoutMs: number | null;
  readonly context: CommandContext;
}

/** Columns of words that a page cuts trades by, under the registry's names. */
const WORDS: readonly (readonly [title: string, name: string])[] = [
  ['symbol', 'symbol'],
  ['side', 'side'],
  ['exit', 'exit_reason'],
  ['regime_up', 'regime_up'],
  ['trend_regime_1d', 'trend_regime_1d'],
  ['vol_regime_1d', 'vol_regime_1d'],
  ['regime_1d', 'regime_1d'],
];

/** Reads the file. Throws `columns_unclear`, `no_column`, `bad_signals` without a trade, `in_holdout`, and what reading a table throws. */
export async function readForeignTrades({
  file,
  options,
  holdoutMs,
  context,
}: ForeignTrades): Promise<TradesReportInput> {
  const path = resolveUserPath(context.cwd, file);
  const sha256 = hash(
    'sha256',
    withIoErrors(path, 'read the trades', () => readFileSync(path)),
  );
  const all = await finishedInOrder(await readTable(path), options.returnsColumn, context);
  const table = beforeHoldout(all, { name: ENTRY, holdoutMs, what: 'trades' }, context);
  const { results } = variantGroups(table, { results: options.returnsColumn, columns: [] });
  const groups =
    options.variantColumns.length === 0
      ? null
      : variantGroups(table, { results: options.returnsColumn, columns: options.variantColumns });
  const exit = nameIn(table, 'exit_time') ?? nameIn(table, 'exit_ts');
  return {
    file: { name: basename(path), hash: sha256 },
    donchVersion: donchVersion(),
    seed: 1,
    entryTimeMs: timesOf({ side: 'trades', table, name: ENTRY }),
    exitTimeMs: exit === null || isEmpty(table, exit) ? null : timesOf({ side: 'trades', table, name: exit }),
    results,
    words: WORDS.flatMap(([title, name]) => {
      const known = name === 'symbol' ? symbolName(table) : nameIn(table, name);
      const column = known === null ? undefined : table.columns.get(known);
      return column === undefined || isEmpty(table, known ?? '') ? [] : [{ title, values: columnWords(column) }];
    }),
    groups,
  };
}

/** Name under which the entry time stands beside the file's own columns. */
const ENTRY = 'donch_entry_time';

/** Names of the entry time and of the symbol in users' files, as in files of predictions. */
const TIMES = ['entry_ts', 'entry_time', 'timestamp', 'ts', 'time', 'dt'];
const SYMBOLS = ['symbol', 'instrument_id', 'asset', 'pair', 'ticker'];

/** Trades with a result in order of their entry; how many have none is told. */
async function finishedInOrder(table: Table, returnsColumn: string, { terminal }: CommandContext): Promise<Table> {
  const time = TIMES.find((name) => table.columns.has(name));
  if (time === undefined) {
    throw new DonchError('columns_unclear', 'no column of the trades is known as the entry time', {
      file: table.name,
      expected: TIMES.join(', '),
    });
  }
  const { values } = tradeResults(table, returnsColumn);
  const entryTimeMs = timesOf({ side: 'trades', table, name: time });
  const rows = [...entryTimeMs.keys()].filter((row) => Number.isFinite(values[row]));
  if (rows.length === 0) {
    throw new DonchError('bad_signals', `none of the ${table.length} trades has a result in ${returnsColumn}`, {
      file: table.name,
      expected: 'at least one',
    });
  }
  if (rows.length < table.length)
    terminal.info(`${table.length - rows.length} of ${table.length} trades have no ${returnsColumn} and are left out`);
  rows.sort((a, b) => entryTimeMs[a] - entryTimeMs[b]);
  const columns = new Map(table.columns).set(ENTRY, { type: 'time', values: entryTimeMs });
  return takeRows({ ...table, columns }, rows);
}

function symbolName({ columns }: Table): string | null {
  return SYMBOLS.find((name) => columns.has(name)) ?? null;
}

function isEmpty({ columns }: Table, name: string): boolean {
  const column = columns.get(name);
  if (column === undefined) return true;
  return column.type === 'text'
    ? column.values.every((value) => value === null)
    : column.values.every((value) => Number.isNaN(value));
}
