/**
 * What venues changed afterwards: one line per bar (or event) that came again with other values, old and new, append-only
 * CSV at `revisions/<venue>/<series>.csv`.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DonchError, canonicalJson, rowsOf, tableFromRows, type ColumnShape, type Row, type Table } from '@donch/core';
import { makeFolder } from './atomic-file.ts';
import { decodeCsv, encodeCsv } from './csv.ts';
import { withIoErrors } from './io-error.ts';
import { disk, errorCode, syncFolder, writeAll } from './platform.ts';

/** Columns of a revision file: when and what, then `old_` and `new_` of each value. */
export function revisionShapes(valueNames: readonly string[]): ColumnShape[] {
  return [
    { name: 'recorded_time', type: 'time' },
    { name: 'symbol', type: 'text' },
    { name: 'time', type: 'time' },
    { name: 'source', type: 'text' },
    { name: 'kept', type: 'text' },
    ...['old', 'new'].flatMap((side) =>
      valueNames.map((name): ColumnShape => ({ name: `${side}_${name}`, type: 'float' })),
    ),
  ];
}

/** One revision: `symbol, time, source (merge | tail), kept (old | new), old_*, new_*`. */
export type RevisionRow = Row;

/** Everything recorded; a line that a crash left unfinished is not there. Throws `csv_damaged`, `bad_cell`. */
export function readRevisions(path: string, shapes: readonly ColumnShape[]): Table {
  const text = wholeLines(readText(path));
  if (text === '') return tableFromRows('revisions', shapes, []);
  const { table } = decodeCsv(text, { file: path, types: new Map(shapes.map(({ name, type }) => [name, type])) });
  const missing = shapes.find(({ name }) => !table.columns.has(name));
  if (missing === undefined) return { ...table, name: 'revisions' };
  throw new DonchError('csv_damaged', `column "${missing.name}" is missing`, {
    file: path,
    line: 1,
    expected: 'the file as it was written',
  });
}

/**
 * Appends revisions and waits for the disk; called before the change itself, so that none is lost. One that is recorded already
 * as the last of its bar is not repeated: a merge that was interrupted, or that keeps refusing the same values, adds nothing.
 */
export function recordRevisions(path: string, shapes: readonly ColumnShape[], rows: readonly RevisionRow[]): void {
  if (rows.length === 0) return;
  const last = new Map(rowsOf(readRevisions(path, shapes)).map((row) => [placeOf(row), contentOf(row)]));
  const recordedMs = Date.now();
  const fresh: RevisionRow[] = [];
  for (const row of rows) {
    if (last.get(placeOf(row)) === contentOf(row)) continue;
    last.set(placeOf(row), contentOf(row));
    fresh.push({ ...row, recorded_time: recordedMs });
  }
  if (fresh.length > 0) append(path, encodeCsv(tableFromRows('revisions', shapes, fresh)));
}

function placeOf({ symbol, time }: Row): string {
  return `${String(symbol)} ${String(time)}`;
}

function contentOf(row: Row): string {
  return canonicalJson({ ...row, recorded_time: null });
}

function append(path: string, csv: string): void {
  withIoErrors(path, 'record the revisions', () => {
    makeFolder(dirname(path));
    const whole = new TextEncoder().encode(wholeLines(readText(path))).length;
    const fd = disk.open(path, 'a');
    try {
      disk.truncate(fd, whole);
      const lines = whole === 0 ? csv : csv.slice(csv.indexOf('\n') + 1);
      writeAll(fd, new TextEncoder().encode(lines));
      disk.sync(fd);
    } finally {
      disk.close(fd);
    }
    syncFolder(dirname(path));
  });
}

function readText(path: string): string {
  return withIoErrors(path, 'read the revisions', () => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      if (errorCode(cause) === 'ENOENT') return '';
      throw cause;
    }
  });
}

/** A line counts when its end has been written. */
function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}
