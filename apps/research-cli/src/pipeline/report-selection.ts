/** What the trial ledger knows of the search that a run is a part of. */
import type { StressReport } from '@donch/backtester';
import { numbersOf, textsOf, type Table } from '@donch/core';
import { TrialLedger, type Run, type TrialReturns } from '@donch/data';
import type { SelectionFindings } from '@donch/report';
import { dailyReturns, type SelectionOptions } from '@donch/stats';
import { configurationHashes } from './record-trials.ts';
import { readSettings } from './report-input.ts';
import { readSelection, type NamedReturns } from './selection.ts';

export interface RunSelection {
  readonly run: Run;
  /** TABLES.equity of the run. */
  readonly equity: Table;
  readonly resultsFolder: string;
  readonly options: SelectionOptions;
  /** However many trials there are. */
  readonly isPatient: boolean;
  /** Gives benchmarks; null = there is none. */
  readonly stress: StressReport | null;
}

/** A search of so many trials is judged in a second or two. */
const TRIALS_QUICK = 300;

/** The verdict on the run as the result of a search, or why there is none. Throws `ledger_damaged`, `journal_damaged`. */
export function selectionOfRun({ run, equity, resultsFolder, ...how }: RunSelection): SelectionFindings {
  const { start_ms: start, end_ms: end } = run.manifest.parameters;
  const window = { startMs: Number(start), endMs: Number(end) };
  const trials = new TrialLedger(resultsFolder).trials({ kinds: ['backtest', 'sweep'], window });
  const trialId = trialOf(run, trials);
  if (trialId === null) {
    return {
      kind: 'none',
      why: 'the trial ledger does not know this run: it is older than the ledger, or its ledger is in another folder',
    };
  }
  if (!how.isPatient && trials.length > TRIALS_QUICK) {
    return {
      kind: 'none',
      why: `${trials.length} trials take a while; donch report --cpcv or --run-all judges them`,
    };
  }
  const series = dailyReturns(numbersOf(equity, 'time'), numbersOf(equity, 'equity_usd'));
  const firstDayMs = series.dayStartMs[0];
  return readSelection({
    resultsFolder,
    window,
    trialId,
    ...(series.returns.length > 0 && { returns: { firstDayMs, values: series.returns } }),
    tags: new Map([[trialId, 'this run']]),
    benchmarks: how.stress === null ? [] : benchmarksOf(how.stress),
    seed: run.manifest.seed ?? 1,
    options: how.options,
  });
}

/** The trial that the run was recorded as; null = none. A backtest of a variant of a sweep stands there as the variant. */
function trialOf(run: Run, trials: Table): string | null {
  const ids = textsOf(trials, 'trial_id');
  const own = textsOf(trials, 'run_id').indexOf(run.id);
  if (own >= 0) return ids[own];
  const { manifest, folder } = run;
  const strategies = readSettings(folder).map(({ hashes, settings }) => ({ specHash: hashes['specHash'], settings }));
  // the settings of a run are those that decide it, as the ledger wants them
  const { configHash } = configurationHashes(strategies as unknown as Parameters<typeof configurationHashes>[0]);
  const wanted: readonly (readonly [string, string | null])[] = [
    ['config_hash', configHash],
    ['spec_hash', manifest.spec_hash],
    ['universe_hash', manifest.universe_hash],
    ['data_hash', manifest.inputs['candles']],
    ['parameters', null],
  ];
  const columns = wanted.map(([name, value]) => ({ values: textsOf(trials, name), value }));
  const row = ids.findIndex((_, k) => columns.every(({ values, value }) => values[k] === value));
  return row < 0 ? null : ids[row];
}

/** What needs no search: the market held, and the run's positions at random times. */
function benchmarksOf({ dayStartMs, holding, randomEntries }: StressReport): NamedReturns[] {
  const named = (name: string, values: Float64Array): NamedReturns => ({
    name,
    returns: { firstDayMs: dayStartMs[0], values } satisfies TrialReturns,
  });
  if (dayStartMs.length === 0) return [];
  return [
    named('buy and hold of its instruments', holding.equalWeight.returns),
    ...(holding.reference === null
      ? []
      : [named(`buy and hold of ${holding.reference.instruments.join(', ')}`, holding.reference.returns)]),
    ...(randomEntries.kind === 'refused'
      ? []
      : [named('random entries, mean of all draws', randomEntries.meanReturns)]),
  ];
}
