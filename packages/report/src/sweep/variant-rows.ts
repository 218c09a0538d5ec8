/** Variants of a sweep as the page looks at them. */
import { cellAt, columnOf, numbersOf, textsOf, type Cell } from '@donch/core';
import type { SweepAxis, SweepReportInput } from './sweep-report-input.ts';

type Texts = 'variant_id' | 'tag' | 'guard' | 'trial_id' | 'engine_reason';

/** A text of every variant; '' where there is none. */
export function textOf({ leaderboard }: Pick<SweepReportInput, 'leaderboard'>, name: Texts): string[] {
  return textsOf(leaderboard, name).map((text) => text ?? '');
}

/** A figure of every variant. */
export function figureOf({ leaderboard }: Pick<SweepReportInput, 'leaderboard'>, name: string): Float64Array {
  return numbersOf(leaderboard, name);
}

/** Row of the variant that the page is about: the one the selection has judged, else the first without a guard; -1 = there is none. */
export function bestRow(input: SweepReportInput): number {
  const { selection } = input;
  const judged = selection.kind === 'selection' ? textOf(input, 'trial_id').indexOf(selection.verdict.chosenId) : -1;
  return judged >= 0 ? judged : textOf(input, 'guard').indexOf('');
}

/** What a value of a key is called. */
export function valueText(value: Cell): string {
  if (value === null) return 'none';
  if (value === true) return 'on';
  if (value === false) return 'off';
  return String(value).replace(/^-/, '\u2212');
}

/** Values of the varied keys of one variant: `SL_ATR_MULT 2.5, TIME_EXIT_HOURS none`. */
export function parametersText({ leaderboard, axes }: SweepReportInput, row: number): string {
  return axes.map(({ key }) => `${key} ${valueText(cellAt(columnOf(leaderboard, key), row))}`).join(', ');
}

/** Place of every variant on an axis. */
export function placesOn({ leaderboard }: SweepReportInput, { key, values }: SweepAxis): Int32Array {
  const column = columnOf(leaderboard, key);
  return Int32Array.from({ length: leaderboard.length }, (_, row) => values.indexOf(cellAt(column, row)));
}

/** Keys with two values or more: what there is to compare. */
export function variedAxes({ axes }: SweepReportInput): SweepAxis[] {
  return axes.filter(({ values }) => values.length > 1);
}
