/** Gives a file one form of times: rows in another unit are converted (repair) or left out, rows without a zone are named. */

import { DonchError, formatMinute } from '@donch/core';
import type { ResolvedOptions } from './import-options.ts';
import type { ParsedRows } from './parsed-rows.ts';
import { LEFT_OUT } from './raw-rows.ts';
import { TIME_FORMS } from './time-cell.ts';

/** Share of rows below which the most frequent form is no majority but half of two glued files. */
const MAIN_SHARE_MIN = 0.8;

const FORM_WORDS = ['text', 'seconds', 'milliseconds', 'microseconds', 'nanoseconds'];

/**
 * Settles the form of the file's times and returns the assumptions made. Throws `time_unit_unclear` when no form has four
 * fifths of the rows (outside repair mode), `time_unit_conflict` when the stated unit is not the one of the rows.
 */
export function settleTimes({ reader, log, textAt }: ParsedRows, options: ResolvedOptions): string[] {
  const { rows } = reader;
  const counts = TIME_FORMS.map(() => 0);
  for (let at = 0; at < rows.length; at += 1) counts[rows.form[at]] += 1;
  const main = mainForm(counts, rows.length, options);
  const isRepair = options.mode === 'repair';
  for (let at = 0; at < rows.length; at += 1) {
    if (rows.form[at] === main) continue;
    const words = `time in ${FORM_WORDS[rows.form[at]]}, all others in ${FORM_WORDS[main]}`;
    const finding = { line: rows.line[at], timeMs: rows.timeMs[at], text: textAt(rows.place[at]) };
    if (isRepair) {
      const message = `${words}: converted to ${formatMinute(rows.timeMs[at])}`;
      log.add({ rule: 'time_unit_converted', ...finding, message });
    } else {
      rows.status[at] = LEFT_OUT;
      log.reject({ rule: 'mixed_time_unit', ...finding, message: words }, finding.text);
    }
  }
  return [...formAssumption(counts, main), ...noteMissingZones({ reader, log, textAt }, options)];
}

function mainForm(counts: readonly number[], total: number, options: ResolvedOptions): number {
  const found = counts.indexOf(Math.max(...counts));
  const words = counts.flatMap((count, form) => (count > 0 ? [`${count} in ${FORM_WORDS[form]}`] : [])).join(', ');
  if (options.timeUnit !== null) {
    const stated = TIME_FORMS.indexOf(options.timeUnit);
    if (counts[stated] > 0) return stated;
    throw new DonchError('time_unit_conflict', `--time-unit says ${options.timeUnit}, the rows are: ${words}`, {
      remedy: 'Leave it out: the unit is recognised by the size of the numbers.',
    });
  }
  if (counts[found] >= total * MAIN_SHARE_MIN || options.mode === 'repair') return found;
  throw new DonchError('time_unit_unclear', `the times have several units: ${words}`, {
    remedy: 'Set --time-unit to keep the rows of one unit, or --repair to convert the others.',
  });
}

function formAssumption(counts: readonly number[], main: number): string[] {
  return counts[main] > 0 && main > 0 ? [`times are ${FORM_WORDS[main]} since 1970 (recognised by their size)`] : [];
}

/** One assumption when no row names a zone; findings for the runs of rows that do not, when others do. */
function noteMissingZones(
  { reader: { rows }, log, textAt }: Pick<ParsedRows, 'reader' | 'log' | 'textAt'>,
  options: ResolvedOptions,
): string[] {
  let missing = 0;
  for (let at = 0; at < rows.length; at += 1) missing += 1 - rows.zoneGiven[at];
  if (missing === 0) return [];
  const zone =
    options.zoneOffsetMs === null ? 'UTC assumed' : `the stated zone (${formatOffset(options.zoneOffsetMs)}) used`;
  if (missing === rows.length) return [`the times name no zone: ${zone}`];
  for (let from = 0; from < rows.length; from += 1) {
    if (rows.zoneGiven[from] === 1) continue;
    let to = from;
    while (to + 1 < rows.length && rows.zoneGiven[to + 1] === 0) to += 1;
    log.add({
      rule: 'time_zone_missing',
      line: rows.line[from],
      lastLine: rows.line[to],
      count: to - from + 1,
      timeMs: rows.timeMs[from],
      text: textAt(rows.place[from]),
      message: `no time zone: ${zone}`,
    });
    from = to;
  }
  return [`${missing} of ${rows.length} rows name no time zone: ${zone}`];
}

function formatOffset(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / 60_000;
  const clock = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return `${offsetMs < 0 ? '-' : '+'}${clock}`;
}
