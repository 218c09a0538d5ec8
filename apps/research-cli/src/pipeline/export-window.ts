/** `--start --end` of an export: rows of a table by its time column. */
import { DonchError, numbersOf, parseTimeArgument, takeRows, type Table } from '@donch/core';
import type { ExportFlags } from '../commands/export.ts';

/** `[fromMs, toMs)`; null = open. */
export interface ExportWindow {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** Window of the flags. Throws `bad_time`, also for an end that is not after the start. */
export function exportWindow({ start, end }: ExportFlags): ExportWindow {
  const fromMs = start === undefined ? null : parseTimeArgument(start, '--start');
  const toMs = end === undefined ? null : parseTimeArgument(end, '--end');
  if (fromMs !== null && toMs !== null && fromMs >= toMs) {
    throw new DonchError('bad_time', `--start ${start} is not before --end ${end}`, {
      expected: 'a window with time in it',
    });
  }
  return { fromMs, toMs };
}

/** Rows whose time lies in the window. */
export function inWindow(table: Table, column: string, { fromMs, toMs }: ExportWindow): Table {
  if (fromMs === null && toMs === null) return table;
  const times = numbersOf(table, column);
  const rows = Array.from(times.keys()).filter(
    (row) => times[row] >= (fromMs ?? -Infinity) && times[row] < (toMs ?? Infinity),
  );
  return takeRows(table, rows);
}
