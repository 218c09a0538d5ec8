import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DonchError, MINUTE_MS, type Bar } from '@donch/core';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { disk } from './platform.ts';
import { parseTail } from './tail-format.ts';
import { TailReader, TailWriter, type TailBar } from './tail-log.ts';
import { repairTail } from './tail-repair.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-tail-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

let files = 0;
function freshLog(): string {
  files += 1;
  return join(root, `${files}.log`);
}

const STEP = 5 * MINUTE_MS;
const START = Date.UTC(2025, 0, 1);

function bar(k: number, close = 100): Bar {
  return { openTimeMs: START + k * STEP, open: 99, high: 101, low: 98, close, volume: k, turnover: Number.NaN };
}

function set(k: number, symbols: readonly string[] = ['AUSDT', '币安USDT']): TailBar[] {
  return symbols.map((symbol) => ({ symbol, bar: bar(k) }));
}

/** A log of three bar sets. */
function filledLog(): string {
  const path = freshLog();
  const writer = new TailWriter(path, 'bybit', '5m');
  for (const k of [0, 1, 2]) writer.append(set(k));
  writer.close();
  return path;
}

function barsIn(path: string, symbol = 'AUSDT'): number[] {
  const query = { symbol, intervalMs: STEP, marks: new Map(), fromMs: -Infinity, toMs: Infinity };
  const { candles } = new TailReader(path).read().rows(query);
  return Array.from(candles.openTimeMs.subarray(0, candles.length), (timeMs) => (timeMs - START) / STEP);
}

function problemOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof DonchError ? error.code : String(error);
  }
}

describe('a tail log', () => {
  it('gives every bar of every set back', () => {
    const path = filledLog();
    expect(barsIn(path)).toEqual([0, 1, 2]);
    expect(barsIn(path, '币安USDT')).toEqual([0, 1, 2]);
    expect(barsIn(path, 'ZUSDT')).toEqual([]);
    expect(new TailReader(path).read().latest('AUSDT', START + STEP)).toEqual({ bar: bar(1), seq: 1 });
  });

  it('is empty before the first bar and makes no file', () => {
    const path = freshLog();
    const writer = new TailWriter(path, 'bybit', '5m');
    writer.dropThrough(-1);
    expect([writer.lastSeq, barsIn(path)]).toEqual([-1, []]);
  });

  it('counts on after it was emptied and opened again', () => {
    const path = filledLog();
    const writer = new TailWriter(path, 'bybit', '5m');
    const { logId } = writer;
    writer.dropThrough(2);
    writer.close();
    const again = new TailWriter(path, 'bybit', '5m');
    again.append(set(3));
    again.close();
    expect(again.logId).toBe(logId);
    expect(parseTail(readFileSync(path), path).records.map((record) => record.seq)).toEqual([3]);
  });

  it('shows a reader what was appended since it looked last', () => {
    const path = filledLog();
    const reader = new TailReader(path);
    expect(reader.read().records).toHaveLength(3);
    const writer = new TailWriter(path, 'bybit', '5m');
    writer.append(set(3));
    expect(reader.read().records).toHaveLength(4);
    writer.dropThrough(1);
    expect(reader.read().records.map((record) => record.seq)).toEqual([2, 3]);
    writer.close();
    rmSync(path);
    expect(reader.read().records).toEqual([]);
  });

  it('of another venue or interval is refused', () => {
    expect(problemOf(() => new TailWriter(filledLog(), 'okx', '5m'))).toBe('wrong_file');
    expect(problemOf(() => new TailWriter(filledLog(), 'bybit', '1m'))).toBe('wrong_file');
  });

  it('of a newer version is refused', () => {
    const path = filledLog();
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(2, 8);
    writeFileSync(path, bytes);
    expect(problemOf(() => barsIn(path))).toBe('newer_schema');
  });
});

describe('an unfinished record', () => {
  it('at every byte is cut off by readers, and the next writer goes on after the last whole one', () => {
    const whole = filledLog();
    const bytes = readFileSync(whole);
    const start = lengthOfTwo(bytes, whole);
    for (let length = start; length < bytes.length; length += 1) {
      const path = freshLog();
      writeFileSync(path, bytes.subarray(0, length));
      expect(barsIn(path)).toEqual([0, 1]);
      const writer = new TailWriter(path, 'bybit', '5m');
      expect(writer.append(set(5)).tornBytes).toBe(length - start);
      writer.close();
      expect(barsIn(path)).toEqual([0, 1, 5]);
    }
  });

  it.each([
    ['zeros', (length: number) => new Uint8Array(length)],
    ['garbage', (length: number) => Uint8Array.from({ length }, (_, k) => (k * 37 + 11) & 255)],
  ])('that a power failure filled with %s is cut off too', (_, make) => {
    for (const length of [1, 8, 17, 40, 200, 5_000]) {
      const path = filledLog();
      writeFileSync(path, Buffer.concat([readFileSync(path), make(length)]));
      expect(barsIn(path)).toEqual([0, 1, 2]);
    }
  });

  it('with a changed byte is cut off', () => {
    const whole = filledLog();
    const bytes = readFileSync(whole);
    for (let k = lengthOfTwo(bytes, whole); k < bytes.length; k += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[k] ^= 1 << (k % 8);
      expect(parseTail(damaged, 'x').records).toHaveLength(2);
    }
  });
});

function lengthOfTwo(bytes: Uint8Array, path: string): number {
  const { records } = parseTail(bytes, path);
  // The three records are of the same length.
  const header = bytes.length - records.length * recordLength(bytes, path);
  return header + 2 * recordLength(bytes, path);
}

function recordLength(bytes: Uint8Array, path: string): number {
  const one = freshLog();
  const writer = new TailWriter(one, 'bybit', '5m');
  writer.append(set(0));
  const lengthOfOne = statSync(one).size;
  writer.append(set(1));
  writer.close();
  expect(parseTail(bytes, path).records).toHaveLength(3);
  return statSync(one).size - lengthOfOne;
}

describe('damage', () => {
  it('before the last record is an error for every changed byte, never a loss', () => {
    const whole = filledLog();
    const bytes = readFileSync(whole);
    const end = lengthOfTwo(bytes, whole);
    for (let k = 0; k < end; k += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[k] ^= 1 << (k % 8);
      expect(`byte ${k}: ${problemOf(() => parseTail(damaged, 'x'))}`).toMatch(/tail_log_damaged|newer_schema/);
    }
  });

  it('keeps a writer from appending behind it', () => {
    const path = filledLog();
    const bytes = readFileSync(path);
    bytes[120] ^= 255;
    writeFileSync(path, bytes);
    expect(problemOf(() => new TailWriter(path, 'bybit', '5m'))).toBe('tail_log_damaged');
    expect(readFileSync(path)).toEqual(bytes);
  });

  it('of the whole file is an error', () => {
    const path = filledLog();
    for (const length of [0, 7, 30]) {
      truncateSync(path, length);
      expect(problemOf(() => barsIn(path))).toBe('tail_log_damaged');
    }
  });
});

describe('a disk that fails', () => {
  function fail(code: string): () => never {
    return () => {
      throw Object.assign(new Error(code), { code });
    };
  }

  it('while writing leaves the log as it was, and the next append works', () => {
    const path = filledLog();
    const writer = new TailWriter(path, 'bybit', '5m');
    const before = readFileSync(path);
    const write = disk.write;
    vi.spyOn(disk, 'write')
      .mockImplementationOnce((fd, bytes) => write(fd, bytes.subarray(0, 50), 0))
      .mockImplementationOnce(fail('ENOSPC'));
    expect(problemOf(() => writer.append(set(3)))).toBe('disk_full');
    expect(readFileSync(path)).toEqual(before);
    expect(writer.index.latest('AUSDT', START + 3 * STEP)).toBeNull();
    writer.append(set(3));
    writer.close();
    expect(barsIn(path)).toEqual([0, 1, 2, 3]);
  });

  it('while synchronising stops the writer until it is opened again', () => {
    const path = filledLog();
    const writer = new TailWriter(path, 'bybit', '5m');
    vi.spyOn(disk, 'datasync').mockImplementationOnce(fail('EIO'));
    expect(problemOf(() => writer.append(set(3)))).toBe('disk_error');
    expect(problemOf(() => writer.append(set(3)))).toBe('tail_log_broken');
    writer.close();
    const again = new TailWriter(path, 'bybit', '5m');
    again.append(set(4));
    again.close();
    expect(barsIn(path)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('repairTail', () => {
  it('keeps every intact record, names the missing times and sets the damaged file aside', () => {
    for (const place of ['first', 'middle', 'header'] as const) {
      const path = filledLog();
      const bytes = readFileSync(path);
      const two = lengthOfTwo(bytes, path);
      const length = bytes.length - two;
      const at = { header: 30, first: two - 2 * length + 20, middle: two - length + 20 }[place];
      bytes[at] ^= 1;
      writeFileSync(path, bytes);
      expect(problemOf(() => barsIn(path))).toBe('tail_log_damaged');
      const repair = repairTail({ path, venue: 'bybit', interval: '5m' });
      expect(readFileSync(repair.movedTo)).toEqual(bytes);
      const kept = { header: [0, 1, 2], first: [1, 2], middle: [0, 2] }[place];
      expect(barsIn(path)).toEqual(kept);
      const missing = place === 'middle' ? [START + STEP] : [];
      expect(repair).toMatchObject({ kept: kept.length, missingMs: missing, movedTo: `${path}.damaged-1` });
      expect(repair.lostBytes).toBe(place === 'header' ? bytes.length - 3 * length : length);
      const writer = new TailWriter(path, 'bybit', '5m');
      expect(writer.append(set(3)).added).toBe(2);
      writer.close();
      expect(barsIn(path)).toEqual([...kept, 3]);
    }
  });

  it('finds records behind a hole of any length', () => {
    const path = filledLog();
    const bytes = readFileSync(path);
    const two = lengthOfTwo(bytes, path);
    const length = bytes.length - two;
    // Eleven bytes of the middle record are gone: what follows is off the grid.
    writeFileSync(path, Buffer.concat([bytes.subarray(0, two - length + 9), bytes.subarray(two - length + 20)]));
    repairTail({ path, venue: 'bybit', interval: '5m' });
    expect(barsIn(path)).toEqual([0, 2]);
  });
});
