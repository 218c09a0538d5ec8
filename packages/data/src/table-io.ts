/**
 * THE way tables are read and written: `.parquet`, `.csv`, `.csv.gz` by the file's name. With a TableSpec a table is checked on
 * both ways and a newer schema version is refused. The same table gives the same bytes.
 */
import { createHash, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  DonchError,
  invariant,
  type Column,
  type ColumnShape,
  type ColumnType,
  type Table,
  type TableSpec,
} from '@donch/core';
import { removeStaleTemporaries, writeFileAtomic } from './atomic-file.ts';
import { decodeCsv, encodeCsv } from './csv.ts';
import { withIoErrors } from './io-error.ts';
import type { ParquetColumn } from './parquet-columns.ts';
import { encodeParquet, openParquet, readParquetColumns, type ParquetFile } from './parquet.ts';
import { checkTable } from './table-check.ts';

/** Keys of the metadata in our Parquet files. */
const TABLE_KEY = 'donch.table';
const VERSION_KEY = 'donch.schema_version';
const CONTENT_KEY = 'donch.content_hash';

export type TableFormat = 'parquet' | 'csv' | 'csv.gz';

/** What was written. */
export interface WrittenFile {
  readonly path: string;
  readonly size: number;
  /** SHA-256 of the file's bytes. */
  readonly sha256: string;
}

/**
 * Writes a table; the file is then the old or the new one. Throws `table_mismatch` (with a spec), `bad_cell`, `unknown_format`
 * and the errors of the disk.
 */
export function writeTable(path: string, table: Table, spec?: TableSpec, metadata?: FileMetadata): WrittenFile {
  const bytes = encodeTable(table, formatOf(path), spec, metadata);
  removeStaleTemporaries(dirname(path));
  writeFileAtomic(path, bytes);
  return { path, size: bytes.length, sha256: hash('sha256', bytes) };
}

/** More keys for the metadata of a Parquet file, e.g. `donch.instrument_id`. CSV has no place for them. */
export type FileMetadata = ReadonlyMap<string, string>;

/** Bytes of a table's file. */
export function encodeTable(table: Table, format: TableFormat, spec?: TableSpec, metadata?: FileMetadata): Uint8Array {
  for (const [name, column] of table.columns) {
    invariant(column.values.length === table.length, `column ${name} of ${table.name} has one value per row`);
  }
  if (spec !== undefined) checkTable(table, spec);
  if (format === 'parquet') return encodeTableParquet(table, spec, metadata);
  const text = new TextEncoder().encode(encodeCsv(table));
  return format === 'csv' ? text : gzipSync(text);
}

/** A table from a file, and what had to be guessed on the way. */
export interface ReadTable {
  readonly table: Table;
  /** CSV columns whose type no spec gave; empty for Parquet. */
  readonly inferred: readonly ColumnShape[];
  /** Metadata of a Parquet file; empty for CSV. */
  readonly metadata: FileMetadata;
}

/**
 * Reads a table. Throws `no_such_file`, `parquet_damaged`, `csv_damaged`, `bad_cell`, `newer_schema`, and with a spec
 * `table_mismatch` and `wrong_table`.
 */
export async function readTable(path: string, spec?: TableSpec): Promise<Table> {
  return (await readTableWithReport(path, spec)).table;
}

/** As `readTable`, with the CSV columns whose types were inferred. */
export async function readTableWithReport(path: string, spec?: TableSpec): Promise<ReadTable> {
  const format = formatOf(path);
  const bytes = withIoErrors(path, 'read the table', () => readFileSync(path));
  return decodeTable(bytes, { file: path, format, ...(spec !== undefined && { spec }) });
}

export interface DecodeOptions {
  /** Name for messages. */
  readonly file: string;
  readonly format: TableFormat;
  readonly spec?: TableSpec;
}

/** A table from a file's bytes; throws as `readTable`. */
export async function decodeTable(bytes: Uint8Array, { file, format, spec }: DecodeOptions): Promise<ReadTable> {
  const name = spec?.name ?? basename(file);
  const read =
    format === 'parquet' ? await decodeTableParquet(bytes, file, spec) : decodeTableCsv(bytes, { file, format, spec });
  const table = { ...read.table, name };
  if (spec !== undefined) checkTable(table, spec, { file, anyOrder: true });
  return { ...read, table };
}

/** SHA-256 of a table's logical content: names, types and values, whatever the file format or compression. */
export function tableHash(table: Table): string {
  const digest = createHash('sha256');
  digest.update(JSON.stringify([table.length, [...table.columns].map(([name, { type }]) => [name, type])]));
  for (const column of table.columns.values()) {
    digest.update(column.type === 'text' ? JSON.stringify(column.values) : canonicalBytes(column.values));
  }
  return digest.digest('hex');
}

/** Little-endian float64 with one bit pattern for NaN. */
function canonicalBytes(values: Float64Array): Uint8Array {
  const canonical = values.slice();
  for (let row = 0; row < canonical.length; row += 1) if (Number.isNaN(canonical[row])) canonical[row] = Number.NaN;
  return new Uint8Array(canonical.buffer);
}

/** Format by the file's name; throws `unknown_format`. */
export function formatOf(path: string): TableFormat {
  const name = path.toLowerCase();
  if (name.endsWith('.parquet')) return 'parquet';
  if (name.endsWith('.csv')) return 'csv';
  if (name.endsWith('.csv.gz')) return 'csv.gz';
  throw new DonchError('unknown_format', `the file is called "${basename(path)}"`, {
    file: path,
    expected: 'a name that ends in .parquet, .csv or .csv.gz',
  });
}

function encodeTableParquet(table: Table, spec: TableSpec | undefined, more: FileMetadata = new Map()): Uint8Array {
  const nullable = new Map(spec?.columns.map((column) => [column.name, column.nullMeans !== '']));
  const columns = [...table.columns].map(([name, { type, values }]): ParquetColumn => ({
    name,
    type,
    values,
    isNullable: nullable.get(name) ?? true,
  }));
  const metadata = new Map([
    [TABLE_KEY, spec?.name ?? table.name],
    ...(spec === undefined ? [] : [[VERSION_KEY, String(spec.schemaVersion)] as const]),
    [CONTENT_KEY, tableHash(table)],
    ...more,
  ]);
  return encodeParquet({ rows: table.length, columns, metadata });
}

async function decodeTableParquet(bytes: Uint8Array, file: string, spec: TableSpec | undefined): Promise<ReadTable> {
  const parquet = openParquet(bytes, file);
  if (spec !== undefined) checkIdentity(parquet, spec);
  const columns = new Map<string, Column>();
  const wanted = new Map(spec?.columns.map((column) => [column.name, column.type]));
  for (const { name, type, values } of await readParquetColumns(parquet)) {
    columns.set(name, { type: agreed(type, wanted.get(name)), values } as Column);
  }
  return { table: { name: file, length: parquet.rows, columns }, inferred: [], metadata: parquet.metadata };
}

const COUNTABLE: readonly (ColumnType | undefined)[] = ['int', 'float', 'bool'];

/** pandas makes floats of whole numbers with gaps: among numbers the spec's type holds, if the values fit it. */
function agreed(found: ColumnType, wanted: ColumnType | undefined): ColumnType {
  return wanted !== undefined && COUNTABLE.includes(found) && COUNTABLE.includes(wanted) ? wanted : found;
}

/** Files of other programs carry neither name nor version: their columns decide. */
function checkIdentity({ metadata, file }: ParquetFile, spec: TableSpec): void {
  const name = metadata.get(TABLE_KEY);
  if (name !== undefined && name !== spec.name) {
    throw new DonchError('wrong_table', `the file holds the table "${name}"`, { file, expected: `"${spec.name}"` });
  }
  const version = metadata.get(VERSION_KEY);
  if (version !== undefined && !(Number(version) <= spec.schemaVersion)) {
    throw new DonchError('newer_schema', `table "${spec.name}" has schema version ${version}`, {
      file,
      expected: `at most ${spec.schemaVersion}`,
      remedy: 'A newer DONCH wrote this file: update the program.',
    });
  }
}

interface CsvSource {
  readonly file: string;
  readonly format: TableFormat;
  readonly spec: TableSpec | undefined;
}

function decodeTableCsv(bytes: Uint8Array, { file, format, spec }: CsvSource): ReadTable {
  const types = new Map<string, ColumnType>(spec?.columns.map((column) => [column.name, column.type]));
  const text = utf8Of(format === 'csv.gz' ? unzipped(bytes, file) : bytes, file);
  return { ...decodeCsv(text, { file, types }), metadata: new Map() };
}

function unzipped(bytes: Uint8Array, file: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new DonchError('csv_damaged', 'the file cannot be unzipped', {
      file,
      expected: 'an intact gzip file',
      cause,
    });
  }
}

function utf8Of(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DonchError('csv_damaged', 'the file is not UTF-8 text', { file, expected: 'UTF-8', cause });
  }
}
