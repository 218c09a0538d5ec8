/** The market of a portfolio as its threads see it: signals, settings, costs and candles in bounded memory. */
import { strategyTerms, type BacktestOptions, type ScanWindow, type VariantTerms } from '@donch/backtester';
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
import { openStore, type ReadRange, type SeriesKey } from '@donch/data';
import { minuteBarsOf, tradingSettings } from '@donch/project';
import type { MinuteBarsOf } from '@donch/sim';
import { compileStrategy, type CompiledStrategy, type CompileInput } from '@donch/strategy';
import { BoundedCandles, CandlesNotReady } from './bounded-candles.ts';

/** What a thread needs to trade signals, as plain data. */
export interface MarketTask {
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
}

/** Candles of the instruments of a task. */
export interface MarketCandles {
  readonly candles: BoundedCandles;
  readonly minutes: MinuteBarsOf;
}

/** Does the work with the candles that fit in memory, and again with all of them ready when it asked for one that was not. */
export async function withCandles<T>(task: MarketTask, work: (market: MarketCandles) => T): Promise<T> {
  const candles = boundedCandles(task);
  const minutes = await minuteBarsOf(openStore(task.dataFolder).candles, task.minutes, candleRange(task));
  try {
    return work({ candles, minutes });
  } catch (error) {
    if (!(error instanceof CandlesNotReady)) throw error;
  }
  await candles.prepare(instrumentsOf(task));
  try {
    return work({ candles, minutes });
  } catch (error) {
    throw error instanceof CandlesNotReady ? dataChanged(error.message) : error;
  }
}

/** All candles of a task ready, those of `before` kept where they are of the same store and window. */
export async function readyCandles(task: MarketTask, before: MarketCandles | null): Promise<MarketCandles> {
  const candles = before?.candles ?? boundedCandles(task);
  await candles.prepare(instrumentsOf(task));
  return {
    candles,
    minutes: await minuteBarsOf(openStore(task.dataFolder).candles, task.minutes, candleRange(task)),
  };
}

function boundedCandles(task: MarketTask): BoundedCandles {
  const { dataFolder, useCache, candleBytesMax, interval } = task;
  return new BoundedCandles({
    store: openStore(dataFolder, { useCache }).candles,
    interval,
    range: candleRange(task),
    bytesMax: candleBytesMax,
  });
}

/** No bar before the first decision trades; bars that close after the window are not even loaded: a hold-out stays untouched. */
export function candleRange({ window, interval }: Pick<MarketTask, 'window' | 'interval'>): ReadRange {
  return { fromMs: window.startMs - DAY_MS, toMs: window.endMs - intervalMs(interval) };
}

function instrumentsOf({ signals }: MarketTask): InstrumentId[] {
  return [...new Set(signalsFromTable(signals).map(({ instrumentId }) => instrumentId))].sort();
}

/** What engine and venue are told of a task. */
export function marketOf(task: MarketTask, market: MarketCandles): BacktestOptions {
  return {
    ...termsOf(
      task.strategies.map((input) => compileStrategy(input)),
      task,
      market,
    ),
    signals: signalsFromTable(task.signals),
    candlesOf: (id: InstrumentId) => market.candles.candlesOf(id),
    intervalMs: intervalMs(task.interval),
    window: task.window,
  };
}

/** The part of it that depends on settings: those of the strategies of one portfolio. */
export function termsOf(
  strategies: readonly CompiledStrategy[],
  { rules, funding, minutes: series }: MarketTask,
  { minutes }: MarketCandles,
): VariantTerms {
  const { settings, venue } = tradingSettings(strategies[0].settings, {
    rules,
    fundingOf: (id) => funding.get(id) ?? null,
    // without any nobody asks for them
    ...(series.length > 0 && { minuteBarsOf: minutes }),
  });
  return { strategies: strategies.map(strategyTerms), settings, venue };
}

function dataChanged(found: string): DonchError {
  return new DonchError('data_changed', found, {
    remedy: 'Another process writes to the store (an import?): start again when it has finished.',
    retryable: true,
  });
}
