/** How much history a feature declares to need is enough: what lies before it changes nothing, or next to nothing. */
import { createPrng, DAY_MS, HOUR_MS, lowerBound, sliceCandles, type Candles } from '@donch/core';
import { randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { compileStrategy } from '../compile-strategy.ts';
import { BreakoutSetup } from '../entry/breakout-setup.ts';
import { createTracks } from '../reference-tracks.ts';
import { scanAtOnce, type World } from '../scan-world.ts';
import { SymbolState } from './symbol-state.ts';

const HISTORY_DAYS = 330;
const START_MS = Date.UTC(2024, 0, 3, 7);

const STRATEGY = compileStrategy({
  text: JSON.stringify({
    strategy: { name: 'Warm-up', side: 'long' },
    entry: {
      donchian: { length_days: 2 },
      pullback: { window_hours: 12, entry_window_hours: 24 },
      volume: { multiple: 0.5, lookback_days: 9 },
      regime_gate: { timeframe: '1h', macd: [3, 6, 2] },
    },
  }),
  file: 'x.yaml',
  layers: [
    {
      layer: 'config',
      source: 'test',
      values: { TIMEFRAME: '1h', REGIME_MA_PERIOD: 5, REGIME_ATR_PERIOD: 3, MARKOV_TIMEFRAME: '1h' },
    },
  ],
  universeHash: 'u',
});

/** Computed by a filter that never quite forgets; everything else is a finite window. */
const RECURSIVE = new Set([
  'atr_1h',
  'rsi_1h',
  'adx_1h',
  'atr_4h',
  'rsi_4h',
  'adx_4h',
  'atr_frac',
  'don_dist_atr',
  'consolidation_range_atr',
  'eth_macd_hist_4h_frac',
  'btc_macd_hist_4h_frac',
  'regime_macd_hist_frac',
  'eth_macd_hist_4h',
  'eth_macd_above_signal_4h',
  'btc_macd_above_signal_4h',
  'regime_up',
  'regime_gate_up',
  'markov_prob_up_4h',
  'vol_prob_low_1d',
  'vol_regime_1d',
  'trend_regime_1d',
  'regime_1d',
]);

/** Values that half of the history gives just as well, most of the time: the side on which a band was left, the last event. */
const COARSE = new Set(['trend_regime_1d', 'vol_regime_1d', 'regime_1d', 'funding_rate', 'funding_abs']);

/** Speak of the set-up in progress: comparable where both histories see the same one. */
const OF_THE_SETUP = new Set([
  'don_dist_atr',
  'consolidation_range_atr',
  'hours_since_break',
  'days_since_prev_break',
  'has_prev_break',
  'avwap_break',
]);

const settleMsOf = (k: number): number => STRATEGY.features[k].create(STRATEGY.settings).settleMs;

function market(gapFrac: number): ReadonlyMap<string, Candles> {
  return new Map(
    ['ETHUSDT', 'BTCUSDT', 'AUSDT'].map((symbol, seed) => [
      symbol,
      randomCandles({ seed, length: HISTORY_DAYS * 24, intervalMs: HOUR_MS, startMs: START_MS, gapFrac }),
    ]),
  );
}

/** Values of all features of AUSDT at one instant. */
interface Found {
  readonly values: Float64Array;
  readonly breakTimeMs: number;
}

/** By instant, from bars of all symbols. */
function valuesAt(candles: ReadonlyMap<string, Candles>, timesMs: readonly number[]): Found[] {
  const times = new Set(timesMs);
  const isProbe: World['isProbe'] = (symbol, closeTimeMs) => symbol === 'AUSDT' && times.has(closeTimeMs);
  const { features, breaks } = scanAtOnce({ strategy: STRATEGY, candles, listedMs: START_MS, isProbe });
  return timesMs.map((timeMs) => {
    const key = `AUSDT|${timeMs}`;
    return { values: features.get(key) ?? new Float64Array(), breakTimeMs: breaks.get(key) ?? -1 };
  });
}

/** The same at one instant from a history that begins `historyMs` before it and ends there. */
function valuesFrom(candles: ReadonlyMap<string, Candles>, timeMs: number, historyMs: number): Found {
  const cut = [...candles].map(([symbol, columns]) => {
    const from = lowerBound(columns, timeMs - historyMs);
    const to = lowerBound(columns, timeMs - HOUR_MS + 1);
    return [symbol, sliceCandles(columns, from, to)] as const;
  });
  return valuesAt(new Map(cut), [timeMs])[0];
}

interface Comparison {
  readonly name: string;
  readonly difference: number;
  readonly isSame: boolean;
  readonly hasValue: boolean;
}

/** Every feature from its declared history (times a factor) against its value from everything, at each instant. */
function compareAt(candles: ReadonlyMap<string, Candles>, timesMs: readonly number[], factor: number): Comparison[] {
  const truths = valuesAt(candles, timesMs);
  return timesMs.flatMap((timeMs, at) => {
    const truth = truths[at];
    const bySettleMs = new Map<number, Found>();
    return STRATEGY.features.flatMap((def, k) => {
      const historyMs = factor * settleMsOf(k);
      const short = bySettleMs.get(historyMs) ?? valuesFrom(candles, timeMs, historyMs);
      bySettleMs.set(historyMs, short);
      if (OF_THE_SETUP.has(def.name) && short.breakTimeMs !== truth.breakTimeMs) return [];
      const [value, wanted] = [short.values[k], truth.values[k]];
      return {
        name: def.name,
        difference: Math.abs(value - wanted) / def.scale,
        isSame: Object.is(value, wanted),
        hasValue: !Number.isNaN(wanted),
      };
    });
  });
}

/** Instants late enough for every history, at odd hours. */
function instants(candles: ReadonlyMap<string, Candles>, count: number): number[] {
  const columns = candles.get('AUSDT');
  if (columns === undefined) throw new Error('the market has no AUSDT');
  const prng = createPrng(7, 'instants');
  return Array.from({ length: count }, () => columns.openTimeMs[columns.length - 1 - prng.below(700)] + HOUR_MS);
}

describe('the declared history of a feature', () => {
  const longest = Math.max(...STRATEGY.features.map((_, k) => settleMsOf(k)));

  it('fits into the test three times', () => {
    expect(3 * longest).toBeLessThan((HISTORY_DAYS - 30) * DAY_MS);
  });

  it.each([
    ['without gaps', 0],
    ['with gaps', 0.01],
  ])('is enough for finite windows, bit by bit (%s)', (_, gapFrac) => {
    const candles = market(gapFrac);
    const compared = compareAt(candles, instants(candles, 20), 1);
    const finite = compared.filter(({ name }) => !RECURSIVE.has(name));
    expect(finite.filter(({ isSame }) => !isSame)).toEqual([]);
    const withValue = new Set(finite.filter(({ hasValue }) => hasValue).map(({ name }) => name));
    const all = STRATEGY.features.map(({ name }) => name).filter((name) => !RECURSIVE.has(name));
    // one hour in a hundred is missing: hardly ever are 80 days in a row complete
    const rare = new Set(gapFrac > 0 ? ['prior_breakout_count', 'prior_breakout_fail_rate'] : []);
    expect(all.filter((name) => !withValue.has(name) && !rare.has(name) && !OF_THE_SETUP.has(name))).toEqual([]);
  });

  it('three times as much changes a recursive filter by less than 1e-9 of its scale, and a finite window not at all', () => {
    const candles = market(0);
    const compared = compareAt(candles, instants(candles, 15), 3);
    expect(compared.filter(({ name, isSame }) => !RECURSIVE.has(name) && !isSame)).toEqual([]);
    expect(
      compared.filter(({ name, difference, isSame }) => RECURSIVE.has(name) && !isSame && !(difference <= 1e-9)),
    ).toEqual([]);
    const seen = new Set(compared.filter(({ hasValue }) => hasValue).map(({ name }) => name));
    expect(STRATEGY.features.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
  });

  it('half of it is not enough: the comparison can fail', () => {
    const candles = market(0);
    const compared = compareAt(candles, instants(candles, 10), 0.5);
    const broken = new Set(compared.filter(({ difference }) => !(difference <= 1e-9)).map(({ name }) => name));
    const windows = STRATEGY.features.filter((_, k) => settleMsOf(k) > 2 * HOUR_MS).map(({ name }) => name);
    expect(windows.filter((name) => !broken.has(name) && !OF_THE_SETUP.has(name) && !COARSE.has(name))).toEqual([]);
  });
});

describe('the history of an instrument', () => {
  it('covers that of its level, its volume window and all of its features', () => {
    const listener = { onSetup: () => undefined, onBreakoutFailed: () => undefined };
    const { settings, setup: rules, features } = STRATEGY;
    const state = new SymbolState(
      market(0).get('AUSDT') ?? randomCandles({ seed: 1, length: 1 }),
      new BreakoutSetup(rules, listener).state,
      {
        settings,
        rules,
        features,
        tracks: createTracks(settings),
        listedMs: Number.NaN,
      },
    );
    expect(state.settleMs).toBe(Math.max(...features.map((_, k) => settleMsOf(k))));
    expect(state.settleMs).toBeGreaterThan(90 * DAY_MS);
  });
});
