import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DonchError,
  TABLES,
  firstDifference,
  rowsOf,
  tableFromRows,
  type Column,
  type ColumnType,
  type Table,
  type TableSpec,
} from '@donch/core';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeParquet } from './parquet.ts';
import { decodeTable, encodeTable, readTable, readTableWithReport, tableHash, writeTable } from './table-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'donch-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);

const TIME = Date.UTC(2025, 0, 22, 0, 30);

const MIXED = tableFromRows(
  'mixed',
  [
    { name: 'time', type: 'time' },
    { name: 'price', type: 'float' },
    { name: 'count', type: 'int' },
    { name: 'is_up', type: 'bool' },
    { name: 'symbol', type: 'text' },
  ],
  [
    { time: TIME, price: 0.1 + 0.2, count: 3, is_up: true, symbol: 'ETHUSDT' },
    { time: TIME + 1, price: 1e-7, count: -4, is_up: false, symbol: 'say "hi", now\nthen' },
    { time: null, price: null, count: null, is_up: null, symbol: null },
    { time: TIME, price: Number.POSITIVE_INFINITY, count: 0, is_up: true, symbol: '' },
    { time: TIME, price: -0, count: Number.MAX_SAFE_INTEGER, is_up: false, symbol: '币安人生USDT ' },
  ],
);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : `not a DonchError: ${String(error)}`;
}

async function codeOfRead(read: Promise<unknown>): Promise<string> {
  return read.then(
    () => 'no error',
    (error: unknown) => codeOf(error),
  );
}

describe('writeTable and readTable', () => {
  it.each(['parquet', 'csv', 'csv.gz'] as const)('give the same table back as %s', async (format) => {
    const path = at(`mixed.${format}`);
    writeTable(path, MIXED);
    const types = new Map([...MIXED.columns].map(([name, { type }]) => [name, type]));
    const spec = specOf(types);
    expect(firstDifference(await readTable(path, spec), MIXED)).toBeNull();
  });

  it('write CSV as notebooks read it', () => {
    const text = new TextDecoder().decode(encodeTable(MIXED, 'csv'));
    expect(text).toBe(
      [
        'time,price,count,is_up,symbol',
        '2025-01-22 00:30:00+00:00,0.30000000000000004,3,true,ETHUSDT',
        '2025-01-22 00:30:00.001+00:00,1e-7,-4,false,"say ""hi"", now\nthen"',
        ',,,,',
        '2025-01-22 00:30:00+00:00,inf,0,true,""',
        '2025-01-22 00:30:00+00:00,-0.0,9007199254740991,false,"币安人生USDT "',
        '',
      ].join('\n'),
    );
  });

  it.each(['parquet', 'csv', 'csv.gz'] as const)('give the same bytes for the same table as %s', (format) => {
    expect(encodeTable(MIXED, format)).toEqual(encodeTable(MIXED, format));
  });

  it('infer the types of a CSV and say so', async () => {
    writeTable(at('inferred.csv'), MIXED);
    const { table, inferred } = await readTableWithReport(at('inferred.csv'));
    expect(inferred.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'time time',
      'price float',
      'count float',
      'is_up bool',
      'symbol text',
    ]);
    expect(table.length).toBe(5);
  });

  it('leave identifiers with leading zeros as text', async () => {
    writeFileSync(at('ids.csv'), 'id,code\n007,1\n012,2\n');
    const { table } = await readTableWithReport(at('ids.csv'));
    expect(rowsOf(table)).toEqual([
      { id: '007', code: 1 },
      { id: '012', code: 2 },
    ]);
  });

  it.each(['parquet', 'csv'] as const)('carry a table without rows as %s', async (format) => {
    const empty = tableFromRows(
      'empty',
      [
        { name: 'time', type: 'time' },
        { name: 'x', type: 'text' },
      ],
      [],
    );
    writeTable(at(`empty.${format}`), empty);
    const back = await readTable(at(`empty.${format}`));
    expect([back.length, [...back.columns.keys()]]).toEqual([0, ['time', 'x']]);
  });

  it('read what other programs write: byte order mark, CRLF, Python words, no final line end', async () => {
    writeFileSync(at('foreign.csv'), '\uFEFFts,p,ok\r\n2025-01-22T00:30:00Z,nan,True\r\n2025-01-22 00:35,0.5,False');
    expect(rowsOf(await readTable(at('foreign.csv')))).toEqual([
      { ts: TIME, p: null, ok: true },
      { ts: TIME + 300_000, p: 0.5, ok: false },
    ]);
  });
});

function specOf(types: ReadonlyMap<string, ColumnType>): TableSpec {
  const columns = [...types].map(([name, type]) => ({ name, type, unit: '', nullMeans: 'not given', meaning: 'x' }));
  return { name: 'mixed', schemaVersion: 3, meaning: 'x', columns, followedBy: 'nothing', key: [], order: [] };
}

describe('a table with a spec', () => {
  const equity = tableFromRows('equity', TABLES.equity.columns, [
    {
      time: TIME,
      equity_usd: 1_000,
      cash_usd: 1_000,
      unrealised_usd: 0,
      open_positions: 0,
      gross_notional_usd: 0,
      open_risk_usd: 0,
    },
  ]);
  const without = (name: string): Table => ({
    ...equity,
    columns: new Map([...equity.columns].filter(([key]) => key !== name)),
  });
  const withColumn = (name: string, column: Column): Table => ({
    ...equity,
    columns: new Map([...equity.columns, [name, column]]),
  });
  const one = (value: number): Column => ({ type: 'float', values: Float64Array.of(value) });

  it('is written and read when it fits', async () => {
    writeTable(at('equity.parquet'), equity, TABLES.equity);
    expect(firstDifference(await readTable(at('equity.parquet'), TABLES.equity), equity)).toBeNull();
  });

  it.each([
    ['a missing column', () => without('cash_usd'), 'column "cash_usd" is missing'],
    ['another type', () => withColumn('time', one(TIME)), 'column "time" is float'],
    [
      'a null in a column that is never null',
      () => withColumn('cash_usd', one(Number.NaN)),
      'column "cash_usd" is null',
    ],
    ['a column that is not listed', () => withColumn('mood', one(1)), 'columns mood are not part of "equity"'],
    ['half a millisecond', () => withColumn('time', { type: 'time', values: Float64Array.of(0.5) }), 'holds 0.5'],
  ])('is refused for %s', (_, make, message) => {
    expect(() => writeTable(at('bad.parquet'), make(), TABLES.equity)).toThrow(message);
  });

  it('may have the columns of the feature registry after the listed ones', () => {
    const signals = tableFromRows('signals', [...TABLES.signals.columns, { name: 'rsi_1h', type: 'float' }], []);
    expect(() => encodeTable(signals, 'parquet', TABLES.signals)).not.toThrow();
  });

  it('is refused when a newer program wrote it, or when it is another table', async () => {
    writeTable(at('newer.parquet'), equity, { ...TABLES.equity, schemaVersion: 99 });
    expect(await codeOfRead(readTable(at('newer.parquet'), TABLES.equity))).toBe('newer_schema');
    expect(await codeOfRead(readTable(at('newer.parquet'), TABLES.funding))).toBe('wrong_table');
  });
});

const cell = {
  time: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
  float: fc.double({ noNaN: true }),
  int: fc.maxSafeInteger(),
  bool: fc.constantFrom(0, 1),
} as const;

const NAMES = ['time', 'float', 'int', 'bool', 'text'] as const;

/** Tables of one column of each type, with nulls, infinities, -0, extreme times and any text. */
const anyTable = fc.integer({ min: 0, max: 40 }).chain((rows) => {
  const exactly = { minLength: rows, maxLength: rows };
  const numbers = (type: keyof typeof cell): fc.Arbitrary<Column> =>
    fc.array(fc.option(cell[type], { nil: Number.NaN }), exactly).map((values) => ({
      type,
      values: Float64Array.from(values, (value) => (type === 'float' ? value : value + 0)),
    }));
  const texts = fc
    .array(fc.option(fc.string({ unit: 'binary' }), { nil: null }), exactly)
    .map((values): Column => ({ type: 'text', values }));
  return fc.tuple(numbers('time'), numbers('float'), numbers('int'), numbers('bool'), texts).map((columns): Table => ({
    name: 'any',
    length: rows,
    columns: new Map(NAMES.map((name, k) => [name, columns[k]])),
  }));
});

const ANY_SPEC: TableSpec = { ...specOf(new Map(NAMES.map((name) => [name, name]))), name: 'any' };

describe('any table', () => {
  it.each(['parquet', 'csv'] as const)('survives %s bit by bit', async (format) => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (table) => {
        const bytes = encodeTable(table, format, ANY_SPEC);
        const back = await decodeTable(bytes, { file: 'any', format, spec: ANY_SPEC });
        expect(firstDifference(back.table, table)).toBeNull();
        expect(tableHash(back.table)).toBe(tableHash(table));
      }),
      { numRuns: 150, seed: 7 },
    );
  });
});

describe('damaged files', () => {
  it('are a DonchError for every changed byte of a Parquet file, never other values', async () => {
    const bytes = encodeTable(MIXED, 'parquet');
    for (let k = 0; k < bytes.length; k += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[k] ^= 1 << (k % 8);
      const read = await decodeTable(damaged, { file: 'x.parquet', format: 'parquet' }).catch(codeOf);
      // A changed name of the program that wrote the file says nothing about its content, which is then read as it is.
      const outcome = typeof read === 'string' ? read : JSON.stringify(firstDifference(read.table, MIXED));
      expect(`byte ${k}: ${outcome}`).toMatch(/: (parquet_damaged|parquet_unsupported|null)$/);
    }
  });

  it('are a DonchError for every cut of a Parquet file', async () => {
    const bytes = encodeTable(MIXED, 'parquet');
    for (let length = 0; length < bytes.length; length += 1) {
      const read = decodeTable(bytes.slice(0, length), { file: 'x.parquet', format: 'parquet' });
      expect(await codeOfRead(read)).toBe('parquet_damaged');
    }
  });

  it('are a DonchError, or the same table, whatever is cut out, put in or overwritten', async () => {
    const bytes = encodeTable(MIXED, 'parquet');
    const edit = fc.record({
      at: fc.integer({ min: 0, max: bytes.length }),
      drop: fc.integer({ min: 0, max: 40 }),
      put: fc.uint8Array({ maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const damaged = edits.reduce(
          (file, { at: from, drop, put }) => Buffer.concat([file.subarray(0, from), put, file.subarray(from + drop)]),
          Buffer.from(bytes),
        );
        const read = await decodeTable(damaged, { file: 'x.parquet', format: 'parquet' }).catch(codeOf);
        const outcome = typeof read === 'string' ? read : JSON.stringify(firstDifference(read.table, MIXED));
        expect(outcome).toMatch(/^(parquet_damaged|parquet_unsupported|null)$/);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it('are a DonchError or a table for any bytes as CSV', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), fc.constantFrom('csv', 'csv.gz'), async (bytes, format) => {
        const read = decodeTable(bytes, { file: 'x', format, spec: ANY_SPEC });
        await expect(read.catch((error: unknown) => codeOf(error))).resolves.toMatch(
          /csv_damaged|table_mismatch|bad_cell/,
        );
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it.each([
    ['a ragged line', 'a,b\n1,2\n3\n', 3, 'csv_damaged'],
    ['a ragged line after quotes', 'a,b\n"1\n1",2\n3\n', 4, 'csv_damaged'],
    ['a broken quote', 'a,b\n"1"x,2\n', 2, 'csv_damaged'],
    ['a doubled column', 'a,a\n1,2\n', 1, 'csv_damaged'],
    ['a word among numbers', 'price\n1\nx\n', 3, 'bad_cell'],
  ])('name the line of %s', async (_, text, line, code) => {
    const spec = specOf(new Map([['price', 'float']]));
    const read = decodeTable(new TextEncoder().encode(text), { file: 'x.csv', format: 'csv', spec });
    const error = await read.catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DonchError);
    expect([(error as DonchError).code, (error as DonchError).detail.line]).toEqual([code, line]);
  });

  it('are refused when a foreign Parquet file has a column twice', async () => {
    const column = { type: 'float' as const, values: Float64Array.of(1), isNullable: true };
    const parquet = encodeParquet({
      rows: 1,
      columns: [
        { name: 'x', ...column },
        { name: 'x', ...column },
      ],
      metadata: new Map(),
    });
    const read = decodeTable(parquet, { file: 'x.parquet', format: 'parquet' });
    expect(await codeOfRead(read)).toBe('parquet_unsupported');
  });

  it('name the format that a file name does not tell', async () => {
    expect(await codeOfRead(readTable(at('table.xlsx')))).toBe('unknown_format');
    expect(await codeOfRead(readTable(at('absent.csv')))).toBe('no_such_file');
  });
});
