/**
 * A strategy file as a layer of flat configuration values, so that files, flags and environment meet in one resolution
 * and every value of the effective strategy knows its source.
 */
import type { ConfigLayer } from '@donch/core';
import type { StrategyFile } from './schema.ts';

/** Flat values that the file sets; keys it does not mention keep their defaults (for shorts: see `sideDefaults`). */
export function strategyLayer(spec: StrategyFile, file: string): ConfigLayer {
  const parts = [sideDefaults(spec), entryValues(spec), filterValues(spec), exitValues(spec)];
  // what a part leaves undefined must not cover what the part before has set
  const set = parts.flatMap((values) => Object.entries(values).filter(([, value]) => value !== undefined));
  return { layer: 'strategy', source: file, values: Object.fromEntries(set) };
}

type Values = Record<string, unknown>;

/**
 * Nothing is mirrored for shorts: defaults that mean "strong symbol, rising market" must not reach a short strategy that
 * does not spell out its own.
 */
function sideDefaults(spec: StrategyFile): Values {
  if (spec.strategy.side === 'long') return {};
  return {
    RS_MIN_PERCENTILE: null,
    REGIME_FILTER_ENABLED: spec.entry?.regime_gate !== undefined && spec.entry.regime_gate !== null,
  };
}

function entryValues({ entry }: StrategyFile): Values {
  const { donchian, pullback, volume, regime_gate: gate } = entry ?? {};
  return {
    DONCH_BASIS:
      donchian?.length_bars !== undefined ? 'bars' : donchian?.length_days !== undefined ? 'days' : undefined,
    DON_N_DAYS: donchian?.length_days,
    DON_N_BARS: donchian?.length_bars,
    DON_CONFIRM_CLOSE_ABOVE: donchian?.confirm_close,
    ENTRY_RULE: donchian?.trigger,
    PULLBACK_MODEL: pullback?.type,
    PULLBACK_WINDOW_HOURS: pullback?.window_hours,
    ENTRY_WINDOW_HOURS: pullback?.entry_window_hours,
    RETEST_EPS_PCT: pullback?.eps_frac,
    MEAN_MA_LEN: pullback?.ema_bars,
    MEAN_BAND_ATR_MULT: pullback?.band_atr,
    INVALIDATE_BELOW_ATR: pullback?.invalidate_below_atr,
    VOL_SPIKE_ENABLED: volume === null ? false : undefined,
    VOL_SPIKE_MODE:
      volume?.quantile !== undefined ? 'quantile' : volume?.multiple !== undefined ? 'multiple' : undefined,
    VOL_MULTIPLE: volume?.multiple,
    VOL_QUANTILE_Q: volume?.quantile,
    VOL_LOOKBACK_DAYS: volume?.lookback_days,
    ...(gate === null ? { REGIME_FILTER_ENABLED: false } : {}),
    REGIME_KIND: gate?.kind,
    REGIME_ASSET: gate?.symbol,
    REGIME_TIMEFRAME: gate?.timeframe,
    REGIME_MACD_FAST: gate?.macd?.[0],
    REGIME_MACD_SLOW: gate?.macd?.[1],
    REGIME_MACD_SIGNAL: gate?.macd?.[2],
    REGIME_REQUIRE_BOTH_POSITIVE: asksForUp(gate),
    REGIME_BLOCK_WHEN_DOWN: gate?.when_down === undefined ? undefined : gate.when_down === 'block',
  };
}

/** Whether the gate asks for a rising MACD, in either of its two spellings; undefined when it says nothing about it. */
function asksForUp(gate: NonNullable<StrategyFile['entry']>['regime_gate']): boolean | undefined {
  const { require_hist_positive: histogram, require_macd_above_signal: line } = gate ?? {};
  return histogram === undefined && line === undefined ? undefined : histogram === true || line === true;
}

function filterValues({ filters }: StrategyFile): Values {
  return {
    RS_MIN_PERCENTILE: filters?.rs_percentile_min,
    RS_MAX_PERCENTILE: filters?.rs_percentile_max,
    RS_LIQ_MIN_USD_24H: filters?.liquidity_median_24h_usd_min,
    MIN_LISTING_AGE_DAYS: filters?.min_listing_age_days,
    MAX_LISTING_AGE_DAYS: filters?.max_listing_age_days,
    MIN_ATR_PCT_OF_PRICE: filters?.min_atr_frac,
    BLACKLIST: filters?.blacklist,
  };
}

/** `null` is itself "off": the switches stay on, so that a number in config.yaml takes the place of a null in the file. */
function exitValues({ exits }: StrategyFile): Values {
  const { partial, trailing } = exits ?? {};
  return {
    SL_ATR_MULT: exits?.sl_atr_mult,
    FINAL_TP_ATR_MULT: exits?.final_tp_atr_mult,
    TIME_EXIT_HOURS: exits?.time_exit_hours,
    PARTIAL_TP_ENABLED: partial === undefined ? undefined : partial !== null,
    PARTIAL_TP_RATIO: partial?.ratio,
    PARTIAL_TP1_ATR_MULT: partial?.atr_mult,
    MOVE_SL_TO_BE_ON_TP1: partial?.break_even,
    TRAIL_AFTER_TP1: trailing === undefined ? undefined : trailing !== null,
    TRAIL_START: trailing?.start,
    TRAIL_ATR_MULT: trailing?.atr_mult,
    TRAIL_USE_HIGH_WATERMARK: trailing?.reference === undefined ? undefined : trailing.reference === 'extreme',
    TRAIL_MIN_MOVE_PCT: trailing?.min_move_frac,
  };
}
