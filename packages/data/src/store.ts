/** The data folder as a whole: one entry for readers, one for the single writer. */
import { CandleStore, type CandleStoreOptions } from './candle-store.ts';
import { CandleWriter } from './candle-writer.ts';
import { Certifier } from './certificate.ts';
import { FundingStore, FundingWriter } from './funding-store.ts';
import { InstrumentStore, InstrumentWriter } from './instrument-store.ts';
import { OpenInterestStore, OpenInterestWriter } from './open-interest-store.ts';
import { RegimeStore } from './regime-store.ts';
import { lockStore } from './store-lock.ts';
import { StorePaths } from './store-paths.ts';

export type StoreOptions = Pick<CandleStoreOptions, 'useCache'>;

/** What readers see of a data folder. */
export interface Store {
  readonly folder: string;
  readonly candles: CandleStore;
  readonly funding: FundingStore | FundingWriter;
  readonly openInterest: OpenInterestStore;
  readonly instruments: InstrumentStore;
  readonly regimes: RegimeStore;
  readonly certifier: Certifier;
}

/** The right to change a data folder. */
export interface StoreWriter extends Store {
  readonly candles: CandleWriter;
  readonly funding: FundingWriter;
  readonly openInterest: OpenInterestWriter;
  readonly instruments: InstrumentWriter;
  /** Finishes pending writes and gives the lock back. */
  close(): Promise<void>;
}

/** Opens a data folder for reading. It may be missing: then it holds nothing. Takes no lock. */
export function openStore(folder: string, options: StoreOptions = {}): Store {
  const paths = new StorePaths(folder);
  const candles = new CandleStore(paths, options);
  const instruments = new InstrumentStore(paths);
  return {
    folder,
    candles,
    funding: new FundingStore(paths),
    openInterest: new OpenInterestStore(paths),
    instruments,
    regimes: new RegimeStore(paths),
    certifier: new Certifier(paths, candles, instruments),
  };
}

/**
 * Opens a data folder for writing, making it. Only one process at a time may: throws `store_locked` with the process that has it.
 * The lock is given back by `close`, at exit, and on SIGINT and SIGTERM.
 */
export function openStoreForWrite(folder: string, options: StoreOptions = {}): StoreWriter {
  const lock = lockStore(folder);
  const paths = new StorePaths(folder);
  const candles = new CandleWriter(paths, options);
  const funding = new FundingWriter(paths);
  const openInterest = new OpenInterestWriter(paths);
  const instruments = new InstrumentWriter(paths);
  const close = async (): Promise<void> => {
    try {
      await candles.close();
      await funding.close();
      await openInterest.close();
    } finally {
      lock.release();
    }
  };
  return {
    folder,
    candles,
    funding,
    openInterest,
    instruments,
    regimes: new RegimeStore(paths),
    certifier: new Certifier(paths, candles, instruments),
    close,
  };
}
