/** Backtest of a signals table: one portfolio of all strategies, written as an immutable run. */
import { aggregateTrades, gateProfile, type ScanWindow } from '@donch/backtester';
import { listenForInterrupt, type CommandContext } from '@donch/cli';
import {
  concatTables,
  decidingSettings,
  DonchError,
  hashJson,
  numbersOf,
  registryName,
  selectColumns,
  sortTable,
  tableFromRows,
  TABLES,
  tradeRow,
  type Interval,
  type Table,
  type Trade,
} from '@donch/core';
import {
  runIdOf,
  RunStore,
  tableHash,
  type Run,
  type RunDraft,
  type RunIdentity,
  type RunManifest,
  type Store,
} from '@donch/data';
import {
  checkPinned,
  codeIdentity,
  instrumentsOf,
  minuteSeries,
  pinData,
  type PinnedData,
  type ProjectContext,
  type StrategyInput,
  type TradedMarket,
  tradedMarket,
} from '@donch/project';
import type { CompiledStrategy } from '@donch/strategy';
import { researchThreads } from '../workers/research-threads.ts';
import { drawWhile, sharedProgress } from '../workers/shared-progress.ts';
import type {
  label as labelWork,
  simulate as simulateWork,
  SimulateResult,
  SimulateTask,
} from '../workers/simulate-worker.ts';
import type { MarketTask } from '../workers/simulated-market.ts';
import { compatAggregated, compatEquity, compatTrades, withSymbol } from './compat-tables.ts';
import { findFinished, finishRun } from './finish-run.ts';
import { recordBacktest, recordFoundBacktest } from './record-trials.ts';
import { summaryFigures, type SummaryFigures } from './summary-document.ts';

export interface BacktestInput {
  readonly project: ProjectContext;
  readonly store: Store;
  readonly inputs: readonly StrategyInput[];
  readonly strategies: readonly CompiledStrategy[];
  readonly interval: Interval;
  readonly window: ScanWindow;
  /** The signals to trade, and the candles they were found in. */
  readonly signals: Table;
  readonly data: PinnedData;
  /** The scan that the signals come from; null for those of a file. */
  readonly scoutRun: Run | null;
  /** Setup decisions of the scout, to stand beside the engine's in one table; null for signals of a file. */
  readonly setupDecisions: Table | null;
  /** Counts of the scan; null: the signals came from a file. */
  readonly funnel: Table | null;
  readonly seed: number;
  readonly universeHash: string | null;
  readonly survivorship: string;
  readonly useRuns: boolean;
  readonly context: CommandContext;
  /** The window is the hold-out: its run says so, and is another one than a run on the same window that was none. */
  readonly isHoldout?: boolean;
  /** How a model chose the signals; missing = they are all there are. */
  readonly gate?: GateRecord;
}

/** What a run says about the model that chose its signals. */
interface GateRecord {
  /** Plain JSON: part of what the run is made from. */
  readonly parameters: Readonly<Record<string, string | number | boolean | null>>;
  /** Every signal with what was decided about it: `gate.parquet`. */
  readonly table: Table;
  /** Why the figures are no evidence; '' = nothing speaks against them. */
  readonly watermark: string;
}

export interface BacktestOutput {
  readonly run: Run;
  readonly cached: boolean;
}

/**
 * Runs the backtest, or finds the finished run of the same inputs; the trial ledger knows it before anybody sees it. Throws `data_changed` when the store changed under it, and `no_meta`
 * when no signal could pass the gate of the model.
 */
export async function backtest(input: BacktestInput): Promise<BacktestOutput> {
  const { signals, context, store, data } = input;
  requireProbabilities(input);
  const market = await tradedMarket(store, signals);
  const minutes = await pinData(store, minuteSeries(store, input.strategies[0].settings, instrumentsOf(signals)));
  if (input.strategies[0].settings.USE_INTRABAR_1M)
    context.terminal.info(`1m bars: ${minutes.keys.length} of ${instrumentsOf(signals).length} instruments have them`);
  const identity = backtestIdentity(input, market, minutes);
  const runs = new RunStore(input.project.resultsFolder);
  const known = input.useRuns ? findFinished(runs, identity, context) : null;
  if (known !== null) {
    await recordFoundBacktest(input, known);
    return { run: known, cached: true };
  }
  const simulated = await simulate(input, market, minutes);
  await checkPinned(store, data);
  await checkPinned(store, minutes);
  await listenForInterrupt(context.signal);
  const { trades, equity } = simulated.result;
  recordBacktest(input, { runId: runIdOf(identity), trades: trades.length, equity });
  const run = finishRun(runs, { identity, context }, (draft) => fillRun(draft, input, simulated));
  return { run, cached: false };
}

/** A gate that nothing can pass is a mistake at the start, not a run without trades. */
export function requireProbabilities({ strategies, signals }: Pick<BacktestInput, 'strategies' | 'signals'>): void {
  if (strategies[0].settings.META !== 'required' || signals.length === 0) return;
  if (numbersOf(signals, 'p').some((p) => !Number.isNaN(p))) return;
  throw new DonchError('no_meta', `META is required, and none of ${signals.length} signals has a probability`, {
    expected: 'signals that a model has scored',
    remedy: '`donch apply-meta --rebt` trades with the probabilities of a model, `--set META=off` without any.',
  });
}

function backtestIdentity(input: BacktestInput, market: TradedMarket, minutes: PinnedData): RunIdentity {
  const { project, strategies, signals, window, interval, data, scoutRun, gate } = input;
  return {
    command: 'backtest',
    inputs: {
      signals: tableHash(signals),
      candles: data.hash,
      ...(minutes.keys.length === 0 ? {} : { minutes: minutes.hash }),
      funding: market.fundingHash,
      instruments: hashJson(market.rules),
    },
    parameters: {
      start_ms: window.startMs,
      end_ms: window.endMs,
      interval,
      scout_run: scoutRun?.id ?? null,
      ...(input.isHoldout === true && { holdout: true }),
      ...(gate !== undefined && { gate: { ...gate.parameters, judged: tableHash(gate.table) } }),
    },
    spec_hash: hashJson(strategies.map(({ specHash }) => specHash)),
    config_hash: hashJson([project.config.configHash, ...strategies.map(({ config }) => config.configHash)]),
    universe_hash: input.universeHash,
    seed: input.seed,
    ...codeIdentity('research-cli'),
  };
}

/** Room for candles beside each other while trading: about 40 instruments of a year in 5m bars. */
export const CANDLE_BYTES_MAX = 256 * 2 ** 20;

/** Trades in a thread, so that this one hears Ctrl-C. */
async function simulate(input: BacktestInput, market: TradedMarket, minutes: PinnedData): Promise<SimulateResult> {
  const { context, project } = input;
  const pool = researchThreads(context, project.config.values.N_WORKERS);
  const task = simulateTask(input, market, minutes);
  const line = context.terminal.progress('trading', 100, '%');
  return await drawWhile(task.progress, line, () => pool.one<typeof simulateWork>('simulate', task));
}

function simulateTask(input: BacktestInput, market: TradedMarket, minutes: PinnedData): SimulateTask {
  return { ...marketTask(input, market, minutes), seed: input.seed, progress: sharedProgress() };
}

/** What a thread needs to trade the signals. */
export function marketTask(
  {
    store,
    inputs,
    interval,
    window,
    signals,
  }: Pick<BacktestInput, 'store' | 'inputs' | 'interval' | 'window' | 'signals'>,
  { funding, rules }: TradedMarket,
  minutes: PinnedData,
): MarketTask {
  return {
    dataFolder: store.folder,
    useCache: true,
    candleBytesMax: CANDLE_BYTES_MAX,
    interval,
    window,
    strategies: inputs,
    signals,
    funding,
    rules,
    minutes: minutes.keys,
  };
}

/** Labels of the same signals with another multiple or horizon. Throws `data_changed` when the store changed under it. */
export async function relabel(
  input: BacktestInput,
  wanted: { readonly mfeK: number; readonly horizonHours: number | null },
): Promise<Table> {
  const { signals, context, project, store, data, strategies } = input;
  const market = await tradedMarket(store, signals);
  const minutes = await pinData(store, minuteSeries(store, strategies[0].settings, instrumentsOf(signals)));
  const pool = researchThreads(context, project.config.values.N_WORKERS);
  const task = { market: simulateTask(input, market, minutes), ...wanted };
  const labels = await pool.one<typeof labelWork>('label', task);
  await checkPinned(store, data);
  await checkPinned(store, minutes);
  return labels;
}

/** Writes the files of a run; returns the figures of its manifest. */
function fillRun(
  draft: RunDraft,
  input: BacktestInput,
  { result, summary, labels }: SimulateResult,
): RunManifest['summary'] {
  const trades = tradeTable(result.trades);
  draft.writeTable('trades.parquet', trades, TABLES.trades);
  draft.writeTable('trades.csv', trades, TABLES.trades);
  draft.writeTable('open_at_end.csv', tradeTable(result.openAtEnd), TABLES.trades);
  draft.writeTable('equity.parquet', result.equity, TABLES.equity);
  draft.writeTable('equity.csv', result.equity, TABLES.equity);
  const decisions = allDecisions(input, result.decisions);
  draft.writeTable('decisions.parquet', decisions, TABLES.decisions);
  draft.writeTable('labels.parquet', labels, TABLES.labels);
  draft.writeTable('gate_profile.parquet', gateProfile(decisions, input.funnel), TABLES.gate_profile);
  draft.writeTable('compat/trades.csv', compatTrades(trades));
  draft.writeTable('compat/equity.csv', compatEquity(result.equity));
  writeGroups(draft, trades, input.strategies[0].settings.AGGREGATE_BY);
  const figures = summaryFigures({
    summary,
    signals: input.signals.length,
    interval: input.interval,
    survivorship: input.survivorship,
    watermark: input.gate?.watermark ?? '',
  });
  if (input.gate !== undefined) draft.writeTable('gate.parquet', input.gate.table);
  draft.writeFile('summary.json', json(figures));
  draft.writeFile('alerts.json', json(result.alerts));
  draft.writeFile('settings.json', json(effectiveSettings(input)));
  writeSources(draft, input);
  return manifestFigures(figures);
}

/** What the run can be simulated again from, whatever becomes of the scan and of the strategy files. */
function writeSources(draft: RunDraft, { inputs, strategies, signals }: BacktestInput): void {
  draft.writeTable('signals.parquet', inTableOrder(signals), TABLES.signals);
  inputs.forEach(({ text }, k) => draft.writeFile(storedStrategy(strategies[k].strategyId), text));
}

/** Signals of a file may have their columns in any order. */
function inTableOrder(signals: Table): Table {
  const listed = TABLES.signals.columns.map(({ name }) => name);
  const others = [...signals.columns.keys()].filter((name) => !listed.includes(name));
  return selectColumns(
    signals,
    [...listed, ...others].map((name) => [name, name]),
  );
}

/** Where a run keeps the file of a strategy. */
export const storedStrategy = (strategyId: string): string => `strategies/${strategyId}.yaml`;

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function tradeTable(trades: readonly Trade[]): Table {
  return sortTable(tableFromRows('trades', TABLES.trades.columns, trades.map(tradeRow)), TABLES.trades.order);
}

function allDecisions({ setupDecisions }: BacktestInput, engine: Table): Table {
  const tables = setupDecisions === null ? [engine] : [setupDecisions, engine];
  return sortTable(concatTables('decisions', TABLES.decisions.columns, tables), TABLES.decisions.order);
}

function writeGroups(draft: RunDraft, trades: Table, groups: readonly string[]): void {
  const aggregated = aggregateTrades(withSymbol(trades), groups.map(registryName));
  draft.writeTable('trades_aggregated.csv', aggregated);
  draft.writeTable('compat/trades_aggregated.csv', compatAggregated(aggregated, groups));
}

/** What the run was computed with, for those who look at it in a year; without the places it was read from. */
function effectiveSettings({ strategies }: BacktestInput): unknown {
  return strategies.map(({ name, strategyId, side, setupHash, filterHash, exitHash, specHash, settings }) => ({
    name,
    strategyId,
    side,
    hashes: { setupHash, filterHash, exitHash, specHash },
    settings: decidingSettings(settings),
  }));
}

/** The figures that `donch list` shows. */
function manifestFigures(figures: SummaryFigures): RunManifest['summary'] {
  const { signals, trades, meanR, profitFactor, maxDrawdownFrac, finalEquityUsd, startMs, endMs } = figures;
  return {
    signals,
    trades,
    mean_r: meanR,
    profit_factor: profitFactor,
    max_drawdown_frac: maxDrawdownFrac,
    final_equity_usd: finalEquityUsd,
    start_ms: startMs,
    end_ms: endMs,
  };
}
