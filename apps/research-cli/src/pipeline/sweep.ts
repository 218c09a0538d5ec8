/** `donch sweep`: many variants, their order, what choosing among them costs, and files for the best. */
import { dirname, join } from 'node:path';
import { variantLayer, withDeflation, type SweepVariant } from '@donch/backtester';
import type { CommandContext } from '@donch/cli';
import { DonchError, numbersOf, symbolOf, TABLES, textsOf, type Table } from '@donch/core';
import { publishRun, readTable, removeStaleTemporaries, writeFileAtomic, writeTable } from '@donch/data';
import { againWhileDataChange } from '@donch/project';
import type { SweepFlags } from '../commands/sweep.ts';
import { whilePublishing } from './publish-lock.ts';
import type { ReportFile } from './report-files.ts';
import { completeReport } from './report.ts';
import {
  backtestAside,
  scannedAside,
  setUpResearch,
  withSettings,
  type BacktestOutcome,
  type ResearchSetup,
} from './research.ts';
import { readSelection, type NamedReturns, type NoSelection, type ReadSelection } from './selection.ts';
import { stressOf } from './stress.ts';
import { compatLeaderboard } from './sweep-leaderboard.ts';
import { sweepOptions, type SweepOptions } from './sweep-options.ts';
import { sweepFiles } from './sweep-page.ts';
import { sweepVariants, type SweepRun } from './sweep-run.ts';
import { tellSweep, type KeptVariant } from './sweep-text.ts';

/** `donch sweep`. */
export async function runSweep(flags: SweepFlags, context: CommandContext): Promise<void> {
  const options = sweepOptions(flags, context.cwd);
  const setup = withSettings(await setUpResearch(flags, context), 'the sweep', options.shared);
  const sweep = await againWhileDataChange(context, () => sweepVariants(setup, options));
  const kept: KeptVariant[] = [];
  for (const variant of keptVariants(sweep.leaderboard, options)) kept.push(await keepVariant(setup, variant, sweep));
  const selection = judge(setup, sweep, benchmarksOf(kept));
  const leaderboard = await deflated(sweep, selection);
  const page = await sweepFiles({ setup, options, sweep, leaderboard, selection });
  const files = publish(setup, { sweep, leaderboard, page });
  tellSweep({ options, sweep, leaderboard, selection, kept, files }, context);
}

/** What needs no search: the market held, and the entries of the best at random times. Nothing without a stressed variant. */
function benchmarksOf([best]: readonly KeptVariant[]): NamedReturns[] {
  if (best === undefined) return [];
  const { dayStartMs, holding, randomEntries } = best.stress;
  const named = (name: string, values: Float64Array): NamedReturns => ({
    name,
    returns: { firstDayMs: dayStartMs[0], values },
  });
  return [
    named('its instruments held in equal parts', holding.equalWeight.returns),
    ...(holding.reference === null
      ? []
      : [named(`${holding.reference.instruments.map(symbolOf).join(', ')} held`, holding.reference.returns)]),
    ...(randomEntries.kind === 'random_entries'
      ? [named('the entries of the best at random times', randomEntries.meanReturns)]
      : []),
  ];
}

/** What choosing the best cost. */
function judge(
  { project, seed }: ResearchSetup,
  { leaderboard, window }: SweepRun,
  benchmarks: readonly NamedReturns[],
): ReadSelection | NoSelection {
  const ids = textsOf(leaderboard, 'trial_id').map((id) => id ?? '');
  const tags = textsOf(leaderboard, 'tag').map((tag) => tag ?? '');
  return readSelection({
    resultsFolder: project.resultsFolder,
    window,
    trialId: ids[0],
    tags: new Map(ids.map((id, row) => [id, tags[row]])),
    benchmarks,
    seed,
  });
}

async function deflated({ run, leaderboard }: SweepRun, selection: ReadSelection | NoSelection): Promise<Table> {
  if (selection.kind === 'none') return leaderboard;
  const { counts, deflation } = selection.verdict;
  if (deflation.spread.kind === 'refused') return leaderboard;
  const rows = await readTable(join(run.folder, 'variants.parquet'));
  const { sharpeVariance } = deflation.spread;
  return withDeflation(leaderboard, rows, { trials: counts.configurations, sharpeVariance });
}

interface Publishing {
  readonly sweep: SweepRun;
  readonly leaderboard: Table;
  readonly page: readonly ReportFile[];
}

/** Puts leaderboard and page where users look for them. */
function publish(
  { project: { resultsFolder }, strategies }: ResearchSetup,
  { sweep, leaderboard, page }: Publishing,
): readonly string[] {
  const compat = compatLeaderboard(leaderboard, strategies[0].settings);
  const write = (path: string, content: Uint8Array): string => {
    removeStaleTemporaries(dirname(path));
    writeFileAtomic(path, content, { durable: false });
    return path;
  };
  const path = (name: string): string => join(resultsFolder, name);
  return whilePublishing(resultsFolder, () => [
    writeTable(path('leaderboard.parquet'), leaderboard, TABLES.leaderboard).path,
    writeTable(path('leaderboard.csv'), compat).path,
    writeTable(path('leaderboard_guarded.csv'), compat).path,
    ...page.map(({ name, content }) => write(join(resultsFolder, 'reports', sweep.run.id, name), content)),
    ...page.filter(({ format }) => format === 'html').map(({ content }) => write(path('sweep.html'), content)),
  ]);
}

/** The best without a guard, and those that were asked for. */
function keptVariants(leaderboard: Table, { bestCount, wanted, variants }: SweepOptions): SweepVariant[] {
  const guards = textsOf(leaderboard, 'guard');
  const tags = textsOf(leaderboard, 'tag');
  const best = tags.filter((_, row) => guards[row] === '').slice(0, bestCount);
  const chosen = new Set([...best, ...wanted]);
  return [...chosen].flatMap((tag) => variants.filter((variant) => variant.tag === tag));
}

/** A variant as an ordinary backtest: the engine's word on it, with trades, equity and the whole report at the familiar place. */
async function keepVariant(
  setup: ResearchSetup,
  variant: SweepVariant,
  { leaderboard }: SweepRun,
): Promise<KeptVariant> {
  const { source, values } = variantLayer(variant);
  const outcome = await backtestAside(await scannedAside(withSettings(setup, source, values)));
  checkOutcome(outcome, variant, leaderboard);
  const folder = join(setup.project.resultsFolder, 'variants', variant.tag);
  publishRun(
    outcome.run,
    ['trades.csv', 'equity.csv'].map((name) => ({ file: `compat/${name}`, target: join(folder, name) })),
  );
  const { project, store, seed, context, useRuns } = setup;
  const stress = await stressOf({ run: outcome.run, project, store, seed, context, useRuns });
  for (const { name, content } of await completeReport({ run: outcome.run, project, store, context }))
    writeFileAtomic(join(folder, name), content, { durable: false });
  return { tag: variant.tag, run: outcome.run, folder, stress };
}

/** Every variant that is looked at closely is one more check of the sweep. */
function checkOutcome({ run, figures }: BacktestOutcome, { id, tag }: SweepVariant, leaderboard: Table): void {
  const row = textsOf(leaderboard, 'variant_id').indexOf(id);
  const found = (name: string): number => numbersOf(leaderboard, name)[row];
  if (found('trades') === figures.trades && found('final_equity_usd') === figures.finalEquityUsd) return;
  throw new DonchError(
    'sweep_differs',
    `variant ${tag} has ${found('trades')} trades and ends with ${found('final_equity_usd')} USD`,
    {
      expected: `${figures.trades} trades and ${figures.finalEquityUsd} USD, as backtest ${run.id}`,
      remedy: 'None of its figures can be trusted: please report it, with the command.',
    },
  );
}
