/** Columns of our tables as Parquet columns and back: types, nulls, times. */
import { DonchError, invariant, type ColumnShape, type ColumnType } from '@donch/core';
import type { DecodedArray, FileMetaData, SchemaElement } from 'hyparquet';
import type { ColumnSource } from 'hyparquet-writer';
import { checkNumbers, checkTexts } from './cell-rules.ts';

/** One column in memory. Numbers: NaN = null; `isNullable` false = every value is there. */
export interface ParquetColumn extends ColumnShape {
  readonly values: Float64Array | readonly (string | null)[];
  readonly isNullable: boolean;
  /** DELTA_BINARY_PACKED suits ascending times; left out: PLAIN numbers, dictionary for texts that repeat. */
  readonly encoding?: 'PLAIN' | 'DELTA_BINARY_PACKED';
  /** False = no minimum and maximum per row group: nobody looks for rows by this column. Default true. */
  readonly hasStatistics?: boolean;
}

/** Name, type and nullability of a column in a file. */
export interface ParquetShape extends ColumnShape {
  readonly isNullable: boolean;
}

/** A column as the writer takes it. */
export interface ParquetPart {
  readonly element: SchemaElement;
  readonly source: ColumnSource;
}

const PHYSICAL = {
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  float: { type: 'DOUBLE' },
  int: { type: 'INT64' },
  bool: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
} as const satisfies Record<ColumnType, Partial<SchemaElement>>;

/** A column for the writer. Throws `unexpected_null` and `bad_cell` naming column and row. */
export function toParquetColumn(column: ParquetColumn, rows: number): ParquetPart {
  const { name, type, isNullable, values, encoding, hasStatistics: statistics = true } = column;
  invariant(values.length === rows, `column ${name} has one value per row`);
  const element = { name, ...PHYSICAL[type], repetition_type: isNullable ? 'OPTIONAL' : 'REQUIRED' } as const;
  const isPlain = encoding === undefined && type !== 'text' && type !== 'bool';
  const chosen = isPlain ? 'PLAIN' : encoding;
  const source = { name, data: toParquetValues(column), statistics, ...(chosen !== undefined && { encoding: chosen }) };
  return { element, source };
}

function toParquetValues({ name, type, isNullable, values }: ParquetColumn): DecodedArray {
  if (type === 'text') {
    const texts = values as readonly (string | null)[];
    checkTexts(texts, { name, isNullable });
    return [...texts];
  }
  const numbers = values as Float64Array;
  checkNumbers(numbers, { name, type, isNullable });
  if (type === 'float')
    return isNullable ? Array.from(numbers, (value) => (Number.isNaN(value) ? null : value)) : numbers;
  if (type === 'bool') return Array.from(numbers, (value) => (Number.isNaN(value) ? null : value === 1));
  if (isNullable) return Array.from(numbers, (value) => (Number.isNaN(value) ? null : BigInt(value)));
  return BigInt64Array.from(numbers, BigInt);
}

/** Our type of a column in a file. Throws `parquet_unsupported` for types that a table cannot hold. */
export function shapeOfElement(element: SchemaElement, file: string): ParquetShape {
  const type = typeOfElement(element);
  const isFlat = element.repetition_type !== 'REPEATED';
  if (type !== undefined && isFlat) {
    return { name: element.name, type, isNullable: element.repetition_type !== 'REQUIRED' };
  }
  const found = [element.type, element.converted_type, element.logical_type?.type, element.repetition_type];
  throw new DonchError(
    'parquet_unsupported',
    `column "${element.name}" has the type ${found.filter(Boolean).join(' ')}`,
    {
      file,
      expected: 'numbers, times, booleans or text',
    },
  );
}

function typeOfElement({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): ColumnType | undefined {
  if (type === 'BOOLEAN') return 'bool';
  if (isTime({ converted, logical: logical?.type }) || type === 'INT96') return 'time';
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return 'float';
  if (type === 'INT32' || type === 'INT64') return logical?.type === 'TIME' ? undefined : 'int';
  if (type === 'FLOAT' || type === 'DOUBLE' || logical?.type === 'FLOAT16') return 'float';
  if (type === 'BYTE_ARRAY') return converted === 'BSON' || logical?.type === 'GEOMETRY' ? undefined : 'text';
  return logical?.type === 'UUID' ? 'text' : undefined;
}

const TIMES = new Set(['TIMESTAMP_MILLIS', 'TIMESTAMP_MICROS', 'TIMESTAMP', 'DATE']);

function isTime(names: { readonly converted: string | undefined; readonly logical: string | undefined }): boolean {
  return TIMES.has(names.converted ?? '') || TIMES.has(names.logical ?? '');
}

/**
 * The footer with the annotations removed that would make the decoder build one Date per value: integers then arrive as typed
 * arrays. DATE counts days, TIMESTAMP its unit; `fromParquetColumn` converts.
 */
export function withoutConversions(footer: FileMetaData): FileMetaData {
  return { ...footer, schema: footer.schema.map(withoutConversion) };
}

function withoutConversion(element: SchemaElement): SchemaElement {
  const isIntegerTime = element.type !== 'INT96' && typeOfElement(element) === 'time';
  const isJson = element.converted_type === 'JSON' || element.logical_type?.type === 'JSON';
  if (!isIntegerTime && !isJson) return element;
  const { converted_type: _converted, logical_type: _logical, ...bare } = element;
  return isJson ? { ...bare, converted_type: 'UTF8' } : bare;
}

interface FileFacts {
  readonly file: string;
  readonly rows: number;
  readonly footer: FileMetaData;
}

/** Decoded chunks as one column of the file's rows. Throws `parquet_damaged` when rows are missing. */
export function fromParquetColumn(
  chunks: readonly DecodedArray[],
  shape: ParquetShape,
  { rows, footer, file }: FileFacts,
): ParquetColumn {
  const found = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (found !== rows) {
    throw new DonchError('parquet_damaged', `column "${shape.name}" has ${found} of ${rows} rows`, { file });
  }
  if (shape.type === 'text') return { ...shape, values: chunks.flatMap(textsOfChunk) };
  const only = chunks[0];
  if (chunks.length === 1 && only instanceof Float64Array && shape.type === 'float') return { ...shape, values: only };
  const values = new Float64Array(rows);
  const element = footer.schema.find((candidate) => candidate.name === shape.name);
  const unit = element === undefined || shape.type !== 'time' ? MILLIS : unitOf(element);
  let at = 0;
  for (const chunk of chunks) {
    fillNumbers(values.subarray(at, at + chunk.length), chunk, unit);
    at += chunk.length;
  }
  if (shape.type === 'int') checkSafe(values, shape.name, file);
  return { ...shape, values };
}

/** A 64-bit integer that a float64 cannot hold would silently become another number. */
function checkSafe(values: Float64Array, name: string, file: string): void {
  const row = values.findIndex((value) => !(Math.abs(value) <= Number.MAX_SAFE_INTEGER || Number.isNaN(value)));
  if (row < 0) return;
  const found = `row ${row} of column "${name}" holds ${values[row]}`;
  throw new DonchError('bad_cell', found, { file, expected: 'whole numbers within 2^53' });
}

function textsOfChunk(chunk: DecodedArray): (string | null)[] {
  return Array.from(chunk, (value: unknown) => (typeof value === 'string' ? value : null));
}

/** How a stored integer becomes milliseconds: value x multiply / divide, rounded down. */
interface TimeUnit {
  readonly multiply: number;
  readonly divide: bigint;
}

const MILLIS: TimeUnit = { multiply: 1, divide: 1n };

function unitOf({ converted_type: converted, logical_type: logical }: SchemaElement): TimeUnit {
  if (converted === 'DATE' || logical?.type === 'DATE') return { multiply: 86_400_000, divide: 1n };
  const unit = logical?.type === 'TIMESTAMP' ? logical.unit : converted === 'TIMESTAMP_MICROS' ? 'MICROS' : 'MILLIS';
  if (unit === 'MICROS') return { multiply: 1, divide: 1_000n };
  return unit === 'NANOS' ? { multiply: 1, divide: 1_000_000n } : MILLIS;
}

function fillNumbers(target: Float64Array, chunk: DecodedArray, { multiply, divide }: TimeUnit): void {
  if (chunk instanceof BigInt64Array && divide === 1n) fillFromInt64(target, chunk);
  else if (chunk instanceof Float64Array || chunk instanceof Int32Array || chunk instanceof Float32Array)
    target.set(chunk);
  else for (let row = 0; row < target.length; row += 1) target[row] = numberOf(chunk[row], divide);
  if (multiply !== 1) for (let row = 0; row < target.length; row += 1) target[row] *= multiply;
}

/** Halves of 64-bit integers instead of one BigInt per value: five times as fast. Exact up to 2^53. */
function fillFromInt64(target: Float64Array, chunk: BigInt64Array): void {
  const low = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.length * 2);
  const high = new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length * 2);
  for (let row = 0; row < target.length; row += 1) target[row] = high[2 * row + 1] * 4_294_967_296 + low[2 * row];
}

function numberOf(value: unknown, divide: bigint): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(floorDivide(value, divide));
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Date ? value.getTime() : Number.NaN;
}

function floorDivide(value: bigint, divide: bigint): bigint {
  const quotient = value / divide;
  return value < 0n && quotient * divide !== value ? quotient - 1n : quotient;
}
