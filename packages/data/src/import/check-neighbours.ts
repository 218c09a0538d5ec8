/** Doubts that only neighbours can raise, and gaps. Warnings and notes: an extreme bar may be true. */

import { formatMinute } from '@donch/core';
import type { ParsedRows } from './parsed-rows.ts';
import { CLOSE, HIGH, LOW, OPEN, EVENT, type RawRows, VOLUME } from './raw-rows.ts';

type Checked = Pick<ParsedRows, 'reader' | 'log' | 'textAt'>;

/**
 * A break between one bar's close and the next bar's open. Real bars join: in 3.2 million 5-minute bars of 55 perpetuals the
 * largest break is 8 %, in a liquidation cascade in which prices fell by 88 %.
 */
const BREAK_FRAC = 0.2;
const BREAK_LOG = Math.log(1 + BREAK_FRAC);

/** Largest funding rate that venues' caps normally allow is 4 %. */
const RATE_EXTREME = 0.05;

/** Warns about bars that break away from both neighbours, from the one before, or that moved without volume. */
export function checkBars(checked: Checked, sorted: Int32Array, lengthMs: number): void {
  const { rows } = checked.reader;
  let jumpedAt = -1;
  for (let k = 0; k < sorted.length; k += 1) {
    const at = sorted[k];
    if (rows.values[VOLUME][at] === 0 && rows.values[HIGH][at] > rows.values[LOW][at]) {
      warn(checked, at, 'moved_without_volume', `${range(rows, at)} with volume 0`);
    }
    const before = breakBetween(rows, sorted[k - 1], at);
    if (!(Math.abs(before) > BREAK_LOG)) continue;
    const after = breakBetween(rows, at, sorted[k + 1]);
    if (Math.abs(after) > BREAK_LOG && before * after < 0) {
      warn(
        checked,
        at,
        'jump',
        `${range(rows, at)} lies ${asTimes(before)} the close before and ${asTimes(-after)} the open after`,
      );
      jumpedAt = k;
    } else if (jumpedAt !== k - 1 && rows.timeMs[at] - rows.timeMs[sorted[k - 1]] === lengthMs) {
      warn(checked, at, 'jump_open', `open ${rows.values[OPEN][at]} is ${asTimes(before)} the close before`);
    }
  }
}

/** Warns about rates beyond 5 %. */
export function checkRates(checked: Checked, sorted: Int32Array): void {
  const { rows } = checked.reader;
  for (const at of sorted) {
    const rate = rows.values[EVENT][at];
    if (Math.abs(rate) > RATE_EXTREME)
      warn(checked, at, 'rate_extreme', `${rate} per settlement is ${(rate * 100).toFixed(2)} %`);
  }
}

/** Logarithm of open / previous close; NaN without a neighbour. */
function breakBetween({ values }: RawRows, before: number | undefined, at: number | undefined): number {
  return before === undefined || at === undefined ? Number.NaN : Math.log(values[OPEN][at] / values[CLOSE][before]);
}

function asTimes(logarithm: number): string {
  return `${Math.exp(logarithm).toPrecision(3)} times`;
}

function range({ values }: RawRows, at: number): string {
  return `${values[LOW][at]}..${values[HIGH][at]}`;
}

function warn(
  { reader: { rows }, log, textAt }: Checked,
  at: number,
  rule: 'jump' | 'jump_open' | 'moved_without_volume' | 'rate_extreme',
  message: string,
): void {
  const timeMs = rows.timeMs[at];
  log.add({
    rule,
    line: rows.line[at],
    timeMs,
    text: textAt(rows.place[at]),
    message: `${formatMinute(timeMs)}: ${message}`,
  });
}

/** Rows missing between two neighbours. */
export interface Gap {
  /** First missing bar or settlement. */
  readonly fromMs: number;
  /** Last missing one. */
  readonly toMs: number;
  readonly missing: number;
}

/** Gaps of ascending times on a fixed grid. */
export function gapsOf(timesMs: Float64Array, lengthMs: number): Gap[] {
  const gaps: Gap[] = [];
  for (let k = 1; k < timesMs.length; k += 1) {
    const missing = Math.round((timesMs[k] - timesMs[k - 1]) / lengthMs) - 1;
    if (missing > 0) gaps.push({ fromMs: timesMs[k - 1] + lengthMs, toMs: timesMs[k] - lengthMs, missing });
  }
  return gaps;
}

/**
 * Gaps of funding settlements, whose interval may change (8 h, 4 h, 1 h): a step is a gap when it is longer than both
 * neighbouring steps; the longer of those counts what is missing.
 */
export function fundingGapsOf(timesMs: Float64Array): Gap[] {
  const gaps: Gap[] = [];
  for (let k = 1; k < timesMs.length; k += 1) {
    const step = timesMs[k] - timesMs[k - 1];
    const before = k > 1 ? timesMs[k - 1] - timesMs[k - 2] : 0;
    const after = k + 1 < timesMs.length ? timesMs[k + 1] - timesMs[k] : 0;
    const usual = Math.max(before, after);
    if (!(usual > 0 && step > usual)) continue;
    const missing = Math.max(1, Math.round(step / usual) - 1);
    gaps.push({ fromMs: timesMs[k - 1] + usual, toMs: timesMs[k] - usual, missing });
  }
  return gaps;
}

/** One note per gap; its lines are those of the rows before and after. */
export function noteGaps({ reader: { rows }, log }: Checked, sorted: Int32Array, gaps: readonly Gap[]): void {
  let k = 0;
  for (const { fromMs, toMs, missing } of gaps) {
    while (rows.timeMs[sorted[k]] < fromMs) k += 1;
    const lines = [rows.line[sorted[k - 1]], rows.line[sorted[k]]];
    const span = missing === 1 ? formatMinute(fromMs) : `${formatMinute(fromMs)} to ${formatMinute(toMs)}`;
    log.add({
      rule: 'gap',
      line: lines[0],
      lines,
      count: missing,
      timeMs: fromMs,
      text: '',
      message: `${missing} missing between these two lines: ${span}`,
    });
  }
}
