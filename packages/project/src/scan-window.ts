/** The window of a run, from settings and stored data. */
import type { ScanWindow } from '@donch/backtester';
import { DonchError, formatMinute, intervalMs, parseTimeArgument, type Interval } from '@donch/core';
import type { ProjectContext } from './project-context.ts';

interface WindowInput {
  readonly project: ProjectContext;
  readonly interval: Interval;
}

/** Open times of the first and the last bar of an instrument; NaN without bars. */
export interface OpenSpan {
  readonly firstOpenMs: number;
  readonly lastOpenMs: number;
}

/** `[START_DATE, END_DATE)`, else everything that is stored: the last decision is taken at the last close. Throws `bad_time`. */
export function scanWindow({ project, interval }: WindowInput, spans: readonly OpenSpan[]): ScanWindow {
  const { START_DATE: start, END_DATE: end } = project.config.values;
  const barMs = intervalMs(interval);
  const firstMs = Math.min(...spans.map(({ firstOpenMs }) => firstOpenMs).filter(isKnown)) + barMs;
  const lastMs = Math.max(...spans.map(({ lastOpenMs }) => lastOpenMs).filter(isKnown)) + barMs;
  const startMs = start === null ? firstMs : Math.max(firstMs, onGrid(parseTimeArgument(start, 'START_DATE'), barMs));
  const afterLastMs = lastMs + barMs;
  const endMs = end === null ? afterLastMs : Math.min(afterLastMs, onGrid(parseTimeArgument(end, 'END_DATE'), barMs));
  if (startMs < endMs) return { startMs, endMs };
  throw new DonchError('bad_time', `the window ${start ?? 'beginning'} to ${end ?? 'end'} holds no decision`, {
    expected: `a window that overlaps the stored candles: ${formatMinute(firstMs)} to ${formatMinute(lastMs)} UTC`,
  });
}

const isKnown = (timeMs: number): boolean => !Number.isNaN(timeMs);
const onGrid = (timeMs: number, barMs: number): number => Math.ceil(timeMs / barMs) * barMs;
