/** A sweep as an immutable run: scanned, evaluated, recorded as trials, written. Nothing in it depends on what else was ever tried. */
import { join } from 'node:path';
import { leaderboardOf, type ScanWindow, type SweepVariant } from '@donch/backtester';
import { listenForInterrupt } from '@donch/cli';
import {
  contradictions,
  createPrng,
  decidingSettings,
  DonchErrors,
  hashJson,
  numbersOf,
  TABLES,
  textsOf,
  type Table,
  type ConfigValues,
} from '@donch/core';
import {
  readTable,
  RunStore,
  runIdOf,
  type Run,
  type RunDraft,
  type RunIdentity,
  type TrialReturns,
} from '@donch/data';
import { checkPinned, codeIdentity } from '@donch/project';
import { endResearchThreads } from '../workers/research-threads.ts';
import { findFinished, finishRun } from './finish-run.ts';
import type { ResearchSetup } from './research.ts';
import { evaluateSweep, forgetFinished, readReturns, returnsTable, type EvaluatedSweep } from './sweep-chunks.ts';
import { sweepGroups, type SweepGroup } from './sweep-groups.ts';
import type { SweepOptions } from './sweep-options.ts';
import { recordSweep, sweepTrialIds } from './sweep-trials.ts';

export interface SweepRun {
  readonly run: Run;
  readonly cached: boolean;
  readonly window: ScanWindow;
  /** TABLES.leaderboard without `dsr`. */
  readonly leaderboard: Table;
  /** Variants that the engine simulated as well, with the same result. */
  readonly checked: number;
  readonly groups: readonly SweepGroup[];
}

/** Sweeps, or finds the finished sweep of the same inputs. Throws `data_changed` when the store changed under it. */
export async function sweepVariants(setup: ResearchSetup, options: SweepOptions): Promise<SweepRun> {
  const { context, project } = setup;
  checkVariants(setup, options.variants);
  const groups = await sweepGroups(setup, options.variants);
  const { window } = groups[0];
  const identity = sweepIdentity(setup, options, groups);
  const runs = new RunStore(project.resultsFolder);
  const known = setup.useRuns ? findFinished(runs, identity, context) : null;
  const run = known ?? (await evaluateAndWrite({ setup, options, groups, identity, runs }));
  if (known !== null) {
    await recordFoundSweep(setup, known, groups);
    forgetFinished(partialFolder(setup, identity));
  }
  return {
    run,
    cached: known !== null,
    window,
    leaderboard: await readTable(join(run.folder, 'leaderboard.parquet'), TABLES.leaderboard),
    checked: Number(run.manifest.summary['checked']),
    groups,
  };
}

/** Settings that cannot hold together are told before anything is scanned. */
function checkVariants({ strategies }: ResearchSetup, variants: readonly SweepVariant[]): void {
  for (const { settings } of strategies)
    for (const { tag, values } of variants) {
      // values of a variant were parsed by their keys
      const problems = contradictions({ ...settings, ...values } as ConfigValues);
      if (problems.length > 0) throw new DonchErrors('bad_config', `variant ${tag}`, problems);
    }
}

function sweepIdentity(
  { strategies, universe, seed }: ResearchSetup,
  { grid, variants, minTrades }: SweepOptions,
  groups: readonly SweepGroup[],
): RunIdentity {
  return {
    command: 'sweep',
    inputs: Object.fromEntries(groups.map(({ variants: [{ groupId }], hash }) => [`signals_${groupId}`, hash])),
    parameters: {
      grid: hashJson(grid.axes),
      variants: hashJson(variants.map(({ id }) => id)),
      min_trades: minTrades,
    },
    spec_hash: hashJson(strategies.map(({ specHash }) => specHash)),
    config_hash: hashJson(strategies.map(({ config }) => config.configHash)),
    universe_hash: universe.universeHash,
    seed,
    ...codeIdentity('research-cli'),
  };
}

/** Where finished chunks wait for the rest of their sweep. */
function partialFolder({ project }: ResearchSetup, identity: RunIdentity): string {
  return join(project.resultsFolder, 'runs', `.partial-${runIdOf(identity)}`);
}

interface Evaluating {
  readonly setup: ResearchSetup;
  readonly options: SweepOptions;
  readonly groups: readonly SweepGroup[];
  readonly identity: RunIdentity;
  readonly runs: RunStore;
}

async function evaluateAndWrite({ setup, options, groups, identity, runs }: Evaluating): Promise<Run> {
  const { context, project, store, seed, useRuns } = setup;
  await endResearchThreads(context);
  const evaluated = await evaluateSweep({
    groups,
    seed,
    folder: partialFolder(setup, identity),
    isFresh: !useRuns,
    workers: project.config.values.N_WORKERS,
    context,
  });
  try {
    for (const { data, minutes } of groups) for (const pinned of [data, minutes]) await checkPinned(store, pinned);
    await listenForInterrupt(context.signal);
    // the ledger knows every variant before anybody can see its figures
    await recordSweep({
      setup,
      groups,
      runId: runIdOf(identity),
      rows: evaluated.rows,
      returnsOf: (ids) => evaluated.returnsOf(ids),
    });
    const returns = await evaluated.returnsOf(keptIds(evaluated.rows, seed));
    const run = finishRun(runs, { identity, context }, (draft) =>
      fillSweep(draft, { setup, options, groups }, { evaluated, returns }),
    );
    evaluated.remove();
    return run;
  } finally {
    evaluated.close();
  }
}

/** Variants whose daily returns stay with the run: all, or the best by Sharpe ratio and a sample. */
const BEST_KEPT = 200;
const SAMPLE_KEPT = 2_000;

function keptIds(rows: Table, seed: number): ReadonlySet<string> {
  const ids = textsOf(rows, 'variant_id').map((id) => id ?? '');
  if (ids.length <= BEST_KEPT + SAMPLE_KEPT) return new Set(ids);
  const sharpe = numbersOf(rows, 'daily_sharpe').map((value) => (Number.isNaN(value) ? -Infinity : value));
  const best = ids.map((_, row) => row).sort((a, b) => sharpe[b] - sharpe[a] || a - b);
  const kept = new Set(best.slice(0, BEST_KEPT).map((row) => ids[row]));
  const prng = createPrng(seed, 'returns that are kept');
  const sample = new Set<string>();
  while (sample.size < SAMPLE_KEPT) sample.add(ids[prng.below(ids.length)]);
  for (const id of sample) kept.add(id);
  return kept;
}

interface SweepResult {
  readonly evaluated: EvaluatedSweep;
  readonly returns: ReadonlyMap<string, TrialReturns>;
}

function fillSweep(
  draft: RunDraft,
  { setup, options, groups }: Pick<Evaluating, 'setup' | 'options' | 'groups'>,
  { evaluated: { rows }, returns }: SweepResult,
): Record<string, number | string> {
  const trialIds = sweepTrialIds({ setup, groups, rows });
  const variants = new Map(options.variants.map((variant) => [variant.id, variant]));
  const leaderboard = leaderboardOf({ grid: options.grid, variants, rows, trialIds, minTrades: options.minTrades });
  draft.writeTable('leaderboard.parquet', leaderboard, TABLES.leaderboard);
  draft.writeTable('leaderboard.csv', leaderboard, TABLES.leaderboard);
  draft.writeTable('variants.parquet', rows);
  draft.writeTable('returns.parquet', returnsTable([...returns]));
  draft.writeFile('settings.json', json(settingsOf(setup)));
  draft.writeFile('grid.json', json(gridOf(options.variants, options)));
  const { window } = groups[0];
  const checked = numbersOf(rows, 'is_checked').reduce((sum, value) => sum + value, 0);
  const guarded = textsOf(leaderboard, 'guard').filter((guard) => guard !== '').length;
  return {
    variants: rows.length,
    signal_sets: groups.length,
    guarded,
    checked,
    best: textsOf(leaderboard, 'tag')[0] ?? '',
    start_ms: window.startMs,
    end_ms: window.endMs,
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function settingsOf({ strategies }: ResearchSetup): unknown {
  return strategies.map(({ name, strategyId, side, specHash, settings }) => ({
    name,
    strategyId,
    side,
    specHash,
    settings: decidingSettings(settings),
  }));
}

function gridOf(variants: readonly SweepVariant[], { grid, minTrades }: SweepOptions): unknown {
  return {
    axes: grid.axes,
    min_trades: minTrades,
    variants: variants.map(({ id, tag, values }) => ({ id, tag, values })),
  };
}

/** A sweep that was found finished may be older than the ledger. */
async function recordFoundSweep(
  setup: ResearchSetup,
  { id, folder }: Run,
  groups: readonly SweepGroup[],
): Promise<void> {
  const rows = await readTable(join(folder, 'variants.parquet'));
  await recordSweep({
    setup,
    groups,
    runId: id,
    rows,
    isFound: true,
    returnsOf: (ids) => readReturns(join(folder, 'returns.parquet'), ids),
  });
}
