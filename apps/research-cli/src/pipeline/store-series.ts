/** Which series of the store a data command is about. */
import { DonchError, DonchErrors, isInterval, symbolOf, type Interval } from '@donch/core';
import type { SeriesKey, Store } from '@donch/data';
import { symbolsOfFlag } from '@donch/project';

export interface SeriesChoice {
  readonly venue?: string;
  readonly interval?: string;
  readonly symbols?: string;
}

export interface StorePart {
  readonly venue: string;
  readonly interval: Interval;
}

/** Venues and intervals of the store, restricted by the flags. Throws `bad_argument`, and `no_candles` when nothing is left. */
export function storeParts(store: Store, { venue, interval }: SeriesChoice): StorePart[] {
  if (interval !== undefined && !isInterval(interval)) {
    throw new DonchError('bad_argument', `--interval is "${interval}"`, { expected: 'a bar length such as 5m' });
  }
  const parts = store.candles
    .venues()
    .flatMap((name) => store.candles.intervals(name).map((length) => ({ venue: name, interval: length })));
  const chosen = parts.filter(
    (part) => (venue === undefined || part.venue === venue) && (interval === undefined || part.interval === interval),
  );
  if (chosen.length > 0) return chosen;
  const isEmpty = parts.length === 0;
  throw new DonchError('no_candles', isEmpty ? `there are no candles in ${store.folder}` : 'no series is like that', {
    ...(!isEmpty && { expected: `one of ${parts.map((part) => `${part.venue} ${part.interval}`).join(', ')}` }),
    ...(isEmpty && { remedy: 'import some first: donch import <files> --venue <venue> --interval <interval>' }),
  });
}

/** Series of the store, restricted by the flags, sorted. Throws as `storeParts`, and `unknown_symbol`. */
export function storeSeries(store: Store, choice: SeriesChoice, cwd: string): SeriesKey[] {
  const keys = storeParts(store, choice).flatMap(({ venue, interval }) =>
    store.candles.instruments(venue, interval).map((instrumentId): SeriesKey => ({ instrumentId, interval })),
  );
  const wanted = wantedSymbols(choice.symbols, keys, cwd);
  return keys.filter(({ instrumentId }) => wanted === null || wanted.has(symbolOf(instrumentId)));
}

function wantedSymbols(flag: string | undefined, keys: readonly SeriesKey[], cwd: string): ReadonlySet<string> | null {
  if (flag === undefined) return null;
  const { symbols, problems } = symbolsOfFlag(flag, cwd, new Set(keys.map((key) => symbolOf(key.instrumentId))));
  const fatal = problems.filter(({ code }) => code !== 'duplicate_symbol');
  if (fatal.length > 0) throw new DonchErrors('unknown_symbol', '--symbols', fatal);
  return new Set(symbols.map(({ symbol }) => symbol));
}

/** Bars of a series that could be there between its first and its last one. */
export function coverageFrac(rows: number, missingBars: number): number {
  return rows === 0 ? Number.NaN : rows / (rows + missingBars);
}
