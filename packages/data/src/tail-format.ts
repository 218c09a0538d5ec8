/**
 * Bytes of a tail log (docs/decisions-data.md): a header, then one record per bar set, everything on multiples of 8 bytes.
 *
 *   header  magic 8 | version u32 | header length u32 | crc32 of all the others u32 | JSON length u32 | JSON, padded
 *   record  marker 8 | payload length u32 | crc32 of length and payload u32 | payload
 *   payload seq f64 | open time f64 | bars u32 | length of names u32 | names, '\n' between, padded | 6 columns of f64
 */
import { crc32 } from 'node:zlib';
import { DonchError, invariant, type Interval } from '@donch/core';
import { z } from 'zod';

/** All bars of one open time that arrived together. */
export interface TailRecord {
  /** Ascends over the life of a log, compaction included. */
  readonly seq: number;
  readonly openTimeMs: number;
  readonly symbols: readonly string[];
  /** open, high, low, close, volume, turnover: column by column, `symbols.length` values each. */
  readonly values: Float64Array;
}

export interface TailHeader {
  readonly venue: string;
  readonly interval: Interval;
  /** Random; tells this log from one that replaced it after it was deleted. */
  readonly logId: string;
  /** Smallest seq of a record that may still be written. */
  readonly nextSeq: number;
}

export interface ParsedTail {
  readonly header: TailHeader;
  readonly records: readonly TailRecord[];
  /** Bytes up to the end of the last whole record. */
  readonly validBytes: number;
  /** Bytes after it: a record that a crash or a writer at this moment left unfinished. */
  readonly tornBytes: number;
}

/** Values per bar in a record. */
export const TAIL_COLUMNS = ['open', 'high', 'low', 'close', 'volume', 'turnover'] as const;

const VERSION = 1;
const MAGIC = Uint8Array.of(0x89, 0x44, 0x4e, 0x54, 0x4c, 0x0d, 0x0a, 0x1a);
/** Eight bytes that no price, volume or name contains: found again, they prove that the log goes on behind a bad record. */
const MARKER = Uint8Array.of(0xf5, 0x42, 0x41, 0x52, 0x53, 0x45, 0x54, 0xfa);
const HEADER_FIXED_BYTES = 24;
const RECORD_FIXED_BYTES = 16;
const PAYLOAD_FIXED_BYTES = 24;
/** Above any bar set (20,000 symbols): a longer record is damage. */
const PAYLOAD_BYTES_MAX = 1 << 21;
const BARS_MAX = 20_000;

const HEADER = z.object({
  venue: z.string(),
  interval: z.string(),
  log_id: z.string().regex(/^[0-9a-f]{16}$/),
  next_seq: z.int().nonnegative(),
});

const padded = (length: number): number => (length + 7) & ~7;

/** Bytes of a header. */
export function encodeTailHeader({ venue, interval, logId, nextSeq }: TailHeader): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ venue, interval, log_id: logId, next_seq: nextSeq }));
  const bytes = new Uint8Array(padded(HEADER_FIXED_BYTES + json.length));
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, bytes.length, true);
  view.setUint32(20, json.length, true);
  bytes.set(json, HEADER_FIXED_BYTES);
  view.setUint32(16, headerCrc(bytes), true);
  return bytes;
}

/** Bytes of a record. */
export function encodeTailRecord({ seq, openTimeMs, symbols, values }: TailRecord): Uint8Array {
  invariant(symbols.length <= BARS_MAX, 'a bar set has at most 20,000 bars');
  invariant(values.length === symbols.length * TAIL_COLUMNS.length, 'a tail record has six values per symbol');
  const names = new TextEncoder().encode(symbols.join('\n'));
  const payloadBytes = PAYLOAD_FIXED_BYTES + padded(names.length) + values.byteLength;
  const bytes = new Uint8Array(RECORD_FIXED_BYTES + payloadBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(MARKER);
  view.setUint32(8, payloadBytes, true);
  view.setFloat64(16, seq, true);
  view.setFloat64(24, openTimeMs, true);
  view.setUint32(32, symbols.length, true);
  view.setUint32(36, names.length, true);
  bytes.set(names, RECORD_FIXED_BYTES + PAYLOAD_FIXED_BYTES);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), bytes.length - values.byteLength);
  view.setUint32(12, recordCrc(bytes), true);
  return bytes;
}

function headerCrc(header: Uint8Array): number {
  return crc32(header.subarray(20), crc32(header.subarray(8, 16)));
}

function recordCrc(record: Uint8Array): number {
  return crc32(record.subarray(16), crc32(record.subarray(8, 12)));
}

/**
 * Reads a whole log. An unfinished record at the end is cut off (`tornBytes`); a bad one with others behind it is damage. Throws
 * `tail_log_damaged` and `newer_schema`.
 */
export function parseTail(source: Uint8Array, file: string): ParsedTail {
  // Values are read in place as float64, which needs an aligned start.
  const bytes = source.byteOffset % 8 === 0 ? source : Uint8Array.from(source);
  const { header, headerBytes } = parseHeader(bytes, file);
  return { header, ...parseTailRecords(bytes, headerBytes, file) };
}

/** Reads the records from position `from` on, which must be the start of a record or the end of the log. */
function parseTailRecords(bytes: Uint8Array, from: number, file: string): Omit<ParsedTail, 'header'> {
  const records: TailRecord[] = [];
  const names: NamesMemo = { bytes: new Uint8Array(0), symbols: [] };
  let at = from;
  while (at < bytes.length) {
    const end = recordEnd(bytes, at);
    if (end === null) break;
    records.push(parseRecord(bytes.subarray(at, end), names));
    at = end;
  }
  if (at < bytes.length) refuseDamage(bytes, at, file);
  return { records, validBytes: at, tornBytes: bytes.length - at };
}

/** What is intact in a damaged log: its header, if it is, and every record, wherever it stands. */
export function salvageTail(
  source: Uint8Array,
  file: string,
): { readonly header: TailHeader | null; readonly records: readonly TailRecord[]; readonly lostBytes: number } {
  const bytes = Uint8Array.from(source);
  const records: TailRecord[] = [];
  const names: NamesMemo = { bytes: new Uint8Array(0), symbols: [] };
  let [at, recordBytes] = [0, 0];
  while (at < bytes.length) {
    const end = recordEnd(bytes, at);
    if (end === null) {
      // Records keep to multiples of 8 as long as no byte was cut out; look everywhere all the same.
      const next = Buffer.from(bytes.buffer, at + 1).indexOf(MARKER);
      if (next < 0) break;
      at += 1 + next;
    } else {
      // A copy, because a record found off the grid cannot be read in place.
      records.push(parseRecord(bytes.slice(at, end), names));
      recordBytes += end - at;
      at = end;
    }
  }
  const header = intactHeader(bytes, file);
  const headerBytes = header === null ? 0 : encodeTailHeader(header).length;
  return { header, records, lostBytes: bytes.length - recordBytes - headerBytes };
}

function intactHeader(bytes: Uint8Array, file: string): TailHeader | null {
  try {
    return parseHeader(bytes, file).header;
  } catch (cause) {
    if (cause instanceof DonchError && cause.code === 'tail_log_damaged') return null;
    throw cause;
  }
}

function parseHeader(bytes: Uint8Array, file: string): { readonly header: TailHeader; readonly headerBytes: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < HEADER_FIXED_BYTES || MAGIC.some((byte, k) => bytes[k] !== byte)) {
    throw damagedError(file, 'the file does not begin as a tail log');
  }
  const version = view.getUint32(8, true);
  if (version > VERSION) {
    throw new DonchError('newer_schema', `the tail log has version ${version}`, {
      file,
      expected: `at most ${VERSION}`,
      remedy: 'A newer DONCH wrote this file: update the program.',
    });
  }
  const headerBytes = view.getUint32(12, true);
  const jsonBytes = view.getUint32(20, true);
  const isInside = headerBytes === padded(HEADER_FIXED_BYTES + jsonBytes) && headerBytes <= bytes.length;
  if (!isInside || headerCrc(bytes.subarray(0, headerBytes)) !== view.getUint32(16, true)) {
    throw damagedError(file, 'the header is damaged');
  }
  const json = bytes.subarray(HEADER_FIXED_BYTES, HEADER_FIXED_BYTES + jsonBytes);
  const parsed = HEADER.parse(JSON.parse(new TextDecoder().decode(json)));
  const header = {
    venue: parsed.venue,
    interval: parsed.interval as Interval,
    logId: parsed.log_id,
    nextSeq: parsed.next_seq,
  };
  return { header, headerBytes };
}

/** End of the record at a position, or null when there is no whole and intact one. */
function recordEnd(bytes: Uint8Array, at: number): number | null {
  if (bytes.length - at < RECORD_FIXED_BYTES + PAYLOAD_FIXED_BYTES || !isMarker(bytes, at)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const payloadBytes = view.getUint32(8, true);
  const end = at + RECORD_FIXED_BYTES + payloadBytes;
  if (payloadBytes > PAYLOAD_BYTES_MAX || end > bytes.length) return null;
  return recordCrc(bytes.subarray(at, end)) === view.getUint32(12, true) ? end : null;
}

function isMarker(bytes: Uint8Array, at: number): boolean {
  for (let k = 0; k < MARKER.length; k += 1) if (bytes[at + k] !== MARKER[k]) return false;
  return true;
}

/** Bar sets name the same symbols in the same order most of the time: one array for all of them. */
interface NamesMemo {
  bytes: Uint8Array;
  symbols: readonly string[];
}

function parseRecord(record: Uint8Array, memo: NamesMemo): TailRecord {
  const view = new DataView(record.buffer, record.byteOffset);
  const namesStart = RECORD_FIXED_BYTES + PAYLOAD_FIXED_BYTES;
  const names = record.subarray(namesStart, namesStart + view.getUint32(36, true));
  if (memo.symbols.length === 0 || Buffer.compare(names, memo.bytes) !== 0) {
    memo.bytes = names;
    memo.symbols = new TextDecoder().decode(names).split('\n');
  }
  const count = view.getUint32(32, true) * TAIL_COLUMNS.length;
  const valuesAt = record.byteOffset + record.length - count * Float64Array.BYTES_PER_ELEMENT;
  return {
    seq: view.getFloat64(16, true),
    openTimeMs: view.getFloat64(24, true),
    symbols: memo.symbols,
    values: new Float64Array(record.buffer, valuesAt, count),
  };
}

/**
 * A crash leaves one unfinished record at the end, for the next is written only when the one before is on the disk. A marker
 * behind a bad record therefore means that bars were lost in between: that is for the user to know.
 */
function refuseDamage(bytes: Uint8Array, at: number, file: string): void {
  const rest = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  const next = rest.indexOf(MARKER, MARKER.length);
  if (next >= 0) throw damagedError(file, `the record at byte ${at} is damaged and others follow it`);
}

function damagedError(file: string, found: string): DonchError {
  return new DonchError('tail_log_damaged', found, {
    file,
    expected: 'an intact tail log',
    remedy:
      'Run `donch data repair`: it keeps the intact records, sets the damaged file aside and names the missing bars.',
  });
}
