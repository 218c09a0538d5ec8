/**
 * Of which trials daily returns are kept: the best, and a sample of all. Both depend on the set of trials alone, not on the order in
 * which they came: what has fallen out of the selection never comes back as trials are added.
 */
import { crc32 } from 'node:zlib';
import type { TrialRecord } from './ledger-record.ts';

/** Series kept of one data window: candidates of a selection, and what they were selected from. */
export const BEST_MAX = 200;
export const SAMPLE_MAX = 2_000;

/** Chooses the sample; one for all ledgers, so that two of them agree. */
const SAMPLE_SEED = 20_140_801;

/**
 * Ids of the trials of one window whose daily returns are kept: the `BEST_MAX` with the highest daily Sharpe ratio (mean / sd; one
 * without spread has none), and the `SAMPLE_MAX` with the lowest seeded hash, which is a uniform sample without replacement.
 */
export function keptTrials(trials: Iterable<TrialRecord>): Set<string> {
  const all = Array.from(trials).filter(({ days }) => days > 0);
  const best = all
    .map((trial) => ({ id: trial.trial_id, sharpe: sharpeOf(trial) }))
    .filter(({ sharpe }) => !Number.isNaN(sharpe))
    .sort((a, b) => b.sharpe - a.sharpe || byId(a, b))
    .slice(0, BEST_MAX);
  return new Set([...drawnTrials(all), ...best.map(({ id }) => id)]);
}

/**
 * Ids of the trials of one window whose returns are kept whatever they are: all of them, or the sample. The others are kept because the
 * result of the whole window was good: whoever repeats a choice on a part of it must leave them out. `trials`: all of the window.
 */
export function drawnTrials(trials: Iterable<Pick<TrialRecord, 'trial_id' | 'days'>>): Set<string> {
  const all = Array.from(trials).filter(({ days }) => days > 0);
  const sample =
    all.length <= SAMPLE_MAX
      ? all.map(({ trial_id: id }) => ({ id }))
      : all
          .map(({ trial_id: id }) => ({ id, priority: crc32(id, SAMPLE_SEED) }))
          .sort((a, b) => a.priority - b.priority || byId(a, b))
          .slice(0, SAMPLE_MAX);
  return new Set(sample.map(({ id }) => id));
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);

/** Mean / sd of daily returns; NaN without both. */
function sharpeOf({ return_mean: mean, return_sd: sd }: TrialRecord): number {
  return mean !== null && sd !== null && sd > 0 ? mean / sd : Number.NaN;
}
