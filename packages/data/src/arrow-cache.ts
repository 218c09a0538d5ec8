/**
 * Disposable read cache: one Arrow IPC file per series, one uncompressed batch, times as float64 ms, read straight into shared
 * memory. It never decides anything: a file that is missing, stale, cut or changed is a miss, and deleting it costs only time.
 *
 * How a wrong read is excluded: the file names the identity of every month file it was made from; its own description carries a
 * CRC-32, so do all values. The CRC over the values costs as much as reading them, so it is computed once: a file that passed
 * gets a modification time derived from it (`sealTimeMs`), which every later change by whatever program destroys.
 */
import { closeSync, fstatSync, futimesSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { CANDLE_COLUMNS, DonchError, intervalMs, invariant, sliceCandles, type Candles } from '@donch/core';
import { z } from 'zod';
import { removeStaleTemporaries, writeFileAtomic } from './atomic-file.ts';
import { allocateCandles } from './candle-memory.ts';
import { disk, errorCode } from './platform.ts';
import type { SeriesKey } from './store-paths.ts';

/** One month inside a cached series. */
export interface CachedMonth {
  /** `2025-01` */
  readonly month: string;
  readonly rows: number;
  /** Identity of the month file the rows came from (candle-month.ts). */
  readonly identity: string;
  /** `<log id>:<seq>` or '' (TailMark). */
  readonly tailMark: string;
}

export interface CachedSeries {
  readonly candles: Candles;
  readonly months: readonly CachedMonth[];
}

const FORMAT = 1;
/** Stands before the description: `<label> <length> <crc32> <json>`. */
const LABEL = /DONCH-CANDLE-CACHE (\d{6}) ([0-9a-f]{8}) /;
/** The description stands in the footer; that of 24 months fits the first window, that of 60 years the second. */
const FOOTER_WINDOWS = [4_096, 65_536];
const BYTES_PER_VALUE = Float64Array.BYTES_PER_ELEMENT;

const DESCRIPTION = z.object({
  format: z.literal(FORMAT),
  instrument: z.string(),
  interval: z.string(),
  rows: z.int().nonnegative(),
  size: z.string().transform(Number),
  /** Position of the first column in the file; the others follow without a gap. */
  start: z.string().transform(Number),
  crc: z.string().regex(/^[0-9a-f]{8}$/),
  months: z.array(z.tuple([z.string(), z.int().positive(), z.string(), z.string()])),
});
type Description = z.infer<typeof DESCRIPTION>;

/** Which months of the store a read needs, and what they look like now. */
export interface CacheQuery {
  readonly key: SeriesKey;
  /** All months of the series with the identity of their files. */
  readonly current: readonly { readonly month: string; readonly identity: string }[];
  /** Months wanted, `first <= month <= last`. */
  readonly first: string;
  readonly last: string;
}

/** The wanted months from the cache, in shared memory, or null for a miss. Never throws for what is in the file. */
export function readArrowCache(path: string, query: CacheQuery): CachedSeries | null {
  try {
    const fd = openSync(path, 'r');
    try {
      return readOpened(fd, path, query);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    // Missing, not readable, cut short: a cache that cannot be used is a miss, the store holds the truth.
    if (errorCode(cause) === undefined && !(cause instanceof RangeError)) throw cause;
    return null;
  }
}

function readOpened(fd: number, path: string, query: CacheQuery): CachedSeries | null {
  const stat = fstatSync(fd);
  const description = readDescription(fd, stat.size);
  if (description === null || description.size !== stat.size || !isCurrent(description, query)) return null;
  const isSealed = stat.mtimeMs === sealTimeMs(description.crc);
  if (!isSealed && !verifyAndSeal(fd, path, description)) return null;
  return readMonths(fd, description, query);
}

function readDescription(fd: number, size: number): Description | null {
  for (const window of FOOTER_WINDOWS) {
    const length = Math.min(size, window);
    const footer = readAt(fd, size - length, length);
    const match = LABEL.exec(Buffer.from(footer.buffer, footer.byteOffset, footer.length).toString('latin1'));
    if (match === null) continue;
    const start = match.index + match[0].length;
    const json = footer.subarray(start, start + Number(match[1]));
    if (crc32(json) !== Number.parseInt(match[2], 16)) return null;
    const parsed = DESCRIPTION.safeParse(JSON.parse(new TextDecoder().decode(json)));
    return parsed.success ? parsed.data : null;
  }
  return null;
}

function isCurrent({ instrument, interval, months }: Description, { key, current }: CacheQuery): boolean {
  return (
    instrument === key.instrumentId &&
    interval === key.interval &&
    months.length === current.length &&
    months.every(([month, , identity], k) => month === current[k].month && identity === current[k].identity)
  );
}

/** Checks the CRC over all values; a file that passes is sealed if this process may do so. */
function verifyAndSeal(fd: number, path: string, { rows, start, crc }: Description): boolean {
  const values = readAt(fd, start, rows * CANDLE_COLUMNS.length * BYTES_PER_VALUE);
  if (hex(crc32(values)) !== crc) return false;
  try {
    const writable = openSync(path, 'r+');
    try {
      // First the values, then the mark that vouches for them.
      disk.datasync(writable);
      futimesSync(writable, sealTimeMs(crc) / 1_000, sealTimeMs(crc) / 1_000);
    } finally {
      closeSync(writable);
    }
  } catch (cause) {
    // A reader without the right to write verifies again next time.
    if (errorCode(cause) === undefined) throw cause;
  }
  return true;
}

/** An even second between 1980 and 2014, which every file system can store and no program that edits the file leaves behind. */
function sealTimeMs(crc: string): number {
  return (315_532_800 + 2 * (Number.parseInt(crc, 16) >>> 3)) * 1_000;
}

function readMonths(fd: number, description: Description, { key, first, last }: CacheQuery): CachedSeries {
  let [from, to, row] = [0, 0, 0];
  const months: CachedMonth[] = [];
  for (const [month, rows, identity, tailMark] of description.months) {
    if (month < first) from = row + rows;
    if (month <= last) to = row + rows;
    if (month >= first && month <= last) months.push({ month, rows, identity, tailMark });
    row += rows;
  }
  const candles = allocateCandles(intervalMs(key.interval), Math.max(0, to - from));
  for (const [k, name] of CANDLE_COLUMNS.entries()) {
    const position = description.start + (k * description.rows + from) * BYTES_PER_VALUE;
    const column = candles[name];
    readInto(fd, position, new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return { candles, months };
}

function readAt(fd: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  readInto(fd, position, bytes);
  return bytes;
}

function readInto(fd: number, position: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    const count = readSync(fd, bytes, at, bytes.length - at, position + at);
    if (count === 0) throw new RangeError('the cache file ends early');
    at += count;
  }
}

/**
 * Replaces the cache of a series. Best effort: a full disk or a missing right leaves the store without a cache, not without data.
 * The file is an ordinary Arrow file, which pandas and polars open too.
 */
export async function writeArrowCache(path: string, key: SeriesKey, { candles, months }: CachedSeries): Promise<void> {
  if (candles.length === 0) return;
  const encode = await arrowEncoder();
  const facts = { key, months, rows: candles.length, crc: hex(valuesCrc(candles)) };
  // Where the values begin and what surrounds them does not depend on the number of rows: a file of one row tells it.
  const draft = encode(sliceCandles(candles, 0, 1), describe({ ...facts, start: 0, size: 0 }));
  const rowBytes = CANDLE_COLUMNS.length * BYTES_PER_VALUE;
  const size = draft.bytes.length + (candles.length - 1) * rowBytes;
  const { bytes, start } = encode(candles, describe({ ...facts, start: draft.start, size }));
  invariant(bytes.length === size && start === draft.start, 'the size of an Arrow file follows from its rows');
  try {
    removeStaleTemporaries(dirname(path));
    writeFileAtomic(path, bytes, { durable: false });
  } catch (cause) {
    // Nothing depends on it: a disk that is full or read-only is for those to report who must write.
    if (!(cause instanceof DonchError)) throw cause;
  }
}

interface Facts {
  readonly key: SeriesKey;
  readonly months: readonly CachedMonth[];
  readonly rows: number;
  readonly crc: string;
  readonly start: number;
  readonly size: number;
}

function describe({ key, months, rows, crc, start, size }: Facts): string {
  const json = JSON.stringify({
    format: FORMAT,
    instrument: key.instrumentId,
    interval: key.interval,
    rows,
    size: fixedWidth(size),
    start: fixedWidth(start),
    crc,
    months: months.map(({ month, rows: monthRows, identity, tailMark }) => [month, monthRows, identity, tailMark]),
  });
  const bytes = new TextEncoder().encode(json);
  return `DONCH-CANDLE-CACHE ${String(bytes.length).padStart(6, '0')} ${hex(crc32(bytes))} ${json}`;
}

/** Numbers that are known only later must not change the length of the description. */
function fixedWidth(value: number): string {
  return String(value).padStart(12, '0');
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function valuesCrc(candles: Candles): number {
  let crc = 0;
  for (const name of CANDLE_COLUMNS) {
    const { buffer, byteOffset } = candles[name];
    crc = crc32(new Uint8Array(buffer, byteOffset, candles.length * BYTES_PER_VALUE), crc);
  }
  return crc;
}

interface EncodedArrow {
  readonly bytes: Uint8Array;
  /** Position of the first column's values. */
  readonly start: number;
}

/** Loading the library takes 120 ms, which only a cold read pays. */
async function arrowEncoder(): Promise<(candles: Candles, description: string) => EncodedArrow> {
  const { Field, Float64, RecordBatch, Schema, Struct, Table, makeData, tableFromIPC, tableToIPC } =
    await import('apache-arrow');
  return (candles, description) => {
    const { length } = candles;
    const type = new Float64();
    const fields = CANDLE_COLUMNS.map((name) => new Field(name, type, false));
    const children = CANDLE_COLUMNS.map((name) =>
      makeData({ type, length, nullCount: 0, data: candles[name].subarray(0, length) }),
    );
    const schema = new Schema(fields, new Map([['donch', description]]));
    const rows = makeData({ type: new Struct(fields), length, nullCount: 0, children });
    const bytes = tableToIPC(new Table(schema, [new RecordBatch(schema, rows)]), 'file');
    const first = tableFromIPC(bytes).batches[0].data.children[0].values as Float64Array;
    return { bytes, start: first.byteOffset - bytes.byteOffset };
  };
}
