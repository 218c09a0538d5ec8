/** What the trading thread does: one portfolio over signals. A thread, so that Ctrl-C is heard while it is busy. */
import {
  labelSignals,
  runBacktest,
  strategyTerms,
  summarise,
  type BacktestResult,
  type LabelOptions,
  type RunSummary,
} from '@donch/backtester';
import type { ScanWindow } from '@donch/backtester';
import {
  DAY_MS,
  DonchError,
  intervalMs,
  signalsFromTable,
  type FundingEvents,
  type InstrumentId,
  type InstrumentRules,
  type Interval,
  type Table,
} from '@donch/core';
import { openStore, type SeriesKey } from '@donch/data';
import { minuteBarsOf, tradingSettings } from '@donch/project';
import type { MinuteBarsOf } from '@donch/sim';
import { compileStrategy, type CompileInput } from '@donch/strategy';
import { BoundedCandles, CandlesNotReady } from './bounded-candles.ts';
import { answer, type Answer } from './sent-error.ts';
import type { SharedProgress } from './shared-progress.ts';

export interface SimulateTask {
  readonly dataFolder: string;
  readonly useCache: boolean;
  readonly candleBytesMax: number;
  readonly interval: Interval;
  readonly window: ScanWindow;
  readonly strategies: readonly CompileInput[];
  readonly signals: Table;
  readonly funding: ReadonlyMap<InstrumentId, FundingEvents | null>;
  readonly rules: readonly InstrumentRules[];
  /** 1m bars that may be looked at; empty = none. */
  readonly minutes: readonly SeriesKey[];
  /** Of the resampling. */
  readonly seed: number;
  readonly progress: SharedProgress;
}

export interface SimulateResult {
  readonly result: BacktestResult;
  readonly summary: RunSummary;
  /** Outcome of every signal on its own: TABLES.labels. */
  readonly labels: Table;
}

export function simulate(task: SimulateTask): Promise<Answer<SimulateResult>> {
  return answer(() => withCandles(task, (candles, minutes) => trade(task, candles, minutes)));
}

export interface LabelTask {
  readonly market: SimulateTask;
  readonly mfeK: number;
  /** Null = the time exit of the strategy, else 72 h. */
  readonly horizonHours: number | null;
}

/** Labels of another length or size than those of the backtest. */
export function label({ market, mfeK, horizonHours }: LabelTask): Promise<Answer<Table>> {
  return answer(() =>
    withCandles(market, (candles, minutes) => {
      const options = { mfeK, ...(horizonHours !== null && { horizonHours }) };
      return labelSignals({ ...marketOf(market, candles, minutes), ...labelEnd(market), ...options }).labels;
    }),
  );
}

/** Does the work with the candles that fit in memory, and again with all of them ready when it asked for one that was not. */
async function withCandles<T>(
  task: SimulateTask,
  work: (candles: BoundedCandles, minutes: MinuteBarsOf) => T,
): Promise<T> {
  const candles = boundedCandles(task);
  const minutes = await minuteBarsOf(openStore(task.dataFolder).candles, task.minutes, {
    fromMs: task.window.startMs - DAY_MS,
    toMs: task.window.endMs - intervalMs(task.interval),
  });
  try {
    return work(candles, minutes);
  } catch (error) {
    if (!(error instanceof CandlesNotReady)) throw error;
  }
  await candles.prepare(instrumentsOf(task));
  try {
    return work(candles, minutes);
  } catch (error) {
    throw error instanceof CandlesNotReady ? dataChanged(error.message) : error;
  }
}

function boundedCandles({ dataFolder, useCache, candleBytesMax, interval, window }: SimulateTask): BoundedCandles {
  return new BoundedCandles({
    store: openStore(dataFolder, { useCache }).candles,
    interval,
    // no bar before the first decision trades; bars that close after the window are not even loaded: a hold-out stays untouched
    range: { fromMs: window.startMs - DAY_MS, toMs: window.endMs - intervalMs(interval) },
    bytesMax: candleBytesMax,
  });
}

function instrumentsOf({ signals }: SimulateTask): InstrumentId[] {
  return [...new Set(signalsFromTable(signals).map(({ instrumentId }) => instrumentId))].sort();
}

function trade(task: SimulateTask, candles: BoundedCandles, minutes: MinuteBarsOf): SimulateResult {
  const market = marketOf(task, candles, minutes);
  const result = runBacktest({
    ...market,
    window: task.window,
    onProgress: (doneFrac) => {
      task.progress[0] = doneFrac;
    },
  });
  const { labels } = labelSignals({ ...market, ...labelEnd(task) });
  return { result, summary: summarise(result, task.seed), labels };
}

/** What lies behind the window is not looked at: a label whose horizon ends there is cut. */
const labelEnd = ({ window, interval }: SimulateTask): { readonly dataEndMs: number } => ({
  dataEndMs: window.endMs - intervalMs(interval),
});

function marketOf(task: SimulateTask, candles: BoundedCandles, minutes: MinuteBarsOf): Omit<LabelOptions, 'dataEndMs'> {
  const strategies = task.strategies.map((input) => compileStrategy(input));
  const { settings, venue } = tradingSettings(strategies[0].settings, {
    rules: task.rules,
    fundingOf: (id) => task.funding.get(id) ?? null,
    minuteBarsOf: minutes,
  });
  return {
    signals: signalsFromTable(task.signals),
    strategies: strategies.map(strategyTerms),
    settings,
    venue,
    candlesOf: (id: InstrumentId) => candles.candlesOf(id),
    intervalMs: intervalMs(task.interval),
  };
}

function dataChanged(found: string): DonchError {
  return new DonchError('data_changed', found, {
    remedy: 'Another process writes to the store (an import?): start again when it has finished.',
    retryable: true,
  });
}
