/**
 * The strategy file as a schema: shape, ranges and meaning of every key. The editor's JSON Schema is generated from it.
 * Ranges come from the flat configuration keys that carry the same settings, so that the two can never disagree.
 */
import { INTERVALS, keySpec, type ConfigKey } from '@donch/core';
import { z } from 'zod';

const interval = z.enum(INTERVALS);

/** A number with the range, unit and meaning of its flat key. */
function numberOf(key: ConfigKey) {
  const { min, max, exclusive = false, integer = false, meaning, unit } = keySpec(key);
  let schema = z.number();
  if (integer) schema = schema.int();
  if (min !== undefined) schema = exclusive ? schema.gt(min) : schema.gte(min);
  if (max !== undefined) schema = exclusive ? schema.lt(max) : schema.lte(max);
  return schema.describe(`${meaning} (${unit}; overridden by ${key})`);
}

const comparison = {
  gte: z.number().describe('passes at or above').optional(),
  lte: z.number().describe('passes at or below').optional(),
  between: z.tuple([z.number(), z.number()]).describe('passes inside, bounds included').optional(),
  is: z
    .union([z.string(), z.boolean(), z.number()])
    .describe('passes when equal: a category, true/false, a number')
    .optional(),
};

/** One generic rule over a registered feature: exactly one of gte, lte, between, is (gte and lte may stand together). */
const rule = z.strictObject({ feature: z.string().min(1), ...comparison });

const donchian = z.strictObject({
  length_days: numberOf('DON_N_DAYS').optional(),
  length_bars: numberOf('DON_N_BARS').optional(),
  confirm_close: z.boolean().describe('the breakout bar must also close at or beyond the level').optional(),
  trigger: z.enum(['close_above_break', 'rebreak_high']).describe('what triggers after the pullback').optional(),
});

const pullback = z.strictObject({
  type: z.enum(['retest', 'mean']).optional(),
  window_hours: numberOf('PULLBACK_WINDOW_HOURS').optional(),
  entry_window_hours: numberOf('ENTRY_WINDOW_HOURS').optional(),
  eps_frac: numberOf('RETEST_EPS_PCT').optional(),
  ema_bars: numberOf('MEAN_MA_LEN').optional(),
  band_atr: numberOf('MEAN_BAND_ATR_MULT').optional(),
  invalidate_below_atr: numberOf('INVALIDATE_BELOW_ATR').nullable().optional(),
});

const volume = z.strictObject({
  multiple: numberOf('VOL_MULTIPLE').optional(),
  quantile: numberOf('VOL_QUANTILE_Q').optional(),
  lookback_days: numberOf('VOL_LOOKBACK_DAYS').optional(),
});

const regimeGate = z.strictObject({
  kind: z.enum(['macd']).describe('which regime decides').optional(),
  symbol: z.string().min(1).optional(),
  timeframe: interval.optional(),
  macd: z
    .tuple([numberOf('REGIME_MACD_FAST'), numberOf('REGIME_MACD_SLOW'), numberOf('REGIME_MACD_SIGNAL')])
    .describe('fast, slow, signal')
    .optional(),
  require_hist_positive: z.boolean().optional(),
  require_macd_above_signal: z.boolean().optional(),
  require_hist_negative: z.boolean().describe('for shorts').optional(),
  require_macd_below_signal: z.boolean().describe('for shorts').optional(),
  when_down: z.enum(['block', 'size_down']).describe('what an unfavourable regime does').optional(),
});

const filters = z.strictObject({
  rs_percentile_min: numberOf('RS_MIN_PERCENTILE').nullable().optional(),
  rs_percentile_max: numberOf('RS_MAX_PERCENTILE').nullable().optional(),
  liquidity_median_24h_usd_min: numberOf('RS_LIQ_MIN_USD_24H').nullable().optional(),
  min_listing_age_days: numberOf('MIN_LISTING_AGE_DAYS').nullable().optional(),
  max_listing_age_days: numberOf('MAX_LISTING_AGE_DAYS').nullable().optional(),
  min_atr_frac: numberOf('MIN_ATR_PCT_OF_PRICE').nullable().optional(),
  blacklist: z.array(z.string().min(1)).optional(),
});

const exits = z.strictObject({
  sl_atr_mult: numberOf('SL_ATR_MULT').optional(),
  final_tp_atr_mult: numberOf('FINAL_TP_ATR_MULT').nullable().optional(),
  time_exit_hours: numberOf('TIME_EXIT_HOURS').nullable().optional(),
  partial: z
    .strictObject({
      ratio: numberOf('PARTIAL_TP_RATIO').optional(),
      atr_mult: numberOf('PARTIAL_TP1_ATR_MULT').optional(),
      break_even: z.boolean().optional(),
    })
    .nullable()
    .optional(),
  trailing: z
    .strictObject({
      start: z.enum(['after_tp1', 'entry']).optional(),
      atr_mult: numberOf('TRAIL_ATR_MULT').optional(),
      reference: z.enum(['close', 'extreme']).optional(),
      min_move_frac: numberOf('TRAIL_MIN_MOVE_PCT').optional(),
    })
    .nullable()
    .optional(),
});

/** Version of the strategy file's format; a newer one is refused. */
export const STRATEGY_SCHEMA_VERSION = 1;

export const strategyFileSchema = z.strictObject({
  schema_version: z.number().int().min(1).max(STRATEGY_SCHEMA_VERSION).optional(),
  strategy: z.strictObject({
    name: z.string().min(1).max(120),
    side: z.enum(['long', 'short']),
    required_timeframes: z.array(interval).optional(),
  }),
  entry: z
    .strictObject({
      donchian: donchian.optional(),
      pullback: pullback.optional(),
      volume: volume.nullable().optional(),
      regime_gate: regimeGate.nullable().optional(),
    })
    .optional(),
  filters: filters.optional(),
  rules: z
    .strictObject({ all: z.array(rule).optional(), any: z.array(rule).optional(), veto: z.array(rule).optional() })
    .optional(),
  exits: exits.optional(),
});

export type StrategyFile = z.infer<typeof strategyFileSchema>;
export type RuleFile = z.infer<typeof rule>;
