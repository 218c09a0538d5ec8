/** Scout, backtest and both in one go, from flags to files at their places. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandContext, type RunFlags, wholeNumber } from '@donch/cli';
import { TABLES, type ConfigLayer, type Interval, type Table, type Universe } from '@donch/core';
import { openStore, publishRun, readTable, RunStore, writeTable, type Run, type Store } from '@donch/data';
import {
  againWhileDataChange,
  compileStrategies,
  openProject,
  type ProjectContext,
  resolveUniverse,
  type StrategyInput,
  strategyInputs,
  survivorshipLine,
  tellHoldout,
} from '@donch/project';
import { compileStrategy, type CompiledStrategy } from '@donch/strategy';
import { documentOf } from '../cli/documents.ts';
import { backtest, type BacktestInput } from './backtest.ts';
import { compatSignals } from './compat-tables.ts';
import { readSignals, scanOfSignals } from './foreign-signals.ts';
import { whilePublishing } from './publish-lock.ts';
import { scout, type ScoutResult } from './scout.ts';
import { summaryLines, type SummaryFigures } from './summary-document.ts';

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
  const { terminal, cwd } = context;
  const seed = wholeNumber(flags.seed ?? '1', '--seed');
  const project = openProject(flags, context);
  tellHoldout(project.config.values, terminal);
  const store = openStore(project.dataFolder);
  const interval = project.config.values.TIMEFRAME;
  const universe = await resolveUniverse({ project, store, interval, symbols: flags.symbols, cwd, terminal });
  const inputs = strategyInputs(project, { files: flags.strategy, cwd, universeHash: universe.universeHash });
  const strategies = compileStrategies(inputs, terminal);
  return {
    project,
    store,
    interval,
    universe,
    inputs,
    strategies,
    seed,
    useRuns: flags.cache !== false,
    context,
  };
}

/** Strategies under settings that a command decides, above those of the command line. Nothing is announced. */
export function withSettings<T extends Pick<ResearchSetup, 'inputs' | 'strategies'>>(
  setup: T,
  source: string,
  values: ConfigLayer['values'],
): T {
  const inputs = setup.inputs.map((input) => ({
    ...input,
    layers: [...input.layers, { layer: 'flag', source, values } as const],
  }));
  return { ...setup, inputs, strategies: inputs.map((input) => compileStrategy(input)) };
}

/** The same without the gate of the model: what a model learns from, and is compared with. */
export function ungated<T extends Pick<ResearchSetup, 'inputs' | 'strategies'>>(setup: T): T {
  const isGated = setup.strategies.some(({ settings }) => settings.META === 'required');
  return isGated ? withSettings(setup, 'without the model', { META: 'off' }) : setup;
}

/** `donch scout`. */
export async function runScout(flags: RunFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const setup = await setUpResearch(flags, context);
  const { run, cached, signals } = await againWhileDataChange(context, () => scoutAndPublish(setup));
  const symbols = setup.universe.members.length;
  terminal.result(
    `${signals.length} signals of ${symbols} symbols: ${join(setup.project.signalsFolder, 'signals.parquet')}`,
  );
  terminal.result(runLine(run, cached));
  terminal.document(documentOf('scout', { ok: true, runId: run.id, cached, signals: signals.length, symbols }));
}

/** `donch run` and `donch backtest`: the latter may take its signals from a file. */
export async function runResearch(
  command: 'run' | 'backtest',
  flags: RunFlags & { readonly signals?: string },
  context: CommandContext,
): Promise<void> {
  const setup = await setUpResearch(flags, context);
  const { signals } = flags;
  const { outcome } = await againWhileDataChange(context, () => tradeSignals(setup, signals));
  reportOutcome(command, outcome, context, command === 'run' ? { model: null, gated: null } : {});
  context.terminal.info('donch report makes a page of this run, with every trade');
}

/** Prints the figures of a backtest; `more` are fields of the command's own. */
export function reportOutcome(
  command: 'run' | 'backtest' | 'demo',
  { run, cached, figures }: BacktestOutcome,
  { terminal }: CommandContext,
  more: Readonly<Record<string, unknown>> = {},
): void {
  terminal.result(summaryLines(figures).join('\n'));
  terminal.result(runLine(run, cached));
  terminal.document(documentOf(command, { ok: true, runId: run.id, cached, ...more, ...figures }));
}

function runLine({ id, folder }: Run, cached: boolean): string {
  return `${cached ? 'cached run' : 'run'} ${id}: ${folder}`;
}

export interface BacktestOutcome {
  readonly run: Run;
  readonly cached: boolean;
  readonly figures: SummaryFigures;
}

/** A backtest and everything it was made from. */
export interface TradedSignals {
  readonly input: BacktestInput;
  readonly outcome: BacktestOutcome;
}

/** Scans and trades, or trades the signals of a file; the results stand where users look for them. */
export async function tradeSignals(setup: ResearchSetup, signalsFile: string | undefined): Promise<TradedSignals> {
  const input = await signalsToTrade(setup, signalsFile);
  return { input, outcome: await backtestAndPublish(setup.project, input) };
}

/** Scans, or reads the signals of a file. */
export function signalsToTrade(setup: ResearchSetup, signalsFile: string | undefined): Promise<BacktestInput> {
  return signalsFile === undefined ? scannedInput(setup) : foreignInput(setup, signalsFile);
}

/** The same; the places that users look at stay as they are. */
export function signalsAside(setup: ResearchSetup, signalsFile: string | undefined): Promise<BacktestInput> {
  return signalsFile === undefined ? scannedAside(setup) : foreignInput(setup, signalsFile);
}

type ScanWithSignals = ScoutResult & { readonly signals: Table };

/** Scans and puts the signals where users look for them. */
async function scoutAndPublish(setup: ResearchSetup): Promise<ScanWithSignals> {
  const scan = await scanAside(setup);
  writeTable(join(setup.project.signalsFolder, 'signals.parquet'), compatSignals(scan.signals));
  return scan;
}

async function scannedInput(setup: ResearchSetup): Promise<BacktestInput> {
  return inputOfScan(setup, await scoutAndPublish(setup));
}

/** Scans; the places that users look at stay as they are. */
export async function scanAside(setup: ResearchSetup): Promise<ScanWithSignals> {
  const result = await scout(setup);
  return { ...result, signals: await readSignalsOf(result.run) };
}

/** The same, with everything that a backtest writes down of it. */
export async function scannedAside(setup: ResearchSetup): Promise<BacktestInput> {
  return inputOfScan(setup, await scanAside(setup));
}

async function inputOfScan(
  setup: ResearchSetup,
  { window, signals, data, run }: ScanWithSignals,
): Promise<BacktestInput> {
  const { universe } = setup;
  return {
    ...setup,
    window,
    signals,
    data,
    scoutRun: run,
    setupDecisions: await readTable(join(run.folder, 'decisions.parquet'), TABLES.decisions),
    funnel: await readTable(join(run.folder, 'funnel.parquet'), TABLES.funnel),
    universeHash: universe.universeHash,
    survivorship: survivorshipLine(universe),
  };
}

/** Signals of a scan. */
function readSignalsOf({ folder }: Run): Promise<Table> {
  return readTable(join(folder, 'signals.parquet'), TABLES.signals);
}

async function foreignInput(setup: ResearchSetup, file: string): Promise<BacktestInput> {
  const scan = await scanOfSignals(setup, await readSignals(file, setup.context.cwd));
  return {
    ...setup,
    ...scan,
    scoutRun: null,
    setupDecisions: null,
    funnel: null,
    universeHash: null,
    survivorship: 'universe: the instruments of a signals file',
  };
}

/** Trades the signals and puts the result where users look for it. */
async function backtestAndPublish(project: ProjectContext, input: BacktestInput): Promise<BacktestOutcome> {
  const { run, cached } = await backtest(input);
  publishBacktest(project, run);
  return { run, cached, figures: await readSummary(run) };
}

/** Trades the signals as a run of its own; the places that users look at stay as they are. */
export async function backtestAside(input: BacktestInput): Promise<BacktestOutcome> {
  const { run, cached } = await backtest(input);
  return { run, cached, figures: await readSummary(run) };
}

/** Files of a run at the places users know. */
const PUBLISHED = ['trades.csv', 'equity.csv', 'trades_aggregated.csv'];

/** Copies the result to the places users know and points `latest` to it; two commands that end together do not mix their files. */
function publishBacktest({ resultsFolder }: ProjectContext, run: Run): void {
  whilePublishing(resultsFolder, () => {
    publishRun(
      run,
      PUBLISHED.map((name) => ({ file: `compat/${name}`, target: join(resultsFolder, name) })),
    );
    new RunStore(resultsFolder).setLatest(run.id);
  });
}

/** A finished backtest as if it had been found just now. */
export async function readOutcome(run: Run): Promise<BacktestOutcome> {
  return { run, cached: true, figures: await readSummary(run) };
}

/** The figures of a finished run. */
async function readSummary({ folder }: Run): Promise<SummaryFigures> {
  return JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as SummaryFigures;
}
