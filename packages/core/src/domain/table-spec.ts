/** How a table is declared. */
import type { ColumnShape, ColumnType } from '../table.ts';

export interface ColumnSpec extends ColumnShape {
  readonly unit: string;
  /** What a null cell means; '' = never null. */
  readonly nullMeans: string;
  readonly meaning: string;
}

export interface TableSpec {
  readonly name: string;
  /** Raised when a column changes its meaning or goes away; a newer version than the program knows is refused. */
  readonly schemaVersion: number;
  readonly meaning: string;
  readonly columns: readonly ColumnSpec[];
  /** Columns that follow the listed ones: those of the feature registry, or the keys that a sweep varied. */
  readonly followedBy: 'nothing' | 'features' | 'varied keys';
  /** Columns that identify a row. */
  readonly key: readonly string[];
  /** Columns that rows are sorted by. */
  readonly order: readonly string[];
}

/** A column that is never null; `unit` in one word where it is plain. */
export function column(name: string, type: ColumnType, unit: string, meaning: string): ColumnSpec {
  return { name, type, unit, meaning, nullMeans: '' };
}

/** The same column with cells that may be null, and what null means there. */
export function nullable(spec: ColumnSpec, nullMeans: string): ColumnSpec {
  return { ...spec, nullMeans };
}
