/** Which column of a file holds what: by the caller's word first, else by its name, never by its position. */

import { DonchError } from '@donch/core';
import { COLUMN_ROLES, type ColumnRole, type ImportKind, type ResolvedOptions } from './import-options.ts';

/** `symbol`: checked to be one and the same in all rows. `null`: not used. */
export type CellRole = ColumnRole | 'symbol' | null;

/** Names as they stand in exports of exchanges and libraries, lower case, without blanks and signs. */
const NAMES: Readonly<Record<Exclude<CellRole, null>, readonly string[]>> = {
  time: words(`timestamp time date datetime ts t unix epoch unixtime unixtimestamp timestampms timems
    timestamputc timeutc dateutc datetimeutc createtime`),
  open: words('open o openprice priceopen'),
  high: words('high h highprice pricehigh'),
  low: words('low l lowprice pricelow'),
  close: words('close c closeprice priceclose'),
  volume: words('volume v vol basevolume volumebase baseassetvolume'),
  turnover: words(`turnover quotevolume quoteassetvolume volumequote quotevol volumeusdt volumeusd turnoverusd
    turnoverusdt volccyquote q`),
  rate: words('fundingrate lastfundingrate funding fundingratereal'),
  open_interest: words('openinterest oi sumopeninterest openinterestamount'),
  confirm: words('confirm confirmed isclosed'),
  symbol: words('symbol pair ticker instrument market'),
};

/** Names that say open time (or settlement time) outright; they win over a plain `timestamp` beside them. */
const EXPLICIT_TIME = words(`opentime opentimems opentimestamp starttime startat start candlebegintime timeopen bartime
  calctime fundingtime fundingratetimestamp fundingtimestamp settlementtime`);

const PRICES = ['open', 'high', 'low', 'close'] as const;
const NEEDED: Readonly<Record<ImportKind, readonly ColumnRole[]>> = {
  candles: ['time', ...PRICES, 'volume'],
  funding: ['time', 'rate'],
  'open-interest': ['time', 'open_interest'],
};

const OF_CANDLES = [...PRICES, 'volume', 'turnover', 'confirm'] as const;
/** Columns that a file of the kind may have and that are not read. */
const OF_OTHER_KINDS: Readonly<Record<ImportKind, readonly ColumnRole[]>> = {
  candles: ['rate', 'open_interest'],
  funding: [...OF_CANDLES, 'open_interest'],
  'open-interest': [...OF_CANDLES, 'rate'],
};

/** Columns of a file with their meaning. */
export interface ColumnMap {
  readonly kind: ImportKind;
  /** One per column of the file. */
  readonly roles: readonly CellRole[];
}

/** Lower case without blanks and signs, as in `NAMES`. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

/** Number of columns whose name is known: a line without any is no header. */
export function knownNames(names: readonly string[]): number {
  return names.filter((name) => roleOfName(name, names) !== null).length;
}

/**
 * Maps the columns of a header. Throws `columns_unclear` when two columns have one meaning or a needed one is missing,
 * naming the option that decides.
 */
export function mapColumns(names: readonly string[], options: ResolvedOptions): ColumnMap {
  const roles: CellRole[] = names.map((name) => roleOfName(name, names));
  preferExplicitTime(names, roles);
  applyColumnOption(names, roles, options.columns);
  const kind = options.kind ?? kindOf(names, roles);
  const unused = OF_OTHER_KINDS[kind];
  const kept = roles.map((role) => (role !== null && role !== 'symbol' && unused.includes(role) ? null : role));
  for (const role of COLUMN_ROLES) {
    const columns = names.filter((_, at) => kept[at] === role);
    if (columns.length > 1) unclear(names, `columns ${quoted(columns)} all mean ${role}`, role);
  }
  const missing = NEEDED[kind].filter((role) => !kept.includes(role));
  if (missing.length > 0) unclear(names, `no column for ${missing.join(', ')} among ${quoted(names)}`, missing[0]);
  return { kind, roles: kept };
}

function roleOfName(name: string, names: readonly string[]): CellRole {
  // Binance's short names: t and T, v and V, q and Q stand side by side and the capitals mean something else.
  if (/^[A-Z]$/.test(name) && names.includes(name.toLowerCase())) return null;
  const plain = plainName(name);
  if (EXPLICIT_TIME.includes(plain)) return 'time';
  for (const role of [...COLUMN_ROLES, 'symbol'] as const) if (NAMES[role].includes(plain)) return role;
  return null;
}

function preferExplicitTime(names: readonly string[], roles: CellRole[]): void {
  const isExplicit = (at: number): boolean => roles[at] === 'time' && EXPLICIT_TIME.includes(plainName(names[at]));
  if (!names.some((_, at) => isExplicit(at))) return;
  names.forEach((_, at) => {
    if (roles[at] === 'time' && !isExplicit(at)) roles[at] = null;
  });
}

function applyColumnOption(names: readonly string[], roles: CellRole[], columns: ResolvedOptions['columns']): void {
  for (const role of COLUMN_ROLES) {
    const wanted = columns[role];
    if (wanted === undefined) continue;
    roles.forEach((current, at) => {
      if (current === role) roles[at] = null;
    });
    if (wanted === 'none') continue;
    const at = columnIndex(names, wanted);
    if (at < 0) {
      throw new DonchError('no_such_column', `--columns ${role}=${wanted} names no column`, {
        expected: `a column of the file (${quoted(names)}) or its position from 1 to ${names.length}`,
      });
    }
    roles[at] = role;
  }
}

function columnIndex(names: readonly string[], wanted: string): number {
  const exact = names.indexOf(wanted);
  if (exact >= 0) return exact;
  if (/^\d+$/.test(wanted)) return Number(wanted) <= names.length ? Number(wanted) - 1 : -1;
  return names.findIndex((name) => plainName(name) === plainName(wanted) && plainName(name) !== '');
}

function kindOf(names: readonly string[], roles: readonly CellRole[]): ImportKind {
  const hasPrices = PRICES.every((role) => roles.includes(role));
  const hasRate = roles.includes('rate');
  if (hasPrices && hasRate) {
    throw new DonchError('kind_unclear', `the file has prices and funding rates (${quoted(names)})`, {
      remedy: 'Set --kind candles or --kind funding; import the file twice for both.',
    });
  }
  const hasInterest = roles.includes('open_interest') && !hasPrices;
  if (hasRate && hasInterest) {
    throw new DonchError('kind_unclear', `the file has funding rates and open interest (${quoted(names)})`, {
      remedy: 'Set --kind funding or --kind open-interest; import the file twice for both.',
    });
  }
  if (hasInterest) return 'open-interest';
  return hasRate ? 'funding' : 'candles';
}

function unclear(names: readonly string[], found: string, role: ColumnRole): never {
  throw new DonchError('columns_unclear', found, {
    expected:
      'one column each for time, open, high, low, close, volume (or time and funding_rate, or time and open_interest)',
    remedy: `Name it: --columns ${role}=... (a header name or a position from 1 to ${names.length}; "none" = not in the file).`,
  });
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function words(text: string): string[] {
  return text.split(/\s+/);
}
