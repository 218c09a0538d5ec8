/**
 * Parquet files as typed columns: zstd from Node itself, times as TIMESTAMP(ms, UTC), null for NaN, and a seal (CRC-32 of the
 * whole file) in the metadata of files we wrote, because Parquet itself has no checksum over its structure.
 */
import { crc32 } from 'node:zlib';
import { DonchError, InvariantError } from '@donch/core';
import { parquetMetadata, parquetScan, type FileMetaData, type SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { PARQUET_COMPRESSORS, PARQUET_DECOMPRESSORS } from './parquet-codecs.ts';
import {
  fromParquetColumn,
  shapeOfElement,
  toParquetColumn,
  withoutConversions,
  type ParquetColumn,
  type ParquetShape,
} from './parquet-columns.ts';

export interface ParquetContent {
  readonly rows: number;
  readonly columns: readonly ParquetColumn[];
  /** Key-value metadata without the seal. */
  readonly metadata: ReadonlyMap<string, string>;
}

export interface ParquetLayout {
  /** Rows of a row group; default `ROW_GROUP_ROWS`. */
  readonly rowGroupRows?: number;
  /** Bytes of a page before compression; 0 = one page per column and row group. */
  readonly pageBytes?: number;
}

/** Rows of a row group of a table: small enough to read a range, large enough to compress. */
const ROW_GROUP_ROWS = 131_072;
const PAGE_BYTES = 1_048_576;

/** Stands in `created_by` of every file we write: such a file without a valid seal is damaged. */
const CREATED_BY = 'donch';
const SEAL_KEY = 'donch.seal';
const SEAL_PREFIX = 'crc32:';
const SEAL_BLANK = `${SEAL_PREFIX}00000000`;

/** Bytes of a Parquet file. The same content gives the same bytes. */
export function encodeParquet({ columns, metadata, rows }: ParquetContent, layout: ParquetLayout = {}): Uint8Array {
  const parts = columns.map((column) => toParquetColumn(column, rows));
  const schema = [{ name: 'root', num_children: columns.length }, ...parts.map((part) => part.element)];
  const bytes = new Uint8Array(
    parquetWriteBuffer({
      schema,
      columnData: parts.map((part) => part.source),
      codec: 'ZSTD',
      compressors: PARQUET_COMPRESSORS,
      rowGroupSize: layout.rowGroupRows ?? ROW_GROUP_ROWS,
      pageSize: layout.pageBytes ?? PAGE_BYTES,
      kvMetadata: [...[...metadata].map(([key, value]) => ({ key, value })), { key: SEAL_KEY, value: SEAL_BLANK }],
      createdBy: CREATED_BY,
    }),
  );
  seal(bytes);
  return bytes;
}

/** A file's schema and metadata, checked against its seal, before any column is decoded. */
export interface ParquetFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly shapes: readonly ParquetShape[];
  readonly metadata: ReadonlyMap<string, string>;
  /** True when the file carries our seal; foreign files do not. */
  readonly isSealed: boolean;
  readonly footer: FileMetaData;
}

/**
 * Reads the footer and verifies the seal. `file` is the name for messages. Throws `parquet_damaged` for anything that is not
 * an intact Parquet file, `parquet_unsupported` for nested columns.
 */
export function openParquet(bytes: Uint8Array, file: string): ParquetFile {
  return guarded(file, () => {
    const footer = parquetMetadata(ownBuffer(bytes));
    // Programs that copy our metadata into a file of their own leave a seal behind that no longer fits: `created_by` decides.
    const isSealed = footer.created_by === CREATED_BY;
    const metadata = new Map((footer.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? '']));
    if (isSealed) verifySeal(bytes, metadata.get(SEAL_KEY) ?? '', file);
    metadata.delete(SEAL_KEY);
    const shapes = flatElements(footer, file).map((element) => shapeOfElement(element, file));
    return { file, bytes, rows: Number(footer.num_rows), shapes, metadata, isSealed, footer };
  });
}

function flatElements({ schema }: FileMetaData, file: string): SchemaElement[] {
  const elements = schema.slice(1);
  const names = elements.map((element) => element.name);
  const nested = elements.find((element) => (element.num_children ?? 0) > 0);
  if (nested !== undefined) {
    throw new DonchError('parquet_unsupported', `column "${nested.name}" is nested`, {
      file,
      expected: 'flat columns',
    });
  }
  const doubled = names.find((name, k) => names.indexOf(name) !== k);
  if (doubled === undefined) return elements;
  throw new DonchError('parquet_unsupported', `there are two columns "${doubled}"`, { file, expected: 'unique names' });
}

/** Decodes columns (all when not named), in this order. Throws `parquet_damaged`, and `no_column` for a missing one. */
export async function readParquetColumns(parquet: ParquetFile, names?: readonly string[]): Promise<ParquetColumn[]> {
  const wanted = names ?? parquet.shapes.map((shape) => shape.name);
  const shapes = wanted.map((name) => {
    const shape = parquet.shapes.find((candidate) => candidate.name === name);
    if (shape !== undefined) return shape;
    throw new DonchError('no_column', `there is no column "${name}"`, {
      file: parquet.file,
      expected: parquet.shapes.map((candidate) => candidate.name).join(', '),
    });
  });
  return guardedAsync(parquet.file, async () => {
    const buffer = ownBuffer(parquet.bytes);
    const scan = await parquetScan({
      file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
      metadata: withoutConversions(parquet.footer),
      columns: [...wanted],
      compressors: PARQUET_DECOMPRESSORS,
    });
    const columns: ParquetColumn[] = [];
    for (const shape of shapes) {
      const chunks = [];
      for (const range of scan.ranges) chunks.push(await scan.readColumn({ column: shape.name, ...range }));
      columns.push(fromParquetColumn(chunks, shape, parquet));
    }
    return columns;
  });
}

function seal(bytes: Uint8Array): void {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(SEAL_BLANK, undefined, 'latin1');
  const sum = crc32(bytes).toString(16).padStart(8, '0');
  new TextEncoder().encodeInto(sum, bytes.subarray(at + SEAL_PREFIX.length));
}

function verifySeal(bytes: Uint8Array, found: string, file: string): void {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(found, undefined, 'latin1');
  const isWellFormed = /^crc32:[0-9a-f]{8}$/.test(found) && at > 0;
  if (isWellFormed) {
    const digits = at + SEAL_PREFIX.length;
    const zeros = new TextEncoder().encode(SEAL_BLANK.slice(SEAL_PREFIX.length));
    const sum = crc32(bytes.subarray(digits + zeros.length), crc32(zeros, crc32(bytes.subarray(0, digits))));
    if (sum === Number.parseInt(found.slice(SEAL_PREFIX.length), 16)) return;
  }
  throw damaged(file, 'the content does not match its checksum');
}

function damaged(file: string, found: string, cause?: unknown): DonchError {
  return new DonchError('parquet_damaged', found, {
    file,
    expected: 'an intact Parquet file',
    remedy: 'Restore the file from a backup, or delete it and fetch or compute it again.',
    cause,
  });
}

/** The decoder meets damaged bytes with whatever error they lead to; all of them mean the same to a user. */
function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw asDamage(cause, file);
  }
}

async function guardedAsync<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw asDamage(cause, file);
  }
}

function asDamage(cause: unknown, file: string): unknown {
  if (cause instanceof DonchError || cause instanceof InvariantError) return cause;
  return damaged(file, `cannot be decoded (${cause instanceof Error ? cause.message : String(cause)})`, cause);
}

/** The decoder takes whole ArrayBuffers; a view on a part of a pool is copied. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return Uint8Array.from(bytes).buffer;
}
