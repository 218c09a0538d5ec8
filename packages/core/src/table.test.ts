import { describe, expect, it } from 'vitest';
import {
  cellAt,
  columnOf,
  concatTables,
  firstDifference,
  numbersOf,
  rowOf,
  rowsOf,
  selectColumns,
  sortTable,
  TableBuilder,
  tableFromRows,
  takeRows,
  textsOf,
} from './table.ts';

const SHAPES = [
  { name: 'time', type: 'time' },
  { name: 'symbol', type: 'text' },
  { name: 'r', type: 'float' },
  { name: 'n', type: 'int' },
  { name: 'won', type: 'bool' },
] as const;

const ROWS = [
  { time: 3, symbol: 'b', r: 0.5, n: 1, won: true },
  { time: 1, symbol: null, r: null, n: 2, won: false },
  { time: 2, symbol: 'a', r: -1, n: null, won: null },
  { time: 2, symbol: 'B', r: 7, n: 4, won: true },
];

const table = tableFromRows('trades', SHAPES, ROWS);

describe('TableBuilder', () => {
  it('gives back the rows it was given, nulls included', () => {
    expect(table.length).toBe(4);
    expect(rowsOf(table)).toEqual(ROWS);
    expect([...table.columns.keys()]).toEqual(SHAPES.map(({ name }) => name));
  });

  it('grows, and a cell that is left out is null', () => {
    const builder = new TableBuilder('t', SHAPES, 1);
    for (let k = 0; k < 100; k += 1) builder.append(k % 2 === 0 ? { n: k } : { symbol: `s${k}` });
    const built = builder.finish();
    expect(numbersOf(built, 'n').length).toBe(100);
    expect(rowOf(built, 98)).toEqual({ time: null, symbol: null, r: null, n: 98, won: null });
    expect(rowOf(built, 99)).toEqual({ time: null, symbol: 's99', r: null, n: null, won: null });
  });

  it('takes NaN as null', () => {
    expect(rowOf(tableFromRows('t', SHAPES, [{ r: Number.NaN }]), 0).r).toBeNull();
  });

  it('refuses unknown columns, doubled names and cells of the wrong type', () => {
    const builder = new TableBuilder('t', SHAPES);
    expect(() => builder.append({ nope: 1 })).toThrow('has a column "nope"');
    expect(() => builder.append({ symbol: 1 })).toThrow('holds text');
    expect(() => builder.append({ r: 'x' })).toThrow('holds numbers');
    expect(() => new TableBuilder('t', [SHAPES[0], SHAPES[0]])).toThrow('unique');
  });
});

describe('columns of a table', () => {
  it('are typed', () => {
    expect([...numbersOf(table, 'won')]).toEqual([1, 0, Number.NaN, 1]);
    expect(textsOf(table, 'symbol')).toEqual(['b', null, 'a', 'B']);
    expect(cellAt(columnOf(table, 'won'), 1)).toBe(false);
    expect(() => numbersOf(table, 'symbol')).toThrow('is text; expected numbers');
    expect(() => textsOf(table, 'r')).toThrow('is float; expected text');
    expect(() => columnOf(table, 'x')).toThrow('time, symbol, r, n, won');
  });

  it('can be renamed and dropped', () => {
    const selected = selectColumns(table, [
      ['r', 'pnl_r'],
      ['time', 'entry_time'],
    ]);
    expect(rowOf(selected, 0)).toEqual({ pnl_r: 0.5, entry_time: 3 });
    expect(() => selectColumns(table, [['x', 'y']])).toThrow('no column "x"');
  });
});

describe('rows of a table', () => {
  it('are taken in any order, also twice', () => {
    expect(rowsOf(takeRows(table, [2, 0, 2]))).toEqual([ROWS[2], ROWS[0], ROWS[2]]);
    expect(takeRows(table, []).length).toBe(0);
    expect(() => rowOf(table, 4)).toThrow('inside the table');
  });

  it('are sorted with nulls first, text by code unit, equal ones as they stood', () => {
    expect(numbersOf(sortTable(table, ['time', 'symbol']), 'time')).toEqual(Float64Array.of(1, 2, 2, 3));
    expect(textsOf(sortTable(table, ['symbol']), 'symbol')).toEqual([null, 'B', 'a', 'b']);
    expect([...numbersOf(sortTable(table, ['r']), 'r')]).toEqual([Number.NaN, -1, 0.5, 7]);
    expect([...numbersOf(sortTable(table, ['won']), 'time')]).toEqual([2, 1, 3, 2]);
  });

  it('of several tables are put one after the other', () => {
    const joined = concatTables('all', SHAPES, [table, takeRows(table, []), takeRows(table, [1])]);
    expect(rowsOf(joined)).toEqual([...ROWS, ROWS[1]]);
    expect(concatTables('none', SHAPES, []).length).toBe(0);
  });
});

describe('firstDifference', () => {
  it('is null for equal tables, nulls included', () => {
    expect(firstDifference(table, tableFromRows('other name', SHAPES, ROWS))).toBeNull();
  });

  it.each([
    {
      what: 'a number',
      change: { r: 0.5000000000000001 },
      row: 0,
      expected: { column: 'r', left: 0.5, right: 0.5000000000000001 },
    },
    { what: 'a sign of zero', change: { n: -0 }, row: 3, expected: { column: 'n', left: 4, right: -0 } },
    { what: 'a text', change: { symbol: 'c' }, row: 2, expected: { column: 'symbol', left: 'a', right: 'c' } },
    { what: 'a null', change: { won: null }, row: 1, expected: { column: 'won', left: false, right: null } },
  ])('names $what', ({ change, row, expected }) => {
    const changed = tableFromRows('trades', SHAPES, ROWS.with(row, { ...ROWS[row], ...change } as (typeof ROWS)[0]));
    expect(firstDifference(table, changed)).toEqual({ row, ...expected });
  });

  it('tells 0 from -0', () => {
    const shapes = [SHAPES[2]];
    const [plus, minus] = [0, -0].map((r) => tableFromRows('t', shapes, [{ r }]));
    expect(firstDifference(plus, minus)).toEqual({ row: 0, column: 'r', left: 0, right: -0 });
  });

  it('names the earliest row, whichever column it is in', () => {
    const late = { ...ROWS[3], time: 9 };
    const early = { ...ROWS[1], won: true };
    const changed = tableFromRows('trades', SHAPES, [ROWS[0], early, ROWS[2], late]);
    expect(firstDifference(table, changed)).toMatchObject({ row: 1, column: 'won' });
  });

  it('names missing rows and columns', () => {
    expect(firstDifference(table, takeRows(table, [0, 1]))).toEqual({ row: 2, column: '(rows)', left: 4, right: 2 });
    expect(firstDifference(table, selectColumns(table, [['r', 'r']]))).toMatchObject({
      row: -1,
      left: true,
      right: false,
    });
  });
});

describe('TableBuilder.appendCells', () => {
  const shapes = [
    { name: 'word', type: 'text' },
    { name: 'number', type: 'float' },
  ] as const;

  it('takes one cell per column, by position', () => {
    const builder = new TableBuilder('t', shapes, 1);
    builder.appendCells(['a', 1]);
    builder.append({ number: 2 });
    builder.appendCells([null, null]);
    expect(rowsOf(builder.finish())).toEqual([
      { word: 'a', number: 1 },
      { word: null, number: 2 },
      { word: null, number: null },
    ]);
  });

  it.each([
    { cells: ['a'], message: 'one cell per column' },
    { cells: [1, 1], message: 't.word holds text' },
    { cells: ['a', 'b'], message: 't.number holds numbers' },
  ])('refuses $cells', ({ cells, message }) => {
    expect(() => {
      new TableBuilder('t', shapes).appendCells(cells);
    }).toThrow(message);
  });
});
