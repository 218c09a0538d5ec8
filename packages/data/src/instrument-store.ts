/** Rules and life of instruments: one table per venue at `instruments/<venue>.parquet`. */
import { DonchError, TABLES, rowsOf, sortTable, tableFromRows, textsOf, type Row, type Table } from '@donch/core';
import { fileIdentity } from './candle-month.ts';
import type { StorePaths } from './store-paths.ts';
import { readTable, writeTable } from './table-io.ts';

/** Reading instrument rules. No lock. */
export class InstrumentStore {
  protected readonly paths: StorePaths;

  constructor(paths: StorePaths) {
    this.paths = paths;
  }

  /** The table `instruments` of a venue; null when there is none. Throws `parquet_damaged`, `table_mismatch`, `newer_schema`. */
  async read(venue: string): Promise<Table | null> {
    const path = this.paths.instruments(venue);
    return fileIdentity(path) === null ? null : readTable(path, TABLES.instruments);
  }
}

export interface InstrumentMergeReport {
  readonly added: number;
  readonly identical: number;
  /** Rows of the same instrument and `valid_from_time` whose rules differ: replaced. */
  readonly replaced: number;
}

/** Writing instrument rules. The caller holds the lock. */
export class InstrumentWriter extends InstrumentStore {
  /**
   * Adds rows to the table of a venue; a row of the same instrument and `valid_from_time` is replaced (rules are statements of
   * the venue, the last one holds). Throws `bad_instrument` for a row of another venue, `table_mismatch`, disk errors.
   */
  async merge(venue: string, table: Table): Promise<InstrumentMergeReport> {
    const foreign = textsOf(table, 'instrument_id').find((id) => !(id ?? '').startsWith(`${venue}:`));
    if (foreign !== undefined)
      throw new DonchError('bad_instrument', `instrument is ${foreign}`, { expected: `one of ${venue}` });
    const stored = await this.read(venue);
    const rows = new Map((stored === null ? [] : rowsOf(stored)).map((row) => [keyOf(row), row]));
    let [added, identical, replaced] = [0, 0, 0];
    for (const row of rowsOf(table)) {
      const old = rows.get(keyOf(row));
      if (old === undefined) added += 1;
      else if (contentOf(old) === contentOf(row)) identical += 1;
      else replaced += 1;
      rows.set(keyOf(row), row);
    }
    if (added + replaced > 0) {
      const { name, columns, order } = TABLES.instruments;
      const path = this.paths.instruments(venue);
      writeTable(path, sortTable(tableFromRows(name, columns, [...rows.values()]), order), TABLES.instruments);
    }
    return { added, identical, replaced };
  }
}

function keyOf(row: Row): string {
  return JSON.stringify(TABLES.instruments.key.map((name) => row[name]));
}

function contentOf(row: Row): string {
  return JSON.stringify(TABLES.instruments.columns.map(({ name }) => row[name]));
}
