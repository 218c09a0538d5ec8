/** The window of a run, from settings and stored data. */
import type { ScanWindow } from '@donch/backtester';
import { DonchError, formatMinute, intervalMs, type Interval } from '@donch/core';
import type { ProjectContext } from './project-context.ts';
import { researchWindow } from './research-window.ts';

interface WindowInput {
  readonly project: ProjectContext;
  readonly interval: Interval;
}

/** Open times of the first and the last bar of an instrument; NaN without bars. */
export interface OpenSpan {
  readonly firstOpenMs: number;
  readonly lastOpenMs: number;
}

/**
 * `[START_DATE, END_DATE)`, else everything that is stored, in any case up to the hold-out: the last decision is taken at the last close.
 * Throws `bad_time` and `in_holdout`.
 */
export function scanWindow({ project, interval }: WindowInput, spans: readonly OpenSpan[]): ScanWindow {
  const wanted = researchWindow(project.config.values);
  const barMs = intervalMs(interval);
  const firstMs = Math.min(...spans.map(({ firstOpenMs }) => firstOpenMs).filter(isKnown)) + barMs;
  const lastMs = Math.max(...spans.map(({ lastOpenMs }) => lastOpenMs).filter(isKnown)) + barMs;
  const startMs = wanted.startMs === null ? firstMs : Math.max(firstMs, onGrid(wanted.startMs, barMs));
  const afterLastMs = lastMs + barMs;
  const endMs = wanted.endMs === null ? afterLastMs : Math.min(afterLastMs, onGrid(wanted.endMs, barMs));
  if (startMs < endMs) return { startMs, endMs };
  throw new DonchError(
    'bad_time',
    `the window ${wanted.start ?? 'beginning'} to ${wanted.end ?? 'end'} holds no decision`,
    {
      expected:
        firstMs <= lastMs
          ? `a window that overlaps the stored candles: ${formatMinute(firstMs)} to ${formatMinute(lastMs)} UTC`
          : 'candles that are stored before its end',
    },
  );
}

/**
 * Where reading ends for a window whose end is known before the data are: bars that open at or after it close in or behind its end. Infinity =
 * everything may be read.
 */
export function readEndMs({ project, interval }: WindowInput): number {
  const { endMs } = researchWindow(project.config.values);
  const barMs = intervalMs(interval);
  return endMs === null ? Infinity : onGrid(endMs, barMs) - barMs;
}

const isKnown = (timeMs: number): boolean => !Number.isNaN(timeMs);
const onGrid = (timeMs: number, barMs: number): number => Math.ceil(timeMs / barMs) * barMs;
