/** Turnover must be volume times a price of the bar. One row that does not fit is wrong; a file that does not fit is misread. */

import { DonchError, formatMinute } from '@donch/core';
import type { ResolvedOptions } from './import-options.ts';
import type { ParsedRows } from './parsed-rows.ts';
import { HIGH, LEFT_OUT, LOW, type RawRows, TURNOVER, USABLE, VOLUME } from './raw-rows.ts';

/** Half a per cent, and one unit of the last digit that exports keep: rounding of either number. */
const RELATIVE_TOLERANCE = 0.005;
const ABSOLUTE_TOLERANCE = 0.01;

/**
 * Leaves out rows whose turnover / volume lies outside low..high, or exchanges the two (repair). Throws `turnover_unfit_file`
 * when it is most rows: an inverse contract, whose volume counts dollars, or the wrong column.
 */
export function checkTurnover({ reader: { rows }, log, textAt }: ParsedRows, options: ResolvedOptions): void {
  const unfit: number[] = [];
  let checked = 0;
  for (let at = 0; at < rows.length; at += 1) {
    if (rows.status[at] !== USABLE || Number.isNaN(rows.values[TURNOVER][at])) continue;
    checked += 1;
    if (!isFit(rows, at, VOLUME, TURNOVER)) unfit.push(at);
  }
  if (unfit.length * 2 > checked) refuseFile(unfit.length, checked);
  for (const at of unfit) {
    const text = textAt(rows.place[at]);
    const [volume, turnover] = [rows.values[VOLUME][at], rows.values[TURNOVER][at]];
    const finding = { line: rows.line[at], timeMs: rows.timeMs[at], text };
    const range = `${rows.values[LOW][at]}..${rows.values[HIGH][at]}`;
    if (options.mode === 'repair' && isFit(rows, at, TURNOVER, VOLUME)) {
      rows.values[VOLUME][at] = turnover;
      rows.values[TURNOVER][at] = volume;
      const message = `volume ${volume} and turnover ${turnover} of ${formatMinute(rows.timeMs[at])} exchanged: only so their quotient lies in ${range}`;
      log.add({ rule: 'turnover_exchanged', ...finding, message });
    } else {
      rows.status[at] = LEFT_OUT;
      const message = `turnover ${turnover} / volume ${volume} is ${(turnover / volume).toPrecision(4)}, outside ${range}`;
      log.reject({ rule: 'turnover_unfit', ...finding, message }, text);
    }
  }
}

function isFit({ values }: RawRows, at: number, volumeColumn: number, turnoverColumn: number): boolean {
  const volume = values[volumeColumn][at];
  const turnover = values[turnoverColumn][at];
  const lowest = volume * values[LOW][at];
  const highest = volume * values[HIGH][at];
  return (
    turnover >= lowest * (1 - RELATIVE_TOLERANCE) - ABSOLUTE_TOLERANCE &&
    turnover <= highest * (1 + RELATIVE_TOLERANCE) + ABSOLUTE_TOLERANCE
  );
}

function refuseFile(unfit: number, checked: number): never {
  throw new DonchError(
    'turnover_unfit_file',
    `in ${unfit} of ${checked} rows turnover / volume lies outside low..high`,
    {
      expected: 'volume in coins and turnover in dollars',
      remedy:
        'An inverse contract counts volume in dollars and is not supported; else name the columns (--columns volume=...,turnover=...; "none" = not in the file).',
    },
  );
}
