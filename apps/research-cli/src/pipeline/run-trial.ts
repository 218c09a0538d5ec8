/** Which trial of the ledger a finished backtest is. */
import { numbersOf, textsOf, type Table } from '@donch/core';
import { TrialLedger, type Run } from '@donch/data';
import { mean, standardDeviation } from '@donch/stats';

export interface RunTrial {
  readonly trialId: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The trial of a run: of the same strategy, symbols, data and window, with the same daily returns to the last bit. (The ledger names the
 * run that evaluated a trial first: a sweep, where one of its variants was run by itself later.) Settings that make no difference give
 * trials that are the same here; then it is that of the run itself, or the first one. Null when the ledger does not know it: the run is
 * older than the ledger, or a newer version of the program came to another result. Throws `ledger_damaged`, `journal_damaged`.
 */
export function findRunTrial(
  resultsFolder: string,
  { id, manifest }: Pick<Run, 'id' | 'manifest'>,
  dailyReturns: Float64Array,
): RunTrial | null {
  const { start_ms: startMs, end_ms: endMs } = manifest.parameters;
  if (typeof startMs !== 'number' || typeof endMs !== 'number') return null;
  const trials = new TrialLedger(resultsFolder).trials({ kinds: ['backtest', 'sweep'], window: { startMs, endMs } });
  const rows = sameAccounts(trials, manifest, dailyReturns);
  const runs = textsOf(trials, 'run_id');
  const row = rows.find((candidate) => runs[candidate] === id) ?? rows[0];
  const trialId = row === undefined ? null : textsOf(trials, 'trial_id')[row];
  return trialId === null ? null : { trialId, startMs, endMs };
}

function sameAccounts(trials: Table, manifest: Run['manifest'], dailyReturns: Float64Array): number[] {
  const texts = {
    spec_hash: manifest.spec_hash,
    universe_hash: manifest.universe_hash,
    data_hash: manifest.inputs['candles'] ?? null,
  };
  const numbers = {
    days: dailyReturns.length,
    return_mean: mean(dailyReturns),
    return_sd: standardDeviation(dailyReturns, 1),
  };
  return Array.from({ length: trials.length }, (_, row) => row).filter(
    (row) =>
      Object.entries(texts).every(([name, value]) => textsOf(trials, name)[row] === value) &&
      // 0 and -0 are one; a missing moment (fewer than two days) equals a missing one
      Object.entries(numbers).every(([name, value]) => Object.is(numbersOf(trials, name)[row] + 0, value + 0)),
  );
}
