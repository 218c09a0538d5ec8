import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DonchError } from '@donch/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalWriter, readJournal } from './journal-file.ts';
import { disk } from './platform.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'donch-journal-'));
  path = join(folder, 'session', 'journal.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const RECORDS = ['{"type":"start"}', '{"type":"bars","t":1}', '{"text":"Zürich, 東京, \\u0001"}', '{"x":0.1}'];

function write(records: readonly string[]): void {
  const journal = new JournalWriter(path, readJournal(path));
  for (const record of records) journal.append(record);
  journal.close();
}

describe('a journal', () => {
  it('gives back what was written, in order, over several openings', () => {
    expect(readJournal(path)).toEqual({ records: [], validBytes: 0, tornBytes: 0 });
    write(RECORDS.slice(0, 1));
    write(RECORDS.slice(1));
    expect(readJournal(path).records).toEqual(RECORDS);
  });

  it('holds nothing that was not flushed', () => {
    const journal = new JournalWriter(path, readJournal(path));
    journal.append(RECORDS[0]);
    expect(readJournal(path).records).toEqual([]);
    journal.flush(false);
    expect(readJournal(path).records).toEqual(RECORDS.slice(0, 1));
    journal.close();
  });

  it('cut off anywhere keeps every whole record, and goes on behind them', () => {
    write(RECORDS);
    const whole = readFileSync(path);
    const ends = RECORDS.map((_, k) => readEnd(whole, k));
    for (let length = 0; length <= whole.length; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      const kept = ends.filter((end) => end <= length).length;
      const content = readJournal(path);
      expect(content.records).toEqual(RECORDS.slice(0, kept));
      expect(content.validBytes + content.tornBytes).toBe(length);
      write(['{"type":"more"}']);
      expect(readJournal(path)).toMatchObject({
        records: [...RECORDS.slice(0, kept), '{"type":"more"}'],
        tornBytes: 0,
      });
    }
  });

  it('is damaged when any bit of a record differs that is not the last, and nothing is changed then', () => {
    write(RECORDS);
    const whole = readFileSync(path);
    const lastFrom = readEnd(whole, RECORDS.length - 2);
    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Uint8Array.from(whole);
      bytes[at] ^= 1 << (at % 8);
      writeFileSync(path, bytes);
      const expected = at >= lastFrom ? RECORDS.slice(0, -1) : 'journal_damaged';
      expect([at, recordsOrCode()]).toEqual([at, expected]);
      expect(statSync(path).size).toBe(whole.length);
    }
  });

  it('reads records that lie across the blocks it reads', () => {
    const large = Array.from({ length: 40 }, (_, k) => JSON.stringify({ k, text: 'x'.repeat(300_000 + k) }));
    write(large);
    expect(readJournal(path).records).toEqual(large);
    appendFileSync(path, '00000000 {"torn":');
    expect(readJournal(path).records).toHaveLength(40);
    truncateSync(path, 1_000_000);
    expect(readJournal(path).records).toHaveLength(3);
  });

  it('takes nothing more after a failed write', () => {
    const journal = new JournalWriter(path, readJournal(path));
    const { write: writeBytes } = disk;
    disk.write = () => {
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    };
    try {
      journal.append(RECORDS[0]);
      expect(() => journal.flush(true)).toThrow(expect.objectContaining({ code: 'disk_full' }));
    } finally {
      disk.write = writeBytes;
    }
    expect(() => journal.flush(true)).toThrow(/takes nothing more/);
    journal.close();
    expect(readJournal(path).records).toEqual([]);
  });
});

function recordsOrCode(): unknown {
  try {
    return readJournal(path).records;
  } catch (error) {
    return error instanceof DonchError ? error.code : error;
  }
}

/** End of record k in the bytes of a journal. */
function readEnd(bytes: Uint8Array, k: number): number {
  let end = 0;
  for (let n = 0; n <= k; n += 1) end = bytes.indexOf(10, end) + 1;
  return end;
}
