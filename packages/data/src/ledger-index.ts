/** The trials of a ledger in memory, grown by the lines of its journal. */
import { DonchError, TableBuilder, TABLES, type Table } from '@donch/core';
import type { LedgerLine, TrialRecord } from './ledger-record.ts';

/** More are refused: a million trials are 700 MB of journal, and as much in memory. */
const TRIALS_MAX = 1_000_000;

interface Entry {
  record: TrialRecord;
  evaluations: number;
}

/** Name of a data window: trials of the same one can be compared day by day. */
export function windowOf({ start_time: start, end_time: end }: Pick<TrialRecord, 'start_time' | 'end_time'>): string {
  return `${start}-${end}`;
}

/** Trials by id, and ids by window. */
export class LedgerIndex {
  readonly #entries = new Map<string, Entry>();
  /** Windows in the order of their last new trial. */
  readonly #windows = new Map<string, Set<string>>();
  /** Hashes recur in thousands of lines; one copy of each is enough. */
  readonly #texts = new Map<string, string>();

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): TrialRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  /** Takes a line of the journal. */
  apply(line: LedgerLine): void {
    if (line.type === 'trial') this.#take(line);
    else if (line.type === 'again') for (const id of line.trial_ids) this.#count(id);
  }

  #take(record: TrialRecord): void {
    const known = this.#entries.get(record.trial_id);
    const compact = this.#compact(record);
    if (known === undefined) this.#entries.set(record.trial_id, { record: compact, evaluations: 1 });
    else {
      known.record = compact;
      known.evaluations += 1;
    }
    const window = windowOf(record);
    const ids = this.#windows.get(window) ?? new Set();
    ids.add(record.trial_id);
    this.#windows.delete(window);
    this.#windows.set(window, ids);
  }

  #count(id: string): void {
    const known = this.#entries.get(id);
    if (known !== undefined) known.evaluations += 1;
  }

  #compact(record: TrialRecord): TrialRecord {
    const { run_id, spec_hash, config_hash, universe_hash, data_hash } = record;
    return {
      ...record,
      run_id: this.#shared(run_id),
      spec_hash: this.#shared(spec_hash),
      config_hash: this.#shared(config_hash),
      universe_hash: universe_hash === null ? null : this.#shared(universe_hash),
      data_hash: this.#shared(data_hash),
    };
  }

  #shared(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }

  /** Throws `ledger_full` when so many more would be too many. */
  checkRoom(more: number, file: string): void {
    if (this.size + more <= TRIALS_MAX) return;
    throw new DonchError('ledger_full', `the trial ledger holds ${this.size} trials`, {
      file,
      expected: `at most ${TRIALS_MAX}`,
      remedy:
        'Move results/ledger to an archive. Trials from before are then not counted any more: say so beside every figure.',
    });
  }

  /** Trials of one window. */
  inWindow(window: string): TrialRecord[] {
    const ids = this.#windows.get(window) ?? [];
    return Array.from(ids, (id) => this.#entries.get(id)?.record).filter((record) => record !== undefined);
  }

  /** Windows, that with the newest new trial last. */
  windows(): string[] {
    return [...this.#windows.keys()];
  }

  /** TABLES.ledger of the trials that the filter accepts, in order of time and id. */
  table(accepts: (record: TrialRecord) => boolean): Table {
    const entries = Array.from(this.#entries.values()).filter(({ record }) => accepts(record));
    entries.sort(({ record: a }, { record: b }) => a.time - b.time || (a.trial_id < b.trial_id ? -1 : 1));
    const builder = new TableBuilder(TABLES.ledger.name, TABLES.ledger.columns, Math.max(1, entries.length));
    for (const { record, evaluations } of entries) {
      const { type: _, ...cells } = record;
      builder.append({ ...cells, evaluations });
    }
    return builder.finish();
  }
}
