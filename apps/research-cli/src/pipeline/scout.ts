import { FunnelCounts, type ScanWindow } from '@donch/backtester';
/** Scout: scan of the universe for signals. Days first, then ranks, then every instrument on its own; threads only where order does not matter. */
import {
  concatTables,
  DAY_MS,
  DonchError,
  formatMinute,
  hashJson,
  instrumentId,
  intervalMs,
  parseTimeArgument,
  signalRow,
  sortTable,
  symbolOf,
  tableFromRows,
  TABLES,
  WEEK_MS,
  type ColumnShape,
  type InstrumentId,
  type Interval,
  type Signal,
  type Table,
  type Universe,
} from '@donch/core';
import { RunStore, type Run, type RunIdentity, type Store } from '@donch/data';
import { createTracks, CrossSection, type CompiledStrategy, type DailyHistory } from '@donch/strategy';
import type { CommandContext } from '../cli/command-runner.ts';
import type { DaysResult, ScanTask, ScanTaskResult, StoreTask } from '../workers/scan-worker.ts';
import { TaskPool } from '../workers/task-pool.ts';
import { codeIdentity } from './identity.ts';
import type { ProjectContext } from './project-context.ts';
import type { StrategyInput } from './strategies.ts';

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
  /** Hash over the candles that were scanned. */
  readonly dataHash: string;
}

/** Scans, or finds the finished scan of the same inputs. */
export async function scout(input: ScoutInput): Promise<ScoutResult> {
  const { project, store, universe, interval, strategies, context, useRuns } = input;
  const keys = scannedInstruments(universe, strategies, store, interval).map((id) => ({ instrumentId: id, interval }));
  const { hash: dataHash } = await store.certifier.storeHash(keys);
  const identity: RunIdentity = {
    command: 'scout',
    inputs: { candles: dataHash },
    parameters: { interval, start: project.config.values.START_DATE, end: project.config.values.END_DATE },
    spec_hash: hashJson(strategies.map(({ specHash }) => specHash)),
    config_hash: hashJson(strategies.map(({ config }) => config.configHash)),
    universe_hash: universe.universeHash,
    seed: null,
    ...codeIdentity(),
  };
  const runs = new RunStore(project.resultsFolder);
  const known = useRuns ? runs.find(identity) : { kind: 'none' as const };
  if (known.kind === 'damaged')
    context.terminal.warn(`${known.problem.message}; it is computed again (the damaged one: ${known.movedTo})`);
  if (known.kind === 'found') return { run: known.run, cached: true, window: windowOf(known.run), dataHash };
  const pool = new TaskPool('./scan-worker.ts', { workers: project.config.values.N_WORKERS, signal: context.signal });
  try {
    const found = await scanUniverse(input, pool);
    return { ...writeScout(runs, identity, found, input), window: found.window, dataHash };
  } finally {
    await pool.close();
  }
}

/** Members, and the symbols whose MACD the strategies read. Throws `no_candles` for a regime symbol that the store lacks. */
function scannedInstruments(
  universe: Universe,
  strategies: readonly CompiledStrategy[],
  store: Store,
  interval: Interval,
): InstrumentId[] {
  const there = new Set(store.candles.instruments(universe.venue, interval));
  const wanted = new Set(universe.members.map((member) => member.instrumentId));
  for (const { settings, regime, name } of strategies) {
    const gate = instrumentId(universe.venue, settings.REGIME_ASSET);
    if (regime !== 'any' && !there.has(gate)) {
      throw new DonchError(
        'no_candles',
        `the regime gate of ${name} reads ${gate}, of which the store has no candles`,
        {
          remedy: 'import them, or run with --no-regime',
        },
      );
    }
    for (const { symbol } of Object.values(createTracks(settings))) {
      const id = instrumentId(universe.venue, symbol);
      if (there.has(id)) wanted.add(id);
    }
  }
  return [...wanted].sort();
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

async function scanUniverse(input: ScoutInput, pool: TaskPool): Promise<ScanFound> {
  const { universe, context, strategies, inputs } = input;
  const { members } = universe;
  const storeTasks = members.map(({ instrumentId: id }): StoreTask => ({
    dataFolder: input.store.folder,
    useCache: true,
    instrumentId: id,
    interval: input.interval,
  }));
  const dayProgress = context.terminal.progress('reading days', members.length, 'symbols');
  const days = await pool.all<StoreTask, DaysResult>('days', storeTasks, ({ bars }) =>
    dayProgress.advance(1, bars, 'bars'),
  );
  dayProgress.done();
  const window = scanWindow(input, days);
  const progress = context.terminal.progress('scanning', members.length * strategies.length, 'symbols');
  const perStrategy: ScanTaskResult[][] = [];
  for (const [k, strategy] of strategies.entries()) {
    const tasks = scanTasks({ storeTasks, strategyInput: inputs[k], strategy, days, window, universe });
    perStrategy.push(
      await pool.all<ScanTask, ScanTaskResult>('scan', tasks, ({ bars }) => progress.advance(1, bars, 'bars')),
    );
  }
  progress.done();
  return mergeScans(perStrategy, { window, strategies, symbols: members.length, interval: input.interval });
}

/** `[START_DATE, END_DATE)`, else everything that is stored: the last decision is taken at the last close. */
function scanWindow({ project, interval }: ScoutInput, days: readonly DaysResult[]): ScanWindow {
  const { START_DATE: start, END_DATE: end } = project.config.values;
  const barMs = intervalMs(interval);
  const firstMs =
    Math.min(...days.map(({ firstOpenMs }) => firstOpenMs).filter((value) => !Number.isNaN(value))) + barMs;
  const lastMs = Math.max(...days.map(({ lastOpenMs }) => lastOpenMs).filter((value) => !Number.isNaN(value))) + barMs;
  const startMs = start === null ? firstMs : Math.max(firstMs, onGrid(parseTimeArgument(start, 'START_DATE'), barMs));
  const endMs =
    end === null ? lastMs + barMs : Math.min(lastMs + barMs, onGrid(parseTimeArgument(end, 'END_DATE'), barMs));
  if (startMs < endMs) return { startMs, endMs };
  throw new DonchError('bad_time', 'the window holds no decision', {
    expected: `a window that overlaps the stored candles: ${formatMinute(firstMs)} to ${formatMinute(lastMs)}`,
  });
}

const onGrid = (timeMs: number, barMs: number): number => Math.ceil(timeMs / barMs) * barMs;

interface TaskInput {
  readonly storeTasks: readonly StoreTask[];
  readonly strategyInput: StrategyInput;
  readonly strategy: CompiledStrategy;
  readonly days: readonly DaysResult[];
  readonly window: ScanWindow;
  readonly universe: Universe;
}

/** One task per member; each carries its own column of the ranking. */
function scanTasks({ storeTasks, strategyInput, strategy, days, window, universe }: TaskInput): ScanTask[] {
  const { settings } = strategy;
  const histories: readonly DailyHistory[] = days.map((result) => result.days);
  const section = new CrossSection({ mode: settings.RS_MODE, score: settings.RS_SCORE }, histories, universe.members);
  const rankTimesMs: number[] = [];
  const periodMs = settings.RS_MODE === 'weekly' ? WEEK_MS : DAY_MS;
  for (let timeMs = section.rankTimeMs(window.startMs); timeMs < window.endMs; timeMs += periodMs)
    rankTimesMs.push(timeMs);
  return storeTasks.map((task, member) => ({
    ...task,
    strategy: strategyInput,
    window,
    rankTimesMs: Float64Array.from(rankTimesMs),
    rsPercentiles: Float64Array.from(rankTimesMs, (timeMs) => section.percentileAt(member, timeMs)),
    listedMs: universe.members[member].fromMs ?? Number.NaN,
    memberFromMs: universe.members[member].fromMs ?? -Infinity,
    memberToMs: universe.members[member].toMs ?? Infinity,
  }));
}

interface MergeInput {
  readonly window: ScanWindow;
  readonly strategies: readonly CompiledStrategy[];
  readonly symbols: number;
  readonly interval: Interval;
}

/** Puts what the threads found in the order of the tables: time, instrument, strategy. */
function mergeScans(
  perStrategy: readonly (readonly ScanTaskResult[])[],
  { window, strategies, symbols, interval }: MergeInput,
): ScanFound {
  const results = perStrategy.flat();
  const decisions = concatTables(
    'decisions',
    TABLES.decisions.columns,
    results.map((result) => result.decisions),
  );
  const funnels = perStrategy.map((scans, k) => {
    const counts = new FunnelCounts(window, intervalMs(interval));
    for (const { funnel } of scans) counts.add(funnel);
    return counts.toTable(strategies[k].strategyId, symbols);
  });
  return {
    window,
    signals: results.flatMap(({ signals }) => signals),
    decisions: sortTable(decisions, TABLES.decisions.order),
    funnel: sortTable(concatTables('funnel', TABLES.funnel.columns, funnels), TABLES.funnel.order),
    bars: results.reduce((sum, { bars }) => sum + bars, 0),
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

function writeScout(
  runs: RunStore,
  identity: RunIdentity,
  found: ScanFound,
  { strategies, context }: ScoutInput,
): { run: Run; cached: boolean } {
  const signals = sortTable(
    tableFromRows('signals', signalShapes(strategies), found.signals.map(signalRow)),
    TABLES.signals.order,
  );
  const draft = runs.start(identity);
  try {
    draft.writeTable('signals.parquet', signals, TABLES.signals);
    draft.writeTable('decisions.parquet', found.decisions, TABLES.decisions);
    draft.writeTable('funnel.parquet', found.funnel, TABLES.funnel);
    const finished = draft.finish({
      signals: found.signals.length,
      decision_rows: found.decisions.length,
      bars: found.bars,
      start_ms: found.window.startMs,
      end_ms: found.window.endMs,
    });
    if (finished.outcome === 'different') {
      context.terminal.warn(
        `the same inputs gave another result than before: ${finished.differing.join(', ')} (before: ${finished.movedTo})`,
      );
    }
    return { run: finished.run, cached: false };
  } catch (error) {
    draft.abandon();
    throw error;
  }
}

/** Symbols that a run traded or scanned, for people. */
export function symbolsOf(universe: Universe): string[] {
  return universe.members.map((member) => symbolOf(member.instrumentId));
}
