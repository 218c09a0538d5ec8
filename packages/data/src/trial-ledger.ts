/**
 * Trial ledger `results/ledger/`: every configuration ever evaluated on a window of data. `trials.log` is a journal of all trials with
 * the moments of their daily returns; `returns/` keeps the daily returns of the best and of a sample. Many processes may record at once
 * (one lock, held for milliseconds); readers take none. A process that is killed loses what it was writing, never a trial before.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { invariant, type Table } from '@donch/core';
import { JournalWriter, readJournal, type JournalContent } from './journal-file.ts';
import { LedgerIndex, windowOf } from './ledger-index.ts';
import { lockLedger } from './ledger-lock.ts';
import {
  isSameResult,
  LEDGER_HEADER,
  parseLedgerLine,
  trialIdOf,
  trialRecord,
  type LedgerLine,
  type Trial,
  type TrialIdentity,
  type TrialRecord,
  type TrialReturns,
} from './ledger-record.ts';
import { LedgerReturns, type ReturnsById } from './ledger-returns.ts';
import { keptTrials } from './ledger-selection.ts';

/** What recording did. */
export interface RecordReport {
  /** Trials that were not known. */
  readonly added: number;
  /** Known ones with the result that stands there: counted as evaluated once more. */
  readonly repeated: number;
  /** Known ones with another result (another version of the program): the new result stands there now. */
  readonly changed: number;
  /** Bytes of an unfinished entry that a killed process left, and that were cut off. */
  readonly tornBytes: number;
}

export interface TrialFilter {
  /** Missing = all windows. */
  readonly window?: { readonly startMs: number; readonly endMs: number };
  /** `same` window, or every one that shares a time with it. A window that grows day by day is another one every day. */
  readonly match?: 'same' | 'overlapping';
  /** Missing = all kinds. */
  readonly kinds?: readonly Trial['kind'][];
}

/** Entries of one append: a killed process loses at most these. */
const BATCH_MAX = 10_000;

/** The ledger of one results folder. */
export class TrialLedger {
  readonly #folder: string;
  readonly #path: string;
  readonly #returns: LedgerReturns;
  #index = new LedgerIndex();
  #validBytes = 0;

  constructor(resultsFolder: string, options: { readonly returnsBytesMax?: number } = {}) {
    this.#folder = join(resultsFolder, 'ledger');
    this.#path = join(this.#folder, 'trials.log');
    this.#returns = new LedgerReturns(this.#folder, options.returnsBytesMax);
  }

  /** Records one trial, see `recordMany`. */
  record(trial: Trial): RecordReport {
    return this.recordMany([trial]);
  }

  /**
   * Records trials: one append that is on the disk when this returns. The same trial is recorded once; a repeat is counted. At most
   * 10,000 at a time. Throws `journal_damaged`, `store_locked` and `ledger_full` (nothing has changed then), `ledger_damaged` when only
   * the returns of their window cannot be read (the trials are recorded then), and the errors of the disk.
   */
  recordMany(trials: readonly Trial[]): RecordReport {
    invariant(trials.length <= BATCH_MAX, 'trials are recorded in batches');
    const records = trials.map((trial) => trialRecord(trial));
    const lock = lockLedger(this.#folder);
    try {
      const content = this.#refresh();
      const { lines, ...counts } = this.#news(records);
      this.#append(lines, content);
      this.#keepReturns(records, trials);
      return { ...counts, tornBytes: content.tornBytes };
    } finally {
      lock.release();
    }
  }

  /** True when the trial stands in the ledger. */
  has(identity: TrialIdentity): boolean {
    this.#refresh();
    return this.#index.get(trialIdOf(identity)) !== undefined;
  }

  /** TABLES.ledger, in order of time and id. */
  trials(filter: TrialFilter = {}): Table {
    this.#refresh();
    return this.#index.table((record) => isAccepted(record, filter));
  }

  /** Daily returns of these trials, as far as they are kept; in the order of the ids. Throws `ledger_damaged`. */
  returnsOf(ids: readonly string[]): Map<string, TrialReturns> {
    this.#refresh();
    const windows = new Map<string, ReturnsById>();
    const found = new Map<string, TrialReturns>();
    for (const id of ids) {
      const record = this.#index.get(id);
      if (record === undefined) continue;
      const window = windowOf(record);
      const series = windows.get(window) ?? this.#returns.read(window);
      windows.set(window, series);
      const returns = series.get(id);
      if (returns !== undefined) found.set(id, returns);
    }
    return found;
  }

  /** Reads what has been appended since the last time; a ledger that has become shorter is another one. */
  #refresh(): JournalContent {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (size < this.#validBytes) {
      this.#index = new LedgerIndex();
      this.#validBytes = 0;
    }
    const content = readJournal(this.#path, this.#validBytes);
    for (const text of content.records) this.#index.apply(parseLedgerLine(text, this.#path));
    this.#validBytes = content.validBytes;
    return content;
  }

  /** Lines to append for these records. */
  #news(records: readonly TrialRecord[]): Omit<RecordReport, 'tornBytes'> & { readonly lines: readonly LedgerLine[] } {
    const fresh = new Map<string, TrialRecord>();
    const again: string[] = [];
    const lines: LedgerLine[] = [];
    let [added, changed] = [0, 0];
    for (const record of records) {
      const known = fresh.get(record.trial_id) ?? this.#index.get(record.trial_id);
      if (known !== undefined && isSameResult(known, record)) {
        again.push(record.trial_id);
        continue;
      }
      if (known === undefined) added += 1;
      else changed += 1;
      fresh.set(record.trial_id, record);
      lines.push(record);
    }
    this.#index.checkRoom(added, this.#path);
    if (again.length > 0) lines.push({ type: 'again', time: records[0].time, trial_ids: again });
    return { lines, added, repeated: again.length, changed };
  }

  #append(lines: readonly LedgerLine[], content: JournalContent): void {
    if (lines.length === 0 && content.tornBytes === 0) return;
    const journal = new JournalWriter(this.#path, content);
    try {
      if (content.validBytes === 0) journal.append(JSON.stringify(LEDGER_HEADER));
      for (const line of lines) journal.append(JSON.stringify(line));
    } finally {
      journal.close();
    }
    this.#refresh();
  }

  /**
   * Brings the returns of the touched windows up to date. The journal comes first: a process that is killed in between leaves a trial
   * without returns, which come when it is evaluated again, and no gap elsewhere.
   */
  #keepReturns(records: readonly TrialRecord[], trials: readonly Trial[]): void {
    const given = new Map<string, Map<string, TrialReturns>>();
    for (const [k, record] of records.entries()) {
      const { returns } = trials[k];
      if (returns === null) continue;
      const window = windowOf(record);
      const series = given.get(window) ?? new Map<string, TrialReturns>();
      given.set(window, series.set(record.trial_id, returns));
    }
    let isWritten = false;
    for (const [window, series] of given) isWritten = this.#keepIn(window, series) || isWritten;
    if (isWritten) this.#returns.prune(this.#index.windows());
  }

  /** True when the file was written. */
  #keepIn(window: string, given: ReturnsById): boolean {
    const kept = keptTrials(this.#index.inWindow(window));
    const before = this.#returns.read(window);
    const after = new Map([...before, ...given].filter(([id]) => kept.has(id)));
    const isSame =
      after.size === before.size &&
      [...given].every(([id, returns]) => !kept.has(id) || isEqual(before.get(id), returns));
    if (!isSame) this.#returns.write(window, after);
    return !isSame;
  }
}

function isEqual(before: TrialReturns | undefined, { firstDayMs, values }: TrialReturns): boolean {
  if (before === undefined || before.firstDayMs !== firstDayMs || before.values.length !== values.length) return false;
  return values.every((value, day) => Object.is(value, before.values[day]));
}

function isAccepted(record: TrialRecord, { window, match = 'same', kinds }: TrialFilter): boolean {
  if (kinds !== undefined && !kinds.includes(record.kind)) return false;
  if (window === undefined) return true;
  const { startMs, endMs } = window;
  return match === 'same'
    ? record.start_time === startMs && record.end_time === endMs
    : record.start_time < endMs && startMs < record.end_time;
}
