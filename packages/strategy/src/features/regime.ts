/** Regimes of the benchmark: switching models and the daily trend. Unknown is a missing value, never "up". */
import { DAY_MS, intervalMs, type ConfigValues } from '@donch/core';
import { trendRule, TRENDS, trendSettleBars } from '../regime/trend-track.ts';
import { GATE_KEYS, gateSettleMs } from './benchmark.ts';
import type { FeatureContext, FeatureDef } from './feature.ts';
import { lazyFeature } from './lazy-feature.ts';

/** Values of the volatility regime, in code order. */
const VOLATILITIES = ['LOW_VOL', 'HIGH_VOL'] as const;
/** Trend and volatility joined; the codes of the earlier system. */
const DAILY_REGIMES = ['BEAR_HIGH_VOL', 'BEAR_LOW_VOL', 'BULL_HIGH_VOL', 'BULL_LOW_VOL'] as const;

/** Bars after which what a filter began with weighs less than 1e-3 (chains that lose a fourteenth of their memory per bar). */
const FILTER_SETTLE_BARS = 90;
/** Bars in the band of the trend after which the side on which it was left last is taken for settled. */
const BAND_BARS = 60;

const UNKNOWN =
  'unknown: too few bars or returns, states that cannot be told apart (2 standard errors), no parameters, or the last bar is missing';

const MARKOV_KEYS = ['REGIME_BENCHMARK_SYMBOL', 'MARKOV_TIMEFRAME'] as const;
const TREND_KEYS = ['REGIME_BENCHMARK_SYMBOL', 'REGIME_MA_PERIOD', 'REGIME_ATR_PERIOD', 'REGIME_ATR_MULT'] as const;

const markovSettleMs = (settings: ConfigValues): number =>
  (FILTER_SETTLE_BARS + 2) * intervalMs(settings.MARKOV_TIMEFRAME);
const volatilitySettleMs = (): number => (FILTER_SETTLE_BARS + 2) * DAY_MS;
const trendSettleMs = (settings: ConfigValues): number =>
  (trendSettleBars(trendRule(settings)) + BAND_BARS + 1) * DAY_MS;

const probabilityUp = ({ tracks, decisionTimeMs }: FeatureContext): number =>
  tracks.markov.probability1At(decisionTimeMs);
const probabilityLow = ({ tracks, decisionTimeMs }: FeatureContext): number =>
  1 - tracks.volatility.probability1At(decisionTimeMs);
const trend = ({ tracks, decisionTimeMs }: FeatureContext): number => tracks.trend.trendAt(decisionTimeMs);

/** 1 where the probability is above one half, 0 where it is not, NaN = unknown. */
const isLikely = (probability: number): number => (Number.isNaN(probability) ? Number.NaN : Number(probability > 0.5));

/** Code in `VOLATILITIES`. */
const volatility = (context: FeatureContext): number => 1 - isLikely(probabilityLow(context));

interface GateReader {
  readonly value: (context: FeatureContext) => number;
  readonly settleMs: (settings: ConfigValues) => number;
}

/** 1 = up, 0 = down, NaN = unknown, by kind of the regime gate. */
const GATE_READERS: Readonly<Record<ConfigValues['REGIME_KIND'], GateReader>> = {
  macd: {
    value: ({ tracks, decisionTimeMs }) => tracks.gate.aboveSignalAt(decisionTimeMs),
    settleMs: gateSettleMs,
  },
  markov: { value: (context) => isLikely(probabilityUp(context)), settleMs: markovSettleMs },
  daily: { value: trend, settleMs: trendSettleMs },
};

const common = { interval: 'base', noneMeans: UNKNOWN, scale: 1 } as const;
const DAILY_INPUTS = ['closed daily bars of the benchmark symbol', 'parameters fitted before the month began'];

export const REGIME_FEATURES: readonly FeatureDef[] = [
  lazyFeature(
    {
      ...common,
      name: 'markov_prob_up_4h',
      dtype: 'float',
      unit: 'probability',
      inputs: ['log returns of the benchmark symbol on MARKOV_TIMEFRAME', 'parameters fitted before the month began'],
      meaning:
        'filtered probability of the "up" state (larger mean) of a two-state switching model whose means and variances switch',
      settings: MARKOV_KEYS,
    },
    probabilityUp,
    markovSettleMs,
  ),
  lazyFeature(
    {
      ...common,
      name: 'trend_regime_1d',
      dtype: 'category',
      categories: TRENDS,
      unit: 'word',
      inputs: ['closed daily bars of the benchmark symbol'],
      meaning:
        'BULL since a close above the double SMA + band of ATRs, BEAR since one below the double SMA - band; inside the band the last one holds',
      settings: TREND_KEYS,
    },
    trend,
    trendSettleMs,
  ),
  lazyFeature(
    {
      ...common,
      name: 'vol_prob_low_1d',
      dtype: 'float',
      unit: 'probability',
      inputs: DAILY_INPUTS,
      meaning: 'filtered probability of the state with the smaller variance of daily log returns',
      settings: ['REGIME_BENCHMARK_SYMBOL'],
    },
    probabilityLow,
    volatilitySettleMs,
  ),
  lazyFeature(
    {
      ...common,
      name: 'vol_regime_1d',
      dtype: 'category',
      categories: VOLATILITIES,
      unit: 'word',
      inputs: DAILY_INPUTS,
      meaning: 'LOW_VOL where vol_prob_low_1d is above one half',
      settings: ['REGIME_BENCHMARK_SYMBOL'],
    },
    volatility,
    volatilitySettleMs,
  ),
  lazyFeature(
    {
      ...common,
      name: 'regime_1d',
      dtype: 'category',
      categories: DAILY_REGIMES,
      unit: 'word',
      inputs: DAILY_INPUTS,
      meaning: 'trend_regime_1d and vol_regime_1d joined',
      noneMeans: 'one of the two is unknown',
      settings: TREND_KEYS,
    },
    (context) => 2 * trend(context) + 1 - volatility(context),
    (settings) => Math.max(trendSettleMs(settings), volatilitySettleMs()),
  ),
  {
    ...common,
    name: 'regime_gate_up',
    dtype: 'bool',
    unit: 'yes or no',
    instant: 'close',
    inputs: ['what REGIME_KIND names'],
    meaning:
      'what the regime gate sees: regime_up (macd), markov_prob_up_4h above one half (markov), trend_regime_1d BULL (daily)',
    noneMeans: 'regime unknown, never "up"',
    role: 'context',
    version: 1,
    settings: ['REGIME_KIND', ...GATE_KEYS, 'MARKOV_TIMEFRAME', ...TREND_KEYS],
    create(settings) {
      const { value, settleMs } = GATE_READERS[settings.REGIME_KIND];
      return { value, settleMs: settleMs(settings) };
    },
  },
];
