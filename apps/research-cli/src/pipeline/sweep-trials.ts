/** The variants of a sweep as trials: a variant and a backtest of the same settings are the same trial. */
import { numbersOf, textsOf, type Table } from '@donch/core';
import { TrialLedger, trialIdOf, type Trial, type TrialIdentity, type TrialReturns } from '@donch/data';
import { recordTrials } from './record-trials.ts';
import type { ResearchSetup } from './research.ts';
import type { SweepGroup } from './sweep-groups.ts';

interface VariantRows {
  readonly setup: Pick<ResearchSetup, 'universe' | 'project' | 'context'>;
  readonly groups: readonly SweepGroup[];
  /** `CHUNK_SHAPES`, in the order of groups and variants. */
  readonly rows: Table;
}

export interface SweepTrials extends VariantRows {
  readonly runId: string;
  /** Daily returns of these variants, as far as they are there. */
  readonly returnsOf: (ids: ReadonlySet<string>) => Promise<ReadonlyMap<string, TrialReturns>>;
  /** True: the sweep was evaluated before; what the ledger knows is not counted once more. */
  readonly isFound?: boolean;
}

/** Ids in the ledger, parallel to the rows. */
export function sweepTrialIds(variants: VariantRows): string[] {
  return identitiesOf(variants).map(trialIdOf);
}

function identitiesOf({ setup, groups, rows }: VariantRows): TrialIdentity[] {
  const groupOf = groups.flatMap((group) => group.variants.map(() => group));
  const [specs, configs] = [textsOf(rows, 'spec_hash'), textsOf(rows, 'config_hash')];
  return groupOf.map(({ data, window }, row) => ({
    specHash: specs[row] ?? '',
    configHash: configs[row] ?? '',
    universeHash: setup.universe.universeHash,
    dataHash: data.hash,
    startMs: window.startMs,
    endMs: window.endMs,
    parameters: null,
  }));
}

/** So many trials are told to the ledger at a time: what a killed process loses, and how many returns are in memory. */
const BATCH_SIZE = 5_000;

/** Records all variants. */
export async function recordSweep(sweep: SweepTrials): Promise<void> {
  const { setup, rows, returnsOf, isFound = false } = sweep;
  const { resultsFolder } = setup.project;
  const ledger = new TrialLedger(resultsFolder);
  const identities = identitiesOf(sweep);
  const places = [...identities.keys()].filter((row) => !isFound || !ledger.has(identities[row]));
  const ids = textsOf(rows, 'variant_id').map((id) => id ?? '');
  for (let from = 0; from < places.length; from += BATCH_SIZE) {
    const batch = places.slice(from, from + BATCH_SIZE);
    const returns = await returnsOf(new Set(batch.map((row) => ids[row])));
    const trials = batch.map((row) => trialOf(sweep, identities[row], { row, returns: returns.get(ids[row]) ?? null }));
    recordTrials(resultsFolder, trials, setup.context);
  }
}

function trialOf(
  { rows, runId }: SweepTrials,
  identity: TrialIdentity,
  { row, returns }: { readonly row: number; readonly returns: TrialReturns | null },
): Trial {
  const number = (name: string): number => numbersOf(rows, name)[row];
  const days = number('days');
  return {
    ...identity,
    kind: 'sweep',
    runId,
    evaluatedMs: Date.now(),
    configurations: 1,
    trades: number('trades'),
    moments: {
      days,
      mean: number('return_mean'),
      sd: number('return_sd'),
      skew: number('return_skew'),
      kurtosis: number('return_kurtosis'),
    },
    returns: days === 0 ? null : returns,
  };
}
