/** Where things lie in the data folder. */
import { join } from 'node:path';
import { isInterval, isVenue, symbolOf, venueOf, type InstrumentId, type Interval } from '@donch/core';
import { namesIn } from './atomic-file.ts';
import { folderOfSymbol, symbolOfFolder } from './symbol-folder.ts';

/** One series of candles. */
export interface SeriesKey {
  readonly instrumentId: InstrumentId;
  readonly interval: Interval;
}

const MONTH_FILE = /^(\d{4}-(?:0[1-9]|1[0-2]))\.parquet$/;

/** Paths below one data folder. */
export class StorePaths {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** `candles/<venue>/<interval>/<SYMBOL>` */
  series({ instrumentId, interval }: SeriesKey): string {
    return join(this.intervalFolder(venueOf(instrumentId), interval), folderOfSymbol(symbolOf(instrumentId)));
  }

  /** `candles/<venue>/<interval>` */
  intervalFolder(venue: string, interval: Interval): string {
    return join(this.folder, 'candles', venue, interval);
  }

  /** `candles/<venue>/<interval>/<SYMBOL>/<YYYY-MM>.parquet` */
  month(key: SeriesKey, month: string): string {
    return join(this.series(key), `${month}.parquet`);
  }

  /** `tail/<venue>/<interval>.log` */
  tail(venue: string, interval: Interval): string {
    return join(this.folder, 'tail', venue, `${interval}.log`);
  }

  /** `revisions/<venue>/<name>.csv`; the name is an interval, `funding` or `open_interest`. */
  revisions(venue: string, name: string): string {
    return join(this.folder, 'revisions', venue, `${name}.csv`);
  }

  /** `funding/<venue>/<SYMBOL>.parquet` */
  funding(instrumentId: InstrumentId): string {
    return join(this.folder, 'funding', venueOf(instrumentId), `${folderOfSymbol(symbolOf(instrumentId))}.parquet`);
  }

  /** `regimes/<venue>/<SYMBOL>/<name>.json`; the name is model and interval: `markov_4h`. */
  regimes(instrumentId: InstrumentId, name: string): string {
    return join(this.folder, 'regimes', venueOf(instrumentId), folderOfSymbol(symbolOf(instrumentId)), `${name}.json`);
  }

  /** `open_interest/<venue>/<SYMBOL>.parquet` */
  openInterest(instrumentId: InstrumentId): string {
    const name = `${folderOfSymbol(symbolOf(instrumentId))}.parquet`;
    return join(this.folder, 'open_interest', venueOf(instrumentId), name);
  }

  /** `instruments/<venue>.parquet` */
  instruments(venue: string): string {
    return join(this.folder, 'instruments', `${venue}.parquet`);
  }

  /** `.cache/arrow/<venue>/<interval>/<SYMBOL>.arrow` */
  arrow({ instrumentId, interval }: SeriesKey): string {
    return `${this.#cache('arrow', instrumentId, interval)}.arrow`;
  }

  /** `.cache/certificate/<venue>/<interval>/<SYMBOL>.json` */
  certificate({ instrumentId, interval }: SeriesKey): string {
    return `${this.#cache('certificate', instrumentId, interval)}.json`;
  }

  #cache(kind: string, id: InstrumentId, interval: Interval): string {
    return join(this.folder, '.cache', kind, venueOf(id), interval, folderOfSymbol(symbolOf(id)));
  }

  /** Venues with candles or a tail log. */
  venues(): string[] {
    const names = [...namesIn(join(this.folder, 'candles')), ...namesIn(join(this.folder, 'tail'))];
    return Array.from(new Set(names.filter(isVenue))).sort();
  }

  /** Intervals with candles or a tail log of a venue. */
  intervals(venue: string): Interval[] {
    const logs = namesIn(join(this.folder, 'tail', venue)).map((name) => name.replace(/\.log$/, ''));
    const names = new Set([...namesIn(join(this.folder, 'candles', venue)), ...logs]);
    return Array.from(names).filter(isInterval).sort();
  }

  /** Symbols with month files. */
  symbols(venue: string, interval: Interval): string[] {
    return namesIn(this.intervalFolder(venue, interval))
      .map(symbolOfFolder)
      .filter((symbol) => symbol !== null)
      .sort();
  }

  /** Months of a series that have a file, ascending: `2025-01`. */
  months(key: SeriesKey): string[] {
    return namesIn(this.series(key))
      .map((name) => MONTH_FILE.exec(name)?.[1])
      .filter((month) => month !== undefined);
  }
}
