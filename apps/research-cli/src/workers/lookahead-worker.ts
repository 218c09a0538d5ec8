/** What the look-ahead thread does: one strategy on a sample of the store. A thread, so that Ctrl-C is heard while it is busy. */
import {
  lookahead,
  strategyTerms,
  type LeakName,
  type LookaheadResult,
  type MarketData,
  type ScanWindow,
} from '@donch/backtester';
import {
  intervalMs,
  invariant,
  type Candles,
  type FundingEvents,
  type InstrumentId,
  type InstrumentRules,
  type Interval,
  type OpenInterestEvents,
} from '@donch/core';
import { openStore } from '@donch/data';
import { tradingSettings } from '@donch/project';
import { compileStrategy, type CompileInput } from '@donch/strategy';
import { answer, type Answer } from './sent-error.ts';
import type { SharedProgress } from './shared-progress.ts';

export interface LookaheadTask {
  readonly dataFolder: string;
  readonly interval: Interval;
  readonly strategy: CompileInput;
  /** Sorted by id. */
  readonly instruments: readonly InstrumentId[];
  readonly listedMs: ReadonlyMap<InstrumentId, number>;
  readonly funding: ReadonlyMap<InstrumentId, FundingEvents | null>;
  readonly rules: readonly InstrumentRules[];
  /** Null = from the first (to the last) bar of the sample. */
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly cuts: number;
  readonly seed: number;
  readonly leak: LeakName | null;
  readonly progress: SharedProgress;
}

export function look(task: LookaheadTask): Promise<Answer<LookaheadResult>> {
  return answer(async () => {
    const strategy = compileStrategy(task.strategy);
    const { funding, rules } = task;
    const { settings, venue } = tradingSettings(strategy.settings, {
      rules,
      fundingOf: (id) => funding.get(id) ?? null,
    });
    const market = await loadMarket(task);
    return lookahead({
      strategy,
      terms: strategyTerms(strategy),
      settings,
      venue,
      market,
      window: windowOf(market, task),
      cuts: task.cuts,
      seed: task.seed,
      leak: task.leak,
      onProgress: (doneFrac) => {
        task.progress[0] = doneFrac;
      },
    });
  });
}

async function loadMarket({
  dataFolder,
  interval,
  instruments,
  listedMs,
  funding,
  endMs,
}: LookaheadTask): Promise<MarketData> {
  const { candles: store, openInterest: interest } = openStore(dataFolder);
  const candles = new Map<InstrumentId, Candles>();
  const openInterest = new Map<InstrumentId, OpenInterestEvents | null>();
  // bars that close at the end of the window or behind it are not even loaded: a hold-out stays untouched
  const range = endMs === null ? {} : { toMs: endMs - intervalMs(interval) };
  for (const id of instruments) {
    candles.set(id, await store.read(id, interval, range));
    openInterest.set(id, await interest.readEvents(id));
  }
  return {
    instruments,
    candlesOf(id) {
      const found = candles.get(id);
      invariant(found !== undefined, 'only instruments of the sample are asked for');
      return found;
    },
    fundingOf: (id) => funding.get(id) ?? null,
    openInterestOf: (id) => openInterest.get(id) ?? null,
    listedMsOf: (id) => listedMs.get(id) ?? Number.NaN,
  };
}

function windowOf(market: MarketData, { interval, startMs, endMs }: LookaheadTask): ScanWindow {
  const barMs = intervalMs(interval);
  const spans = market.instruments.map((id) => market.candlesOf(id)).filter(({ length }) => length > 0);
  const firstMs = Math.min(...spans.map(({ openTimeMs }) => openTimeMs[0])) + barMs;
  const afterLastMs = Math.max(...spans.map(({ openTimeMs, length }) => openTimeMs[length - 1])) + 2 * barMs;
  return { startMs: Math.max(firstMs, startMs ?? firstMs), endMs: Math.min(afterLastMs, endMs ?? afterLastMs) };
}
