/** Funding settlements: one file per instrument at `funding/<venue>/<SYMBOL>.parquet`, merged like candles. */
import { dirname } from 'node:path';
import {
  DonchError,
  TABLES,
  formatMinute,
  instrumentId as makeInstrumentId,
  numbersOf,
  symbolOf,
  venueOf,
  type FundingEvents,
  type InstrumentId,
  type Table,
} from '@donch/core';
import { namesIn } from './atomic-file.ts';
import { fileIdentity } from './candle-month.ts';
import type { MergeOptions } from './candle-writer.ts';
import { NO_EVENTS, checkEvents, mergeEvents, type EventSeries, type RevisedEvent } from './event-merge.ts';
import { recordRevisions, revisionShapes } from './revisions.ts';
import { Serial } from './serial.ts';
import type { StorePaths } from './store-paths.ts';
import { checkCaseConflict, symbolOfFolder } from './symbol-folder.ts';
import { readTableWithReport, tableHash, writeTable } from './table-io.ts';

const INSTRUMENT_KEY = 'donch.instrument_id';
const VALUE = 'funding_rate';
export const FUNDING_REVISIONS = revisionShapes([VALUE]);

export interface EventMergeReport {
  readonly added: number;
  readonly identical: number;
  readonly revised: readonly RevisedEvent[];
}

/** Reading funding. No lock. */
export class FundingStore {
  protected readonly paths: StorePaths;

  constructor(paths: StorePaths) {
    this.paths = paths;
  }

  /** Instruments of a venue that have funding, sorted by id. */
  instruments(venue: string): InstrumentId[] {
    const anyPath = this.paths.funding(makeInstrumentId(venue, 'X'));
    return namesIn(dirname(anyPath))
      .filter((name) => name.endsWith('.parquet'))
      .map((name) => symbolOfFolder(name.slice(0, -'.parquet'.length)))
      .filter((symbol) => symbol !== null)
      .map((symbol) => makeInstrumentId(venue, symbol))
      .sort();
  }

  /**
   * All settlements, ascending; null when the store has none of this instrument (which is not "funding was zero"). Throws
   * `parquet_damaged`, `table_mismatch`, `newer_schema`, `wrong_file`.
   */
  async read(instrumentId: InstrumentId): Promise<FundingEvents | null> {
    const table = await this.readTable(instrumentId);
    return table === null ? null : { timeMs: numbersOf(table, 'time'), rate: numbersOf(table, VALUE) };
  }

  /** SHA-256 over the logical content; null when there is none. */
  async contentHash(instrumentId: InstrumentId): Promise<string | null> {
    const table = await this.readTable(instrumentId);
    return table === null ? null : tableHash(table);
  }

  protected async readTable(instrumentId: InstrumentId): Promise<Table | null> {
    const path = this.paths.funding(instrumentId);
    if (fileIdentity(path) === null) return null;
    const { table, metadata } = await readTableWithReport(path, TABLES.funding);
    const found = metadata.get(INSTRUMENT_KEY) ?? '(nothing)';
    if (found === instrumentId) return table;
    throw new DonchError('wrong_file', `the file holds the funding of ${found}`, {
      file: path,
      expected: instrumentId,
      remedy: 'Files of the store are written by DONCH alone: move this one away and use `donch import`.',
    });
  }
}

/** Writing funding. The caller holds the lock. */
export class FundingWriter extends FundingStore {
  readonly #serial = new Serial();

  /**
   * Adds settlements: idempotent, the old or the new file. Throws `bad_event`, `events_revised` (with `onRevision: 'error'`; nothing
   * is written then), `symbol_case_conflict` and the errors of the disk.
   */
  async merge(
    instrumentId: InstrumentId,
    { timeMs, rate }: FundingEvents,
    options: MergeOptions,
  ): Promise<EventMergeReport> {
    const incoming = { timeMs, value: rate };
    checkEvents(incoming, { what: `funding of ${instrumentId}`, nowMs: options.nowMs ?? Date.now() });
    return this.#serial.run(() => this.#merge(instrumentId, incoming, options));
  }

  async #merge(id: InstrumentId, incoming: EventSeries, { onRevision }: MergeOptions): Promise<EventMergeReport> {
    const stored = await this.readTable(id);
    if (stored === null) checkCaseConflict(symbolOf(id), this.instruments(venueOf(id)).map(symbolOf));
    const base = stored === null ? NO_EVENTS : { timeMs: numbersOf(stored, 'time'), value: numbersOf(stored, VALUE) };
    const { events, added, identical, revised } = mergeEvents(
      base,
      incoming,
      onRevision === 'keep_old' ? 'old' : 'new',
    );
    if (onRevision === 'error' && revised.length > 0) throw revisedError(id, revised);
    this.#record(id, revised);
    if (added > 0 || (onRevision === 'take_new' && revised.length > 0)) this.#write(id, events);
    return { added, identical, revised };
  }

  #record(id: InstrumentId, revised: readonly RevisedEvent[]): void {
    const rows = revised.map(({ timeMs, old, new: fresh, kept }) => ({
      recorded_time: null,
      symbol: symbolOf(id),
      time: timeMs,
      source: 'merge',
      kept,
      [`old_${VALUE}`]: old,
      [`new_${VALUE}`]: fresh,
    }));
    recordRevisions(this.paths.revisions(venueOf(id), 'funding'), FUNDING_REVISIONS, rows);
  }

  #write(id: InstrumentId, { timeMs, value }: EventSeries): void {
    const path = this.paths.funding(id);
    const table: Table = {
      name: TABLES.funding.name,
      length: timeMs.length,
      columns: new Map([
        ['time', { type: 'time', values: timeMs }],
        [VALUE, { type: 'float', values: value }],
      ]),
    };
    writeTable(path, table, TABLES.funding, new Map([[INSTRUMENT_KEY, id]]));
  }

  /** Waits for unfinished merges. */
  close(): Promise<void> {
    return this.#serial.run(() => Promise.resolve());
  }
}

function revisedError(id: InstrumentId, revised: readonly RevisedEvent[]): DonchError {
  const found = `${revised.length} stored settlements of ${id} have other values now, the first at ${formatMinute(revised[0].timeMs)}`;
  return new DonchError('events_revised', found, {
    expected: 'the values that are stored',
    remedy: 'Choose which to keep: the stored values (keep_old) or the new ones (take_new).',
  });
}
