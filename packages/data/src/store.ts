/** The data folder as a whole: one entry for readers, one for the single writer. */
import { CandleStore, type CandleStoreOptions } from './candle-store.ts';
import { CandleWriter } from './candle-writer.ts';
import { lockStore } from './store-lock.ts';
import { StorePaths } from './store-paths.ts';

export type StoreOptions = Pick<CandleStoreOptions, 'useCache'>;

/** What readers see of a data folder. */
export interface Store {
  readonly folder: string;
  readonly candles: CandleStore;
}

/** The right to change a data folder. */
export interface StoreWriter extends Store {
  readonly candles: CandleWriter;
  /** Finishes pending writes and gives the lock back. */
  close(): Promise<void>;
}

/** Opens a data folder for reading. It may be missing: then it holds nothing. Takes no lock. */
export function openStore(folder: string, options: StoreOptions = {}): Store {
  return { folder, candles: new CandleStore(new StorePaths(folder), options) };
}

/**
 * Opens a data folder for writing, making it. Only one process at a time may: throws `store_locked` with the process that has it.
 * The lock is given back by `close`, at exit, and on SIGINT and SIGTERM.
 */
export function openStoreForWrite(folder: string, options: StoreOptions = {}): StoreWriter {
  const lock = lockStore(folder);
  const candles = new CandleWriter(new StorePaths(folder), options);
  const close = async (): Promise<void> => {
    try {
      await candles.close();
    } finally {
      lock.release();
    }
  };
  return { folder, candles, close };
}
