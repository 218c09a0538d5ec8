import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_KEYS, INTERVALS, intervalMs, resolveConfig, TABLES } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { FEATURES, featureHash, featureSettings, featuresFor, findFeature, nearestFeature } from './registry.ts';

const SETTINGS = resolveConfig([]).values;
const settingsWith = (values: Readonly<Record<string, unknown>>) =>
  resolveConfig([{ layer: 'config', source: 'test', values }]).values;

/** Names that users, models and the specification rely on. */
const PROMISED = [
  'atr_1h',
  'atr_frac',
  'rsi_1h',
  'adx_1h',
  'vol_mult',
  'don_break_len',
  'don_dist_atr',
  'rs_percentile',
  'turnover_median_24h_usd',
  'days_since_prev_break',
  'has_prev_break',
  'consolidation_range_atr',
  'prior_1d_ret',
  'rv_3d',
  'hour_sin',
  'hour_cos',
  'dow',
  'eth_macd_hist_4h_frac',
  'eth_macd_above_signal_4h',
  'btc_macd_hist_4h_frac',
  'btc_macd_above_signal_4h',
  'regime_up',
  'markov_prob_up_4h',
  'funding_rate',
  'oi_pct_1h',
  'oi_pct_4h',
  'oi_pct_1d',
  'oi_z_7d',
  'oi_chg_norm_vol_1h',
  'oi_price_div_1h',
  'funding_oi_div',
  'funding_abs',
  'funding_z_7d',
  'funding_sum_3d',
  'trend_regime_1d',
  'vol_regime_1d',
  'vol_prob_low_1d',
  'regime_1d',
  'vwap_frac_in_band',
  'vwap_expansion_frac',
  'vwap_slope_per_hour',
  'prior_breakout_count',
  'prior_breakout_fail_rate',
  'listing_age_days',
  'entry_rule',
  'pullback_type',
];

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../../docs/FEATURES.md'), 'utf8');

/** Columns of outcomes: a feature of that name would be a leak by name. */
const OUTCOMES = new Set(
  [TABLES.labels, TABLES.trades, TABLES.predictions]
    .flatMap(({ columns }) => columns.map(({ name }) => name))
    .filter((name) => /^(pnl|mfe|mae|exit|hit|touch|y_|p$|p_|label|triple|final|fees|funding_usd)/.test(name)),
);

describe.each(FEATURES.map((def) => [def.name, def] as const))('feature %s', (name, def) => {
  it('says what it is', () => {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(def.unit).not.toBe('');
    expect(def.meaning).not.toBe('');
    expect(def.inputs.length).toBeGreaterThan(0);
    expect(def.inputs).not.toContain('');
    expect(def.scale).toBeGreaterThan(0);
    expect(Number.isInteger(def.version) && def.version >= 1).toBe(true);
    expect([...INTERVALS, 'base']).toContain(def.interval);
    expect(def.settings.filter((key) => !(key in CONFIG_KEYS))).toEqual([]);
    expect((def.categories ?? []).length > 1).toBe(def.dtype === 'category');
  });

  it('is read as of the close, and declares how much history it needs', () => {
    const { settleMs } = def.create(SETTINGS);
    expect(def.instant).toBe('close');
    expect(settleMs).toBeGreaterThanOrEqual(intervalMs(SETTINGS.TIMEFRAME));
    expect(Number.isFinite(settleMs)).toBe(true);
  });

  it('is no label and has a line of documentation', () => {
    expect(OUTCOMES.has(name)).toBe(false);
    expect(DOCUMENT).toMatch(new RegExp(`^\\| \`${name}\` +\\|`, 'm'));
  });

  it('has an identity that changes with its definition and its settings, and with nothing else', () => {
    const identity = featureHash(def, SETTINGS);
    for (const change of [{ version: 9 }, { unit: 'x' }, { name: 'y' }, { dtype: 'int', categories: ['z'] }] as const)
      expect(featureHash({ ...def, ...change }, SETTINGS)).not.toBe(identity);
    expect(featureHash(def, settingsWith({ RISK_USD: 20, SL_ATR_MULT: 3, MAX_OPEN: 2 }))).toBe(identity);
    const changed = { ...SETTINGS, ...Object.fromEntries(def.settings.map((key) => [key, 'another'])) };
    expect(featureHash(def, changed) === identity).toBe(def.settings.length === 0);
  });
});

describe('the registry', () => {
  it('has unique names, among them all that are promised', () => {
    const names = FEATURES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(PROMISED.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('keeps names apart from the fixed columns of the signals table', () => {
    const fixed = new Set(TABLES.signals.columns.map(({ name }) => name));
    expect(FEATURES.filter(({ name }) => fixed.has(name))).toEqual([]);
  });

  it('holds raw price levels as context only', () => {
    const prices = FEATURES.filter(({ unit, role }) => unit === 'quote' && role === 'feature').map(({ name }) => name);
    // a range of prices, not a level; known to users and models under this name
    expect(prices).toEqual(['atr_1h', 'atr_4h']);
    expect(findFeature('don_break_level')).toBeUndefined();
  });

  it('gives every base interval the features that its bars can carry', () => {
    for (const TIMEFRAME of ['1m', '5m', '15m', '1h'])
      expect(featuresFor(settingsWith({ TIMEFRAME }))).toEqual(FEATURES);
    const twoHours = featuresFor({ ...SETTINGS, TIMEFRAME: '2h' }).map(({ name }) => name);
    expect(twoHours).not.toContain('atr_1h');
    expect(twoHours).toContain('atr_4h');
  });

  it('finds features by name and suggests the nearest', () => {
    expect(findFeature('rsi_1h')?.name).toBe('rsi_1h');
    expect(findFeature('constructor')).toBeUndefined();
    expect(nearestFeature('rs_percentil')).toBe('rs_percentile');
    expect(nearestFeature('zzzzzz')).toBeNull();
  });

  it('names the settings of a feature with their values', () => {
    const def = findFeature('vwap_frac_in_band');
    expect(def && featureSettings(def, SETTINGS)).toEqual({ VWAP_STACK_LOOKBACK_BARS: 12, VWAP_STACK_BAND_PCT: 0.004 });
  });
});
