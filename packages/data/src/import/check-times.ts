/** Checks of single times once the bar length is known: closing label, bars in progress, grid. */

import { formatMinute, type Interval, intervalMs, MINUTE_MS, SECOND_MS } from '@donch/core';
import { isOnGrid } from './detect-interval.ts';
import type { FindingInput } from './finding-log.ts';
import type { ParsedRows } from './parsed-rows.ts';
import { LEFT_OUT, USABLE } from './raw-rows.ts';

/** Some exports stamp a settlement with the milliseconds at which it was booked. */
const SETTLEMENT_JITTER_MS = SECOND_MS;

type Checked = Pick<ParsedRows, 'reader' | 'log' | 'textAt'>;

/** Turns closing times (09:05:00.000 or 09:04:59.999) into opening times. */
export function openingTimes({ reader: { rows } }: Checked, interval: Interval): void {
  const lengthMs = intervalMs(interval);
  for (let at = 0; at < rows.length; at += 1) {
    const closeMs = isOnGrid(rows.timeMs[at] + 1, interval) ? rows.timeMs[at] + 1 : rows.timeMs[at];
    rows.timeMs[at] = closeMs - lengthMs;
  }
}

/** Leaves out bars that close after `nowMs` and bars beside the grid. */
export function checkBarTimes(checked: Checked, interval: Interval, nowMs: number): void {
  const lengthMs = intervalMs(interval);
  leaveOut(checked, (timeMs) => {
    if (timeMs + lengthMs > nowMs) {
      return { rule: 'not_closed', message: `the bar closes at ${formatMinute(timeMs + lengthMs)}, after now` };
    }
    return isOnGrid(timeMs, interval)
      ? null
      : { rule: 'off_grid', message: `${formatMinute(timeMs)} is no opening of a ${interval} bar` };
  });
}

/** Rounds settlements to their minute; leaves out those beside it and those in the future. Returns the assumptions made. */
export function checkSettlementTimes(checked: Checked, nowMs: number): string[] {
  const { rows } = checked.reader;
  let rounded = 0;
  leaveOut(checked, (timeMs, at) => {
    const minuteMs = Math.round(timeMs / MINUTE_MS) * MINUTE_MS;
    if (Math.abs(timeMs - minuteMs) > SETTLEMENT_JITTER_MS) {
      return { rule: 'off_grid', message: `${formatMinute(timeMs)} is no full minute` };
    }
    if (minuteMs > nowMs)
      return { rule: 'not_closed', message: `the settlement ${formatMinute(minuteMs)} lies after now` };
    if (minuteMs !== timeMs) rounded += 1;
    rows.timeMs[at] = minuteMs;
    return null;
  });
  return rounded > 0 ? [`${rounded} settlement times lay up to 1 s beside a full minute and were rounded to it`] : [];
}

type Verdict = Pick<FindingInput, 'rule' | 'message'> | null;

function leaveOut({ reader: { rows }, log, textAt }: Checked, judge: (timeMs: number, at: number) => Verdict): void {
  for (let at = 0; at < rows.length; at += 1) {
    if (rows.status[at] !== USABLE) continue;
    const verdict = judge(rows.timeMs[at], at);
    if (verdict === null) continue;
    rows.status[at] = LEFT_OUT;
    const text = textAt(rows.place[at]);
    log.reject({ ...verdict, line: rows.line[at], timeMs: rows.timeMs[at], text }, text);
  }
}
