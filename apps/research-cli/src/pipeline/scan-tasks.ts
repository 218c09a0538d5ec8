/** What each scan thread is told: the window, and its instrument's column of the ranking. */
import type { ScanWindow } from '@donch/backtester';
import {
  DAY_MS,
  DonchError,
  formatMinute,
  intervalMs,
  parseTimeArgument,
  WEEK_MS,
  type Interval,
  type Universe,
} from '@donch/core';
import { CrossSection, type CompiledStrategy } from '@donch/strategy';
import type { DaysResult, ScanTask, StoreTask } from '../workers/scan-worker.ts';
import type { ProjectContext } from './project-context.ts';
import type { FittedRegimes } from './regimes.ts';
import type { StrategyInput } from './strategies.ts';

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

export interface ScanTasksInput {
  readonly storeTasks: readonly StoreTask[];
  readonly strategyInput: StrategyInput;
  readonly strategy: CompiledStrategy;
  readonly regimes: FittedRegimes;
  /** Parallel to the members, like `storeTasks`. */
  readonly days: readonly DaysResult[];
  readonly window: ScanWindow;
  readonly universe: Universe;
}

/** One task per member; each carries its own column of the ranking. */
export function scanTasks(input: ScanTasksInput): ScanTask[] {
  const { storeTasks, strategyInput, strategy, regimes, days, window, universe } = input;
  const { settings } = strategy;
  const section = new CrossSection(
    { mode: settings.RS_MODE, score: settings.RS_SCORE },
    days.map((result) => result.days),
    universe.members,
  );
  const rankTimesMs = rankTimes(section, window, settings.RS_MODE === 'weekly' ? WEEK_MS : DAY_MS);
  return storeTasks.map((task, member) => ({
    ...task,
    strategy: strategyInput,
    regimes,
    window,
    rankTimesMs,
    rsPercentiles: Float64Array.from(rankTimesMs, (timeMs) => section.percentileAt(member, timeMs)),
    listedMs: universe.members[member].fromMs ?? Number.NaN,
    memberFromMs: universe.members[member].fromMs ?? -Infinity,
    memberToMs: universe.members[member].toMs ?? Infinity,
  }));
}

function rankTimes(section: CrossSection, { startMs, endMs }: ScanWindow, periodMs: number): Float64Array {
  const times: number[] = [];
  for (let timeMs = section.rankTimeMs(startMs); timeMs < endMs; timeMs += periodMs) times.push(timeMs);
  return Float64Array.from(times);
}
