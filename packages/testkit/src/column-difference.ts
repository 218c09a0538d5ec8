export interface ColumnTolerance {
  /** Absolute tolerance; default 1e-9. Within either tolerance is close. */
  readonly abs?: number;
  /** Relative to the expected value; default: the absolute one. */
  readonly rel?: number;
}

/** `null` and NaN mean "no value", as in the reference vectors. */
export type ReferenceColumn = ArrayLike<number | null>;

/**
 * Compares a column of numbers with a reference: '' when they agree within the tolerance (`abs: 0` = the same numbers), else
 * the first difference in words. A value where the reference has none, and none where it has one, are differences; so is a
 * reference without any value, which would compare nothing.
 */
export function columnDifference(
  found: ReferenceColumn,
  expected: ReferenceColumn,
  { abs = 1e-9, rel = abs }: ColumnTolerance = {},
): string {
  if (found.length !== expected.length) return `found ${found.length} rows, expected ${expected.length}`;
  let compared = 0;
  for (let row = 0; row < expected.length; row += 1) {
    const wanted = expected[row] ?? Number.NaN;
    const value = found[row] ?? Number.NaN;
    if (!Number.isNaN(wanted)) compared += 1;
    const distance = Math.abs(value - wanted);
    const isClose = Object.is(value, wanted) || distance <= abs || distance <= rel * Math.abs(wanted);
    if (!isClose) return `row ${row}: found ${value}, expected ${wanted} (abs ${abs}, rel ${rel})`;
  }
  return compared > 0 ? '' : 'the reference has no value to compare with';
}
