/**
 * A table as typed columns: what every command reads and writes (Parquet, CSV). Data only, no methods.
 * Numbers, instants and booleans are Float64Arrays in which NaN is null; text columns hold null itself.
 */
import { DonchError } from './errors.ts';
import { invariant } from './invariant.ts';

/** `time`: UTC ms. `bool`: 1, 0. `int`: whole numbers up to 2^53. */
export type ColumnType = 'time' | 'float' | 'int' | 'bool' | 'text';
export type NumericColumnType = Exclude<ColumnType, 'text'>;

export type NumericColumn = { readonly type: NumericColumnType; readonly values: Float64Array };
export type TextColumn = { readonly type: 'text'; readonly values: readonly (string | null)[] };
export type Column = NumericColumn | TextColumn;

export interface Table {
  readonly name: string;
  readonly length: number;
  /** In file order. */
  readonly columns: ReadonlyMap<string, Column>;
}

/** One cell outside of columns; null (or NaN) = null. */
export type Cell = number | boolean | string | null;
export type Row = Readonly<Record<string, Cell>>;

/** A column by name; throws `no_column` naming the columns that exist. */
export function columnOf(table: Table, name: string): Column {
  const column = table.columns.get(name);
  if (column === undefined) {
    throw new DonchError('no_column', `table ${table.name} has no column "${name}"`, {
      expected: [...table.columns.keys()].join(', '),
    });
  }
  return column;
}

/** Values of a numeric, time or boolean column (NaN = null). */
export function numbersOf(table: Table, name: string): Float64Array {
  const column = columnOf(table, name);
  if (column.type === 'text')
    throw new DonchError('wrong_column_type', `column "${name}" of ${table.name} is text`, { expected: 'numbers' });
  return column.values;
}

/** Values of a text column (null = null). */
export function textsOf(table: Table, name: string): readonly (string | null)[] {
  const column = columnOf(table, name);
  if (column.type !== 'text')
    throw new DonchError('wrong_column_type', `column "${name}" of ${table.name} is ${column.type}`, {
      expected: 'text',
    });
  return column.values;
}

/** One cell: a number or null for numeric columns, true/false/null for `bool`. */
export function cellAt(column: Column, row: number): Cell {
  if (column.type === 'text') return column.values[row] ?? null;
  const value = column.values[row];
  if (Number.isNaN(value)) return null;
  return column.type === 'bool' ? value !== 0 : value;
}

/** One row as an object; for edges and tests, never in a loop over history. */
export function rowOf(table: Table, row: number): Row {
  invariant(row >= 0 && row < table.length, 'row lies inside the table');
  return Object.fromEntries([...table.columns].map(([name, column]) => [name, cellAt(column, row)]));
}

/** All rows as objects. */
export function rowsOf(table: Table): Row[] {
  return Array.from({ length: table.length }, (_, row) => rowOf(table, row));
}

/** Name and type of a column to be built. */
export interface ColumnShape {
  readonly name: string;
  readonly type: ColumnType;
}

type Growing =
  | { readonly type: 'text'; readonly values: (string | null)[] }
  | { readonly type: NumericColumnType; values: Float64Array };

/** Builds a table row by row; columns grow by doubling. A missing cell is null; an unknown one is a bug. */
export class TableBuilder {
  readonly name: string;
  length = 0;
  readonly #columns: ReadonlyMap<string, Growing>;
  /** The same columns, to be walked once per row. */
  readonly #growing: readonly Growing[];

  constructor(name: string, shapes: readonly ColumnShape[], capacity = 256) {
    this.name = name;
    this.#columns = new Map(
      shapes.map(({ name: column, type }) => [
        column,
        type === 'text' ? { type, values: [] } : { type, values: new Float64Array(capacity).fill(Number.NaN) },
      ]),
    );
    this.#growing = [...this.#columns.values()];
    invariant(this.#growing.length === shapes.length, `column names of ${name} are unique`);
  }

  append(row: Row): void {
    // messages are put together only where they are needed: this runs once per cell
    for (const key in row) if (!this.#columns.has(key)) invariant(false, `table ${this.name} has a column "${key}"`);
    for (const [name, column] of this.#columns) this.#push(column, row[name] ?? null);
    this.length += 1;
  }

  /** Appends a row by position: one cell per column, in the order of the shapes. For rows that are written by the thousand. */
  appendCells(cells: readonly Cell[]): void {
    invariant(cells.length === this.#growing.length, 'a row has one cell per column');
    for (let k = 0; k < cells.length; k += 1) this.#push(this.#growing[k], cells[k]);
    this.length += 1;
  }

  #push(column: Growing, cell: Cell): void {
    if (column.type === 'text') {
      if (cell !== null && typeof cell !== 'string') invariant(false, `column ${this.#nameOf(column)} holds text`);
      else column.values.push(cell);
    } else if (typeof cell === 'string') invariant(false, `column ${this.#nameOf(column)} holds numbers`);
    else {
      if (this.length === column.values.length) column.values = doubled(column.values);
      column.values[this.length] = cell === null ? Number.NaN : Number(cell);
    }
  }

  #nameOf(column: Growing): string {
    const [name = ''] = [...this.#columns].find(([, known]) => known === column) ?? [];
    return `${this.name}.${name}`;
  }

  /** The table so far. Columns are views: the builder must not be used afterwards. */
  finish(): Table {
    const columns = new Map<string, Column>();
    for (const [name, column] of this.#columns) {
      columns.set(
        name,
        column.type === 'text'
          ? { type: 'text', values: column.values }
          : { type: column.type, values: column.values.subarray(0, this.length) },
      );
    }
    return { name: this.name, length: this.length, columns };
  }
}

function doubled(values: Float64Array): Float64Array {
  const wider = new Float64Array(Math.max(16, values.length * 2)).fill(Number.NaN);
  wider.set(values);
  return wider;
}

/** A table from rows (tests, small tables). */
export function tableFromRows(name: string, shapes: readonly ColumnShape[], rows: readonly Row[]): Table {
  const builder = new TableBuilder(name, shapes, Math.max(1, rows.length));
  for (const row of rows) builder.append(row);
  return builder.finish();
}

/** The rows at these positions, in this order. */
export function takeRows(table: Table, positions: ArrayLike<number>): Table {
  const columns = new Map<string, Column>();
  for (const [name, column] of table.columns) {
    columns.set(name, takeColumn(column, positions));
  }
  return { name: table.name, length: positions.length, columns };
}

function takeColumn(column: Column, positions: ArrayLike<number>): Column {
  if (column.type === 'text') {
    const source = column.values;
    return { type: 'text', values: Array.from(positions, (row) => source[row]) };
  }
  const values = new Float64Array(positions.length);
  for (let k = 0; k < positions.length; k += 1) values[k] = column.values[positions[k]];
  return { type: column.type, values };
}

/** Rows ordered by the columns, ascending, nulls first, text by code unit (never by locale). Stable. */
export function sortTable(table: Table, by: readonly string[]): Table {
  const keys = by.map((name) => columnOf(table, name));
  const positions = Array.from({ length: table.length }, (_, row) => row);
  positions.sort((a, b) => {
    for (const key of keys) {
      const order = compareCells(key, a, b);
      if (order !== 0) return order;
    }
    return a - b;
  });
  return takeRows(table, positions);
}

function compareCells(column: Column, a: number, b: number): number {
  const left = cellAt(column, a);
  const right = cellAt(column, b);
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
}

/** Rows of several tables of the same columns, one after the other. */
export function concatTables(name: string, shapes: readonly ColumnShape[], tables: readonly Table[]): Table {
  const length = tables.reduce((sum, table) => sum + table.length, 0);
  const columns = new Map<string, Column>();
  for (const shape of shapes) {
    if (shape.type === 'text') {
      columns.set(shape.name, { type: 'text', values: tables.flatMap((table) => textsOf(table, shape.name)) });
    } else {
      const values = new Float64Array(length);
      let at = 0;
      for (const table of tables) {
        values.set(numbersOf(table, shape.name), at);
        at += table.length;
      }
      columns.set(shape.name, { type: shape.type, values });
    }
  }
  return { name, length, columns };
}

/** The same table with some columns renamed and the rest dropped; missing ones are an error. */
export function selectColumns(table: Table, names: readonly (readonly [from: string, to: string])[]): Table {
  return { ...table, columns: new Map(names.map(([from, to]) => [to, columnOf(table, from)])) };
}

export interface TableDifference {
  readonly row: number;
  readonly column: string;
  readonly left: Cell;
  readonly right: Cell;
}

/** The first difference of two tables, bit by bit (NaN equals NaN, 0 does not equal -0), or null. */
export function firstDifference(left: Table, right: Table): TableDifference | null {
  const names = new Set([...left.columns.keys(), ...right.columns.keys()]);
  for (const column of names) {
    if (!left.columns.has(column) || !right.columns.has(column)) {
      return { row: -1, column, left: left.columns.has(column), right: right.columns.has(column) };
    }
  }
  const rows = Math.min(left.length, right.length);
  let first: TableDifference | null = null;
  for (const column of names) {
    const a = columnOf(left, column);
    const b = columnOf(right, column);
    const row = firstDifferentRow(a, b, first === null ? rows : first.row);
    if (row >= 0) first = { row, column, left: cellAt(a, row), right: cellAt(b, row) };
  }
  if (first === null && left.length !== right.length)
    return { row: rows, column: '(rows)', left: left.length, right: right.length };
  return first;
}

function firstDifferentRow(a: Column, b: Column, rows: number): number {
  if (a.type !== b.type) return rows > 0 ? 0 : -1;
  for (let row = 0; row < rows; row += 1) if (!Object.is(a.values[row], b.values[row])) return row;
  return -1;
}
