/**
 * Which column of a file holds the probability, the time, the symbol and the id: by the flag's word, else by a name that is known,
 * never by what the values look like.
 */
import { DonchError, nearestWord, type Column, type Table } from '@donch/core';
import { listed } from './message-words.ts';

type ColumnRole = 'probability' | 'time' | 'symbol' | 'id';

/** What a table is called in messages; it decides which flags name its columns. */
export type JoinSide = 'predictions' | 'signals' | 'trades';

/** Names from flags; undefined = not given. */
export interface WantedColumns {
  readonly probability?: string;
  readonly time?: string;
  readonly symbol?: string;
  readonly id?: string;
}

/** A column that was chosen, for the caller to print. */
export interface ChosenColumn {
  readonly name: string;
  /** A flag named it; otherwise its name is a known one. */
  readonly isNamed: boolean;
}

/** What says which signal a row is about; null = the table has no such column. */
export interface KeyColumns {
  readonly time: ChosenColumn | null;
  readonly symbol: ChosenColumn | null;
  readonly id: ChosenColumn | null;
}

export interface PredictionColumns extends KeyColumns {
  readonly probability: ChosenColumn;
}

/** Known names, the first that a table has is taken: ours, then those of users' files in the order of the manual. */
const KNOWN_NAMES: Readonly<Record<ColumnRole, readonly string[]>> = {
  probability: ['meta_p', 'y_proba', 'proba', 'prob', 'p', 'y_pred', 'pred_proba'],
  time: ['decision_time', 'timestamp', 'entry_ts', 'entry_time', 'ts', 'time', 'dt'],
  symbol: ['instrument_id', 'symbol', 'asset', 'pair', 'ticker'],
  id: ['signal_id'],
};

/** Our name and another one for the same thing: a flag may use either for files of either kind. */
const SAME_THING: readonly (readonly [ours: string, theirs: string])[] = [
  ['p', 'meta_p'],
  ['p', 'y_proba'],
  ['decision_time', 'timestamp'],
  ['decision_time', 'entry_ts'],
  ['instrument_id', 'symbol'],
];

const NO_FLAGS: Readonly<Record<ColumnRole, string | null>> = { probability: null, time: null, symbol: null, id: null };
const FLAGS: Readonly<Record<JoinSide, Readonly<Record<ColumnRole, string | null>>>> = {
  predictions: { probability: '--proba-col', time: '--pred-ts', symbol: '--pred-sym', id: '--pred-id' },
  trades: { ...NO_FLAGS, time: '--trades-ts', symbol: '--trades-sym', id: '--trades-id' },
  signals: NO_FLAGS,
};

/**
 * The columns of a table of predictions. Throws `no_such_column` for a name that the table does not have, `columns_unclear` when
 * no column is known as the probability, or neither an id nor time and symbol are: both name the columns found and the flag to set.
 */
export function predictionColumns(table: Table, wanted: WantedColumns = {}): PredictionColumns {
  const probability = chosen('predictions', table, 'probability', wanted);
  if (probability === null) throw unclearColumn('predictions', table, 'probability');
  const keys = keyColumns('predictions', table, wanted);
  if (keys.id === null) requireTimeAndSymbol('predictions', table, keys);
  return { probability, ...keys };
}

/** The columns of signals or trades that predictions are joined by. Throws as `predictionColumns`. */
export function signalColumns(side: 'signals' | 'trades', table: Table, wanted: WantedColumns = {}): KeyColumns {
  const keys = keyColumns(side, table, wanted);
  if (keys.id === null) requireTimeAndSymbol(side, table, keys);
  return keys;
}

function keyColumns(side: JoinSide, table: Table, wanted: WantedColumns): KeyColumns {
  return {
    time: chosen(side, table, 'time', wanted),
    symbol: chosen(side, table, 'symbol', wanted),
    id: chosen(side, table, 'id', wanted),
  };
}

/** A join by symbol and time needs both. Throws `columns_unclear`. */
export function requireTimeAndSymbol(
  side: JoinSide,
  table: Table,
  { time, symbol }: KeyColumns,
): { readonly time: string; readonly symbol: string } {
  if (time === null) throw unclearColumn(side, table, 'time');
  if (symbol === null) throw unclearColumn(side, table, 'symbol');
  return { time: time.name, symbol: symbol.name };
}

function chosen(side: JoinSide, table: Table, role: ColumnRole, wanted: WantedColumns): ChosenColumn | null {
  const name = wanted[role];
  if (name !== undefined) {
    const found = sameThing(table, name);
    if (found === undefined) throw noSuchColumn(side, table, role, name);
    return { name: found, isNamed: true };
  }
  const known = KNOWN_NAMES[role].find((candidate) => table.columns.has(candidate));
  if (known === undefined) return null;
  // ids that nobody filled in join nothing
  return role === 'id' && isEmpty(table.columns.get(known)) ? null : { name: known, isNamed: false };
}

function sameThing(table: Table, name: string): string | undefined {
  if (table.columns.has(name)) return name;
  for (const [ours, theirs] of SAME_THING) {
    const other = name === ours ? theirs : name === theirs ? ours : null;
    if (other !== null && table.columns.has(other)) return other;
  }
  return undefined;
}

function isEmpty(column: Column | undefined): boolean {
  if (column === undefined) return true;
  return column.type === 'text'
    ? column.values.every((value) => value === null)
    : column.values.every((value) => Number.isNaN(value));
}

function noSuchColumn(side: JoinSide, table: Table, role: ColumnRole, name: string): DonchError {
  const flag = FLAGS[side][role] ?? role;
  const near = likelyColumn(table, role) ?? nearestWord(name, [...table.columns.keys()]);
  return new DonchError('no_such_column', `${flag} is "${name}", and the ${side} have no such column`, {
    file: table.name,
    expected: `one of ${listed([...table.columns.keys()])}`,
    ...(near !== null && { remedy: `"${near}" looks like it: ${flag} ${near}` }),
  });
}

function unclearColumn(side: JoinSide, table: Table, role: ColumnRole): DonchError {
  const flag = FLAGS[side][role];
  const near = likelyColumn(table, role);
  const hint = near === null ? '' : `"${near}" looks like a ${role}. `;
  const found = `no column of the ${side} is known as the ${role}: there are ${listed([...table.columns.keys()])}`;
  return new DonchError('columns_unclear', found, {
    file: table.name,
    expected: `one of ${KNOWN_NAMES[role].join(', ')}`,
    ...(flag !== null && { remedy: `${hint}Name it: ${flag} ${near ?? '<column>'}` }),
  });
}

/** Something to suggest, never to take: a known name, or for times a column that holds some. */
function likelyColumn(table: Table, role: ColumnRole): string | null {
  const known = KNOWN_NAMES[role].find((candidate) => table.columns.has(candidate));
  if (known !== undefined || role !== 'time') return known ?? null;
  return [...table.columns].find(([, { type }]) => type === 'time')?.[0] ?? null;
}

/** `probability y_proba, time entry_ts (--pred-ts), symbol symbol`: what was chosen, for people. */
export function columnsText(side: JoinSide, columns: KeyColumns | PredictionColumns): string {
  const roles: readonly (readonly [ColumnRole, ChosenColumn | null])[] = [
    ['probability', 'probability' in columns ? columns.probability : null],
    ['time', columns.time],
    ['symbol', columns.symbol],
    ['id', columns.id],
  ];
  return roles
    .flatMap(([role, column]) => {
      if (column === null) return [];
      const flag = column.isNamed ? ` (${FLAGS[side][role] ?? 'named'})` : '';
      return [`${role} ${column.name}${flag}`];
    })
    .join(', ');
}
