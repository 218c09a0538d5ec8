/**
 * Names that users' notebooks know for our columns. One table for the files at the places users know, for flags that take
 * column names, and for reading foreign files. Old files stamp a signal with its bar's open; ours carry the decision time.
 */

/** Registry name -> name in users' files. */
export type AliasTable = readonly (readonly [registry: string, alias: string])[];

export const SIGNAL_ALIASES: AliasTable = [
  ['decision_time', 'timestamp'],
  ['symbol', 'symbol'],
  ['reference_price', 'entry'],
  ['atr', 'atr'],
  ['don_break_len', 'don_break_len'],
  ['don_break_level', 'don_break_level'],
  ['pullback_type', 'pullback_type'],
  ['entry_rule', 'entry_rule'],
  ['rs_percentile', 'rs_pct'],
  ['atr_1h', 'atr_1h'],
  ['rsi_1h', 'rsi_1h'],
  ['adx_1h', 'adx_1h'],
  ['vol_mult', 'vol_mult'],
  ['atr_frac', 'atr_pct'],
  ['don_dist_atr', 'don_dist_atr'],
  ['eth_macd_hist_4h', 'eth_macd_hist_4h'],
  ['p', 'meta_p'],
];

export const TRADE_ALIASES: AliasTable = [
  ['trade_id', 'trade_id'],
  ['symbol', 'symbol'],
  ['entry_time', 'entry_ts'],
  ['exit_time', 'exit_ts'],
  ['entry_price', 'entry'],
  ['exit_price', 'exit'],
  ['qty', 'qty'],
  ['side', 'side'],
  ['initial_stop_price', 'sl'],
  ['target_price', 'tp'],
  ['exit_reason', 'exit_reason'],
  ['atr', 'atr_at_entry'],
  ['regime_up', 'regime_up'],
  ['rs_percentile', 'rs_pct'],
  ['pullback_type', 'pullback_type'],
  ['entry_rule', 'entry_rule'],
  ['don_break_len', 'don_break_len'],
  ['fees_usd', 'fees'],
  ['pnl_usd', 'pnl'],
  ['pnl_r', 'pnl_R'],
  ['mae_atr', 'mae_over_atr'],
  ['mfe_atr', 'mfe_over_atr'],
  ['markov_prob_up_4h', 'markov_prob_up_4h'],
  ['trend_regime_1d', 'trend_regime_1d'],
  ['vol_regime_1d', 'vol_regime_1d'],
  ['vol_prob_low_1d', 'vol_prob_low_1d'],
  ['regime_1d', 'regime_1d'],
];

export const EQUITY_ALIASES: AliasTable = [
  ['time', 'timestamp'],
  ['equity_usd', 'equity'],
];

export const AGGREGATE_ALIASES: AliasTable = [
  ['trades', 'trades'],
  ['win_rate_frac', 'win_rate_pct'],
  ['profit_factor', 'profit_factor'],
  ['pnl_usd_mean', 'avg_pnl'],
  ['pnl_usd_median', 'median_pnl'],
  ['pnl_r_mean', 'avg_pnl_R'],
  ['pnl_r_median', 'median_pnl_R'],
];

export const LEADERBOARD_ALIASES: AliasTable = [
  ['trades', 'n'],
  ['win_rate_frac', 'win_rate'],
  ['profit_factor', 'profit_factor'],
  ['mean_r', 'avg_R'],
  ['max_drawdown_frac', 'max_dd'],
  ['cagr_frac', 'cagr'],
  ['mar_ratio', 'mar'],
  ['daily_sharpe', 'daily_sharpe'],
  ['min_block_sharpe', 'min_block_sharpe'],
  ['tag', 'tag'],
];

/** Keys of exits under the names of users' leaderboards, which show them whether they were varied or not. */
export const LEADERBOARD_EXITS = [
  ['SL_ATR_MULT', 'sl_atr'],
  ['FINAL_TP_ATR_MULT', 'tp_atr'],
  ['TIME_EXIT_HOURS', 'time_exit_h'],
  ['PARTIAL_TP_ENABLED', 'partial'],
  ['PARTIAL_TP_RATIO', 'partial_ratio'],
  ['PARTIAL_TP1_ATR_MULT', 'tp1_atr'],
  ['TRAIL_AFTER_TP1', 'trail'],
  ['TRAIL_ATR_MULT', 'trail_atr'],
] as const;

/** The registry's name of a column that a user may have written under its old name. */
export function registryName(name: string): string {
  for (const table of [TRADE_ALIASES, SIGNAL_ALIASES]) {
    const found = table.find(([registry, alias]) => alias === name && registry !== alias);
    if (found !== undefined) return found[0];
  }
  return name;
}
