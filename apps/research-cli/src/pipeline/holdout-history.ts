/** How often a hold-out was looked at: by `donch holdout`, and by everything else that ever was evaluated on its data. */
import { intervalMs, textsOf } from '@donch/core';
import { countHoldout, readHoldoutLooks, TrialLedger, type HoldoutLook } from '@donch/data';
import { researchWindow, type ProjectContext } from '@donch/project';

export interface HoldoutHistory {
  /** First decision of the hold-out, UTC ms. */
  readonly startMs: number;
  /** How often `donch holdout` has opened it. */
  readonly looks: number;
  /** Different configurations among them. */
  readonly configurations: readonly string[];
  /** Time of the last of them, UTC ms; null = none yet. */
  readonly lastMs: number | null;
  /**
   * Ids of the configurations of the trial ledger that were evaluated on data of the hold-out in another way: before there was one, or with
   * HOLDOUT_START unset. Any = it is not untouched.
   */
  readonly otherConfigurations: readonly string[];
}

/** The hold-out of a project; null = HOLDOUT_START is not set. Throws `bad_time`, and `journal_damaged` and `ledger_damaged` for its files. */
export function holdoutOf({
  resultsFolder,
  config,
}: Pick<ProjectContext, 'resultsFolder' | 'config'>): HoldoutHistory | null {
  const { holdoutMs } = researchWindow({ ...config.values, START_DATE: null });
  if (holdoutMs === null) return null;
  const barMs = intervalMs(config.values.TIMEFRAME);
  return readHoldout(resultsFolder, Math.ceil(holdoutMs / barMs) * barMs);
}

/** What was looked at from an instant on. Throws as `holdoutOf` does. */
export function readHoldout(resultsFolder: string, startMs: number): HoldoutHistory {
  const looks = readHoldoutLooks(resultsFolder);
  return {
    startMs,
    ...countHoldout(looks, startMs),
    otherConfigurations: otherConfigurations(resultsFolder, looks, startMs),
  };
}

/** The trial of a look stands in the ledger too: it is no other one. */
function otherConfigurations(resultsFolder: string, looks: readonly HoldoutLook[], startMs: number): string[] {
  const window = { startMs, endMs: Infinity };
  const trials = new TrialLedger(resultsFolder).trials({ window, match: 'overlapping' });
  const known = new Set(looks.map(({ trial_id: id }) => id));
  const configurations = textsOf(trials, 'configuration_id');
  const others = textsOf(trials, 'trial_id').flatMap((id, row) => (known.has(String(id)) ? [] : [configurations[row]]));
  return [...new Set(others)].map(String);
}

/** All of them in words. */
export function historyText({ looks, configurations, otherConfigurations: others }: HoldoutHistory): string {
  const own =
    looks === 0 ? 'not opened yet' : `opened ${times(looks)} with ${configurationsText(configurations.length)}`;
  if (others.length === 0) return own;
  return `${own}; ${configurationsText(others.length)} evaluated on its data in another way, so it is not untouched`;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
const configurationsText = (count: number): string =>
  `${count} ${count === 1 ? 'configuration' : 'different configurations'}`;

/** The counts as documents have them. */
export function historyDocument(history: HoldoutHistory): Readonly<Record<string, unknown>> {
  return {
    startMs: history.startMs,
    looks: history.looks,
    configurations: history.configurations.length,
    otherConfigurations: history.otherConfigurations.length,
    lastLookMs: history.lastMs,
  };
}
