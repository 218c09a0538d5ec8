/**
 * A journal (of a trading session, of trials): an append-only text file, one record per line, `crc32 in hex, blank, JSON`. A record
 * is in the journal when its line is whole; what a crash left of the last write is cut off. A bad line with good ones behind it is
 * damage, and nothing is cut then.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { DonchError, invariant } from '@donch/core';
import { makeFolder } from './atomic-file.ts';
import { withIoErrors } from './io-error.ts';
import { disk, errorCode, syncFolder, writeAll } from './platform.ts';

const CHECKSUM_DIGITS = 8;
const READ_BYTES = 1 << 22;
const LINE_FEED = 10;

/** What a journal holds. */
export interface JournalContent {
  /** Records in order. */
  readonly records: readonly string[];
  /** Bytes up to the end of the last whole record. */
  readonly validBytes: number;
  /** Bytes behind it, which a crash left. */
  readonly tornBytes: number;
}

/**
 * Reads a journal; an absent one is empty. `fromBytes`: only what stands behind the `validBytes` of an earlier reading (lines of a
 * message count from there). Throws `journal_damaged` and the errors of the disk.
 */
export function readJournal(path: string, fromBytes = 0): JournalContent {
  const records: string[] = [];
  let validBytes = fromBytes;
  let bytes = fromBytes;
  let badLine = 0;
  let line = 0;
  for (const chunk of linesOf(path, fromBytes)) {
    line += 1;
    bytes += chunk.length;
    const record = recordIn(chunk);
    if (record === null) {
      if (badLine === 0) badLine = line;
      if (endsWithRecord(chunk)) throw damagedError(path, badLine);
      continue;
    }
    if (badLine > 0) throw damagedError(path, badLine);
    records.push(record);
    validBytes = bytes;
  }
  return { records, validBytes, tornBytes: bytes - validBytes };
}

/** The lines of a file as bytes, the line feed included where there is one. */
function* linesOf(path: string, fromBytes: number): Generator<Uint8Array> {
  const fd = openForReading(path);
  if (fd === null) return;
  try {
    let rest = new Uint8Array(0);
    const buffer = new Uint8Array(READ_BYTES);
    for (let position = fromBytes; ;) {
      const count = withIoErrors(path, 'read the journal', () => readSync(fd, buffer, 0, buffer.length, position));
      if (count === 0) break;
      position += count;
      const bytes = new Uint8Array(rest.length + count);
      bytes.set(rest);
      bytes.set(buffer.subarray(0, count), rest.length);
      let from = 0;
      for (let to = bytes.indexOf(LINE_FEED); to >= 0; to = bytes.indexOf(LINE_FEED, from)) {
        yield bytes.subarray(from, to + 1);
        from = to + 1;
      }
      rest = bytes.slice(from);
    }
    if (rest.length > 0) yield rest;
  } finally {
    closeSync(fd);
  }
}

function openForReading(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return null;
    return withIoErrors(path, 'open the journal', () => {
      throw cause;
    });
  }
}

/** The record of a whole and intact line, else null. */
function recordIn(line: Uint8Array): string | null {
  if (line.at(-1) !== LINE_FEED || line.length < CHECKSUM_DIGITS + 2) return null;
  const text = new TextDecoder().decode(line.subarray(0, -1));
  const record = text.slice(CHECKSUM_DIGITS + 1);
  return text.slice(0, CHECKSUM_DIGITS + 1) === `${checksumOf(record)} ` ? record : null;
}

/** True for a bad line that ends with an intact record: the line feed before that record was lost, so it is no unfinished write. */
function endsWithRecord(line: Uint8Array): boolean {
  const text = new TextDecoder().decode(line);
  for (const { index } of text.matchAll(/[0-9a-f]{8} /g))
    if (index > 0 && recordIn(new TextEncoder().encode(text.slice(index))) !== null) return true;
  return false;
}

function checksumOf(record: string): string {
  return crc32(record).toString(16).padStart(CHECKSUM_DIGITS, '0');
}

function damagedError(file: string, line: number): DonchError {
  return new DonchError(
    'journal_damaged',
    'a record does not have the checksum that stands before it, and others follow',
    {
      file,
      line,
      expected: 'an intact journal',
      remedy: 'Nothing was changed. Keep the file and restore it from a backup; a trading session can also start anew.',
    },
  );
}

/** Appends to a journal; the caller sees to it that there is only one who does. */
export class JournalWriter {
  readonly #path: string;
  readonly #fd: number;
  #pending: string[] = [];
  #broken = false;

  /** Opens a journal to append behind its last whole record; what a crash left behind it is cut off. `content` is what it holds. */
  constructor(path: string, { validBytes, tornBytes }: JournalContent) {
    this.#path = path;
    makeFolder(dirname(path));
    this.#fd = withIoErrors(path, 'open the journal', () => disk.open(path, 'a'));
    if (tornBytes > 0) withIoErrors(path, 'cut the journal', () => disk.truncate(this.#fd, validBytes));
    withIoErrors(path, 'synchronise the journal', () => disk.sync(this.#fd));
    syncFolder(dirname(path));
  }

  /** Takes a record (one line of JSON); it is written with the next `flush`. */
  append(record: string): void {
    this.#pending.push(`${checksumOf(record)} ${record}\n`);
  }

  /**
   * Writes what was taken. `durable`: and waits until the disk has it. Throws the errors of the disk; the journal takes nothing more
   * then, since nobody knows how much of the last write is there.
   */
  flush(durable: boolean): void {
    invariant(!this.#broken, 'a journal that could not be written takes nothing more');
    if (this.#pending.length === 0) return;
    const bytes = new TextEncoder().encode(this.#pending.join(''));
    this.#pending = [];
    this.#broken = true;
    withIoErrors(this.#path, 'write the journal', () => {
      writeAll(this.#fd, bytes);
      if (durable) disk.datasync(this.#fd);
    });
    this.#broken = false;
  }

  /** Writes what was taken, waits for the disk, and closes the file. */
  close(): void {
    try {
      if (!this.#broken) this.flush(true);
    } finally {
      disk.close(this.#fd);
    }
  }
}
