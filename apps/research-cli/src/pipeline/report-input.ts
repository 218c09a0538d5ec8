/** What a report is made from: the tables of a run, its summary and settings, and the candles around its trades. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandContext } from '@donch/cli';
import { CONFIG_SECTIONS, DonchError, TABLES, textsOf, type Table, type TableSpec } from '@donch/core';
import { readTable, withIoErrors, type Run, type Store } from '@donch/data';
import { breakTimesOf, type ReportInput, type RunFacts, type StrategyFacts } from '@donch/report';
import { readTradePaths } from './report-paths.ts';
import type { SummaryFigures } from './summary-document.ts';

export interface ReportSource {
  readonly run: Run;
  readonly store: Store;
  readonly context: CommandContext;
}

/** Reads everything. Throws `no_run` for a run that is no backtest, and what reading throws. */
export async function readReportInput({ run, store, context }: ReportSource): Promise<ReportInput> {
  const { folder } = run;
  requireBacktest(run);
  const [trades, openAtEnd, equity, decisions] = await Promise.all([
    readTrades(run),
    readTable(join(folder, 'open_at_end.csv'), needed(TABLES.trades, TRADE_COLUMNS)),
    readEquity(run),
    readTable(join(folder, 'decisions.parquet'), TABLES.decisions),
  ]);
  const summary = readJson(join(folder, 'summary.json')) as SummaryFigures;
  const settings = readSettings(folder);
  const breakTimesMs = breakTimesOf(trades, decisions);
  const drawn = await readTradePaths({
    store,
    trades,
    breakTimesMs,
    interval: summary.interval,
    endMs: Number(run.manifest.parameters['end_ms']),
    context,
  });
  return {
    run: runFacts(run, settings),
    notes: summary,
    strategies: settings.length > 0 ? settings.map(strategyFacts) : strategiesOfTrades(trades),
    trades,
    openAtEnd,
    equity,
    decisions,
    funnel: await funnelOf(run),
    settings: accountSettings(settings),
    ...drawn,
  };
}

/** Throws `no_run` for a run without trades. */
export function requireBacktest({ id, manifest }: Run): void {
  if (manifest.command === 'backtest') return;
  throw new DonchError('no_run', `run ${id} is a ${manifest.command}: it has no trades to report`, {
    remedy: 'name a backtest (donch list shows them)',
  });
}

/** Finished trades of a backtest, with what reports need. */
export function readTrades({ folder }: Run): Promise<Table> {
  return readTable(join(folder, 'trades.parquet'), needed(TABLES.trades, TRADE_COLUMNS));
}

/** Equity of a backtest. */
export function readEquity({ folder }: Run): Promise<Table> {
  return readTable(join(folder, 'equity.parquet'), needed(TABLES.equity, EQUITY_COLUMNS));
}

/** What a report cannot do without. Columns that came later (regimes) may be missing in the runs of earlier versions. */
const TRADE_COLUMNS = (
  'signal_id strategy_id instrument_id side decision_time entry_time exit_time reference_price entry_price exit_price qty atr ' +
  'don_break_level initial_stop_price final_stop_price target_price exit_reason fees_usd funding_usd funding_assumed ' +
  'slippage_usd pnl_usd risk_usd pnl_r mae_atr mfe_atr'
).split(' ');
const EQUITY_COLUMNS = ['time', 'equity_usd'];

/** The table with these columns for certain, and any others. */
function needed(spec: TableSpec, names: readonly string[]): TableSpec {
  return { ...spec, followedBy: 'features', columns: spec.columns.filter(({ name }) => names.includes(name)) };
}

export function readJson(path: string): unknown {
  return JSON.parse(withIoErrors(path, 'read the file', () => readFileSync(path, 'utf8'))) as unknown;
}

/** One entry of settings.json, of which reports read these members. */
export interface StrategySettings {
  readonly name: string;
  readonly strategyId: string;
  readonly side: string;
  readonly hashes: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Settings of the strategies; runs of early versions have no such file. */
export function readSettings(folder: string): readonly StrategySettings[] {
  const path = join(folder, 'settings.json');
  return existsSync(path) ? (readJson(path) as readonly StrategySettings[]) : [];
}

const SYNTHETIC_VENUE = 'synthetic';

function runFacts({ id, manifest }: Run, settings: readonly StrategySettings[]): RunFacts {
  return {
    id,
    donchVersion: manifest.donch_version,
    nodeVersion: manifest.node_version,
    seed: manifest.seed ?? 1,
    specHash: manifest.spec_hash,
    configHash: manifest.config_hash,
    universeHash: manifest.universe_hash,
    sourceHash: manifest.source_hash,
    inputs: manifest.inputs,
    isSynthetic: settings.some((strategy) => strategy.settings['VENUE'] === SYNTHETIC_VENUE),
  };
}

/** Keys of the account that a reader asks for first; those of execution and costs are all shown. */
const ACCOUNT_KEYS = ['INITIAL_CAPITAL', 'RISK_MODE', 'RISK_USD', 'RISK_EQUITY_PCT', 'MAX_OPEN', 'MAX_LEVERAGE'];

/** Settings of account and costs: the same for all strategies of a run. */
function accountSettings([first]: readonly StrategySettings[]): Readonly<Record<string, string>> {
  if (first === undefined) return {};
  const keys = [...ACCOUNT_KEYS, ...Object.keys(CONFIG_SECTIONS['execution and costs'])];
  const text = (value: unknown): string =>
    value === null ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
  return Object.fromEntries(
    keys.filter((key) => first.settings[key] !== undefined).map((key) => [key, text(first.settings[key])]),
  );
}

/** The first target is a plain distance only where targets are counted from the price in ATR. */
function strategyFacts({ name, strategyId, side, settings }: StrategySettings): StrategyFacts {
  const { PARTIAL_TP_ENABLED: hasPartial, PARTIAL_TP1_ATR_MULT: multiple, EXIT_BASIS: basis } = settings;
  const isPlain = hasPartial === true && (basis === undefined || basis === 'price_atr') && typeof multiple === 'number';
  return { strategyId, name, side, firstTargetAtrMult: isPlain ? multiple : Number.NaN };
}

/** Names for a run that does not say: the ids in its trades. */
function strategiesOfTrades(trades: Table): StrategyFacts[] {
  const sides = textsOf(trades, 'side');
  const found = new Map(textsOf(trades, 'strategy_id').map((id, row) => [id ?? '', sides[row] ?? '']));
  return Array.from(found, ([id, side]) => ({ strategyId: id, name: id, side, firstTargetAtrMult: Number.NaN }));
}

/** The funnel of the scan that the run's signals come from; null for signals of a file, or when the scan is gone. */
async function funnelOf({ folder, manifest }: Run): Promise<Table | null> {
  const { scout_run: scoutRun } = manifest.parameters;
  if (typeof scoutRun !== 'string') return null;
  const path = join(folder, '..', scoutRun, 'funnel.parquet');
  return existsSync(path) ? readTable(path, TABLES.funnel) : null;
}
