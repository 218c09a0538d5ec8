import {
  LEAK_SETTINGS,
  LEAK_TEXT,
  LEAKS,
  lookahead,
  nullTestVerdict,
  NULL_TEST_LAYER,
  strategyTerms,
  type LeakName,
  type LookaheadResult,
  type MarketData,
  type NullSeed,
} from '@donch/backtester';
/** `donch lookahead` and `donch null-test`: the honesty tests on the user's own strategy. */
import {
  createPrng,
  DonchError,
  formatMinute,
  instrumentId,
  intervalMs,
  symbolOf,
  type ConfigLayer,
  type InstrumentId,
  type Interval,
} from '@donch/core';
import type { Store } from '@donch/data';
import { engineSettings } from '@donch/engine';
import { costSettings, ruleBook } from '@donch/sim';
import { compileStrategy, createTracks, type CompiledStrategy } from '@donch/strategy';
import type { CommandContext } from '../cli/command-runner.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { wholeNumber, type RunFlags } from '../cli/flags.ts';
import type { NullTask } from '../workers/null-worker.ts';
import { TaskPool } from '../workers/task-pool.ts';
import { openProject } from './project-context.ts';
import { setUpResearch, type ResearchSetup } from './research.ts';
import { strategyInputs, type StrategyInput } from './strategies.ts';

interface PlantFlags extends RunFlags {
  readonly plant?: string;
}

function plantOf({ plant }: PlantFlags): LeakName | null {
  return LEAKS.find((leak) => leak === plant) ?? null;
}

/** Settings under which the planted leak can act, as the layer that beats all others. */
function plantLayer(leak: LeakName): ConfigLayer {
  return { layer: 'set', source: `--plant ${leak}`, values: LEAK_SETTINGS[leak] };
}

function withLayers(input: StrategyInput, layers: readonly ConfigLayer[]): StrategyInput {
  return { ...input, layers: [...input.layers, ...layers] };
}

export interface LookaheadSize {
  readonly cuts: number;
  readonly sample: number;
}

/** Runs the look-ahead test on a sample of the store; exit code 4 when something leaks. */
export async function runLookahead(flags: PlantFlags, size: LookaheadSize, context: CommandContext): Promise<number> {
  const leak = plantOf(flags);
  const setup = await setUpResearch(flags, context);
  const [input] = setup.inputs;
  const strategy = leak === null ? setup.strategies[0] : compileStrategy(withLayers(input, [plantLayer(leak)]));
  const market = await sampleMarket(setup, strategy, size.sample);
  const progress = context.terminal.progress('poisoning the future', size.cuts + 1, 'instants');
  const result = lookahead({
    strategy,
    terms: strategyTerms(strategy),
    settings: engineSettings(strategy.settings, 'backtest'),
    venue: {
      costs: costSettings(strategy.settings),
      rulesAt: ruleBook([]),
      fundingOf: (id) => market.fundingOf(id),
      entryFill: strategy.settings.ENTRY_FILL,
      disturbance: null,
    },
    market,
    window: marketWindow(market, setup.interval),
    cuts: size.cuts,
    seed: setup.seed,
    leak,
    onProgress: (doneFrac) => progress.set(doneFrac),
  });
  progress.done();
  reportLookahead(result, { market, leak, context });
  return result.leaks.length === 0 ? EXIT.ok : EXIT.finding;
}

/** Benchmarks, and a seeded draw of members: ranks are made among them. */
async function sampleMarket(
  { store, universe, interval, seed }: ResearchSetup,
  strategy: CompiledStrategy,
  sample: number,
): Promise<MarketData> {
  const there = new Set(store.candles.instruments(universe.venue, interval));
  const chosen = new Set<InstrumentId>();
  for (const { symbol } of Object.values(createTracks(strategy.settings))) {
    const id = instrumentId(universe.venue, symbol);
    if (there.has(id)) chosen.add(id);
  }
  const pool = universe.members.map((member) => member.instrumentId).filter((id) => !chosen.has(id));
  const prng = createPrng(seed, 'lookahead sample');
  for (let k = 0; k < sample && pool.length > 0; k += 1) chosen.add(pool.splice(prng.below(pool.length), 1)[0]);
  return loadMarket(store, [...chosen].sort(), interval);
}

async function loadMarket(store: Store, instruments: readonly InstrumentId[], interval: Interval): Promise<MarketData> {
  const loaded = await Promise.all(
    instruments.map(async (id) => ({
      id,
      candles: await store.candles.read(id, interval),
      funding: await store.funding.read(id),
    })),
  );
  const known = new Map(loaded.map((one) => [one.id, one]));
  const of = (id: InstrumentId): (typeof loaded)[number] => {
    const found = known.get(id);
    if (found === undefined) throw new DonchError('no_candles', `there are no candles of ${id}`);
    return found;
  };
  return {
    instruments,
    candlesOf: (id) => of(id).candles,
    fundingOf: (id) => of(id).funding,
    listedMsOf: () => Number.NaN,
  };
}

function marketWindow({ instruments, candlesOf }: MarketData, interval: Interval): { startMs: number; endMs: number } {
  const barMs = intervalMs(interval);
  const spans = instruments.map((id) => candlesOf(id)).filter(({ length }) => length > 0);
  const startMs = Math.min(...spans.map(({ openTimeMs }) => openTimeMs[0])) + barMs;
  const endMs = Math.max(...spans.map(({ openTimeMs, length }) => openTimeMs[length - 1])) + 2 * barMs;
  return { startMs, endMs };
}

interface ReportInput {
  readonly market: MarketData;
  readonly leak: LeakName | null;
  readonly context: CommandContext;
}

function reportLookahead(result: LookaheadResult, { market, leak, context: { terminal } }: ReportInput): void {
  const { leaks, cuts, features, comparedFeatureValues, comparedDecisions, comparedTrades, comparedExits } = result;
  if (leak !== null) terminal.result(`planted: ${leak} - ${LEAK_TEXT[leak]}`);
  terminal.result(
    `${market.instruments.length} symbols, ${cuts.length} instants; compared ${comparedFeatureValues} values of ${features} features, ` +
      `${comparedDecisions} decision rows, ${comparedTrades} trades, ${comparedExits} exits`,
  );
  if (leaks.length === 0) terminal.result('nothing looked ahead');
  for (const found of leaks) {
    terminal.result(
      `LEAK ${found.kind} ${found.name}: ${found.count} times, first ${symbolOf(found.instrumentId as InstrumentId)} ${formatMinute(found.timeMs)} UTC: ` +
        `${String(found.value)} became ${String(found.changed)} when data after ${formatMinute(found.cutMs)} were changed`,
    );
  }
  terminal.document({
    ok: leaks.length === 0,
    features,
    symbols: market.instruments.length,
    cuts,
    comparedFeatureValues,
    comparedDecisions,
    comparedTrades,
    comparedExits,
    leaks,
  });
}

/** Runs the null test; exit code 4 when the interval lies above 0 or there are too few seeds for one. */
export async function runNullTest(flags: PlantFlags, seeds: number, context: CommandContext): Promise<number> {
  const leak = plantOf(flags);
  const project = openProject(flags, context.terminal);
  const [base] = strategyInputs(project, flags.strategy, 'null test');
  const input = withLayers(base, [NULL_TEST_LAYER, ...(leak === null ? [] : [plantLayer(leak)])]);
  compileStrategy(input);
  const workers = flags.workers === undefined ? null : wholeNumber(flags.workers, '--workers', 1);
  const pool = new TaskPool('./null-worker.ts', { workers, signal: context.signal });
  try {
    const progress = context.terminal.progress('martingales', seeds, 'seeds');
    const tasks = Array.from({ length: seeds }, (_, k): NullTask => ({ strategy: input, seed: k + 1, leak }));
    const observed = await pool.all<NullTask, NullSeed>('seed', tasks, () => progress.advance(1));
    progress.done();
    return reportNullTest(observed, leak, context);
  } finally {
    await pool.close();
  }
}

function reportNullTest(seeds: readonly NullSeed[], leak: LeakName | null, { terminal }: CommandContext): number {
  const { ok, interval, trades } = nullTestVerdict(seeds);
  if (leak !== null) terminal.result(`planted: ${leak} - ${LEAK_TEXT[leak]}`);
  const signed = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(3)}`;
  if (interval.kind === 'interval') {
    terminal.result(
      `${seeds.length} seeds, ${trades} trades: mean ${signed(interval.estimate)} R, 95 % interval ${signed(interval.low)} to ${signed(interval.high)} R (standard error ${interval.standardError.toFixed(3)})`,
    );
    terminal.result(
      ok
        ? 'the interval reaches 0 or below: nothing is earned from noise'
        : 'the interval lies above 0: something earns from noise, that is, from a mistake',
    );
  } else {
    terminal.result(
      `${seeds.length} seeds, ${trades} trades: no verdict, ${interval.found} seeds with trades of at least ${interval.needed}`,
    );
  }
  const bounds =
    interval.kind === 'interval'
      ? { meanR: interval.estimate, ciLowR: interval.low, ciHighR: interval.high }
      : { meanR: null, ciLowR: null, ciHighR: null };
  terminal.document({ ok, seeds: seeds.length, trades, ...bounds, perSeedMeanR: seeds.map(({ meanR }) => meanR) });
  return ok ? EXIT.ok : EXIT.finding;
}
