/**
 * An exit sweep of 500 variants x 5,000 signals, each signal alone, on one core: envelopes and first touches, building them included,
 * against an early-exit loop over the same typed columns that does the same (gaps, time exit, slippage, fees, funding). Then the
 * portfolio pass of single variants, and the engine on the same variants, with which every bit must agree.
 */
import {
  exitAxes,
  needsEngine,
  passDifference,
  passPortfolio,
  runBacktest,
  SignalPaths,
  StandaloneOutcomes,
  summariseVariant,
  type BacktestOptions,
} from '@donch/backtester';
import {
  CandleBuffer,
  createPrng,
  HOUR_MS,
  instrumentId,
  resolveConfig,
  signalId,
  strategyId,
  type Candles,
  type FundingEvents,
  type InstrumentId,
  type Signal,
} from '@donch/core';
import { engineSettings, type StrategyTerms } from '@donch/engine';
import { costSettings, ruleBook } from '@donch/sim';
import { compare, median, type BenchReport } from './harness.ts';
import { scanAlone, type ScannedSignal } from './sweep-scan.ts';

const SYMBOLS = 25;
const SIGNALS_PER_SYMBOL = 200;
const BARS = 60_000;
const INTERVAL_MS = 300_000;
const FIRST_ROW = 100;
const STRATEGY = strategyId('bench');
const SL_ATR = [1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.5];
const TP_ATR = [2, 3, 4, 5, 6, 8, 10, 12, 16, 20];
const TIME_HOURS = [12, 24, 48, 72, null];
/** Variants whose summaries are timed. */
const SUMMARISED = 101;
/** Variants that also run through the engine. */
const CHECKED = 5;
const PASS_ROUNDS = 7;
/** The plain loop takes seconds: a round goes through one part of the variants, and 7 rounds through all of them. */
const PARTS = TIME_HOURS.length;
/** The plain loop took 4 times as long when this was written; it has to take at least 3 times as long. */
const LIMIT = 1 / 3;

/** What the benchmark is asked for, beside the report. */
interface SweepFigures {
  readonly evaluationsPerSecond: number;
  /** Time of the plain loop / time of the sweep. */
  readonly ratioToPlainScan: number;
  /** Time of the engine / time of the portfolio pass, same variants. */
  readonly ratioToEngine: number;
  readonly agreesWithEngine: boolean;
}

export async function run(): Promise<BenchReport & SweepFigures> {
  const sweep = sweepOf(randomMarket());
  const scanned = scannedSignals(sweep);
  let buildMs = Number.NaN;
  let fast = new Float64Array(0);
  const plain = new Float64Array(sweep.variants.length).fill(Number.NaN);
  let part = 0;
  const timed = await compare({
    name: 'sweep',
    candidate: () => {
      const startMs = performance.now();
      const paths = pathsOf(sweep);
      buildMs = performance.now() - startMs;
      fast = sumsAlone(sweep, paths);
    },
    reference: () => {
      sweep.variants.forEach(([terms], k) => {
        if (partOf(k) === part) plain[k] = scanAlone(scanned, terms.exits, sweep.venue.costs);
      });
      part = (part + 1) % PARTS;
    },
  });
  const report = {
    ...timed,
    referenceMedianMs: timed.referenceMedianMs * PARTS,
    ratio: timed.ratio / PARTS,
    limit: LIMIT,
  };
  fast.forEach((sum, k) => {
    if (!(Math.abs(sum - plain[k]) <= 1e-6 * Math.abs(plain[k])))
      throw new Error(`sum of R in variant ${k}: found ${sum}, expected ${plain[k]}`);
  });
  const passed = portfolioFigures(sweep);
  if (!passed.agrees) {
    console.error(`pass and engine differ: ${passed.difference}`);
    process.exitCode = 1;
  }
  const evaluations = sweep.variants.length * sweep.signals.length;
  return {
    ...report,
    evaluationsPerSecond: (evaluations / report.medianMs) * 1_000,
    ratioToPlainScan: report.referenceMedianMs / report.medianMs,
    ratioToEngine: passed.engineMs / passed.passMs,
    agreesWithEngine: passed.agrees,
    figures: {
      evaluations,
      millionEvaluationsPerSecond: evaluations / report.medianMs / 1e3,
      ratioToPlainScan: report.referenceMedianMs / report.medianMs,
      buildMs,
      passMicrosecondsPerTrade: (passed.passMs / passed.trades) * 1_000,
      passMsPerVariant: passed.passMs / sweep.variants.length,
      summaryMsPerVariant: passed.summaryMs,
      tradesPerVariant: passed.trades / sweep.variants.length,
      ratioToEngine: passed.engineMs / passed.passMs,
    },
  };
}

type Market = ReadonlyMap<InstrumentId, Candles>;

interface Sweep extends Omit<BacktestOptions, 'strategies'> {
  readonly market: Market;
  readonly variants: readonly (readonly StrategyTerms[])[];
  readonly funding: FundingEvents;
}

/** Walks with missing bars and with jumps between bars. */
function randomMarket(): Market {
  return new Map(
    Array.from({ length: SYMBOLS }, (_, k) => {
      const prng = createPrng(k, 'bench/sweep');
      const buffer = new CandleBuffer(INTERVAL_MS, BARS);
      let close = 100;
      for (let i = 0; i < BARS; i += 1) {
        const open = prng.next() < 0.01 ? close * Math.exp(0.01 * prng.normal()) : close;
        close = open * Math.exp(0.002 * prng.normal());
        const high = Math.max(open, close) * (1 + 0.001 * prng.next());
        const low = Math.min(open, close) * (1 - 0.001 * prng.next());
        if (prng.next() < 0.001) continue;
        buffer.append({ openTimeMs: i * INTERVAL_MS, open, high, low, close, volume: 1e6, turnover: Number.NaN });
      }
      return [instrumentId('bench', `S${k}`), buffer] as const;
    }),
  );
}

function sweepOf(market: Market): Sweep {
  const config = resolveConfig([{ layer: 'config', source: 'bench', values: { INITIAL_CAPITAL: 100_000 } }]).values;
  const prng = createPrng(1, 'bench/sweep funding');
  const timeMs = Float64Array.from({ length: (BARS * INTERVAL_MS) / (8 * HOUR_MS) }, (_, k) => (k + 1) * 8 * HOUR_MS);
  const funding = { timeMs, rate: timeMs.map(() => 0.0003 * prng.normal()) };
  return {
    market,
    funding,
    signals: [...market].flatMap(([id, candles]) => signalsOf(id, candles)),
    variants: SL_ATR.flatMap((sl) => TP_ATR.flatMap((tp) => TIME_HOURS.map((hours) => [termsOf(sl, tp, hours)]))),
    settings: engineSettings(config, 'backtest'),
    venue: {
      costs: costSettings(config),
      rulesAt: ruleBook([]),
      fundingOf: () => funding,
      entryFill: 'next_open',
      disturbance: null,
    },
    candlesOf: (id) => market.get(id) ?? new CandleBuffer(INTERVAL_MS),
    intervalMs: INTERVAL_MS,
    window: { startMs: INTERVAL_MS, endMs: BARS * INTERVAL_MS + 1 },
  };
}

function termsOf(slAtrMult: number, tpAtrMult: number, timeExitHours: number | null): StrategyTerms {
  return {
    strategyId: STRATEGY,
    intervalMs: INTERVAL_MS,
    exits: { basis: 'price_atr', slAtrMult, tpAtrMult, timeExitHours, partial: null, trailing: null },
    regimeDownFactor: null,
    regimeFeature: 'regime_up',
    regimeWanted: null,
  };
}

function signalsOf(id: InstrumentId, { close, openTimeMs, length }: Candles): Signal[] {
  const every = Math.floor((length - 2 * FIRST_ROW) / SIGNALS_PER_SYMBOL);
  return Array.from({ length: SIGNALS_PER_SYMBOL }, (_, k) => {
    const row = FIRST_ROW + k * every + Number(id.length % 2 === 0);
    const decisionTimeMs = openTimeMs[row] + INTERVAL_MS;
    return {
      signalId: signalId({ setupHash: 'bench', instrumentId: id, decisionTimeMs }),
      strategyId: STRATEGY,
      instrumentId: id,
      side: k % 4 === 0 ? 'short' : 'long',
      decisionTimeMs,
      referencePrice: close[row],
      atr: 0.01 * close[row],
      levelPrice: close[row],
      features: { rs_percentile: (k * 37) % 100 },
      p: Number.NaN,
      riskScale: 1,
    };
  });
}

function pathsOf(sweep: Sweep): SignalPaths {
  return new SignalPaths({ ...sweep, axes: exitAxes(sweep.variants.flat().map(({ exits }) => exits)) });
}

/** Part of the plain loop that a variant belongs to: every part has each stop and target once, with changing time exits. */
function partOf(variant: number): number {
  return (variant + Math.floor(variant / TIME_HOURS.length)) % PARTS;
}

/** Sums of R of all signals under each variant. */
function sumsAlone(sweep: Sweep, paths: SignalPaths): Float64Array<ArrayBuffer> {
  const outcomes = new StandaloneOutcomes({ ...sweep, paths });
  const pnlR = new Float64Array(sweep.variants.length);
  const sums = new Float64Array(sweep.variants.length);
  for (let signal = 0; signal < paths.signals.length; signal += 1) {
    outcomes.evaluate(signal, pnlR);
    for (let k = 0; k < sums.length; k += 1) if (!Number.isNaN(pnlR[k])) sums[k] += pnlR[k];
  }
  return sums;
}

function scannedSignals({ signals, market, funding, settings }: Sweep): ScannedSignal[] {
  const { risk } = settings.sizing;
  const riskUsd = risk.mode === 'fixed' ? risk.riskUsd : Number.NaN;
  return signals.flatMap((signal) => {
    const candles = market.get(signal.instrumentId);
    return candles === undefined ? [] : [{ signal, candles, funding, riskUsd }];
  });
}

interface PortfolioFigures {
  readonly passMs: number;
  readonly engineMs: number;
  /** Of one variant. */
  readonly summaryMs: number;
  readonly trades: number;
  readonly agrees: boolean;
  /** First difference between pass and engine; '' = none. */
  readonly difference: string;
}

/** All variants as portfolios; the engine's time is scaled up from a few. */
function portfolioFigures(sweep: Sweep): PortfolioFigures {
  const paths = pathsOf(sweep);
  let trades = 0;
  const passAll = (): number => {
    const startMs = performance.now();
    trades = 0;
    for (const strategies of sweep.variants) {
      const pass = passPortfolio({ ...sweep, paths, strategies });
      if ('needsEngine' in pass) throw new Error(pass.needsEngine);
      trades += pass.trades.length;
    }
    return performance.now() - startMs;
  };
  passAll();
  const passMs = median(Array.from({ length: PASS_ROUNDS }, passAll));
  const summaryMs = median(
    sweep.variants.slice(0, SUMMARISED).map((strategies) => timeSummary(sweep, paths, strategies)),
  );
  const every = Math.floor(sweep.variants.length / CHECKED);
  const checked = sweep.variants.filter((_, k) => k % every === every >> 1);
  let engineMs = 0;
  const differences = checked.map((strategies) => {
    const startMs = performance.now();
    const result = runBacktest({ ...sweep, strategies });
    engineMs += performance.now() - startMs;
    const refusal = needsEngine({ ...sweep, strategies });
    const pass = passPortfolio({ ...sweep, paths, strategies });
    if (refusal !== null || 'needsEngine' in pass) return 'the pass refuses a variant';
    return passDifference(pass, paths, result);
  });
  const difference = differences.find((text) => text !== '') ?? '';
  return {
    passMs,
    engineMs: (engineMs / checked.length) * sweep.variants.length,
    summaryMs,
    trades,
    agrees: difference === '',
    difference,
  };
}

function timeSummary(sweep: Sweep, paths: SignalPaths, strategies: readonly StrategyTerms[]): number {
  const pass = passPortfolio({ ...sweep, paths, strategies });
  if ('needsEngine' in pass) throw new Error(pass.needsEngine);
  const startMs = performance.now();
  summariseVariant(pass);
  return performance.now() - startMs;
}
