/** Funding settlements: one file per instrument at `funding/<venue>/<SYMBOL>.parquet`. */
import { TABLES, type FundingEvents, type InstrumentId } from '@donch/core';
import type { MergeOptions } from './candle-writer.ts';
import { EventStore, EventWriter, type EventKind, type EventMergeReport } from './event-store.ts';
import type { StorePaths } from './store-paths.ts';

const FUNDING: EventKind = {
  table: TABLES.funding,
  value: 'funding_rate',
  revisions: 'funding',
  what: 'funding',
  pathOf: (paths, instrumentId) => paths.funding(instrumentId),
};

/** Reading funding. No lock. */
export class FundingStore extends EventStore {
  constructor(paths: StorePaths) {
    super(paths, FUNDING);
  }

  /** All settlements, ascending; null when the store has none of this instrument (which is not "funding was zero"). */
  async read(instrumentId: InstrumentId): Promise<FundingEvents | null> {
    return ratesOf(await this.readEvents(instrumentId));
  }
}

/** Writing funding. The caller holds the lock. */
export class FundingWriter extends EventWriter {
  constructor(paths: StorePaths) {
    super(paths, FUNDING);
  }

  /** As `FundingStore`. */
  async read(instrumentId: InstrumentId): Promise<FundingEvents | null> {
    return ratesOf(await this.readEvents(instrumentId));
  }

  /** Adds settlements: see `EventWriter`. */
  merge(instrumentId: InstrumentId, { timeMs, rate }: FundingEvents, options: MergeOptions): Promise<EventMergeReport> {
    return this.mergeEvents(instrumentId, { timeMs, value: rate }, options);
  }
}

function ratesOf(events: { readonly timeMs: Float64Array; readonly value: Float64Array } | null): FundingEvents | null {
  return events === null ? null : { timeMs: events.timeMs, rate: events.value };
}
