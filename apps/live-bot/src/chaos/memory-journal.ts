/** A journal in memory that loses what was not written when its owner is killed: for runs on a virtual clock. */
import { DonchError } from '@donch/core';
import type { RunnerJournal } from '../runtime/live-runner.ts';

export class MemoryJournal implements RunnerJournal {
  recorded: readonly string[] = [];
  readonly #written: string[] = [];
  #pending: string[] = [];
  #next = 0;

  get isRecovering(): boolean {
    return this.#next < this.recorded.length;
  }

  /** As `SessionJournal.write`: throws `journal_differs`. */
  write(record: string): void {
    if (!this.isRecovering) {
      this.#pending.push(record);
      return;
    }
    const recorded = this.recorded[this.#next];
    this.#next += 1;
    if (recorded !== record) throw new DonchError('journal_differs', `"${record}" instead of "${recorded}"`);
  }

  flush(): void {
    this.#written.push(...this.#pending);
    this.#pending = [];
  }

  /** Everything that was written. */
  get records(): readonly string[] {
    return this.#written;
  }

  /** What a process that starts again finds; `keep`: of the last records, as a torn write leaves them. */
  reopen(lostRecords: number): MemoryJournal {
    const next = new MemoryJournal();
    next.#written.push(...this.#written.slice(0, Math.max(0, this.#written.length - lostRecords)));
    next.recorded = [...next.#written];
    return next;
  }
}
