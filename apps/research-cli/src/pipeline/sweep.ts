/** `donch sweep`: many variants, their order, what choosing among them costs, and files for the best. */
import { join } from 'node:path';
import { variantLayer, type SweepVariant } from '@donch/backtester';
import type { CommandContext } from '@donch/cli';
import { DonchError, numbersOf, TABLES, textsOf, type Table } from '@donch/core';
import { publishRun, writeTable } from '@donch/data';
import { againWhileDataChange } from '@donch/project';
import type { SweepFlags } from '../commands/sweep.ts';
import { whilePublishing } from './publish-lock.ts';
import {
  backtestAside,
  scannedAside,
  setUpResearch,
  withSettings,
  type BacktestOutcome,
  type ResearchSetup,
} from './research.ts';
import { compatLeaderboard } from './sweep-leaderboard.ts';
import { sweepOptions, type SweepOptions } from './sweep-options.ts';
import { sweepVariants, type SweepRun } from './sweep-run.ts';

/** `donch sweep`. */
export async function runSweep(flags: SweepFlags, context: CommandContext): Promise<void> {
  const options = sweepOptions(flags, context.cwd);
  const setup = withSettings(await setUpResearch(flags, context), 'the sweep', options.shared);
  const sweep = await againWhileDataChange(context, () => sweepVariants(setup, options));
  const files = publish(setup, sweep);
  const best: string[] = [];
  for (const variant of bestVariants(sweep.leaderboard, options))
    best.push(await publishVariant(setup, variant, sweep));
  context.terminal.result(JSON.stringify({ files, best }));
}
/** Puts the leaderboard where users look for it. */
function publish(
  { project: { resultsFolder }, strategies }: ResearchSetup,
  { leaderboard }: SweepRun,
): readonly string[] {
  const compat = compatLeaderboard(leaderboard, strategies[0].settings);
  const path = (name: string): string => join(resultsFolder, name);
  return whilePublishing(resultsFolder, () => [
    writeTable(path('leaderboard.parquet'), leaderboard, TABLES.leaderboard).path,
    writeTable(path('leaderboard.csv'), compat).path,
    writeTable(path('leaderboard_guarded.csv'), compat).path,
  ]);
}

/** The best without a guard, and those that were asked for. */
function bestVariants(leaderboard: Table, { bestCount, wanted, variants }: SweepOptions): SweepVariant[] {
  const guards = textsOf(leaderboard, 'guard');
  const tags = textsOf(leaderboard, 'tag');
  const best = tags.filter((_, row) => guards[row] === '').slice(0, bestCount);
  const chosen = new Set([...best, ...wanted]);
  return [...chosen].flatMap((tag) => variants.filter((variant) => variant.tag === tag));
}

/** A variant as an ordinary backtest: the engine's word on it, with trades and equity at the familiar place. */
async function publishVariant(setup: ResearchSetup, variant: SweepVariant, { leaderboard }: SweepRun): Promise<string> {
  const { source, values } = variantLayer(variant);
  const input = await scannedAside(withSettings(setup, source, values));
  const outcome = await backtestAside(input);
  checkOutcome(outcome, variant, leaderboard);
  const folder = join(setup.project.resultsFolder, 'variants', variant.tag);
  publishRun(
    outcome.run,
    ['trades.csv', 'equity.csv'].map((name) => ({ file: `compat/${name}`, target: join(folder, name) })),
  );
  return folder;
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
