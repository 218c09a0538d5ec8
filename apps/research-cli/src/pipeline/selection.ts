/** What choosing among trials cost, read from the trial ledger of a project: for the winner of a sweep and for a single run. */
import { DAY_MS, invariant, numbersOf, textsOf, type Table } from '@donch/core';
import { drawnTrials, TrialLedger, type TrialFilter, type TrialReturns } from '@donch/data';
import {
  judgeSelection,
  sharpeOfMoments,
  type LedgerMoments,
  type MeasuredTrial,
  type SelectionOptions,
  type SelectionVerdict,
} from '@donch/stats';

/** Daily returns of something that needs no search. */
export interface NamedReturns {
  readonly name: string;
  readonly returns: TrialReturns;
}

export interface SelectionRequest {
  readonly resultsFolder: string;
  /** Window of the trials, UTC ms, end exclusive. */
  readonly window: { readonly startMs: number; readonly endMs: number };
  readonly trialId: string;
  /** Daily returns of the chosen trial, for one whose returns the ledger has not kept. */
  readonly returns?: TrialReturns;
  /** What people call trials, by id; the others are called by their run. */
  readonly tags?: ReadonlyMap<string, string>;
  readonly benchmarks?: readonly NamedReturns[];
  readonly seed: number;
  readonly options?: SelectionOptions;
}

export interface ReadSelection {
  readonly kind: 'selection';
  readonly verdict: SelectionVerdict;
  /** Trials with returns that have gaps or do not cover the days of the chosen one: in N, and not among the measured ones. */
  readonly leftOut: number;
  /** Thresholds that searches for a p* looked at on overlapping data: not in N, for none of them has an account. */
  readonly thresholds: number;
}

/** There is no verdict, and why: a sentence without its point. */
export interface NoSelection {
  readonly kind: 'none';
  readonly why: string;
}

/** Trials with an account; searches for a threshold have none. */
const ACCOUNTS = ['backtest', 'sweep'] as const satisfies TrialFilter['kinds'];

/**
 * The verdict on a trial of the ledger. N counts the configurations ever evaluated on overlapping data; their spread comes from the same
 * window, where each configuration counts once, with its newest evaluation. With thousands of trials it computes for seconds. Throws
 * `ledger_damaged`, `journal_damaged`.
 */
export function readSelection(request: SelectionRequest): ReadSelection | NoSelection {
  const { resultsFolder, window, trialId, benchmarks = [], seed, options } = request;
  const ledger = new TrialLedger(resultsFolder);
  const inWindow = ledger.trials({ kinds: ACCOUNTS, window });
  const ids = textsOf(inWindow, 'trial_id').map(text);
  if (!ids.includes(trialId)) return { kind: 'none', why: 'the trial ledger does not know it on this window' };
  const rows = newestRows(inWindow, trialId);
  const kept = ledger.returnsOf(rows.map((row) => ids[row]));
  const chosen = kept.get(trialId) ?? request.returns;
  if (chosen === undefined) return { kind: 'none', why: 'its daily returns were not kept' };
  if (!chosen.values.every(Number.isFinite)) return { kind: 'none', why: 'some of its days have no return' };
  const drawn = drawnTrials(ids.map((id, row) => ({ trial_id: id, days: numbersOf(inWindow, 'days')[row] })));
  const tagOf = tagsOf(inWindow, request.tags);
  const known = new Map(kept).set(trialId, chosen);
  const trials = [...known].flatMap(([id, returns]): MeasuredTrial[] => {
    const values = onDaysOf(chosen, returns);
    if (!values.every(Number.isFinite)) return [];
    return [{ id, tag: tagOf(id), returns: values, isDrawn: drawn.has(id) && kept.has(id) }];
  });
  const verdict = judgeSelection({
    trials,
    chosenId: trialId,
    firstDayMs: chosen.firstDayMs,
    configurations: countConfigurations(ledger, window),
    ledger: momentsOf(inWindow, rows),
    benchmarks: benchmarks.map(({ name, returns }) => ({ name, returns: onDaysOf(chosen, returns) })),
    seed,
    ...(options !== undefined && { options }),
  });
  return {
    kind: 'selection',
    verdict,
    leftOut: known.size - trials.length,
    thresholds: countThresholds(ledger, window),
  };
}

const text = (value: string | null): string => value ?? '';

/** Row of the newest evaluation of each configuration; that of the chosen trial for its own. */
function newestRows(trials: Table, chosenId: string): number[] {
  const ids = textsOf(trials, 'trial_id');
  const rows = new Map<string, number>();
  // the ledger is in order of time
  for (const [row, configuration] of textsOf(trials, 'configuration_id').map(text).entries()) {
    const before = rows.get(configuration);
    if (before === undefined || ids[before] !== chosenId) rows.set(configuration, row);
  }
  return [...rows.values()];
}

/** Returns on the days of the chosen trial; NaN on days that they do not have. */
function onDaysOf({ firstDayMs, values: days }: TrialReturns, returns: TrialReturns): Float64Array {
  const shift = (firstDayMs - returns.firstDayMs) / DAY_MS;
  invariant(Number.isInteger(shift), 'daily returns begin at midnight');
  return days.map((_, day) => returns.values[day + shift] ?? Number.NaN);
}

function tagsOf(trials: Table, tags: SelectionRequest['tags']): (id: string) => string {
  const runs = textsOf(trials, 'run_id');
  const runOf = new Map(textsOf(trials, 'trial_id').map((id, row) => [text(id), text(runs[row])]));
  return (id) => tags?.get(id) ?? `${runOf.get(id) ?? ''} ${id.slice(0, TAG_DIGITS)}`;
}

/** Of the id of a trial: enough to tell the trials of a sweep apart. */
const TAG_DIGITS = 8;

function momentsOf(trials: Table, rows: readonly number[]): LedgerMoments {
  const column = (name: string): Float64Array => {
    const values = numbersOf(trials, name);
    return Float64Array.from(rows, (row) => values[row]);
  };
  const sd = column('return_sd');
  const mean = column('return_mean');
  const ids = textsOf(trials, 'trial_id');
  return {
    ids: rows.map((row) => text(ids[row])),
    days: column('days'),
    sharpe: mean.map((value, k) => sharpeOfMoments(value, sd[k])),
    skewness: column('return_skew'),
    kurtosis: column('return_kurtosis'),
  };
}

/** N. */
function countConfigurations(ledger: TrialLedger, window: SelectionRequest['window']): number {
  const overlapping = ledger.trials({ kinds: ACCOUNTS, window, match: 'overlapping' });
  return new Set(textsOf(overlapping, 'configuration_id')).size;
}

function countThresholds(ledger: TrialLedger, window: SelectionRequest['window']): number {
  const searches = ledger.trials({ kinds: ['threshold'], window, match: 'overlapping' });
  return numbersOf(searches, 'configurations').reduce((sum, count) => sum + count, 0);
}
