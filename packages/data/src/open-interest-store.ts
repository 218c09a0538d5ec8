/** Open interest: one file per instrument at `open_interest/<venue>/<SYMBOL>.parquet`. */
import { TABLES } from '@donch/core';
import { EventStore, EventWriter, type EventKind } from './event-store.ts';
import type { StorePaths } from './store-paths.ts';

const OPEN_INTEREST: EventKind = {
  table: TABLES.open_interest,
  value: 'open_interest',
  revisions: 'open_interest',
  what: 'open interest',
  pathOf: (paths, instrumentId) => paths.openInterest(instrumentId),
};

/** Reading open interest. No lock. */
export class OpenInterestStore extends EventStore {
  constructor(paths: StorePaths) {
    super(paths, OPEN_INTEREST);
  }
}

/** Writing open interest. The caller holds the lock. */
export class OpenInterestWriter extends EventWriter {
  constructor(paths: StorePaths) {
    super(paths, OPEN_INTEREST);
  }
}
