/** Which configuration keys a sweep may vary, and what it costs. */
import { CONFIG_SECTIONS, type ConfigKey } from '@donch/core';

/**
 * `entry`: another value gives other signals. `exit`: first touches decide, for all values at once. `stepwise`: the variant may have to
 * be simulated bar by bar (`needsEngine` says whether).
 */
export type SweepKeyKind = 'entry' | 'exit' | 'stepwise';

const TOUCHED: readonly string[] = [
  'SL_ATR_MULT',
  'FINAL_TP_ENABLED',
  'FINAL_TP_ATR_MULT',
  'TIME_EXIT_ENABLED',
  'TIME_EXIT_HOURS',
] satisfies readonly ConfigKey[];
const ANCHORED: readonly string[] = [
  'EXIT_BASIS',
  'AVWAP_SL_MULT',
  'AVWAP_TP_MULT',
  'PROTECTION_ANCHOR',
] satisfies readonly ConfigKey[];
/** Base bars are those of the whole sweep; a list of names is no value of an axis. */
const FIXED: readonly string[] = ['TIMEFRAME', 'BLACKLIST'] satisfies readonly ConfigKey[];
const ENTRY_SECTIONS = ['bars, breakout, pullback', 'filters', 'regime'] as const;

/** Null = the same for all variants of a sweep. */
export function sweepKeyKind(key: ConfigKey): SweepKeyKind | null {
  if (FIXED.includes(key)) return null;
  if (TOUCHED.includes(key)) return 'exit';
  if (Object.hasOwn(CONFIG_SECTIONS.exits, key) || ANCHORED.includes(key)) return 'stepwise';
  return ENTRY_SECTIONS.some((section) => Object.hasOwn(CONFIG_SECTIONS[section], key)) ? 'entry' : null;
}

/** Short names in tags; other keys are written out. */
export const TAG_NAMES: Readonly<Partial<Record<ConfigKey, string>>> = {
  DON_N_DAYS: 'don',
  DON_N_BARS: 'donbars',
  VOL_MULTIPLE: 'vol',
  VOL_QUANTILE_Q: 'volq',
  PULLBACK_MODEL: '',
  ENTRY_RULE: '',
  RS_MIN_PERCENTILE: 'rs',
  SL_ATR_MULT: 'sl',
  FINAL_TP_ATR_MULT: 'tp',
  FINAL_TP_ENABLED: 'target',
  TIME_EXIT_HOURS: 't',
  TIME_EXIT_ENABLED: 'time',
  PARTIAL_TP_ENABLED: 'partial',
  PARTIAL_TP_RATIO: 'ratio',
  PARTIAL_TP1_ATR_MULT: 'tp1x',
  TRAIL_AFTER_TP1: 'trail',
  TRAIL_ATR_MULT: 'trailatr',
};
