/** The declared universe of a run: which instruments, of which venue, member from when to when. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Terminal } from '@donch/cli';
import {
  DonchError,
  DonchErrors,
  hashJson,
  instrumentId,
  rowsOf,
  symbolOf,
  type InstrumentId,
  type Interval,
  type Table,
  type Universe,
  type UniverseMember,
} from '@donch/core';
import {
  parseSymbols,
  readSymbolsFile,
  resolveUserPath,
  type ListedSymbol,
  type Store,
  type SymbolsFile,
} from '@donch/data';
import type { ProjectContext } from './project-context.ts';

export interface UniverseInput {
  readonly project: ProjectContext;
  readonly store: Store;
  readonly interval: Interval;
  /** `--symbols`: a list or a file. */
  readonly symbols: string | undefined;
  /** Folder that a file named by `--symbols` counts from. */
  readonly cwd: string;
  readonly terminal: Terminal;
}

/** Resolves venue and members. Throws `no_candles`, `no_venue`, `unknown_symbol`. Duplicates in symbols.txt are told, not fatal. */
export async function resolveUniverse({
  project,
  store,
  interval,
  symbols,
  cwd,
  terminal,
}: UniverseInput): Promise<Universe> {
  const venue = venueOf(project, store);
  const known = store.candles.instruments(venue, interval);
  if (known.length === 0) {
    const intervals = store.candles.intervals(venue);
    throw new DonchError('no_candles', `there are no ${interval} candles of ${venue} in ${store.folder}`, {
      ...(intervals.length > 0 && { expected: `TIMEFRAME one of ${intervals.join(', ')}, which are there` }),
      remedy: 'import some first: donch import <files> --venue <venue> --interval <interval>',
    });
  }
  const listed = listedSymbols({ project, symbols, cwd, known: new Set(known.map(symbolOf)), terminal });
  const ids = listed === null ? known : listed.map(({ symbol }) => instrumentId(venue, symbol)).sort();
  const members = withLife(ids, await store.instruments.read(venue));
  const rule = listed === null ? 'store' : 'list';
  return { venue, rule, members, chosenMs: null, universeHash: hashJson({ venue, rule, members }) };
}

function venueOf({ config, configPath }: ProjectContext, store: Store): string {
  const venues = store.candles.venues();
  const wanted = config.values.VENUE;
  if (wanted !== null) return wanted;
  if (venues.length === 1) return venues[0];
  throw new DonchError(
    'no_venue',
    venues.length === 0
      ? `there are no candles in ${store.folder}`
      : `the store holds several venues: ${venues.join(', ')}`,
    {
      remedy:
        venues.length === 0
          ? 'import some first: donch import <files> --venue <venue> --interval <interval>'
          : `write VENUE into ${configPath}`,
    },
  );
}

type ListInput = Omit<UniverseInput, 'store' | 'interval'> & { readonly known: ReadonlySet<string> };

/** Symbols of `--symbols` or symbols.txt; null = every symbol of the store (an empty or missing symbols.txt). */
function listedSymbols(input: ListInput): readonly ListedSymbol[] | null {
  const file = readList(input);
  const fatal = file.problems.filter(({ code }) => code !== 'duplicate_symbol');
  for (const problem of file.problems) if (problem.code === 'duplicate_symbol') input.terminal.warn(problem.message);
  if (fatal.length > 0) throw new DonchErrors('unknown_symbol', 'symbols', fatal);
  return file.symbols.length === 0 ? null : file.symbols;
}

function readList({ project, symbols, cwd, known }: ListInput): SymbolsFile {
  if (symbols !== undefined) return symbolsOfFlag(symbols, cwd, known);
  const path = join(project.folder, 'symbols.txt');
  return existsSync(path) ? readSymbolsFile(path, known) : { symbols: [], problems: [] };
}

/** What no symbol looks like: then a file was meant, and its absence is the error. */
const LOOKS_LIKE_PATH = /[/\\]|\.txt$/i;

/** `--symbols`: a file with one symbol per line, or a comma-separated list. */
export function symbolsOfFlag(flag: string, cwd: string, known: ReadonlySet<string>): SymbolsFile {
  const path = resolveUserPath(cwd, flag);
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  if (isFile || LOOKS_LIKE_PATH.test(flag)) return readSymbolsFile(path, known);
  return parseSymbols(flag.replaceAll(',', '\n'), '--symbols', known);
}

/** Membership from listing to delisting, where the instruments table knows them. */
function withLife(ids: readonly InstrumentId[], table: Table | null): UniverseMember[] {
  const life = new Map<string, { from: number | null; to: number | null }>();
  for (const row of table === null ? [] : rowsOf(table)) {
    const known = life.get(String(row['instrument_id'])) ?? { from: null, to: null };
    if (row['listed_time'] !== null) known.from = Number(row['listed_time']);
    if (row['delisted_time'] !== null) known.to = Number(row['delisted_time']);
    life.set(String(row['instrument_id']), known);
  }
  return ids.map((id) => ({ instrumentId: id, fromMs: life.get(id)?.from ?? null, toMs: life.get(id)?.to ?? null }));
}

/** The line that every result carries: whether members that have left are among them. */
export function survivorshipLine({ members, rule }: Universe): string {
  const left = members.filter(({ toMs }) => toMs !== null).length;
  if (left > 0) return `universe: ${members.length} instruments, ${left} of them have left the venue`;
  const how = rule === 'store' ? 'every symbol of the store' : 'a list of names';
  return `survivorship: ${members.length} instruments (${how}) and none that has left the venue; members were chosen with today's knowledge`;
}
