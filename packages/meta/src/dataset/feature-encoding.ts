/**
 * From feature values to the numbers of a model's row, in one place for training and for serving: numbers and flags as they are,
 * categories as one column per known value, everything as float32.
 */
import { columnOf, DonchError, invariant, type Column, type FeatureValue, type Table } from '@donch/core';
import type { FeatureColumns } from '../trainer/binned-data.ts';

/** A feature as a model knows it. */
export interface EncodedFeature {
  readonly name: string;
  readonly unit: string;
  readonly dtype: 'float' | 'int' | 'bool' | 'category';
  /** Of the registry's declaration and the settings that it was computed with. */
  readonly hash: string;
  /** Known values of a category; others, and a missing one, are no column: all of its columns are 0. */
  readonly categories: readonly string[];
  /** A missing number stays missing: the trees know where it goes. Nothing is filled in. */
  readonly missing: 'missing';
}

/** Names of a row's numbers: numbers first, then `feature_value` of each category, in the order of the features. */
export function encodedNames(features: readonly EncodedFeature[]): string[] {
  return [
    ...features.filter(({ dtype }) => dtype !== 'category').map(({ name }) => name),
    ...categoriesOf(features).flatMap(({ name, categories }) => categories.map((value) => `${name}_${value}`)),
  ];
}

const categoriesOf = (features: readonly EncodedFeature[]): EncodedFeature[] =>
  features.filter(({ dtype }) => dtype === 'category');

/** One row. A feature that is absent is a bug: registry and model must agree before anything is scored. */
export function encodeRow(
  features: readonly EncodedFeature[],
  values: Readonly<Record<string, FeatureValue>>,
): Float32Array {
  const row: number[] = [];
  for (const { name, dtype } of features) {
    if (dtype === 'category') continue;
    const value = values[name];
    invariant(typeof value === 'number', `the row has the number ${name}`);
    row.push(value);
  }
  for (const { name, categories } of categoriesOf(features)) {
    const value = values[name];
    invariant(typeof value === 'string', `the row has the category ${name}`);
    for (const known of categories) row.push(value === known ? 1 : 0);
  }
  return Float32Array.from(row);
}

/** All rows of a signals table, as columns in memory that threads share. Throws `no_column`, `wrong_column_type`. */
export function encodeTable(features: readonly EncodedFeature[], signals: Table): FeatureColumns {
  const names = encodedNames(features);
  const columns: Float32Array[] = [];
  for (const { name, dtype } of features) {
    if (dtype === 'category') continue;
    columns.push(sharedColumn(signals.length, numbersIn(columnOf(signals, name), name)));
  }
  for (const { name, categories } of categoriesOf(features)) {
    const { type, values } = columnOf(signals, name);
    if (type !== 'text') throw wrongType(name, type, 'text');
    for (const known of categories)
      columns.push(sharedColumn(signals.length, (row) => (values[row] === known ? 1 : 0)));
  }
  return { names, columns };
}

function numbersIn(column: Column, name: string): (row: number) => number {
  const { type, values } = column;
  if (type !== 'text') return (row) => values[row];
  // a column without a value is read from a file as text
  if (values.every((value) => value === null)) return () => Number.NaN;
  throw wrongType(name, type, 'numbers');
}

function wrongType(name: string, found: string, expected: string): DonchError {
  return new DonchError('wrong_column_type', `the feature ${name} is ${found}`, { expected });
}

function sharedColumn(length: number, valueOf: (row: number) => number): Float32Array {
  const column = new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
  for (let row = 0; row < length; row += 1) column[row] = valueOf(row);
  return column;
}
