/** What lies in a project at a moment of a sweep: how far it is, its files, its trials, what must not stay. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { hashJson, rowsOf } from '@donch/core';
import { TrialLedger } from '@donch/data';

/** What a sweep does, in this order. Keeping: the backtests of the best, the verdict and the page. */
export const PHASES = ['scanning', 'evaluating', 'recording', 'keeping', 'publishing'] as const;
export type Phase = (typeof PHASES)[number];

export interface SweepState {
  readonly phase: Phase;
  /** Files of finished chunks that wait for the rest of their sweep, with the time at which they were written. */
  readonly chunks: ReadonlyMap<string, number>;
  /** Whoever evaluates; '' = nobody has begun. */
  readonly owner: string;
}

/** @param chunks of the complete sweep. */
export function sweepState(folder: string, chunks: number): SweepState {
  const runs = join(folder, 'results', 'runs');
  const partial = join(runs, namesIn(runs).find((name) => name.startsWith('.partial-')) ?? '.partial');
  const found = new Map<string, number>();
  for (const name of namesIn(partial))
    if (/^chunk-\d+\.parquet$/u.test(name)) {
      const path = join(partial, name);
      found.set(path, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    }
  const isPublished = existsSync(join(folder, 'results', 'leaderboard.parquet'));
  const isRun = namesIn(runs).some((name) => name.startsWith('sweep-'));
  const evaluating = !existsSync(partial) ? 'scanning' : found.size < chunks ? 'evaluating' : 'recording';
  return {
    phase: isPublished ? 'publishing' : isRun ? 'keeping' : evaluating,
    chunks: found,
    owner: namesIn(join(partial, '.lock')).join(' '),
  };
}

/** Bytes of everything that a command may read later, by path below the results folder; the ledger is compared by its trials. */
export function resultFiles(folder: string): ReadonlyMap<string, Buffer> {
  const results = join(folder, 'results');
  const files = new Map<string, Buffer>();
  for (const path of filesBelow(results)) {
    const name = relative(results, path).replaceAll('\\', '/');
    const isResult = !name.startsWith('ledger/') && !name.split('/').some((part) => part.startsWith('.'));
    // when, and how long it took
    if (isResult && basename(name) !== 'timing.json') files.set(name, readFileSync(path));
  }
  return files;
}

/** Id, result and daily returns of every trial; not when, nor how often it was evaluated. */
export function trialsIn(folder: string): string[] {
  const ledger = new TrialLedger(join(folder, 'results'));
  const rows = rowsOf(ledger.trials());
  const returns = ledger.returnsOf(rows.map((row) => String(row['trial_id'])));
  return rows
    .map(({ time: _time, evaluations: _evaluations, run_id: _run, ...row }) => {
      const series = returns.get(String(row['trial_id']));
      return `${String(row['trial_id'])} ${hashJson({ ...row, returns: series === undefined ? null : [series.firstDayMs, ...series.values] })}`;
    })
    .sort();
}

/** Unfinished files and folders, and files of locks; a finished command leaves none. */
export function leftOvers(folder: string): string[] {
  return [...filesBelow(folder)]
    .map((path) => relative(folder, path).replaceAll('\\', '/'))
    .filter((name) => name.split('/').some((part) => /^\.(?:partial|draft)-|\.tmp$|^\.lock$/u.test(part)));
}

function* filesBelow(folder: string): Generator<string> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) yield join(entry.parentPath, entry.name);
}

/** None when the folder is not there, or goes at this very moment. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
