/**
 * The journal of a session that may have been cut off: what is recorded must come again, byte by byte, and only then is new. So a
 * session that starts again recovers by doing the same once more, and notices when it does not.
 */
import { DonchError } from '@donch/core';
import { JournalWriter, readJournal } from '@donch/data';

export class SessionJournal {
  /** Records that were there before. */
  readonly recoveredRecords: number;
  readonly tornBytes: number;
  readonly #path: string;
  /** Records that were there before, in order. */
  readonly recorded: readonly string[];
  readonly #writer: JournalWriter;
  #next = 0;

  /** Throws `journal_damaged` and the errors of the disk. The caller holds the lock of the folder. */
  constructor(path: string) {
    const content = readJournal(path);
    this.#path = path;
    this.recorded = content.records;
    this.recoveredRecords = content.records.length;
    this.tornBytes = content.tornBytes;
    this.#writer = new JournalWriter(path, content);
  }

  /** True while records of before come again. */
  get isRecovering(): boolean {
    return this.#next < this.recorded.length;
  }

  /** Throws `journal_differs` when something else is recorded at this place. */
  write(record: string): void {
    if (!this.isRecovering) {
      this.#writer.append(record);
      return;
    }
    const recorded = this.recorded[this.#next];
    this.#next += 1;
    if (recorded === record) return;
    throw new DonchError('journal_differs', `the session comes to "${shortened(record)}"`, {
      file: this.#path,
      line: this.#next,
      expected: `what is recorded there: "${shortened(recorded)}"`,
      remedy: 'Candles or program changed since the session began. Look with `donch replay`; begin anew with --fresh.',
    });
  }

  /** Writes what is new; `durable`: and waits for the disk. */
  flush(durable: boolean): void {
    this.#writer.flush(durable);
  }

  close(): void {
    this.#writer.close();
  }
}

function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)} ...`;
}
