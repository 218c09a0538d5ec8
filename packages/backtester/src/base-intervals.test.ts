/** One market on four base intervals: nothing in scan, backtest and labels knows how long a bar is. */
import {
  DAY_MS,
  HOUR_MS,
  instrumentId,
  MINUTE_MS,
  numbersOf,
  resample,
  type Candles,
  type InstrumentId,
  type Interval,
  type Signal,
} from '@donch/core';
import { engineSettings, type EngineSettings } from '@donch/engine';
import { ruleBook, syntheticMarket, type BarVenueOptions } from '@donch/sim';
import { compileStrategy, type CompiledStrategy } from '@donch/strategy';
import { TEST_START_MS } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { labelSignals } from './labels.ts';
import type { MarketData } from './market-data.ts';
import { runBacktest, type BacktestResult } from './run-backtest.ts';
import { scanMarket } from './scan-market.ts';
import { strategyTerms } from './strategy-terms.ts';

const DAYS = 34;
const LEVEL_DAYS = 2;
const SETUP_HOURS = 24 + 48;
const SLIPPAGE_FRAC = 0.0003;
const BASES: readonly (readonly [Interval, number])[] = [
  ['1m', MINUTE_MS],
  ['5m', 5 * MINUTE_MS],
  ['15m', 15 * MINUTE_MS],
  ['1h', HOUR_MS],
];

const source = syntheticMarket({
  seed: 11,
  symbols: 6,
  days: DAYS,
  intervalMs: MINUTE_MS,
  startMs: TEST_START_MS,
  mode: 'realistic',
});
const ids = source.symbols.map(({ symbol }) => instrumentId('synthetic', symbol));
const minutes = new Map(ids.map((id, k) => [id, source.candles(k)]));
const window = { startMs: TEST_START_MS + 12 * DAY_MS, endMs: TEST_START_MS + DAYS * DAY_MS };

function marketOf(intervalMs: number): MarketData {
  const columns = new Map<InstrumentId, Candles>();
  for (const [id, candles] of minutes)
    columns.set(id, intervalMs === MINUTE_MS ? candles : resample(candles, intervalMs).bars);
  return {
    instruments: [...ids].sort(),
    candlesOf: (id) => barsOf(columns, id),
    fundingOf: () => null,
    listedMsOf: () => TEST_START_MS,
  };
}

function barsOf(columns: ReadonlyMap<InstrumentId, Candles>, id: InstrumentId): Candles {
  const found = columns.get(id);
  if (found === undefined) throw new Error(`found no candles of ${id}`);
  return found;
}

function strategyOn(interval: Interval): CompiledStrategy {
  return compileStrategy({
    text: JSON.stringify({
      strategy: { name: 'Intervals', side: 'long' },
      entry: {
        donchian: { length_days: LEVEL_DAYS },
        pullback: { window_hours: 24, entry_window_hours: 48, eps_frac: 0.002 },
        volume: { multiple: 0.5, lookback_days: 9 },
        regime_gate: null,
      },
      filters: { rs_percentile_min: null, liquidity_median_24h_usd_min: 1 },
      exits: { sl_atr_mult: 2, final_tp_atr_mult: 4, time_exit_hours: 12 },
    }),
    file: 'x.yaml',
    layers: [{ layer: 'config', source: 'test', values: { TIMEFRAME: interval, RISK_USD: 10, MAX_OPEN: 3 } }],
    universeHash: 'u',
  });
}

interface World {
  readonly signals: readonly Signal[];
  readonly settings: EngineSettings;
  readonly terms: ReturnType<typeof strategyTerms>;
  readonly venue: BarVenueOptions;
  readonly market: MarketData;
  readonly result: BacktestResult;
  /** THE ATR of every instrument at full hours. */
  readonly atrs: ReadonlyMap<string, number>;
}

function worldOn([interval, intervalMs]: (typeof BASES)[number]): World {
  const strategy = strategyOn(interval);
  const market = marketOf(intervalMs);
  const atrs = new Map<string, number>();
  const { signals } = scanMarket({
    strategy,
    market,
    window,
    leak: null,
    onBar(id, { state }) {
      if (state.decisionTimeMs % HOUR_MS === 0) atrs.set(`${id} ${state.decisionTimeMs}`, state.atr);
    },
  });
  const settings = engineSettings(strategy.settings, 'backtest');
  const terms = strategyTerms(strategy);
  const venue: BarVenueOptions = {
    costs: {
      feeFrac: 0.00055,
      slippageFrac: SLIPPAGE_FRAC,
      stopSlippageFrac: 0.0005,
      impactFrac: 0,
      assumedFundingFrac: 0.0001,
    },
    rulesAt: ruleBook(source.symbols.map(({ rules }) => rules)),
    fundingOf: () => null,
    entryFill: 'next_open',
    disturbance: null,
  };
  const candlesOf = (id: InstrumentId): Candles => market.candlesOf(id);
  const result = runBacktest({
    signals,
    strategies: [terms],
    settings,
    venue,
    candlesOf,
    intervalMs,
    window,
    dataEndMs: window.endMs,
  });
  return { signals, settings, terms, venue, market, result, atrs };
}

/** Highest highs of the days before each day, from minutes: the levels that can have been broken in the time of a set-up. */
function possibleLevels(id: InstrumentId, decisionTimeMs: number): number[] {
  const { openTimeMs, high, length } = barsOf(minutes, id);
  const highs = new Map<number, number>();
  for (let k = 0; k < length; k += 1) {
    const day = Math.floor(openTimeMs[k] / DAY_MS);
    highs.set(day, Math.max(highs.get(day) ?? -Infinity, high[k]));
  }
  const today = Math.floor(decisionTimeMs / DAY_MS);
  return Array.from({ length: 2 + SETUP_HOURS / 24 }, (_, back) =>
    Math.max(...Array.from({ length: LEVEL_DAYS }, (_day, k) => highs.get(today - back - 1 - k) ?? -Infinity)),
  );
}

const reference = worldOn(BASES[1]);

describe.each(BASES)('base bars of %s', (interval, intervalMs) => {
  const world = worldOn([interval, intervalMs]);
  const { signals, result, market } = world;

  it('make signals at their closes, over levels of whole days', () => {
    expect(signals.length).toBeGreaterThan(10);
    for (const { instrumentId: id, decisionTimeMs, levelPrice } of signals) {
      expect(decisionTimeMs % intervalMs).toBe(0);
      expect(possibleLevels(id, decisionTimeMs)).toContain(levelPrice);
    }
  });

  it('see the ATR that every other base interval sees', () => {
    expect(world.atrs.size).toBeGreaterThan(1_000);
    let known = 0;
    for (const [key, atr] of world.atrs) {
      const other = reference.atrs.get(key);
      if (other === undefined || Number.isNaN(other)) continue;
      known += 1;
      expect(Math.abs(atr / other - 1)).toBeLessThan(1e-12);
    }
    expect(known).toBeGreaterThan(1_000);
  });

  it('trade at the open of the next bar, exit in time, and add up', () => {
    const trades = [...result.trades, ...result.openAtEnd];
    expect(trades.length).toBeGreaterThan(5);
    for (const trade of trades) {
      const candles = market.candlesOf(trade.instrumentId);
      const row = candles.openTimeMs.indexOf(trade.entryTimeMs);
      expect(trade.entryTimeMs).toBe(trade.decisionTimeMs);
      expect(trade.entryPrice / (candles.open[row] * (1 + SLIPPAGE_FRAC))).toBeCloseTo(1, 12);
      expect(trade.exitTimeMs - trade.entryTimeMs).toBeLessThanOrEqual(12 * HOUR_MS + 2 * HOUR_MS);
    }
    const equity = numbersOf(result.equity, 'equity_usd');
    const sum = trades.reduce((total, { pnlUsd }) => total + pnlUsd, 0);
    expect(equity[equity.length - 1] - equity[0]).toBeCloseTo(sum, 6);
    expect(result.barSets).toBe((window.endMs - window.startMs) / intervalMs);
  });

  it('give every signal whose horizon is whole a label', () => {
    const { settings, terms, venue } = world;
    const { labels, cutSignals, untradedSignals } = labelSignals({
      signals,
      strategies: [terms],
      settings,
      venue,
      candlesOf: (id) => market.candlesOf(id),
      intervalMs,
      dataEndMs: window.endMs,
    });
    expect(labels.length + cutSignals + untradedSignals).toBe(signals.length);
    expect(labels.length).toBeGreaterThan(5);
    const ends = numbersOf(labels, 'label_end_time');
    numbersOf(labels, 'decision_time').forEach((timeMs, row) => {
      expect(ends[row] - timeMs).toBeGreaterThanOrEqual(12 * HOUR_MS);
    });
  });
});
