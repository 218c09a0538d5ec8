/** Whether a table is what its TableSpec says: columns, order, types, nulls. One list of all problems, not the first one. */
import { DonchError, DonchErrors, type Column, type ColumnSpec, type Table, type TableSpec } from '@donch/core';
import { checkNumbers, checkTexts } from './cell-rules.ts';

export interface TableCheckOptions {
  /** Name of the file for messages. */
  readonly file?: string;
  /** True = the listed columns may stand anywhere in the file. Readers allow it, writers do not. */
  readonly anyOrder?: boolean;
}

/** Throws `table_mismatch` with every column that is missing, of another type, null where it may not be, or not listed. */
export function checkTable(table: Table, spec: TableSpec, { file, anyOrder = false }: TableCheckOptions = {}): void {
  const problems: DonchError[] = [];
  const report = (found: string, expected: string): void => {
    problems.push(new DonchError('table_mismatch', found, { ...(file !== undefined && { file }), expected }));
  };
  const names = [...table.columns.keys()];
  for (const [position, column] of spec.columns.entries()) {
    const found = table.columns.get(column.name);
    if (found === undefined)
      report(`column "${column.name}" is missing`, `a ${column.type} column (${column.meaning})`);
    else if (found.type !== column.type) report(`column "${column.name}" is ${found.type}`, column.type);
    else if (!anyOrder && names[position] !== column.name)
      report(`column ${position} is "${names[position]}"`, column.name);
    else problems.push(...cellProblems(found, column, file));
  }
  const listed = new Set(spec.columns.map((column) => column.name));
  const extra = names.filter((name) => !listed.has(name));
  if (spec.followedBy === 'nothing' && extra.length > 0)
    report(`columns ${extra.join(', ')} are not part of "${spec.name}"`, 'none');
  if (problems.length > 0) throw new DonchErrors('table_mismatch', `table "${spec.name}"`, problems);
}

function cellProblems(column: Column, { name, nullMeans }: ColumnSpec, file: string | undefined): DonchError[] {
  const rule = { name, isNullable: nullMeans !== '' };
  try {
    if (column.type === 'text') checkTexts(column.values, rule);
    else checkNumbers(column.values, { ...rule, type: column.type });
    return [];
  } catch (cause) {
    if (!(cause instanceof DonchError)) throw cause;
    return [new DonchError(cause.code, cause.found, { ...cause.detail, ...(file !== undefined && { file }) })];
  }
}
