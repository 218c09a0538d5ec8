/**
 * The tail of the candles: an append-only log per venue and interval, all bars that arrive together in one record and one fsync.
 * Readers merge it with the month files; `compact` of the candle writer moves it there.
 */
import { randomBytes } from 'node:crypto';
import { DonchError, invariant, type Bar, type Interval } from '@donch/core';
import { writeFileAtomic } from './atomic-file.ts';
import type { RevisedBar } from './candle-merge.ts';
import { fileIdentity, readIdentified } from './candle-month.ts';
import { withIoErrors } from './io-error.ts';
import { disk, writeAll } from './platform.ts';
import {
  TAIL_COLUMNS,
  encodeTailHeader,
  encodeTailRecord,
  parseTail,
  type TailHeader,
  type TailRecord,
} from './tail-format.ts';
import { TailIndex, isSameBar } from './tail-index.ts';

/** Reads a log again only when it has changed. */
export class TailReader {
  readonly #path: string;
  #identity: string | null = null;
  #index = new TailIndex('', []);

  constructor(path: string) {
    this.#path = path;
  }

  /** The log as it is now; empty when there is none. Throws `tail_log_damaged`, `newer_schema` and the errors of the disk. */
  read(): TailIndex {
    const identity = fileIdentity(this.#path);
    if (identity === null) return new TailIndex('', []);
    if (identity === this.#identity) return this.#index;
    const source = readIdentified(this.#path);
    const { header, records } = parseTail(source.bytes, this.#path);
    this.#index = new TailIndex(header.logId, records);
    this.#identity = source.identity;
    return this.#index;
  }
}

/** One bar of a bar set. */
export interface TailBar {
  readonly symbol: string;
  readonly bar: Bar;
}

/** Which logged bar is asked for. */
export interface HeldQuestion {
  readonly symbol: string;
  readonly openTimeMs: number;
  readonly seq: number;
}

export interface AppendReport {
  /** Bars written, revisions among them. */
  readonly added: number;
  /** Bars that the log held already with the same values: not written again. */
  readonly identical: number;
  readonly revised: readonly (RevisedBar & { readonly symbol: string })[];
  /** Bytes of an unfinished record that an earlier crash left; cut off when the log was opened. */
  readonly tornBytes: number;
}

/** The only one who appends to a log; the caller holds the store's lock. */
export class TailWriter {
  readonly #path: string;
  #header: TailHeader;
  #index: TailIndex;
  #nextSeq: number;
  #fd: number | null = null;
  /** Length of the file up to the end of the last whole record. */
  #validBytes = 0;
  #tornBytes = 0;
  #broken: unknown = null;

  /** Opens the log or starts an empty one (written with the first bar). Throws `tail_log_damaged`, `newer_schema`. */
  constructor(path: string, venue: string, interval: Interval) {
    this.#path = path;
    this.#header = { venue, interval, logId: randomBytes(8).toString('hex'), nextSeq: 0 };
    this.#index = new TailIndex(this.#header.logId, []);
    this.#nextSeq = 0;
    if (fileIdentity(path) !== null) this.#load();
  }

  #load(): void {
    const { bytes } = readIdentified(this.#path);
    const { header, records, validBytes, tornBytes } = parseTail(bytes, this.#path);
    if (header.venue !== this.#header.venue || header.interval !== this.#header.interval) {
      throw new DonchError('wrong_file', `the log belongs to ${header.venue} ${header.interval}`, {
        file: this.#path,
        expected: `${this.#header.venue} ${this.#header.interval}`,
      });
    }
    this.#header = header;
    this.#index = new TailIndex(header.logId, records);
    this.#nextSeq = Math.max(header.nextSeq, (records.at(-1)?.seq ?? -1) + 1);
    this.#validBytes = validBytes;
    this.#tornBytes = tornBytes;
  }

  /** The log as this process knows it: what it appends shows at once. */
  get index(): TailIndex {
    return this.#index;
  }

  get logId(): string {
    return this.#header.logId;
  }

  /** Seq of the last record, -1 before the first. */
  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  /**
   * Appends bars, one record per open time. Afterwards they are on the disk. When it throws, the record in question is not in
   * the log; after a failed synchronisation the writer refuses everything until it is opened again, because the disk's state is unknown.
   * `isHeld` says of a logged bar whether month files hold it (or what replaced it): the log's value is then history, not the present.
   */
  append(bars: readonly TailBar[], isHeld: (logged: HeldQuestion) => boolean = () => false): AppendReport {
    if (this.#broken !== null) {
      const remedy = 'Start the program again once the disk is well.';
      throw new DonchError('tail_log_broken', 'an earlier write failed', {
        file: this.#path,
        remedy,
        cause: this.#broken,
      });
    }
    const revised: (RevisedBar & { readonly symbol: string })[] = [];
    const fresh = bars.filter(({ symbol, bar }) => {
      const { openTimeMs } = bar;
      const logged = this.#index.latest(symbol, openTimeMs);
      if (logged === null || isHeld({ symbol, openTimeMs, seq: logged.seq })) return true;
      if (isSameBar(logged.bar, bar)) return false;
      revised.push({ symbol, openTimeMs, old: logged.bar, new: bar, kept: 'new' });
      return true;
    });
    const tornBytes = this.#tornBytes;
    // One fsync per record: an unfinished record is then always the last one (tail-format.ts).
    for (const record of toRecords(fresh, this.#nextSeq)) this.#write(record);
    return { added: fresh.length, identical: bars.length - fresh.length, revised, tornBytes };
  }

  #write(record: TailRecord): void {
    const bytes = encodeTailRecord(record);
    withIoErrors(this.#path, 'append to the tail log', () => {
      const fd = this.#open();
      try {
        writeAll(fd, bytes);
      } catch (cause) {
        this.#guard(() => disk.truncate(fd, this.#validBytes));
        throw cause;
      }
      this.#guard(() => disk.datasync(fd));
    });
    this.#validBytes += bytes.length;
    this.#index.add(record);
    this.#nextSeq = record.seq + 1;
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (cause) {
      this.#broken = cause;
      throw cause;
    }
  }

  /** Opens the file for appending, with the header written and an unfinished record cut off. */
  #open(): number {
    if (this.#fd !== null) return this.#fd;
    if (this.#validBytes === 0) {
      const header = encodeTailHeader(this.#header);
      writeFileAtomic(this.#path, header);
      this.#validBytes = header.length;
    }
    const fd = disk.open(this.#path, 'a');
    if (this.#tornBytes > 0) disk.truncate(fd, this.#validBytes);
    this.#tornBytes = 0;
    this.#fd = fd;
    return fd;
  }

  /** Removes the records up to a seq, which month files hold by now. The log is the old or the new one. */
  dropThrough(seq: number): void {
    invariant(seq <= this.lastSeq, 'a log drops records that it has');
    if (this.#validBytes === 0) return;
    const kept = this.#index.records.filter((record) => record.seq > seq);
    const header = { ...this.#header, nextSeq: this.#nextSeq };
    const parts = [encodeTailHeader(header), ...kept.map(encodeTailRecord)];
    const bytes = Buffer.concat(parts);
    // Windows does not rename over a file that is open.
    this.close();
    writeFileAtomic(this.#path, bytes);
    this.#header = header;
    this.#index = new TailIndex(header.logId, kept);
    this.#validBytes = bytes.length;
    this.#tornBytes = 0;
  }

  close(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) withIoErrors(this.#path, 'close the tail log', () => disk.close(fd));
  }
}

/** One record per open time, times ascending. */
function toRecords(bars: readonly TailBar[], firstSeq: number): TailRecord[] {
  const byTime = Map.groupBy(bars, ({ bar }) => bar.openTimeMs);
  const times = Float64Array.from(byTime.keys()).sort();
  return Array.from(times, (openTimeMs, k) => {
    const group = byTime.get(openTimeMs) as TailBar[];
    const values = new Float64Array(group.length * TAIL_COLUMNS.length);
    for (const [column, name] of TAIL_COLUMNS.entries()) {
      for (const [row, { bar }] of group.entries()) values[column * group.length + row] = bar[name];
    }
    return { seq: firstSeq + k, openTimeMs, symbols: group.map(({ symbol }) => symbol), values };
  });
}
