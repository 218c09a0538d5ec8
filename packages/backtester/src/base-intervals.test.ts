/** One market on bars of 1m, 5m, 15m and 1h: scan and backtest work on each, and no length is counted in bars of five minutes. */
import { DAY_MS, HOUR_MS, instrumentId, MINUTE_MS, resample, type Candles, type Interval } from '@donch/core';
import { engineSettings } from '@donch/engine';
import { ruleBook, syntheticMarket } from '@donch/sim';
import { compileStrategy, type CompiledStrategy } from '@donch/strategy';
import { describe, expect, it } from 'vitest';
import type { MarketData } from './market-data.ts';
import { runBacktest, type BacktestResult } from './run-backtest.ts';
import { scanMarket, type MarketScan } from './scan-market.ts';
import { strategyTerms } from './strategy-terms.ts';

const START_MS = Date.UTC(2024, 0, 1);
const DAYS = 45;
const WINDOW = { startMs: START_MS + 20 * DAY_MS, endMs: START_MS + DAYS * DAY_MS };
const INTERVALS: readonly (readonly [Interval, number])[] = [
  ['1m', MINUTE_MS],
  ['5m', 5 * MINUTE_MS],
  ['15m', 15 * MINUTE_MS],
  ['1h', HOUR_MS],
];

const source = syntheticMarket({
  seed: 21,
  symbols: 5,
  days: DAYS,
  startMs: START_MS,
  intervalMs: MINUTE_MS,
  mode: 'realistic',
  venue: 'test',
});
const minutes = new Map(source.symbols.map(({ symbol }, k) => [instrumentId('test', symbol), source.candles(k)]));

function marketOf(barMs: number): MarketData {
  const candles = new Map([...minutes].map(([id, bars]) => [id, barsOf(bars, barMs)]));
  return {
    instruments: [...candles.keys()].sort(),
    candlesOf: (id) => candles.get(id) ?? barsOf(source.candles(0), barMs),
    fundingOf: () => null,
    listedMsOf: () => START_MS,
  };
}

const barsOf = (bars: Candles, barMs: number): Candles => (barMs === MINUTE_MS ? bars : resample(bars, barMs).bars);

function strategyOf(base: Interval): CompiledStrategy {
  const file = {
    strategy: { name: 'Intervals', side: 'long' },
    entry: {
      donchian: { length_days: 3, trigger: 'close_above_break' },
      pullback: { type: 'retest', window_hours: 24, entry_window_hours: 48, eps_frac: 0.002 },
      volume: { multiple: 0.5, lookback_days: 9 },
      regime_gate: null,
    },
    filters: { rs_percentile_min: 0, liquidity_median_24h_usd_min: null },
    exits: { sl_atr_mult: 2, final_tp_atr_mult: 6, time_exit_hours: 24 },
  };
  const layer = { layer: 'config', source: 'test', values: { TIMEFRAME: base, META: 'off', MAX_OPEN: null } } as const;
  return compileStrategy({ text: JSON.stringify(file), file: 'x.yaml', layers: [layer], universeHash: 'u' });
}

interface Outcome {
  readonly strategy: CompiledStrategy;
  readonly scan: MarketScan;
  readonly result: BacktestResult;
}

function tradeOn(base: Interval, barMs: number): Outcome {
  const market = marketOf(barMs);
  const strategy = strategyOf(base);
  const scan = scanMarket({ strategy, market, window: WINDOW, leak: null });
  const result = runBacktest({
    signals: scan.signals,
    strategies: [strategyTerms(strategy)],
    settings: engineSettings(strategy.settings, 'backtest'),
    venue: {
      costs: {
        feeFrac: 0.0005,
        slippageFrac: 0.0003,
        stopSlippageFrac: 0.0005,
        impactFrac: 0,
        assumedFundingFrac: 0.0001,
      },
      rulesAt: ruleBook(source.symbols.map(({ rules }) => rules)),
      fundingOf: () => null,
      entryFill: 'next_open',
      disturbance: null,
    },
    candlesOf: (id) => market.candlesOf(id),
    intervalMs: barMs,
    window: WINDOW,
  });
  return { strategy, scan, result };
}

const outcomes = new Map(INTERVALS.map(([base, barMs]) => [base, tradeOn(base, barMs)]));

describe.each(INTERVALS)('on bars of %s', (base, barMs) => {
  const { scan, result } = outcomes.get(base) ?? tradeOn(base, barMs);

  it('there are signals and trades, decided at closes of these bars', () => {
    expect(scan.signals.length).toBeGreaterThan(5);
    expect(result.trades.length).toBeGreaterThan(3);
    expect(scan.signals.filter(({ decisionTimeMs }) => decisionTimeMs % barMs !== 0)).toEqual([]);
    expect(result.barSets).toBe((WINDOW.endMs - WINDOW.startMs) / barMs);
  });

  it('times are hours and days of the clock', () => {
    for (const { decisionTimeMs, entryTimeMs, exitTimeMs, exitReason } of result.trades) {
      expect(entryTimeMs).toBe(decisionTimeMs);
      // decided at the first close a day after the entry, filled at the open that follows at once
      const heldMs = exitTimeMs - entryTimeMs;
      expect([exitReason, exitReason === 'time' ? heldMs : Math.min(heldMs, DAY_MS)]).toEqual([
        exitReason,
        exitReason === 'time' ? DAY_MS : Math.min(heldMs, DAY_MS),
      ]);
      expect(heldMs).toBeLessThanOrEqual(DAY_MS + barMs);
    }
  });
});

it('the ATR at a decision is the same whatever the bars below', () => {
  const atrs = (base: Interval): Map<string, number> =>
    new Map(
      (outcomes.get(base)?.scan.signals ?? []).map(({ instrumentId: id, decisionTimeMs, atr }) => [
        `${id} ${decisionTimeMs}`,
        atr,
      ]),
    );
  const [fine, coarse] = [atrs('1m'), atrs('5m')];
  const shared = [...coarse.keys()].filter((key) => fine.has(key));
  expect(shared.length).toBeGreaterThan(0);
  for (const key of shared) expect(fine.get(key)).toBeCloseTo(coarse.get(key) ?? Number.NaN, 9);
});
