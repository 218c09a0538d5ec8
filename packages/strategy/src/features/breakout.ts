/** Features of the set-up: level, distance, volume, what went before the breakout. */
import { DAY_MS, rowAt, type Candles, type ConfigValues } from '@donch/core';
import type { FeatureContext, FeatureDef } from './feature.ts';
import { lazyFeature } from './lazy-feature.ts';

/** Bars before the breakout bar whose range is the consolidation. */
const CONSOLIDATION_BARS = 12;
/** `days_since_prev_break` when there was none in this time. */
const PREVIOUS_BREAK_DAYS_MAX = 90;

const base = { dtype: 'float', interval: 'base' } as const;

/** Range of the bars before the breakout bar, price units; NaN when one of them is missing. */
function consolidationRange(candles: Candles, breakTimeMs: number): number {
  const breakRow = rowAt(candles, breakTimeMs - candles.intervalMs);
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

/** True once 90 days of bars lie before the breakout, so that "none" is knowledge and not ignorance. */
function coversPreviousBreaks({ base: candles, setup }: FeatureContext): boolean {
  return candles.openTimeMs[0] <= setup.breakTimeMs - PREVIOUS_BREAK_DAYS_MAX * DAY_MS;
}

const LEVEL_FEATURES: readonly FeatureDef[] = [
  lazyFeature(
    { ...base, name: 'atr_frac', unit: 'fraction', inputs: ['THE ATR', 'close'], meaning: 'ATR / close', scale: 0.01 },
    ({ atr, base: candles, row }) => atr / candles.close[row],
  ),
  lazyFeature(
    {
      ...base,
      name: 'don_dist_atr',
      unit: 'ATR',
      inputs: ['close', 'frozen level', 'THE ATR'],
      meaning: '(close - level) / ATR',
      scale: 1,
    },
    ({ atr, base: candles, row, setup }) => (candles.close[row] - setup.levelPrice) / atr,
  ),
  lazyFeature(
    {
      ...base,
      name: 'vol_mult',
      unit: 'times',
      inputs: ['volume window'],
      meaning: 'volume of the decision bar / median of the window',
      scale: 1,
    },
    (context) => context.base.volume[context.row] / context.volumeMedian(),
  ),
  lazyFeature(
    {
      ...base,
      name: 'consolidation_range_atr',
      unit: 'ATR',
      inputs: ['12 base bars before the breakout bar', 'THE ATR'],
      meaning: '(highest high - lowest low of the 12 bars before the breakout bar) / ATR',
      scale: 1,
    },
    ({ base: candles, setup, atr }) => consolidationRange(candles, setup.breakTimeMs) / atr,
    CONSOLIDATION_BARS + 1,
  ),
  lazyFeature(
    {
      ...base,
      name: 'hours_since_break',
      unit: 'hours',
      inputs: ['set-up'],
      meaning: 'from the close of the breakout bar to the decision',
      scale: 100,
    },
    ({ setup, decisionTimeMs }) => (decisionTimeMs - setup.breakTimeMs) / 3_600_000,
  ),
  lazyFeature(
    {
      ...base,
      name: 'days_since_prev_break',
      unit: 'days',
      inputs: ['set-up'],
      meaning: 'from the last bar before the breakout bar that reached the level then valid',
      noneMeans: '90 = none within 90 days (has_prev_break 0); missing = less than 90 days of history and none in it',
      scale: 90,
    },
    (context) => {
      const days = daysSincePreviousReach(context);
      if (!Number.isNaN(days)) return days;
      return coversPreviousBreaks(context) ? PREVIOUS_BREAK_DAYS_MAX : Number.NaN;
    },
  ),
  lazyFeature(
    {
      ...base,
      dtype: 'bool',
      name: 'has_prev_break',
      unit: '',
      inputs: ['set-up'],
      meaning: 'the level was reached in the 90 days before the breakout',
      scale: 1,
    },
    (context) => {
      if (!Number.isNaN(daysSincePreviousReach(context))) return 1;
      return coversPreviousBreaks(context) ? 0 : Number.NaN;
    },
  ),
];

const PULLBACK_TYPES = ['retest', 'mean'] as const;
const ENTRY_RULES = ['close_above_break', 'rebreak_high'] as const;

/** Settings of the run that tell signals of different set-ups apart. */
const SETTING_FEATURES: readonly FeatureDef[] = [
  settingFeature(
    { name: 'don_break_len', unit: 'days or bars', dtype: 'int', meaning: 'length of the breakout channel' },
    (settings) => (settings.DONCH_BASIS === 'days' ? settings.DON_N_DAYS : settings.DON_N_BARS),
  ),
  settingFeature(
    { name: 'pullback_type', unit: 'word', dtype: 'category', categories: PULLBACK_TYPES, meaning: 'kind of pullback' },
    (settings) => PULLBACK_TYPES.indexOf(settings.PULLBACK_MODEL),
  ),
  settingFeature(
    { name: 'entry_rule', unit: 'word', dtype: 'category', categories: ENTRY_RULES, meaning: 'what triggered' },
    (settings) => ENTRY_RULES.indexOf(settings.ENTRY_RULE),
  ),
];

function settingFeature(
  def: Pick<FeatureDef, 'name' | 'unit' | 'dtype' | 'categories' | 'meaning'>,
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
      return { settleBars: 1, value: () => constant };
    },
  };
}

export const BREAKOUT_FEATURES: readonly FeatureDef[] = [...LEVEL_FEATURES, ...SETTING_FEATURES];
