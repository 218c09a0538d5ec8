/** Features of the set-up: level, distance, volume, what went before the breakout. */
import { DAY_MS, HOUR_MS, intervalMs, rowAt, type ConfigValues } from '@donch/core';
import type { FeatureContext, FeatureDef } from './feature.ts';
import { lazyFeature } from './lazy-feature.ts';
import { atrSettleMs, levelSettleMs } from './settle.ts';

/** Bars before the breakout bar whose range is the consolidation. */
const CONSOLIDATION_BARS = 12;
/** `days_since_prev_break` when there was none in this time. */
const PREVIOUS_BREAK_DAYS_MAX = 90;

const base = { dtype: 'float', interval: 'base' } as const;

/** Range of the bars before the breakout bar, price units; NaN when one of them is missing. */
function consolidationRange({ base: candles, row, setup }: FeatureContext): number {
  const breakRow = rowAt(candles, setup.breakTimeMs - candles.intervalMs, row + 1);
  const first = breakRow - CONSOLIDATION_BARS;
  if (breakRow < 0 || first < 0) return Number.NaN;
  if (candles.openTimeMs[breakRow] - candles.openTimeMs[first] !== CONSOLIDATION_BARS * candles.intervalMs)
    return Number.NaN;
  let high = -Infinity;
  let low = Infinity;
  for (let i = first; i < breakRow; i += 1) {
    if (candles.high[i] > high) high = candles.high[i];
    if (candles.low[i] < low) low = candles.low[i];
  }
  return high - low;
}

/** Days since the level was last reached before this set-up's breakout; NaN = never within 90 days. */
function daysSincePreviousReach({ setup }: FeatureContext): number {
  if (setup.previousReachMs === 0) return Number.NaN;
  const days = (setup.breakTimeMs - setup.previousReachMs) / DAY_MS;
  return days <= PREVIOUS_BREAK_DAYS_MAX ? days : Number.NaN;
}

/** True when there was a level to reach all through the 90 days before the breakout: "none" is knowledge then, not ignorance. */
function knowsPreviousReaches({ setup }: FeatureContext): boolean {
  return setup.breakTimeMs - setup.previousBlindMs > PREVIOUS_BREAK_DAYS_MAX * DAY_MS;
}

/** An entry comes at most this long after the close of the breakout bar. */
const setupAgeMaxMs = (settings: ConfigValues): number =>
  (settings.PULLBACK_WINDOW_HOURS + settings.ENTRY_WINDOW_HOURS) * HOUR_MS;

const setupSettleMs = (settings: ConfigValues): number => setupAgeMaxMs(settings) + levelSettleMs(settings);

const previousReachSettleMs = (settings: ConfigValues): number =>
  setupSettleMs(settings) + PREVIOUS_BREAK_DAYS_MAX * DAY_MS;

const ATR_KEYS = ['ATR_TIMEFRAME', 'ATR_LEN'] as const;

const LEVEL_FEATURES: readonly FeatureDef[] = [
  lazyFeature(
    {
      ...base,
      name: 'atr_frac',
      unit: 'fraction',
      inputs: ['THE ATR', 'close'],
      meaning: 'ATR / close',
      scale: 0.01,
      settings: ATR_KEYS,
    },
    ({ atr, base: candles, row }) => atr / candles.close[row],
    atrSettleMs,
  ),
  lazyFeature(
    {
      ...base,
      name: 'don_dist_atr',
      unit: 'ATR',
      inputs: ['close', 'frozen level', 'THE ATR'],
      meaning: '(close - level) / ATR',
      scale: 1,
      settings: ATR_KEYS,
    },
    ({ atr, base: candles, row, setup }) =>
      setup.breakTimeMs === 0 ? Number.NaN : (candles.close[row] - setup.levelPrice) / atr,
    (settings) => Math.max(setupSettleMs(settings), atrSettleMs(settings)),
  ),
  lazyFeature(
    {
      ...base,
      name: 'vol_mult',
      unit: 'times',
      inputs: ['volume window'],
      meaning: 'volume of the decision bar / median of the window',
      scale: 1,
      settings: ['VOL_LOOKBACK_DAYS'],
    },
    (context) => context.base.volume[context.row] / context.volumeMedian(),
    (settings) => settings.VOL_LOOKBACK_DAYS * DAY_MS,
  ),
  {
    ...base,
    name: 'consolidation_range_atr',
    unit: 'ATR',
    instant: 'close',
    inputs: ['12 base bars before the breakout bar', 'THE ATR'],
    role: 'feature',
    meaning: '(highest high - lowest low of the 12 bars before the breakout bar) / ATR',
    noneMeans: 'also long after a set-up has ended',
    scale: 1,
    version: 1,
    settings: ATR_KEYS,
    create(settings) {
      const ageMaxMs = setupAgeMaxMs(settings);
      const readsBackMs = ageMaxMs + (CONSOLIDATION_BARS + 2) * intervalMs(settings.TIMEFRAME);
      return {
        settleMs: Math.max(readsBackMs + levelSettleMs(settings), atrSettleMs(settings)),
        readsBackMs,
        value: (context) =>
          context.decisionTimeMs - context.setup.breakTimeMs <= ageMaxMs
            ? consolidationRange(context) / context.atr
            : Number.NaN,
      };
    },
  },
  lazyFeature(
    {
      ...base,
      name: 'hours_since_break',
      unit: 'hours',
      inputs: ['set-up'],
      meaning: 'from the close of the breakout bar to the decision',
      scale: 100,
    },
    ({ setup, decisionTimeMs }) =>
      setup.breakTimeMs === 0 ? Number.NaN : (decisionTimeMs - setup.breakTimeMs) / HOUR_MS,
    setupSettleMs,
  ),
  lazyFeature(
    {
      ...base,
      name: 'days_since_prev_break',
      unit: 'days',
      inputs: ['set-up'],
      meaning: 'from the last bar before the breakout bar that reached the level then valid',
      noneMeans:
        '90 = none within 90 days (has_prev_break 0); missing = none in a history that is shorter or has holes',
      scale: 90,
    },
    (context) => {
      const days = daysSincePreviousReach(context);
      if (!Number.isNaN(days)) return days;
      return knowsPreviousReaches(context) ? PREVIOUS_BREAK_DAYS_MAX : Number.NaN;
    },
    previousReachSettleMs,
  ),
  lazyFeature(
    {
      ...base,
      dtype: 'bool',
      name: 'has_prev_break',
      unit: 'yes or no',
      inputs: ['set-up'],
      meaning: 'the level was reached in the 90 days before the breakout',
      scale: 1,
    },
    (context) => {
      if (!Number.isNaN(daysSincePreviousReach(context))) return 1;
      return knowsPreviousReaches(context) ? 0 : Number.NaN;
    },
    previousReachSettleMs,
  ),
];

const PULLBACK_TYPES = ['retest', 'mean'] as const;
const ENTRY_RULES = ['close_above_break', 'rebreak_high'] as const;

/** Settings of the run that tell signals of different set-ups apart. */
const SETTING_FEATURES: readonly FeatureDef[] = [
  settingFeature(
    {
      name: 'don_break_len',
      unit: 'days or bars',
      dtype: 'int',
      meaning: 'length of the breakout channel',
      settings: ['DONCH_BASIS', 'DON_N_DAYS', 'DON_N_BARS'],
    },
    (settings) => (settings.DONCH_BASIS === 'days' ? settings.DON_N_DAYS : settings.DON_N_BARS),
  ),
  settingFeature(
    {
      name: 'pullback_type',
      unit: 'word',
      dtype: 'category',
      categories: PULLBACK_TYPES,
      meaning: 'kind of pullback',
      settings: ['PULLBACK_MODEL'],
    },
    (settings) => PULLBACK_TYPES.indexOf(settings.PULLBACK_MODEL),
  ),
  settingFeature(
    {
      name: 'entry_rule',
      unit: 'word',
      dtype: 'category',
      categories: ENTRY_RULES,
      meaning: 'what triggered',
      settings: ['ENTRY_RULE'],
    },
    (settings) => ENTRY_RULES.indexOf(settings.ENTRY_RULE),
  ),
];

function settingFeature(
  def: Pick<FeatureDef, 'name' | 'unit' | 'dtype' | 'categories' | 'meaning' | 'settings'>,
  value: (settings: ConfigValues) => number,
): FeatureDef {
  return {
    ...def,
    interval: 'base',
    instant: 'close',
    inputs: ['settings'],
    role: 'feature',
    noneMeans: '',
    scale: 1,
    version: 1,
    create(settings) {
      const constant = value(settings);
      return { settleMs: intervalMs(settings.TIMEFRAME), value: () => constant };
    },
  };
}

export const BREAKOUT_FEATURES: readonly FeatureDef[] = [...LEVEL_FEATURES, ...SETTING_FEATURES];
