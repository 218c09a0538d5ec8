/** What a cell of a column may hold, whatever the file format. */
import { DAY_MS, DonchError, daysFromCivil, type NumericColumnType } from '@donch/core';

/** Years 0001 to 9999: what ISO text, pandas, polars and DuckDB can all hold. */
const TIME_MIN_MS = daysFromCivil({ year: 1, month: 1, day: 1 }) * DAY_MS;
const TIME_MAX_MS = daysFromCivil({ year: 10_000, month: 1, day: 1 }) * DAY_MS;

interface Rule {
  readonly name: string;
  readonly isNullable: boolean;
}

/** Throws `unexpected_null` or `bad_cell` for the first number that a column of this type cannot hold. */
export function checkNumbers(values: Float64Array, rule: Rule & { readonly type: NumericColumnType }): void {
  const accepts = ACCEPTS[rule.type];
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (Number.isNaN(value)) {
      if (!rule.isNullable) throw nullError(rule.name, row);
    } else if (!accepts(value)) {
      throw new DonchError('bad_cell', `row ${row} of column "${rule.name}" holds ${value}`, {
        expected: EXPECTED[rule.type],
      });
    }
  }
}

/** Throws `unexpected_null`, or `bad_cell` for text that has no UTF-8 form. */
export function checkTexts(values: readonly (string | null)[], rule: Rule): void {
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (value === null) {
      if (!rule.isNullable) throw nullError(rule.name, row);
    } else if (!value.isWellFormed()) {
      throw new DonchError('bad_cell', `row ${row} of column "${rule.name}" holds ${JSON.stringify(value)}`, {
        expected: 'text without lone surrogates',
      });
    }
  }
}

const ACCEPTS: Readonly<Record<NumericColumnType, (value: number) => boolean>> = {
  time: (value) => Number.isInteger(value) && value >= TIME_MIN_MS && value < TIME_MAX_MS,
  float: () => true,
  int: Number.isSafeInteger,
  bool: (value) => value === 0 || value === 1,
};

const EXPECTED: Readonly<Record<NumericColumnType, string>> = {
  time: 'whole milliseconds in the years 0001 to 9999',
  float: 'a number',
  int: 'a whole number within 2^53',
  bool: '0 or 1',
};

function nullError(name: string, row: number): DonchError {
  return new DonchError('unexpected_null', `row ${row} of column "${name}" is null`, {
    expected: 'a value in every row',
  });
}
