/** Robustness of a stored run by simulation: computed once, kept as a run of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StressReport } from '@donch/backtester';
import { listenForInterrupt, type CommandContext } from '@donch/cli';
import { hashJson, instrumentId, numbersOf, venueOf, type Column, type InstrumentId, type Table } from '@donch/core';
import {
  RunStore,
  withIoErrors,
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
  pinData,
  type PinnedData,
  type ProjectContext,
} from '@donch/project';
import { researchThreads } from '../workers/research-threads.ts';
import { drawWhile, sharedProgress } from '../workers/shared-progress.ts';
import type { stress as stressWork, StressTask } from '../workers/stress-worker.ts';
import { findFinished, finishRun } from './finish-run.ts';
import { readEquity } from './report-input.ts';
import { readStoredMarket, type StoredMarket } from './stored-market.ts';
import { decodeStress, encodeStress } from './stress-document.ts';

export interface StressRequest {
  /** A finished backtest. */
  readonly run: Run;
  readonly project: Pick<ProjectContext, 'resultsFolder' | 'config'>;
  readonly store: Store;
  /** Of all draws. */
  readonly seed: number;
  readonly context: CommandContext;
  /** Missing = true: the same run, data and seed are not computed twice. */
  readonly useRuns?: boolean;
}

const REPORT_FILE = 'stress.json';
const DAILY_FILE = 'daily_returns.csv';

/**
 * The run under higher costs, with late and missed orders, against random entries and against the market, and what a larger account
 * would move. The run is made again from its own signals and strategies first: equity that differs at any bar is `run_outdated`.
 * No entry in the trial ledger: the configuration is one that stands there already, and nothing is chosen by what comes out. Throws
 * `no_run`, `run_outdated`, `data_changed`.
 */
export async function stressOf(request: StressRequest): Promise<StressReport> {
  const { run, project, store, context, useRuns = true } = request;
  const stored = await readStoredMarket(run, store);
  const reference = referenceOf(stored, store);
  const data = await pinCandles(stored, reference, store);
  const identity = stressIdentity(request, stored, { data, reference });
  const runs = new RunStore(project.resultsFolder);
  const known = useRuns ? findFinished(runs, identity, context) : null;
  if (known !== null) return readStress(known);
  const report = await compute(request, stored, reference);
  await checkPinned(store, data);
  await checkPinned(store, stored.minutes);
  await listenForInterrupt(context.signal);
  finishRun(runs, { identity, context }, (draft) => fillRun(draft, run, report));
  return report;
}

/** The benchmark of the settings, where its bars are stored. */
function referenceOf({ settings, signals, task }: StoredMarket, store: Store): InstrumentId | null {
  const [first] = instrumentsOf(signals);
  if (first === undefined) return null;
  const venue = venueOf(first);
  const id = instrumentId(venue, settings.REGIME_BENCHMARK_SYMBOL);
  return store.candles.instruments(venue, task.interval).includes(id) ? id : null;
}

function pinCandles(
  { signals, task }: StoredMarket,
  reference: InstrumentId | null,
  store: Store,
): Promise<PinnedData> {
  const ids = new Set([...instrumentsOf(signals), ...(reference === null ? [] : [reference])]);
  return pinData(
    store,
    [...ids].sort().map((id) => ({ instrumentId: id, interval: task.interval })),
  );
}

interface StressedData {
  readonly data: PinnedData;
  readonly reference: InstrumentId | null;
}

function stressIdentity(
  { run: { id, manifest }, seed }: StressRequest,
  { market, minutes }: StoredMarket,
  { data, reference }: StressedData,
): RunIdentity {
  return {
    command: 'stress',
    inputs: {
      backtest: id,
      candles: data.hash,
      ...(minutes.keys.length === 0 ? {} : { minutes: minutes.hash }),
      funding: market.fundingHash,
      instruments: hashJson(market.rules),
    },
    parameters: { reference },
    spec_hash: manifest.spec_hash,
    config_hash: manifest.config_hash,
    universe_hash: manifest.universe_hash,
    seed,
    ...codeIdentity('research-cli'),
  };
}

/** In a thread, so that this one hears Ctrl-C. */
async function compute(
  { run, seed, project, context }: StressRequest,
  { task }: StoredMarket,
  reference: InstrumentId | null,
): Promise<StressReport> {
  const pool = researchThreads(context, project.config.values.N_WORKERS);
  const work: StressTask = {
    market: task,
    equityUsd: Float64Array.from(numbersOf(await readEquity(run), 'equity_usd')),
    reference,
    seed,
    progress: sharedProgress(),
  };
  const line = context.terminal.progress('stressing', 100, '%');
  return await drawWhile(work.progress, line, () => pool.one<typeof stressWork>('stress', work));
}

function fillRun(draft: RunDraft, { id, manifest }: Run, report: StressReport): RunManifest['summary'] {
  const { costs, randomEntries } = report;
  draft.writeFile(REPORT_FILE, encodeStress(report));
  draft.writeTable(DAILY_FILE, dailyTable(report));
  return {
    backtest: id,
    start_ms: manifest.summary['start_ms'],
    end_ms: manifest.summary['end_ms'],
    break_even_cost_mult: costs.breakEven.kind === 'break_even' ? costs.breakEven.costMult : null,
    random_entries_p: randomEntries.kind === 'random_entries' ? randomEntries.totalReturnP : null,
  };
}

function readStress({ folder }: Run): StressReport {
  const path = join(folder, REPORT_FILE);
  return decodeStress(withIoErrors(path, 'read the file', () => readFileSync(path, 'utf8')));
}

/** Returns of the run, of random entries on average and of the market, side by side. */
function dailyTable({ dayStartMs, runReturns, randomEntries, holding }: StressReport): Table {
  const series: readonly (readonly [string, Float64Array | undefined])[] = [
    ['run', runReturns],
    ['random_entries_mean', randomEntries.kind === 'refused' ? undefined : randomEntries.meanReturns],
    ['equal_weight', holding.equalWeight.returns],
    ['reference', holding.reference?.returns],
  ];
  const columns = new Map<string, Column>([['day', { type: 'time', values: dayStartMs }]]);
  for (const [name, values] of series) if (values !== undefined) columns.set(name, { type: 'float', values });
  return { name: 'daily_returns', length: dayStartMs.length, columns };
}
