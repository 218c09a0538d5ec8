/** Backtest of a signals table: one portfolio of all strategies, written as an immutable run. */
import { join } from 'node:path';
import {
  aggregateTrades,
  runBacktest,
  strategyTerms,
  summarise,
  type BacktestResult,
  type RunSummary,
  type ScanWindow,
} from '@donch/backtester';
import {
  concatTables,
  hashJson,
  intervalMs,
  invariant,
  registryName,
  rowsOf,
  signalsFromTable,
  sortTable,
  tableFromRows,
  TABLES,
  tradeRow,
  type Candles,
  type FundingEvents,
  type InstrumentId,
  type InstrumentRules,
  type Interval,
  type Signal,
  type Table,
} from '@donch/core';
import { publishRun, RunStore, tableHash, type Run, type RunIdentity, type Store } from '@donch/data';
import { engineSettings } from '@donch/engine';
import { costSettings, ruleBook } from '@donch/sim';
import type { CompiledStrategy } from '@donch/strategy';
import { throwIfInterrupted, type CommandContext } from '../cli/command-runner.ts';
import { compatAggregated, compatEquity, compatTrades, withSymbol } from './compat-tables.ts';
import { codeIdentity } from './identity.ts';
import type { ProjectContext } from './project-context.ts';
import { summaryDocument } from './summary-document.ts';

export interface BacktestInput {
  readonly project: ProjectContext;
  readonly store: Store;
  readonly strategies: readonly CompiledStrategy[];
  readonly interval: Interval;
  readonly window: ScanWindow;
  /** The signals to trade, with the hash of the candles they were found in. */
  readonly signals: Table;
  readonly dataHash: string;
  /** Setup decisions of the scout, to stand beside the engine's in one table; null for foreign signals. */
  readonly setupDecisions: Table | null;
  readonly seed: number;
  readonly universeHash: string | null;
  readonly survivorship: string;
  readonly useRuns: boolean;
  readonly context: CommandContext;
}

export interface BacktestOutput {
  readonly run: Run;
  readonly cached: boolean;
}

/** Runs the backtest, or finds the finished run of the same inputs. */
export async function backtest(input: BacktestInput): Promise<BacktestOutput> {
  const { project, strategies, signals, window, seed, context, store } = input;
  const signalList = signalsFromTable(signals);
  const instruments = [...new Set(signalList.map(({ instrumentId }) => instrumentId))].sort();
  const funding = await readFunding(store, instruments);
  const rules = await readRules(store, instruments);
  const identity: RunIdentity = {
    command: 'backtest',
    inputs: {
      signals: tableHash(signals),
      candles: input.dataHash,
      funding: hashJson(funding.hashes),
      instruments: hashJson(rules),
    },
    parameters: { start_ms: window.startMs, end_ms: window.endMs, interval: input.interval },
    spec_hash: hashJson(strategies.map(({ specHash }) => specHash)),
    config_hash: hashJson([project.config.configHash, ...strategies.map(({ config }) => config.configHash)]),
    universe_hash: input.universeHash,
    seed,
    ...codeIdentity(),
  };
  const runs = new RunStore(project.resultsFolder);
  const known = input.useRuns ? runs.find(identity) : { kind: 'none' as const };
  if (known.kind === 'damaged')
    context.terminal.warn(`${known.problem.message}; it is computed again (the damaged one: ${known.movedTo})`);
  if (known.kind === 'found') return { run: known.run, cached: true };
  const candles = await readCandles(input, instruments);
  throwIfInterrupted(context.signal);
  const result = simulate(input, { signalList, candles, rules, fundingOf: funding.of });
  const summary = summarise(result, seed);
  return { run: writeBacktest(runs, identity, { input, result, summary, signals: signals.length }), cached: false };
}

/** The account's settings: those of the first strategy's resolution (strategy files set none of them). */
function accountSettings({ strategies, project }: BacktestInput): CompiledStrategy['settings'] {
  return strategies[0]?.settings ?? project.config.values;
}

interface Market {
  readonly signalList: readonly Signal[];
  readonly candles: ReadonlyMap<InstrumentId, Candles>;
  readonly rules: readonly InstrumentRules[];
  readonly fundingOf: (id: InstrumentId) => FundingEvents | null;
}

function simulate(input: BacktestInput, { signalList, candles, rules, fundingOf }: Market): BacktestResult {
  const { strategies, window, context, interval } = input;
  const settings = accountSettings(input);
  const progress = context.terminal.progress('trading', 100, '%');
  const result = runBacktest({
    signals: signalList,
    strategies: strategies.map(strategyTerms),
    settings: engineSettings(settings, 'backtest'),
    venue: {
      costs: costSettings(settings),
      rulesAt: ruleBook(rules),
      fundingOf,
      entryFill: settings.ENTRY_FILL,
      disturbance: null,
    },
    candlesOf: (id) => candlesFrom(candles, id),
    intervalMs: intervalMs(interval),
    window,
    onProgress: (doneFrac) => progress.set(doneFrac),
  });
  progress.done();
  return result;
}

function candlesFrom(candles: ReadonlyMap<InstrumentId, Candles>, id: InstrumentId): Candles {
  const found = candles.get(id);
  invariant(found !== undefined, 'the candles of every traded instrument were read');
  return found;
}

/** Candles of the traded instruments up to the end of the window; a hold-out after it is not read. */
async function readCandles(
  { store, interval, window, context }: BacktestInput,
  instruments: readonly InstrumentId[],
): Promise<Map<InstrumentId, Candles>> {
  const progress = context.terminal.progress('reading candles', instruments.length, 'symbols');
  const candles = new Map<InstrumentId, Candles>();
  for (const id of instruments) {
    throwIfInterrupted(context.signal);
    candles.set(id, await store.candles.read(id, interval, { toMs: window.endMs - intervalMs(interval) }));
    progress.advance(1);
  }
  progress.done();
  return candles;
}

interface FundingInput {
  readonly of: (id: InstrumentId) => FundingEvents | null;
  readonly hashes: Readonly<Record<string, string | null>>;
}

async function readFunding(store: Store, instruments: readonly InstrumentId[]): Promise<FundingInput> {
  const events = new Map<InstrumentId, FundingEvents | null>();
  const hashes: Record<string, string | null> = {};
  for (const id of instruments) {
    events.set(id, await store.funding.read(id));
    hashes[id] = await store.funding.contentHash(id);
  }
  return { of: (id) => events.get(id) ?? null, hashes };
}

/** Rules of the traded instruments, as far as the store knows them. */
async function readRules(store: Store, instruments: readonly InstrumentId[]): Promise<InstrumentRules[]> {
  const rules: InstrumentRules[] = [];
  for (const venue of new Set(instruments.map((id) => id.slice(0, id.indexOf(':'))))) {
    const table = await store.instruments.read(venue);
    for (const row of table === null ? [] : rowsOf(table)) {
      const id = row['instrument_id'] as InstrumentId;
      if (!instruments.includes(id)) continue;
      const optional = (name: string): number | null =>
        row[name] === null || row[name] === undefined ? null : Number(row[name]);
      rules.push({
        instrumentId: id,
        validFromMs: optional('valid_from_time'),
        tickSize: Number(row['tick_size']),
        qtyStep: Number(row['qty_step']),
        qtyMin: Number(row['qty_min']),
        notionalMinUsd: Number(row['notional_min_usd']),
        marketQtyMax: optional('market_qty_max'),
        leverageMax: optional('leverage_max'),
        source: row['source'] as InstrumentRules['source'],
      });
    }
  }
  return rules;
}

interface Written {
  readonly input: BacktestInput;
  readonly result: BacktestResult;
  readonly summary: RunSummary;
  readonly signals: number;
}

function writeBacktest(runs: RunStore, identity: RunIdentity, { input, result, summary, signals }: Written): Run {
  const { setupDecisions, context } = input;
  const trades = sortTable(
    tableFromRows('trades', TABLES.trades.columns, result.trades.map(tradeRow)),
    TABLES.trades.order,
  );
  const open = sortTable(
    tableFromRows('trades', TABLES.trades.columns, result.openAtEnd.map(tradeRow)),
    TABLES.trades.order,
  );
  const decisions =
    setupDecisions === null
      ? result.decisions
      : concatTables('decisions', TABLES.decisions.columns, [setupDecisions, result.decisions]);
  const draft = runs.start(identity);
  try {
    draft.writeTable('trades.parquet', trades, TABLES.trades);
    draft.writeTable('trades.csv', trades, TABLES.trades);
    draft.writeTable('open_at_end.csv', open, TABLES.trades);
    draft.writeTable('equity.parquet', result.equity, TABLES.equity);
    draft.writeTable('equity.csv', result.equity, TABLES.equity);
    draft.writeTable('decisions.parquet', sortTable(decisions, TABLES.decisions.order), TABLES.decisions);
    draft.writeTable('compat/trades.csv', compatTrades(trades));
    draft.writeTable('compat/equity.csv', compatEquity(result.equity));
    const groups = accountSettings(input).AGGREGATE_BY;
    const aggregated = aggregateTrades(withSymbol(trades), groups.map(registryName));
    draft.writeTable('trades_aggregated.csv', aggregated);
    draft.writeTable('compat/trades_aggregated.csv', compatAggregated(aggregated, groups));
    const document = summaryDocument({ summary, signals, interval: input.interval, survivorship: input.survivorship });
    draft.writeFile('summary.json', `${JSON.stringify(document, null, 2)}\n`);
    draft.writeFile('alerts.json', `${JSON.stringify(result.alerts, null, 2)}\n`);
    const finished = draft.finish({ trades: trades.length, final_equity_usd: summary.finalEquityUsd });
    if (finished.outcome === 'different') {
      context.terminal.warn(
        `the same inputs gave another result than before: ${finished.differing.join(', ')} (before: ${finished.movedTo})`,
      );
    }
    return finished.run;
  } catch (error) {
    draft.abandon();
    throw error;
  }
}

/** Copies the result to the places users know: results/trades.csv, equity.csv, trades_aggregated.csv; and points `latest` to it. */
export function publishBacktest(project: ProjectContext, run: Run): void {
  publishRun(
    run,
    ['trades.csv', 'equity.csv', 'trades_aggregated.csv'].map((name) => ({
      file: `compat/${name}`,
      target: join(project.resultsFolder, name),
    })),
  );
  new RunStore(project.resultsFolder).setLatest(run.id);
}
