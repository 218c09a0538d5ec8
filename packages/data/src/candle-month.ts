/**
 * One month of candles as a Parquet file: `open_time` (ms, UTC), open, high, low, close, volume, turnover (null = absent), one
 * row group, one page per column (a month is always read whole; docs/decisions-data.md has the measurements).
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { CANDLE_COLUMNS, DonchError, barAt, intervalMs, invariant, type CandleColumn, type Candles } from '@donch/core';
import { allocateCandles } from './candle-memory.ts';
import { barProblem } from './candle-rules.ts';
import { withIoErrors } from './io-error.ts';
import { encodeParquet, openParquet, readParquetColumns, type ParquetFile } from './parquet.ts';
import type { SeriesKey } from './store-paths.ts';

/** Up to which record of which tail log the rows of a month file are complete (tail-log.ts). */
export interface TailMark {
  readonly logId: string;
  readonly seq: number;
}

export interface CandleMonth {
  /** `2025-01` */
  readonly month: string;
  readonly candles: Candles;
  /** SHA-256 of the logical content, `candlesHash`. */
  readonly contentHash: string;
  readonly tailMark: TailMark | null;
}

const SCHEMA_VERSION = 1;
const TABLE = 'candles';
const KEYS = {
  table: 'donch.table',
  version: 'donch.schema_version',
  instrument: 'donch.instrument_id',
  interval: 'donch.interval',
  month: 'donch.month',
  content: 'donch.content_hash',
  tail: 'donch.tail',
} as const;

/** Column names in the file, in the order of CANDLE_COLUMNS. */
const FILE_COLUMNS: Readonly<Record<CandleColumn, string>> = {
  openTimeMs: 'open_time',
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  turnover: 'turnover',
};

/**
 * SHA-256 over rows: each column in the order of CANDLE_COLUMNS as little-endian float64, one bit pattern for NaN. Independent of
 * where and how the rows are stored.
 */
export function candlesHash(candles: Candles): string {
  const digest = createHash('sha256');
  for (const name of CANDLE_COLUMNS) {
    const values = candles[name].subarray(0, candles.length);
    const canonical = name === 'turnover' ? values.map((value) => (Number.isNaN(value) ? Number.NaN : value)) : values;
    digest.update(new Uint8Array(canonical.buffer, canonical.byteOffset, canonical.byteLength));
  }
  return digest.digest('hex');
}

/** Bytes of a month file. */
export function encodeCandleMonth(key: SeriesKey, month: Omit<CandleMonth, 'contentHash'>): Uint8Array {
  const { candles, tailMark } = month;
  const columns = CANDLE_COLUMNS.map((name) => ({
    name: FILE_COLUMNS[name],
    type: name === 'openTimeMs' ? ('time' as const) : ('float' as const),
    values: candles[name].subarray(0, candles.length),
    isNullable: name === 'turnover',
    // Readers look for times; and for "all null" (isAllNull).
    hasStatistics: name === 'openTimeMs' || name === 'turnover',
    ...(name === 'openTimeMs' && { encoding: 'DELTA_BINARY_PACKED' as const }),
  }));
  const metadata = new Map<string, string>([
    [KEYS.table, TABLE],
    [KEYS.version, String(SCHEMA_VERSION)],
    [KEYS.instrument, key.instrumentId],
    [KEYS.interval, key.interval],
    [KEYS.month, month.month],
    [KEYS.content, candlesHash(candles)],
    ...(tailMark === null ? [] : [[KEYS.tail, `${tailMark.logId}:${tailMark.seq}`] as const]),
  ]);
  return encodeParquet({ rows: candles.length, columns, metadata }, { rowGroupRows: 1_000_000, pageBytes: 0 });
}

/** A file as it was when it was read: changes with every replacement and every edit. */
export type FileIdentity = string;

interface FileStat {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function identityOf({ ino, size, mtimeNs, ctimeNs }: FileStat): FileIdentity {
  return `${ino}-${size}-${mtimeNs}-${ctimeNs}`;
}

/** Identity of the file at a path now; null when there is none. */
export function fileIdentity(path: string): FileIdentity | null {
  const stat = withIoErrors(path, 'look at the file', () => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return stat === undefined ? null : identityOf(stat);
}

/** Bytes of a file together with the identity of exactly these bytes' file. */
export interface IdentifiedBytes {
  readonly bytes: Uint8Array;
  readonly identity: FileIdentity;
}

/** Reads a whole file. Throws the errors of the disk. */
export function readIdentified(path: string): IdentifiedBytes {
  return withIoErrors(path, 'read the file', () => {
    const fd = openSync(path, 'r');
    try {
      const stat = fstatSync(fd, { bigint: true });
      const bytes = new Uint8Array(Number(stat.size));
      let at = 0;
      while (at < bytes.length) {
        const count = readSync(fd, bytes, at, bytes.length - at, at);
        if (count === 0) break;
        at += count;
      }
      return { bytes: bytes.subarray(0, at), identity: identityOf(stat) };
    } finally {
      closeSync(fd);
    }
  });
}

/** The header of a month file: what it says it is, verified to belong to the series. */
export interface OpenedMonth {
  readonly month: string;
  readonly parquet: ParquetFile;
  readonly rows: number;
  readonly contentHash: string;
  readonly tailMark: TailMark | null;
}

const TAIL_MARK = /^([0-9a-f]{16}):(\d+)$/;

/**
 * Checks that bytes are the month file they are taken for. Throws `parquet_damaged`, `newer_schema`, and `wrong_file` for a file of
 * another instrument, interval or month (or a foreign one put into the store).
 */
export function openCandleMonth(key: SeriesKey, month: string, { bytes, file }: NamedBytes): OpenedMonth {
  const parquet = openParquet(bytes, file);
  const { metadata } = parquet;
  const expected = [TABLE, key.instrumentId, key.interval, month];
  const found = [KEYS.table, KEYS.instrument, KEYS.interval, KEYS.month].map(
    (name) => metadata.get(name) ?? '(nothing)',
  );
  if (!parquet.isSealed || found.some((value, k) => value !== expected[k])) {
    throw new DonchError('wrong_file', `the file holds ${found.join(' ')}`, {
      file,
      expected: expected.join(' '),
      remedy: 'Files of the candle store are written by DONCH alone: move this one away and use `donch import`.',
    });
  }
  if (!(Number(metadata.get(KEYS.version)) <= SCHEMA_VERSION)) {
    throw new DonchError('newer_schema', `candles have schema version ${metadata.get(KEYS.version)}`, {
      file,
      expected: `at most ${SCHEMA_VERSION}`,
      remedy: 'A newer DONCH wrote this file: update the program.',
    });
  }
  const contentHash = metadata.get(KEYS.content) ?? '';
  const mark = TAIL_MARK.exec(metadata.get(KEYS.tail) ?? '');
  const tailMark = mark === null ? null : { logId: mark[1], seq: Number(mark[2]) };
  return { month, parquet, rows: parquet.rows, contentHash, tailMark };
}

export interface NamedBytes {
  readonly bytes: Uint8Array;
  readonly file: string;
}

/** Decodes an opened month into rows `at ..` of `target`. Throws `parquet_damaged`. */
export async function decodeCandleMonth({ parquet, rows }: OpenedMonth, target: Candles, at: number): Promise<void> {
  invariant(at + rows <= target.length, 'a month fits the memory made for it');
  const names = CANDLE_COLUMNS.filter((name) => name !== 'turnover' || !isAllNull(parquet));
  const columns = await readParquetColumns(
    parquet,
    names.map((name) => FILE_COLUMNS[name]),
  );
  if (names.length < CANDLE_COLUMNS.length) target.turnover.fill(Number.NaN, at, at + rows);
  for (const [k, name] of names.entries()) {
    const { values, type } = columns[k];
    invariant(type !== 'text', 'candle columns are numbers');
    target[name].set(values as Float64Array, at);
  }
}

/** Most venues' files without turnover hold nothing but nulls there: the statistics say so, nothing needs decoding. */
function isAllNull({ footer, rows }: ParquetFile): boolean {
  const chunks = footer.row_groups.map((group) =>
    group.columns.find((column) => column.meta_data?.path_in_schema[0] === 'turnover'),
  );
  const nulls = chunks.reduce((sum, chunk) => sum + Number(chunk?.meta_data?.statistics?.null_count ?? 0), 0);
  return nulls === rows;
}

/** Reads and decodes one month file. Throws as `openCandleMonth`. */
export async function readCandleMonth(key: SeriesKey, month: string, path: string): Promise<CandleMonth> {
  const { bytes } = readIdentified(path);
  const opened = openCandleMonth(key, month, { bytes, file: path });
  const candles = allocateCandles(intervalMs(key.interval), opened.rows);
  await decodeCandleMonth(opened, candles, 0);
  return { month, candles, contentHash: opened.contentHash, tailMark: opened.tailMark };
}

/**
 * Recomputes what the metadata claims: rows are bars of this month and match the content hash. Throws `content_mismatch`.
 */
export function verifyCandleMonth(key: SeriesKey, { month, candles, contentHash }: CandleMonth): void {
  const file = `${key.instrumentId} ${key.interval} ${month}`;
  const found = candlesHash(candles);
  if (found !== contentHash) {
    throw new DonchError('content_mismatch', `the rows have the hash ${found}`, { file, expected: contentHash });
  }
  for (let i = 0; i < candles.length; i += 1) {
    const problem = barProblem(barAt(candles, i), candles.intervalMs);
    if (problem !== null) throw new DonchError('content_mismatch', `row ${i} ${problem}`, { file, expected: 'bars' });
  }
}
