/** Events of instruments, one file each at `<kind>/<venue>/<SYMBOL>.parquet`, merged like candles: funding settlements, open interest. */
import { dirname } from 'node:path';
import {
  DonchError,
  formatMinute,
  instrumentId as makeInstrumentId,
  numbersOf,
  symbolOf,
  venueOf,
  type InstrumentId,
  type Table,
  type TableSpec,
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

/** What a store of events holds. */
export interface EventKind {
  readonly table: TableSpec;
  /** Column of the values. */
  readonly value: string;
  /** Name of its files of revisions. */
  readonly revisions: string;
  /** For messages: `funding of binance:BTCUSDT`. */
  readonly what: string;
  readonly pathOf: (paths: StorePaths, instrumentId: InstrumentId) => string;
}

export interface EventMergeReport {
  readonly added: number;
  readonly identical: number;
  readonly revised: readonly RevisedEvent[];
}

/** Reading events. No lock. */
export class EventStore {
  protected readonly paths: StorePaths;
  protected readonly kind: EventKind;

  constructor(paths: StorePaths, kind: EventKind) {
    this.paths = paths;
    this.kind = kind;
  }

  /** Instruments of a venue that have events, sorted by id. */
  instruments(venue: string): InstrumentId[] {
    const anyPath = this.kind.pathOf(this.paths, makeInstrumentId(venue, 'X'));
    return namesIn(dirname(anyPath))
      .filter((name) => name.endsWith('.parquet'))
      .map((name) => symbolOfFolder(name.slice(0, -'.parquet'.length)))
      .filter((symbol) => symbol !== null)
      .map((symbol) => makeInstrumentId(venue, symbol))
      .sort();
  }

  /**
   * All events, ascending; null when the store has none of this instrument (which is not "nothing happened"). Throws
   * `parquet_damaged`, `table_mismatch`, `newer_schema`, `wrong_file`.
   */
  async readEvents(instrumentId: InstrumentId): Promise<EventSeries | null> {
    const table = await this.readTable(instrumentId);
    return table === null ? null : this.eventsOf(table);
  }

  /** SHA-256 over the logical content; null when there is none. */
  async contentHash(instrumentId: InstrumentId): Promise<string | null> {
    const table = await this.readTable(instrumentId);
    return table === null ? null : tableHash(table);
  }

  protected async readTable(instrumentId: InstrumentId): Promise<Table | null> {
    const path = this.kind.pathOf(this.paths, instrumentId);
    if (fileIdentity(path) === null) return null;
    const { table, metadata } = await readTableWithReport(path, this.kind.table);
    const found = metadata.get(INSTRUMENT_KEY) ?? '(nothing)';
    if (found === instrumentId) return table;
    throw new DonchError('wrong_file', `the file holds the ${this.kind.what} of ${found}`, {
      file: path,
      expected: instrumentId,
      remedy: 'Files of the store are written by DONCH alone: move this one away and use `donch import`.',
    });
  }

  protected eventsOf(table: Table | null): EventSeries {
    return table === null ? NO_EVENTS : { timeMs: numbersOf(table, 'time'), value: numbersOf(table, this.kind.value) };
  }
}

/** Writing events. The caller holds the lock. */
export class EventWriter extends EventStore {
  readonly #serial = new Serial();

  /**
   * Adds events: idempotent, the old or the new file. Throws `bad_event`, `events_revised` (with `onRevision: 'error'`; nothing
   * is written then), `symbol_case_conflict` and the errors of the disk.
   */
  async mergeEvents(
    instrumentId: InstrumentId,
    incoming: EventSeries,
    options: MergeOptions,
  ): Promise<EventMergeReport> {
    checkEvents(incoming, { what: `${this.kind.what} of ${instrumentId}`, nowMs: options.nowMs ?? Date.now() });
    return this.#serial.run(() => this.#merge(instrumentId, incoming, options));
  }

  async #merge(id: InstrumentId, incoming: EventSeries, { onRevision }: MergeOptions): Promise<EventMergeReport> {
    const stored = await this.readTable(id);
    if (stored === null) checkCaseConflict(symbolOf(id), this.instruments(venueOf(id)).map(symbolOf));
    const { events, added, identical, revised } = mergeEvents(
      this.eventsOf(stored),
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
      [`old_${this.kind.value}`]: old,
      [`new_${this.kind.value}`]: fresh,
    }));
    const path = this.paths.revisions(venueOf(id), this.kind.revisions);
    recordRevisions(path, revisionShapes([this.kind.value]), rows);
  }

  #write(id: InstrumentId, { timeMs, value }: EventSeries): void {
    const path = this.kind.pathOf(this.paths, id);
    const table: Table = {
      name: this.kind.table.name,
      length: timeMs.length,
      columns: new Map([
        ['time', { type: 'time', values: timeMs }],
        [this.kind.value, { type: 'float', values: value }],
      ]),
    };
    writeTable(path, table, this.kind.table, new Map([[INSTRUMENT_KEY, id]]));
  }

  /** Waits for unfinished merges. */
  close(): Promise<void> {
    return this.#serial.run(() => Promise.resolve());
  }
}

function revisedError(id: InstrumentId, revised: readonly RevisedEvent[]): DonchError {
  const found = `${revised.length} stored events of ${id} have other values now, the first at ${formatMinute(revised[0].timeMs)}`;
  return new DonchError('events_revised', found, {
    expected: 'the values that are stored',
    remedy: 'Choose which to keep: the stored values (keep_old) or the new ones (take_new).',
  });
}
