/** What each scan thread is told: the window, and its instrument's column of the ranking. */
import type { ScanWindow } from '@donch/backtester';
import { DAY_MS, WEEK_MS, type Universe } from '@donch/core';
import type { FittedRegimes, StrategyInput } from '@donch/project';
import { CrossSection, type CompiledStrategy } from '@donch/strategy';
import type { DaysResult, ScanTask, StoreTask } from '../workers/scan-worker.ts';

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
