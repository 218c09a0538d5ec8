/** Order and repetition: says which lines are out of order, sorts, drops identical rows, leaves disputed bars out. */

import { formatMinute } from '@donch/core';
import type { ParsedRows } from './parsed-rows.ts';
import { DUPLICATE, LEFT_OUT, type RawRows, VALUE_NAMES } from './raw-rows.ts';

type Ordered = Pick<ParsedRows, 'reader' | 'log' | 'textAt'>;

/** Reports the direction of the file and the lines against it; returns the usable rows sorted by time, then line. */
export function sortRows({ reader: { rows }, log, textAt }: Ordered): Int32Array {
  const inFile = rows.usable();
  let up = 0;
  let down = 0;
  for (let k = 1; k < inFile.length; k += 1) {
    const step = rows.timeMs[inFile[k]] - rows.timeMs[inFile[k - 1]];
    if (step > 0) up += 1;
    else if (step < 0) down += 1;
  }
  if (down === 0) return inFile;
  const isNewestFirst = down > up;
  if (isNewestFirst) {
    const [first, last] = [inFile[0], inFile[inFile.length - 1]];
    const message = 'the file runs from the newest row to the oldest';
    const count = inFile.length;
    log.add({ rule: 'newest_first', line: rows.line[first], lastLine: rows.line[last], count, text: '', message });
  }
  for (let k = 1; k < inFile.length; k += 1) {
    const [before, at] = [inFile[k - 1], inFile[k]];
    const step = rows.timeMs[at] - rows.timeMs[before];
    if (!(isNewestFirst ? step > 0 : step < 0)) continue;
    const message = `${formatMinute(rows.timeMs[at])} is ${isNewestFirst ? 'newer' : 'older'} than the line before (${formatMinute(rows.timeMs[before])})`;
    log.add({
      rule: 'out_of_order',
      line: rows.line[at],
      timeMs: rows.timeMs[at],
      text: textAt(rows.place[at]),
      message,
    });
  }
  const sorted = isNewestFirst ? inFile.slice().reverse() : inFile.slice();
  return sorted.sort((a, b) => rows.timeMs[a] - rows.timeMs[b] || a - b);
}

/** Which row of a bar with different values is used. */
export type ConflictPolicy = 'none' | 'first' | 'last';

/** Settles bars that occur more than once; returns the rows that remain, in order of time. */
export function settleDuplicates(ordered: Ordered, sorted: Int32Array, policy: ConflictPolicy): Int32Array {
  const { rows } = ordered.reader;
  const kept = new Int32Array(sorted.length);
  let count = 0;
  for (let from = 0; from < sorted.length;) {
    let to = from + 1;
    while (to < sorted.length && rows.timeMs[sorted[to]] === rows.timeMs[sorted[from]]) to += 1;
    const chosen = to === from + 1 ? sorted[from] : settleGroup(ordered, sorted.slice(from, to), policy);
    if (chosen >= 0) kept[count++] = chosen;
    from = to;
  }
  return kept.subarray(0, count);
}

/** The row of a group that is used, or -1. */
function settleGroup({ reader: { rows }, log, textAt }: Ordered, group: Int32Array, policy: ConflictPolicy): number {
  const timeMs = rows.timeMs[group[0]];
  const distinct: number[] = [];
  for (const at of group) {
    const same = distinct.find((other) => isSameRow(rows, at, other));
    if (same === undefined) {
      distinct.push(at);
      continue;
    }
    rows.status[at] = DUPLICATE;
    const lines = [rows.line[same], rows.line[at]];
    const message = `the bar ${formatMinute(timeMs)} again, equal to line ${lines[0]}`;
    log.add({ rule: 'duplicate_identical', line: rows.line[at], lines, timeMs, text: textAt(rows.place[at]), message });
  }
  if (distinct.length === 1) return distinct[0];
  const chosen = policy === 'none' ? -1 : policy === 'first' ? distinct[0] : distinct[distinct.length - 1];
  const lines = Array.from(group, (at) => rows.line[at]);
  const use = chosen < 0 ? 'none is used' : `line ${rows.line[chosen]} is used (--conflicts ${policy})`;
  const message = `${distinct.length} different rows of the bar ${formatMinute(timeMs)}: ${differences(rows, distinct)}; ${use}`;
  const text = textAt(rows.place[distinct[0]]);
  log.add({ rule: 'duplicate_conflicting', line: lines[0], lines, count: distinct.length, timeMs, text, message });
  for (const at of distinct) {
    if (at === chosen) continue;
    rows.status[at] = LEFT_OUT;
    log.keepOut({ line: rows.line[at], rule: 'duplicate_conflicting', text: textAt(rows.place[at]) });
  }
  return chosen;
}

/** Equal as numbers; an unknown turnover equals an unknown one. */
function isSameRow({ values }: RawRows, a: number, b: number): boolean {
  return values.every((column) => column[a] === column[b] || (Number.isNaN(column[a]) && Number.isNaN(column[b])));
}

/** `close 4024.11 / 4030`: the values that differ, in the order of the lines. */
function differences(rows: RawRows, distinct: readonly number[]): string {
  const names = VALUE_NAMES[rows.kind];
  const differing = names.flatMap((name, k) => {
    const values = distinct.map((at) => rows.values[k][at]);
    return values.every((value) => Object.is(value, values[0])) ? [] : [`${name} ${values.join(' / ')}`];
  });
  return differing.join(', ');
}
