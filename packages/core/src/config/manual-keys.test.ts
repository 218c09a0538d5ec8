/**
 * Every key that users of the earlier Python system know, from their files and manuals, with what it is here. A name that
 * disappears, or a default that changes by accident, fails a line.
 */
import { describe, expect, it } from 'vitest';
import { isConfigKey, keySpec, type ConfigKey } from './keys.ts';
import { resolveConfig } from './resolve.ts';

/** Canonical keys with the default of both worlds. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  // strategy, bars, window
  STRATEGY_SPEC_PATH: 'strategies/donch_pullback_long.yaml',
  TIMEFRAME: '5m',
  ATR_TIMEFRAME: '1h',
  ATR_LEN: 14,
  START_DATE: null,
  END_DATE: null,
  INITIAL_CAPITAL: 1000,
  N_WORKERS: null,
  AGGREGATE_BY: ['symbol', 'pullback_type', 'entry_rule', 'don_break_len', 'regime_up'],
  // universe, breakout, volume, pullback
  RS_MIN_PERCENTILE: 70,
  RS_ENABLED: true,
  RS_LIQ_MIN_USD_24H: 500_000,
  DONCH_BASIS: 'days',
  DON_N_DAYS: 20,
  DON_N_BARS: 5760,
  DON_CONFIRM_CLOSE_ABOVE: true,
  ENTRY_RULE: 'close_above_break',
  VOL_SPIKE_MODE: 'multiple',
  VOL_SPIKE_ENABLED: true,
  VOL_MULTIPLE: 2,
  VOL_LOOKBACK_DAYS: 30,
  VOL_QUANTILE_Q: 0.95,
  PULLBACK_MODEL: 'retest',
  PULLBACK_WINDOW_HOURS: 24,
  ENTRY_WINDOW_HOURS: 72,
  RETEST_EPS_PCT: 0.001,
  MEAN_MA_LEN: 20,
  MEAN_BAND_ATR_MULT: 0.5,
  MIN_ATR_PCT_OF_PRICE: 0.0001,
  DEDUP_BUSY_WINDOW_MIN: 480,
  // regime
  REGIME_BLOCK_WHEN_DOWN: true,
  REGIME_SIZE_WHEN_DOWN: 0.5,
  REGIME_ASSET: 'ETHUSDT',
  REGIME_TIMEFRAME: '4h',
  REGIME_MACD_FAST: 12,
  REGIME_MACD_SLOW: 26,
  REGIME_MACD_SIGNAL: 9,
  REGIME_REQUIRE_BOTH_POSITIVE: true,
  REGIME_FILTER_ENABLED: true,
  REGIME_BENCHMARK_SYMBOL: 'BTCUSDT',
  ETH_BAROMETER_ENABLED: false,
  ETH_MACD_HIST_CUTOFF_NEG: 0,
  ETH_MACD_HIST_CUTOFF_POS: 0,
  UNFAVORABLE_RISK_RESIZE_FACTOR: 0.2,
  // sizing and caps
  RISK_MODE: 'fixed',
  RISK_USD: 10,
  RISK_EQUITY_PCT: 0.01,
  RISK_USD_MIN: null,
  RISK_USD_MAX: null,
  WINPROB_SIZING_ENABLED: false,
  WINPROB_PROB_FLOOR: 0.55,
  WINPROB_PROB_CAP: 0.9,
  WINPROB_MIN_MULTIPLIER: 0.7,
  WINPROB_MAX_MULTIPLIER: 1.3,
  VWAP_STACK_SIZING_ENABLED: false,
  VWAP_STACK_MIN_MULTIPLIER: 1,
  VWAP_STACK_MAX_MULTIPLIER: 1.4,
  VWAP_STACK_LOOKBACK_BARS: 12,
  VWAP_STACK_BAND_PCT: 0.004,
  VWAP_STACK_FRAC_MIN: 0.5,
  VWAP_STACK_FRAC_GOOD: 0.7,
  VWAP_STACK_EXPANSION_ABS_MIN: 0.006,
  VWAP_STACK_EXPANSION_GOOD: 0.015,
  VWAP_STACK_FRAC_WEIGHT: 0.6,
  VWAP_STACK_EXP_WEIGHT: 0.4,
  SIZING_SCALERS: [],
  SIZING_MULT_MIN: 0,
  SIZING_MULT_MAX: null,
  NOTIONAL_CAP_PCT_OF_EQUITY: 1,
  MAX_LEVERAGE: 10,
  PORTFOLIO_RISK_CAP_PCT: 0.1,
  GROSS_EXPOSURE_CAP_MULT: 3,
  ON_CAP_BREACH: 'scale',
  // stops, targets, costs
  SL_ATR_MULT: 2,
  FINAL_TP_ENABLED: true,
  FINAL_TP_ATR_MULT: 8,
  TIME_EXIT_ENABLED: true,
  TIME_EXIT_HOURS: 72,
  PARTIAL_TP_ENABLED: false,
  PARTIAL_TP_RATIO: 0.5,
  PARTIAL_TP1_ATR_MULT: 5,
  MOVE_SL_TO_BE_ON_TP1: false,
  TRAIL_AFTER_TP1: false,
  TRAIL_ATR_MULT: 1,
  TRAIL_USE_HIGH_WATERMARK: false,
  TRAIL_MIN_MOVE_PCT: 0.001,
  EXIT_BASIS: 'price_atr',
  AVWAP_MODE: 'static',
  AVWAP_ANCHOR: 'breakout',
  AVWAP_SL_MULT: 2,
  AVWAP_TP_MULT: 8,
  FEE_RATE: 0.00055,
  TIE_BREAKER: 'sl_wins',
  // model gate
  WINPROB_ARTIFACT_DIR: null,
  META_PROB_THRESHOLD: null,
  META: null,
  FORCE_BYPASS_META: false,
  META_PRED_PATH: null,
  META_MERGE_ROUND: '5min',
  META_MERGE_TOL: '10min',
  // guards
  MAX_LOSS_STREAK: 3,
  DD_PAUSE_ENABLED: true,
  DD_MAX_PCT: 10,
  MAX_TRADES_PER_DAY: 100,
  SYMBOL_COOLDOWN_HOURS: 2,
  MAX_OPEN: 10,
  MIN_EQUITY_USDT: 50,
  MIN_EQUITY_FRACTION_BEFORE_ABORT: 0.05,
  MAX_TRADES_PER_VARIANT: 10_000,
  // runtime
  SCAN_INTERVAL_SEC: 60,
  DEBUG_SIGNAL_DIAG: true,
  BYBIT_ACCOUNT_TYPE: null,
  // beyond the earlier system
  SLIPPAGE_BPS: 3,
  STOP_SLIPPAGE_BPS: 5,
  ASSUMED_FUNDING_BPS_8H: 1,
  MIN_STOP_ATR: 0.5,
  BAR_SET_DEADLINE_SEC: 20,
  AVAILABILITY_LAG_SEC: 60,
  ENTRY_PRIORITY: null,
  STOP_TRIGGER: 'last',
  RS_SCORE: 'return_over_vol',
  RS_MODE: 'weekly',
  ENTRY_FILL: 'next_open',
  PROTECTION_ANCHOR: 'reference',
};

/** Another spelling, the value written, the key it sets, the value it sets. */
const ALIASES: readonly (readonly [written: string, raw: unknown, key: ConfigKey, value: unknown])[] = [
  ['LIQ_MIN_24H_USD', 300_000, 'RS_LIQ_MIN_USD_24H', 300_000],
  ['PULLBACK_TYPE', 'mean', 'PULLBACK_MODEL', 'mean'],
  ['ENTRY_MIN_ATR_PCT', 0.002, 'MIN_ATR_PCT_OF_PRICE', 0.002],
  ['DEDUP_WINDOW_HOURS', 4, 'DEDUP_BUSY_WINDOW_MIN', 240],
  ['MIN_COIN_AGE_DAYS', 14, 'MIN_LISTING_AGE_DAYS', 14],
  ['MAX_COIN_AGE_DAYS', 9999, 'MAX_LISTING_AGE_DAYS', 9999],
  ['FIXED_RISK_CASH', 15, 'RISK_USD', 15],
  ['FIXED_RISK_USDT', 15, 'RISK_USD', 15],
  ['RISK_USDT', 15, 'RISK_USD', 15],
  ['RISK_PCT', 0.02, 'RISK_EQUITY_PCT', 0.02],
  ['META_SIZING_ENABLED', true, 'WINPROB_SIZING_ENABLED', true],
  ['WINPROB_SIZE_FLOOR', 0.5, 'WINPROB_PROB_FLOOR', 0.5],
  ['WINPROB_SIZE_CAP', 0.8, 'WINPROB_PROB_CAP', 0.8],
  ['META_SIZING_P0', 0.5, 'WINPROB_PROB_FLOOR', 0.5],
  ['META_SIZING_P1', 0.8, 'WINPROB_PROB_CAP', 0.8],
  ['META_SIZING_MIN', 0.5, 'WINPROB_MIN_MULTIPLIER', 0.5],
  ['META_SIZING_MAX', 2, 'WINPROB_MAX_MULTIPLIER', 2],
  ['TP_ATR_MULT', 12, 'FINAL_TP_ATR_MULT', 12],
  ['TIME_EXIT_HOURS_ENABLED', false, 'TIME_EXIT_ENABLED', false],
  ['TIME_EXIT_DAYS', 2, 'TIME_EXIT_HOURS', 48],
  ['PARTIAL_TP_PCT', 0.4, 'PARTIAL_TP_RATIO', 0.4],
  ['PARTIAL_TP_ATR_MULT', 4, 'PARTIAL_TP1_ATR_MULT', 4],
  ['TP1_ATR_MULT', 4, 'PARTIAL_TP1_ATR_MULT', 4],
  ['TRAIL_DISTANCE_ATR_MULT', 2, 'TRAIL_ATR_MULT', 2],
  ['META_EXPORT_DIR', 'results/meta_export_v2', 'WINPROB_ARTIFACT_DIR', 'results/meta_export_v2'],
  ['WINPROB_MODEL_DIR', 'm', 'WINPROB_ARTIFACT_DIR', 'm'],
  ['WINPROB_DIR', 'm', 'WINPROB_ARTIFACT_DIR', 'm'],
  ['META_PSTAR', 0.6, 'META_PROB_THRESHOLD', 0.6],
  ['MIN_WINPROB_TO_TRADE', 0.6, 'META_PROB_THRESHOLD', 0.6],
  ['META_REQUIRED', true, 'META', 'required'],
  ['META_REQUIRED', false, 'META', 'off'],
  ['META_REQUIRED', 'true', 'META', 'required'],
  ['SYMBOL_COOLDOWN_MINUTES', 120, 'SYMBOL_COOLDOWN_HOURS', 2],
  ['SYMBOL_COOLDOWN_MINUTES', 480, 'SYMBOL_COOLDOWN_HOURS', 8],
  ['KILL_EQUITY_LEVEL', 40, 'MIN_EQUITY_USDT', 40],
  ['RISK_MODE', 'cash', 'RISK_MODE', 'fixed'],
  ['RISK_MODE', 'FIXED', 'RISK_MODE', 'fixed'],
  ['RISK_MODE', 'Percent', 'RISK_MODE', 'percent'],
  ['BYBIT_ACCOUNT_TYPE', 'unified', 'BYBIT_ACCOUNT_TYPE', 'UNIFIED'],
];

/** Known, without effect, each answered with what holds instead. */
const WITHOUT_EFFECT = [
  'EMA_TIMEFRAME',
  'EMA_FAST_PERIOD',
  'EMA_SLOW_PERIOD',
  'EMA_FILTER_ENABLED',
  'RSI_TIMEFRAME',
  'RSI_LEN',
  'ADX_TIMEFRAME',
  'ADX_LEN',
  'RSI_FILTER_ENABLED',
  'RSI_ENTRY_MIN',
  'RSI_ENTRY_MAX',
  'RSI_EPS',
  'STRUCTURAL_TREND_ENABLED',
  'GAP_FILTER_ENABLED',
  'REGIME_CACHE_MINUTES',
  'LABELING_MODE',
  'UNIVERSE_CACHE_TTL',
  'OHLCV_LIMIT',
  'API_SEM_LIMIT',
  'FINALIZE_BACKOFF_SEC',
  'CANCEL_CLEANUP_BACKOFF_SEC',
  'MIN_TRADE_AUTOPAD_ENABLED',
  'GOV_CTX_ENABLED',
  'CORR_WINDOW',
  'BTC_TREND_FILTER_ENABLED',
  'ALT_SEASON_MIN',
  'BV_MIN',
  'PRICE_BOOM_PCT',
  'OI_FILTER_ENABLED',
];

/** Settings of parts that this version may or may not have: a real key, or answered like the ones above; never "unknown". */
const KEY_OR_WITHOUT_EFFECT = [
  'PULLBACK_WINDOW_BARS',
  'REGIME_MA_PERIOD',
  'REGIME_ATR_PERIOD',
  'REGIME_ATR_MULT',
  'MARKOV_TIMEFRAME',
  'AVWAP_USE_ENTRY_ATR',
];

const read = (values: Readonly<Record<string, unknown>>) =>
  resolveConfig([{ layer: 'config', source: 'config.yaml', values }]);

describe('keys of the earlier system', () => {
  it.each(Object.entries(DEFAULTS))('%s exists, with its default', (key, value) => {
    expect(isConfigKey(key)).toBe(true);
    expect(resolveConfig([]).values[key as ConfigKey]).toEqual(value);
  });

  it.each(ALIASES)('%s: %j sets %s to %j', (written, raw, key, value) => {
    const { values, notes } = read({ [written]: raw });
    expect(values[key]).toEqual(value);
    const isAlias = written !== key;
    expect(notes).toEqual(isAlias ? [{ kind: 'alias', text: `config.yaml: ${written} read as ${key}` }] : []);
  });

  it.each(WITHOUT_EFFECT)('%s is answered with what holds instead', (written) => {
    const { notes, configHash } = read({ [written]: 1 });
    expect(notes.map(({ kind }) => kind)).toEqual(['obsolete']);
    expect(notes[0]?.text).toContain(`${written} has no effect: `);
    expect(configHash).toBe(resolveConfig([]).configHash);
  });

  it.each(KEY_OR_WITHOUT_EFFECT)('%s is a key or answered', (written) => {
    const answers = isConfigKey(written)
      ? [keySpec(written).meaning]
      : read({ [written]: 1 }).notes.map(({ text }) => text);
    expect(answers).toHaveLength(1);
    expect(answers[0]).not.toBe('');
  });

  it('says that a null threshold is no switch any more', () => {
    const { notes } = read({ META_PROB_THRESHOLD: null });
    expect(notes.map(({ kind }) => kind)).toEqual(['meaning']);
    expect(notes[0]?.text).toContain('META: off');
    expect(read({ META_PROB_THRESHOLD: 0.6 }).notes).toEqual([]);
  });
});
