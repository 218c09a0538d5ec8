/**
 * Engine and bar venue against the least that a loop over bars can do: a stop, a target, a time exit and fees, one trade after the
 * other, without portfolio, records, equity curve, funding or excursions. What the ratio buys is everything that makes the result
 * true. When this was written 1,832 trades of 340 bars on average took 62 us each: 18 us whatever their length (20 decision rows are
 * 6 of them) and 80 to 100 ns per bar, with ten to twenty symbols side by side; the loop 1.9 us. A bar set without a position
 * took 90 ns.
 */
import { runBacktest, type BacktestOptions } from '@donch/backtester';
import {
  CandleBuffer,
  createPrng,
  DecisionRows,
  HOUR_MS,
  instrumentId,
  resolveConfig,
  signalId,
  strategyId,
  type Candles,
  type Decision,
  type InstrumentId,
  type Signal,
} from '@donch/core';
import { engineSettings } from '@donch/engine';
import { costSettings, ruleBook } from '@donch/sim';
import { compare, median, type BenchReport } from './harness.ts';

const SYMBOLS = 20;
const BARS = 60_000;
const SIGNAL_EVERY_BARS = 500;
const INTERVAL_MS = 300_000;
const HOLD_BARS_MAX = 864;
const SL_ATR = 2;
const TP_ATR = 8;

export async function run(): Promise<BenchReport> {
  const market = randomMarket();
  const options = backtestOf(market);
  const { trades } = runBacktest(options);
  console.error(`${options.signals.length} signals, ${trades.length} trades, ${BARS} bar sets, ${SYMBOLS} symbols`);
  const report = await compare({
    name: 'backtest',
    candidate: () => runBacktest(options).trades.length,
    reference: () => minimalLoop(market, options.signals),
    limit: LIMIT,
  });
  const microsecondsPerTrade = (1_000 * report.medianMs) / trades.length;
  const decisionRows = (1_000 * decisionRowsMs(options)) / trades.length;
  return {
    ...report,
    figures: {
      microsecondsPerTrade,
      decisionRowsMicrosecondsPerTrade: decisionRows,
      simulationMicrosecondsPerTrade: microsecondsPerTrade - decisionRows,
      barsPerTrade: mean(trades.map(({ entryTimeMs, exitTimeMs }) => (exitTimeMs - entryTimeMs) / INTERVAL_MS)),
      nsPerPositionBar: nsPerPositionBar(options),
      everyBarSetMicrosecondsPerTrade:
        (1_000 * medianOf(() => runBacktest({ ...options, onInstant() {} }))) / trades.length,
    },
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function medianOf(work: () => unknown): number {
  return median(
    Array.from({ length: 7 }, () => {
      const startMs = performance.now();
      work();
      return performance.now() - startMs;
    }),
  );
}

/** Writing the rows of all decisions once more. */
function decisionRowsMs(options: BacktestOptions): number {
  const decisions: Decision[] = [];
  runBacktest({
    ...options,
    onCommand(command) {
      if (command.kind === 'decision') decisions.push(command.decision);
    },
  });
  return medianOf(() => {
    const rows = new DecisionRows();
    for (const decision of decisions) rows.append(decision);
    return rows.finish();
  });
}

/** What a bar more of a position costs: the same entries without stop and target in reach, held for long and for short. */
function nsPerPositionBar(options: BacktestOptions): number {
  const [short, long] = [40, 480].map((bars) => {
    const strategies = options.strategies.map((terms) => ({
      ...terms,
      exits: { ...terms.exits, slAtrMult: 60, tpAtrMult: null, timeExitHours: (bars * INTERVAL_MS) / HOUR_MS },
    }));
    const { trades } = runBacktest({ ...options, strategies });
    return { bars: bars * trades.length, ms: medianOf(() => runBacktest({ ...options, strategies })) };
  });
  return (1e6 * (long.ms - short.ms)) / (long.bars - short.bars);
}

/** Half as slow again as when this was written (ratio 38 to 43) is worth a look. */
const LIMIT = 60;

type Market = ReadonlyMap<InstrumentId, Candles>;

function randomMarket(): Market {
  return new Map(
    Array.from({ length: SYMBOLS }, (_, k) => {
      const prng = createPrng(k, 'bench/backtest');
      const buffer = new CandleBuffer(INTERVAL_MS, BARS);
      let close = 100;
      for (let i = 0; i < BARS; i += 1) {
        const open = close;
        close = open * Math.exp(0.002 * prng.normal());
        const high = Math.max(open, close) * (1 + 0.001 * prng.next());
        const low = Math.min(open, close) * (1 - 0.001 * prng.next());
        buffer.append({ openTimeMs: i * INTERVAL_MS, open, high, low, close, volume: 1e6, turnover: Number.NaN });
      }
      return [instrumentId('bench', `S${k}`), buffer] as const;
    }),
  );
}

function backtestOf(market: Market): BacktestOptions {
  const config = resolveConfig([
    {
      layer: 'config',
      source: 'bench',
      values: { INITIAL_CAPITAL: 1e9, MAX_OPEN: null, MAX_TRADES_PER_DAY: null, MAX_TRADES_PER_VARIANT: null },
    },
  ]).values;
  const strategy = strategyId('bench');
  return {
    signals: [...market].flatMap(([id, candles]) => signalsOf(id, candles, strategy)),
    strategies: [
      {
        strategyId: strategy,
        intervalMs: INTERVAL_MS,
        exits: {
          basis: 'price_atr',
          slAtrMult: SL_ATR,
          tpAtrMult: TP_ATR,
          timeExitHours: (HOLD_BARS_MAX * INTERVAL_MS) / HOUR_MS,
          partial: null,
          trailing: null,
        },
        regimeDownFactor: null,
        regimeFeature: 'regime_up',
        regimeWanted: null,
      },
    ],
    settings: engineSettings(config, 'backtest'),
    venue: {
      costs: costSettings(config),
      rulesAt: ruleBook([]),
      fundingOf: () => null,
      entryFill: 'next_open',
      disturbance: null,
    },
    candlesOf: (id) => market.get(id) ?? new CandleBuffer(INTERVAL_MS),
    intervalMs: INTERVAL_MS,
    window: { startMs: INTERVAL_MS, endMs: BARS * INTERVAL_MS + 1 },
  };
}

function signalsOf(id: InstrumentId, { close, openTimeMs }: Candles, strategy: Signal['strategyId']): Signal[] {
  const signals: Signal[] = [];
  for (let row = 100; row < BARS - 1; row += SIGNAL_EVERY_BARS) {
    const decisionTimeMs = openTimeMs[row] + INTERVAL_MS;
    signals.push({
      signalId: signalId({ setupHash: 'bench', instrumentId: id, decisionTimeMs }),
      strategyId: strategy,
      instrumentId: id,
      side: 'long',
      decisionTimeMs,
      referencePrice: close[row],
      atr: 0.01 * close[row],
      levelPrice: close[row],
      features: Object.fromEntries(Array.from({ length: 45 }, (_, k) => [`feature_${k}`, k])),
      p: Number.NaN,
      riskScale: 1,
    });
  }
  return signals;
}

/** Net result of all signals, each simulated alone. */
function minimalLoop(market: Market, signals: readonly Signal[]): number {
  let sum = 0;
  for (const { instrumentId: id, decisionTimeMs, referencePrice, atr } of signals) {
    const candles = market.get(id);
    if (candles !== undefined) sum += minimalTrade(candles, { row: decisionTimeMs / INTERVAL_MS, referencePrice, atr });
  }
  return sum;
}

interface MinimalEntry {
  readonly row: number;
  readonly referencePrice: number;
  readonly atr: number;
}

function minimalTrade({ open, high, low, length }: Candles, { row, referencePrice, atr }: MinimalEntry): number {
  const stop = referencePrice - SL_ATR * atr;
  const target = referencePrice + TP_ATR * atr;
  const entry = open[row];
  const last = Math.min(length - 1, row + HOLD_BARS_MAX);
  let exit = open[last];
  for (let i = row; i < last; i += 1) {
    if (low[i] <= stop) {
      exit = Math.min(open[i], stop);
      break;
    }
    if (high[i] >= target) {
      exit = Math.max(open[i], target);
      break;
    }
  }
  return exit - entry - 0.00055 * (exit + entry);
}
