/**
 * The strategy file as a schema: shape, ranges and meaning of every key. The editor's JSON Schema and docs/STRATEGY.md are
 * generated from it. Ranges and meanings come from the flat configuration keys that carry the same settings, so that the two can
 * never disagree.
 */
import { INTERVALS, keySpec, numberProblem, type ConfigKey } from '@donch/core';
import { z } from 'zod';

/** Longest list of rules or names that a file may hold. */
const LIST_LENGTH_MAX = 1_000;

const interval = z.enum(INTERVALS);

/** A number with the range, the scale check, the unit and the meaning of its flat key. */
function numberOf(key: ConfigKey) {
  const spec = keySpec(key);
  const { min, max, exclusive, integer = false, unit } = spec;
  return z
    .number()
    .superRefine((value, context) => {
      const problem = numberProblem(spec, value);
      if (problem === null) return;
      const { expected, remedy } = problem;
      context.addIssue({ code: 'custom', message: `expected ${expected}${remedy === undefined ? '' : `; ${remedy}`}` });
    })
    .meta({
      ...meaningOf(key),
      unit,
      ...(integer ? { type: 'integer' } : {}),
      ...(min === undefined ? {} : { [exclusive === undefined ? 'minimum' : 'exclusiveMinimum']: min }),
      ...(max === undefined ? {} : { [exclusive === 'both' ? 'exclusiveMaximum' : 'maximum']: max }),
    });
}

/** What the editor and the documentation say about a key that has a flat counterpart. */
function meaningOf(key: ConfigKey) {
  return { description: keySpec(key).meaning, overriddenBy: key };
}

const comparison = {
  gte: z.number().meta({ description: 'passes at or above' }).optional(),
  lte: z.number().meta({ description: 'passes at or below; with gte: both bounds hold' }).optional(),
  between: z
    .tuple([z.number(), z.number()])
    .meta({ description: '[low, high]: passes inside, bounds included' })
    .optional(),
  is: z
    .union([z.string(), z.boolean(), z.number()])
    .meta({ description: 'passes when equal: a category, true or false, a number' })
    .optional(),
};

/** One generic rule over a registered feature: gte and/or lte, or between, or is. */
const rule = z.strictObject({
  feature: z.string().min(1).meta({ description: 'name in docs/FEATURES.md' }),
  ...comparison,
});
const rules = z.array(rule).max(LIST_LENGTH_MAX);

const donchian = z.strictObject({
  length_days: numberOf('DON_N_DAYS').optional(),
  length_bars: numberOf('DON_N_BARS').optional(),
  confirm_close: z.boolean().meta(meaningOf('DON_CONFIRM_CLOSE_ABOVE')).optional(),
  trigger: z.enum(['close_above_break', 'rebreak_high']).meta(meaningOf('ENTRY_RULE')).optional(),
});

const pullback = z.strictObject({
  type: z.enum(['retest', 'mean']).meta(meaningOf('PULLBACK_MODEL')).optional(),
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
  kind: z.enum(['macd', 'markov', 'daily']).meta(meaningOf('REGIME_KIND')).optional(),
  symbol: z.string().min(1).meta(meaningOf('REGIME_ASSET')).optional(),
  timeframe: interval.meta(meaningOf('REGIME_TIMEFRAME')).optional(),
  macd: z
    .tuple([numberOf('REGIME_MACD_FAST'), numberOf('REGIME_MACD_SLOW'), numberOf('REGIME_MACD_SIGNAL')])
    .meta({ description: '[fast, slow, signal], bars', overriddenBy: 'REGIME_MACD_FAST, _SLOW, _SIGNAL' })
    .optional(),
  require_hist_positive: z.boolean().meta({ description: 'up = MACD histogram above 0' }).optional(),
  require_macd_above_signal: z
    .boolean()
    .meta({ description: 'the same condition in other words', overriddenBy: 'REGIME_REQUIRE_BOTH_POSITIVE' })
    .optional(),
  require_hist_negative: z.boolean().meta({ description: 'for shorts: MACD histogram below 0' }).optional(),
  require_macd_below_signal: z
    .boolean()
    .meta({ description: 'for shorts: the same condition in other words' })
    .optional(),
  require_regime: z
    .enum(['up', 'down'])
    .meta({ description: 'for kind markov and daily: up = "up" state, BULL; down = its opposite. Unknown is neither' })
    .optional(),
  when_down: z
    .enum(['block', 'size_down'])
    .meta({
      description: 'while the regime is not as wanted: no entries, or risk x REGIME_SIZE_WHEN_DOWN',
      overriddenBy: 'REGIME_BLOCK_WHEN_DOWN',
    })
    .optional(),
});

const filters = z.strictObject({
  rs_percentile_min: numberOf('RS_MIN_PERCENTILE').nullable().optional(),
  rs_percentile_max: numberOf('RS_MAX_PERCENTILE').nullable().optional(),
  liquidity_median_24h_usd_min: numberOf('RS_LIQ_MIN_USD_24H').nullable().optional(),
  min_listing_age_days: numberOf('MIN_LISTING_AGE_DAYS').nullable().optional(),
  max_listing_age_days: numberOf('MAX_LISTING_AGE_DAYS').nullable().optional(),
  min_atr_frac: numberOf('MIN_ATR_PCT_OF_PRICE').nullable().optional(),
  blacklist: z.array(z.string().min(1)).max(LIST_LENGTH_MAX).meta(meaningOf('BLACKLIST')).optional(),
});

const partial = z.strictObject({
  ratio: numberOf('PARTIAL_TP_RATIO').optional(),
  atr_mult: numberOf('PARTIAL_TP1_ATR_MULT').optional(),
  break_even: z.boolean().meta(meaningOf('MOVE_SL_TO_BE_ON_TP1')).optional(),
});

const trailing = z.strictObject({
  start: z.enum(['after_tp1', 'entry']).meta(meaningOf('TRAIL_START')).optional(),
  atr_mult: numberOf('TRAIL_ATR_MULT').optional(),
  reference: z
    .enum(['close', 'extreme'])
    .meta({ description: 'trail behind the last close or the best extreme', overriddenBy: 'TRAIL_USE_HIGH_WATERMARK' })
    .optional(),
  min_move_frac: numberOf('TRAIL_MIN_MOVE_PCT').optional(),
});

const exits = z.strictObject({
  sl_atr_mult: numberOf('SL_ATR_MULT').optional(),
  final_tp_atr_mult: numberOf('FINAL_TP_ATR_MULT').nullable().optional(),
  time_exit_hours: numberOf('TIME_EXIT_HOURS').nullable().optional(),
  partial: partial.nullable().optional(),
  trailing: trailing.nullable().optional(),
});

/** Version of the strategy file's format; a newer one is refused. */
export const STRATEGY_SCHEMA_VERSION = 1;

export const strategyFileSchema = z.strictObject({
  schema_version: z
    .number()
    .int()
    .min(1)
    .max(STRATEGY_SCHEMA_VERSION, `expected at most ${STRATEGY_SCHEMA_VERSION}: the file is for a newer program`)
    .meta({ description: 'version of the format of this file' })
    .optional(),
  strategy: z.strictObject({
    name: z
      .string()
      .min(1)
      .max(120)
      .meta({ description: 'shown everywhere; its slug is the strategy_id of all tables' }),
    side: z.enum(['long', 'short']).meta({ description: 'conditions are literal: nothing is mirrored for short' }),
    required_timeframes: z
      .array(interval)
      .max(INTERVALS.length)
      .meta({ description: 'intervals the rules need; checked against what they really use' })
      .optional(),
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
    .strictObject({
      all: rules.meta({ description: 'every rule has to pass' }).optional(),
      any: rules.meta({ description: 'at least one rule has to pass' }).optional(),
      veto: rules.meta({ description: 'no rule may pass' }).optional(),
    })
    .optional(),
  exits: exits.optional(),
});

export type StrategyFile = z.infer<typeof strategyFileSchema>;
export type RuleFile = z.infer<typeof rule>;

/** The schema for editors (JSON Schema, draft 2020-12). */
export function strategyJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(strategyFileSchema, { io: 'input' });
}
