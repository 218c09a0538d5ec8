/** Scout, backtest and both in one go, from flags to files at their places. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TABLES, type Interval, type Table, type Universe } from '@donch/core';
import { openStore, readTable, writeTable, type Run, type Store } from '@donch/data';
import type { CompiledStrategy } from '@donch/strategy';
import type { CommandContext } from '../cli/command-runner.ts';
import { wholeNumber, type RunFlags } from '../cli/flags.ts';
import { backtest, publishBacktest } from './backtest.ts';
import { compatSignals } from './compat-tables.ts';
import { readSignals, scanOfSignals } from './foreign-signals.ts';
import { openProject, type ProjectContext } from './project-context.ts';
import { scout, type ScoutResult } from './scout.ts';
import { compileStrategies, strategyInputs, type StrategyInput } from './strategies.ts';
import type { SummaryDocument } from './summary-document.ts';
import { resolveUniverse, survivorshipLine } from './universe.ts';

/** Everything that scouting and backtesting start from. */
export interface ResearchSetup {
  readonly project: ProjectContext;
  readonly store: Store;
  readonly interval: Interval;
  readonly universe: Universe;
  readonly inputs: readonly StrategyInput[];
  readonly strategies: readonly CompiledStrategy[];
  readonly seed: number;
  readonly useRuns: boolean;
  readonly context: CommandContext;
}

/** Opens project, store, universe and strategies. */
export async function setUpResearch(flags: RunFlags, context: CommandContext): Promise<ResearchSetup> {
  const { terminal } = context;
  const project = openProject(flags, terminal);
  const store = openStore(project.dataFolder);
  const interval = project.config.values.TIMEFRAME;
  const universe = await resolveUniverse({ project, store, interval, symbols: flags.symbols, terminal });
  const inputs = strategyInputs(project, flags.strategy, universe.universeHash);
  const strategies = compileStrategies(inputs, terminal);
  return {
    project,
    store,
    interval,
    universe,
    inputs,
    strategies,
    seed: wholeNumber(flags.seed ?? '1', '--seed'),
    useRuns: flags.cache !== false,
    context,
  };
}

/** Scans and puts the signals where users look for them. */
export async function scoutAndPublish(setup: ResearchSetup): Promise<ScoutResult & { readonly signals: Table }> {
  const result = await scout(setup);
  const signals = await readTable(join(result.run.folder, 'signals.parquet'), TABLES.signals);
  writeTable(join(setup.project.signalsFolder, 'signals.parquet'), compatSignals(signals));
  return { ...result, signals };
}

export interface BacktestOutcome {
  readonly run: Run;
  readonly cached: boolean;
  readonly document: SummaryDocument;
}

/** Trades the signals of a scan and puts the result where users look for it. */
export async function backtestAndPublish(
  setup: ResearchSetup,
  scan: ScoutResult & { readonly signals: Table },
): Promise<BacktestOutcome> {
  const { universe } = setup;
  const { run, cached } = await backtest({
    ...setup,
    window: scan.window,
    signals: scan.signals,
    dataHash: scan.dataHash,
    setupDecisions: await readTable(join(scan.run.folder, 'decisions.parquet'), TABLES.decisions),
    universeHash: universe.universeHash,
    survivorship: survivorshipLine(universe),
  });
  publishBacktest(setup.project, run);
  return { run, cached, document: await readSummary(run) };
}

/** Trades the signals of a file. */
export async function backtestForeign(setup: ResearchSetup, file: string): Promise<BacktestOutcome> {
  const scan = await scanOfSignals(setup, await readSignals(file));
  const { run, cached } = await backtest({
    ...setup,
    ...scan,
    setupDecisions: null,
    universeHash: null,
    survivorship: `universe: the instruments of ${file}`,
  });
  publishBacktest(setup.project, run);
  return { run, cached, document: await readSummary(run) };
}

/** The figures of a finished run. */
export async function readSummary({ folder }: Run): Promise<SummaryDocument> {
  return JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as SummaryDocument;
}
