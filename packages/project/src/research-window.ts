/** Which part of time research may look at: START_DATE, END_DATE and the hold-out. */
import type { Terminal } from '@donch/cli';
import { DonchError, formatMinute, parseTimeArgument, type ConfigValues } from '@donch/core';

/** The keys that decide it. */
export type WindowSettings = Pick<ConfigValues, 'START_DATE' | 'END_DATE' | 'HOLDOUT_START'>;

/** Decisions from `startMs` on and before `endMs`; null = from the first, up to the last bar that is stored. */
export interface ResearchWindow {
  readonly startMs: number | null;
  readonly endMs: number | null;
  /** As they were written: START_DATE, and whichever of END_DATE and HOLDOUT_START comes first. */
  readonly start: string | null;
  readonly end: string | null;
  /** Start of the hold-out, UTC ms; null = there is none. */
  readonly holdoutMs: number | null;
  /** The hold-out ends the window, where END_DATE would not. */
  readonly isCut: boolean;
}

/**
 * `[START_DATE, END_DATE)`, ended by HOLDOUT_START: a hold-out is cut off exactly as END_DATE cuts. Throws `bad_time`, and `in_holdout` for a
 * start that lies in the hold-out.
 */
export function researchWindow(settings: WindowSettings): ResearchWindow {
  const { START_DATE: start, END_DATE: end, HOLDOUT_START: holdout } = settings;
  const startMs = timeOf(start, 'START_DATE');
  const endMs = timeOf(end, 'END_DATE');
  const holdoutMs = timeOf(holdout, 'HOLDOUT_START');
  if (startMs !== null && holdoutMs !== null && startMs >= holdoutMs) throw inHoldout(startMs, holdoutMs);
  const isCut = holdoutMs !== null && (endMs === null || endMs > holdoutMs);
  return isCut
    ? { startMs, endMs: holdoutMs, start, end: holdout, holdoutMs, isCut }
    : { startMs, endMs, start, end, holdoutMs, isCut };
}

const timeOf = (text: string | null, key: string): number | null =>
  text === null ? null : parseTimeArgument(text, key);

function inHoldout(startMs: number, holdoutMs: number): DonchError {
  return new DonchError('in_holdout', `START_DATE ${formatMinute(startMs)} UTC lies in the hold-out`, {
    expected: `a start before HOLDOUT_START, ${formatMinute(holdoutMs)} UTC`,
    remedy:
      'Nothing there is looked at while you still choose. `donch holdout` judges one configuration on it, and counts it.',
  });
}

/** Tells, in one line, that a hold-out ends the window; an END_DATE that is not reached is a warning. Throws as `researchWindow` does. */
export function tellHoldout(settings: WindowSettings, terminal: Terminal): void {
  const { holdoutMs, isCut } = researchWindow(settings);
  if (holdoutMs === null || !isCut) return;
  const line = `hold-out: nothing from ${formatMinute(holdoutMs)} UTC on is looked at`;
  const { END_DATE: end } = settings;
  if (end === null) terminal.info(line);
  else terminal.warn(`${line}; END_DATE ${end} lies behind its start and is not reached`);
}
