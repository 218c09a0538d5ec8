/** Scout: scan of the universe for signals. Days first, then ranks, then every instrument on its own; threads only where order does not matter. */
import { FunnelCounts, type ScanWindow } from '@donch/backtester';
import { listenForInterrupt, type CommandContext } from '@donch/cli';
import {
  concatTables,
  hashJson,
  intervalMs,
  signalRow,
  sortTable,
  tableFromRows,
  TABLES,
  type ColumnShape,
  type Interval,
  type Signal,
  type Table,
  type Universe,
} from '@donch/core';
import { RunStore, type Run, type RunIdentity, type Store } from '@donch/data';
import {
  checkEvents,
  checkPinned,
  codeIdentity,
  type FittedRegimes,
  hashEvents,
  pinData,
  type PinnedData,
  prepareRegimes,
  type ProjectContext,
  readEndMs,
  researchWindow,
  type StrategyInput,
  scannedInstruments,
  scanWindow,
} from '@donch/project';
import { type CompiledStrategy } from '@donch/strategy';
import { researchThreads } from '../workers/research-threads.ts';
import type {
  days as readDaysTask,
  DaysResult,
  scan as scanTask,
  ScanTaskResult,
  StoreTask,
} from '../workers/scan-worker.ts';
import type { TaskPool } from '../workers/task-pool.ts';
import { findFinished, finishRun } from './finish-run.ts';
import { scanHash } from './scan-hash.ts';
import { scanTasks } from './scan-tasks.ts';

export interface ScoutInput {
  readonly project: ProjectContext;
  readonly store: Store;
  readonly universe: Universe;
  readonly interval: Interval;
  readonly inputs: readonly StrategyInput[];
  readonly strategies: readonly CompiledStrategy[];
  /** False = `--no-cache`: compute again (the read cache of candles is not meant). */
  readonly useRuns: boolean;
  readonly context: CommandContext;
}

export interface ScoutResult {
  readonly run: Run;
  /** True when the run was there already. */
  readonly cached: boolean;
  readonly window: ScanWindow;
  /** The candles that were scanned. */
  readonly data: PinnedData;
}

/** Scans, or finds the finished scan of the same inputs. Throws `data_changed` when the store changed under the scan. */
export async function scout(input: ScoutInput): Promise<ScoutResult> {
  const { store, universe, interval, strategies, context } = input;
  const instruments = scannedInstruments(universe, strategies, store, interval);
  const data = await pinData(
    store,
    instruments.map((id) => ({ instrumentId: id, interval })),
  );
  const regimes = await fittedRegimes(input);
  const members = universe.members.map((member) => member.instrumentId);
  const events = await hashEvents(store, members);
  const identity = scoutIdentity(input, {
    candles: data.hash,
    events,
    regimes: hashJson(regimes.map(({ hash }) => hash)),
  });
  const runs = new RunStore(input.project.resultsFolder);
  const known = input.useRuns ? findFinished(runs, identity, context) : null;
  if (known !== null) return { run: known, cached: true, window: windowOf(known), data };
  const found = await scanUniverse(input, regimes);
  await checkPinned(store, data);
  await checkEvents(store, members, events);
  await listenForInterrupt(context.signal);
  return { run: writeScout(runs, { identity, found, input }), cached: false, window: found.window, data };
}

/** Regimes of each strategy; no bar after the end of the window is looked at. */
function fittedRegimes({
  store,
  universe,
  interval,
  strategies,
  project,
  context,
}: ScoutInput): Promise<FittedRegimes[]> {
  const untilMs = researchWindow(project.config.values).endMs ?? Infinity;
  return prepareRegimes({ store, venue: universe.venue, interval, untilMs, terminal: context.terminal }, strategies);
}

function scoutIdentity(
  { project, universe, interval, strategies }: ScoutInput,
  inputs: RunIdentity['inputs'],
): RunIdentity {
  const { start, end } = researchWindow(project.config.values);
  return {
    command: 'scout',
    inputs,
    parameters: { interval, start, end },
    spec_hash: scanHash(strategies),
    config_hash: null,
    universe_hash: universe.universeHash,
    seed: null,
    ...codeIdentity('research-cli'),
  };
}

function windowOf(run: Run): ScanWindow {
  const { start_ms: startMs, end_ms: endMs } = run.manifest.summary;
  return { startMs: Number(startMs), endMs: Number(endMs) };
}

interface ScanFound {
  readonly window: ScanWindow;
  readonly signals: readonly Signal[];
  readonly decisions: Table;
  readonly funnel: Table;
  readonly bars: number;
}

async function scanUniverse(input: ScoutInput, regimes: readonly FittedRegimes[]): Promise<ScanFound> {
  const { context, project } = input;
  const pool = researchThreads(context, project.config.values.N_WORKERS);
  const members = storeTasks(input);
  const days = await readDays(input, members, pool);
  return await scanMembers(input, { members, days, regimes }, pool);
}

/** Number of the newest scan of this process. */
let newestScan = 0;

function storeTasks({ universe, store, interval }: ScoutInput): StoreTask[] {
  newestScan += 1;
  return universe.members.map(({ instrumentId: id }) => ({
    scan: newestScan,
    dataFolder: store.folder,
    useCache: true,
    instrumentId: id,
    interval,
  }));
}

/** Days of every member up to the end of the window, in the order of the members. */
async function readDays(input: ScoutInput, members: readonly StoreTask[], pool: TaskPool): Promise<DaysResult[]> {
  const untilMs = readEndMs(input);
  const tasks = members.map((task) => ({ ...task, untilMs }));
  const days: DaysResult[] = Array.from({ length: tasks.length });
  const progress = input.context.terminal.progress('reading days', tasks.length, 'symbols');
  await pool.each<typeof readDaysTask>('days', tasks, (result, member) => {
    days[member] = result;
    progress.advance(1, result.bars, 'bars');
  });
  progress.done();
  return days;
}

interface Prepared {
  readonly members: readonly StoreTask[];
  /** Parallel to the members. */
  readonly days: readonly DaysResult[];
  /** Parallel to the strategies. */
  readonly regimes: readonly FittedRegimes[];
}

async function scanMembers(
  input: ScoutInput,
  { members, days, regimes }: Prepared,
  pool: TaskPool,
): Promise<ScanFound> {
  const { universe, context, strategies, inputs, interval } = input;
  const window = scanWindow(input, days);
  const scans = strategies.map(() => new StrategyScan(window, interval, universe.members.length));
  const progress = context.terminal.progress('scanning', universe.members.length * strategies.length, 'symbols');
  for (const [k, strategy] of strategies.entries()) {
    const tasks = scanTasks({
      storeTasks: members,
      strategyInput: inputs[k],
      strategy,
      regimes: regimes[k],
      days,
      window,
      universe,
    });
    await pool.each<typeof scanTask>('scan', tasks, (result, member) => {
      scans[k].add(result, member);
      progress.advance(1, result.bars, 'bars');
    });
  }
  progress.done();
  return mergeScans(scans, { window, strategies, symbols: universe.members.length });
}

/** What one strategy's scan has found so far. The counts of the funnel are added up at once: they are large, and sums have no order. */
class StrategyScan {
  readonly signals: (readonly Signal[])[];
  readonly decisions: Table[];
  readonly funnel: FunnelCounts;
  bars = 0;

  constructor(window: ScanWindow, interval: Interval, members: number) {
    this.signals = Array.from({ length: members });
    this.decisions = Array.from({ length: members });
    this.funnel = new FunnelCounts(window, intervalMs(interval));
  }

  add({ signals, decisions, funnel, bars }: ScanTaskResult, member: number): void {
    this.signals[member] = signals;
    this.decisions[member] = decisions;
    this.funnel.add(funnel);
    this.bars += bars;
  }
}

interface MergeInput {
  readonly window: ScanWindow;
  readonly strategies: readonly CompiledStrategy[];
  readonly symbols: number;
}

/** Puts what the threads found in the order of the tables: time, instrument, strategy. */
function mergeScans(scans: readonly StrategyScan[], { window, strategies, symbols }: MergeInput): ScanFound {
  const decisions = concatTables(
    'decisions',
    TABLES.decisions.columns,
    scans.flatMap((scan) => scan.decisions),
  );
  const funnels = scans.map(({ funnel }, k) => funnel.toTable(strategies[k].strategyId, symbols));
  return {
    window,
    signals: scans.flatMap(({ signals }) => signals.flat()),
    decisions: sortTable(decisions, TABLES.decisions.order),
    funnel: sortTable(concatTables('funnel', TABLES.funnel.columns, funnels), TABLES.funnel.order),
    bars: scans.reduce((sum, { bars }) => sum + bars, 0),
  };
}

/** Columns of the signals table: the base columns, then the registry's. */
export function signalShapes(strategies: readonly CompiledStrategy[]): ColumnShape[] {
  const shapes: ColumnShape[] = [...TABLES.signals.columns];
  const known = new Set(shapes.map(({ name }) => name));
  for (const { features } of strategies) {
    for (const { name, dtype } of features) {
      if (known.has(name)) continue;
      known.add(name);
      shapes.push({ name, type: dtype === 'category' ? 'text' : dtype });
    }
  }
  return shapes;
}

interface Written {
  readonly identity: RunIdentity;
  readonly found: ScanFound;
  readonly input: ScoutInput;
}

function writeScout(runs: RunStore, { identity, found, input }: Written): Run {
  const { strategies, context, universe } = input;
  const signals = sortTable(
    tableFromRows('signals', signalShapes(strategies), found.signals.map(signalRow)),
    TABLES.signals.order,
  );
  return finishRun(runs, { identity, context }, (draft) => {
    draft.writeTable('signals.parquet', signals, TABLES.signals);
    draft.writeTable('decisions.parquet', found.decisions, TABLES.decisions);
    draft.writeTable('funnel.parquet', found.funnel, TABLES.funnel);
    return {
      signals: found.signals.length,
      symbols: universe.members.length,
      decision_rows: found.decisions.length,
      bars: found.bars,
      start_ms: found.window.startMs,
      end_ms: found.window.endMs,
    };
  });
}
