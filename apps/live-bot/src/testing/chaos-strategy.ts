/** A strategy for chaos runs: every kind of exit within minutes. */
import { compileStrategy } from '@donch/strategy';
import { chaosTrading } from '../chaos/chaos-trading.ts';

export const CHAOS_STRATEGY = `schema_version: 1
strategy: {name: Chaos, side: long}
entry:
  donchian: {length_days: 20}
  pullback: {type: retest, window_hours: 24, entry_window_hours: 48, eps_frac: 0.002}
  volume: null
  regime_gate: null
filters: {rs_percentile_min: null, liquidity_median_24h_usd_min: null}
exits:
  sl_atr_mult: 2
  final_tp_atr_mult: 4
  time_exit_hours: 0.2
  partial: {ratio: 0.5, atr_mult: 1.5, break_even: true}
  trailing: {start: entry, atr_mult: 2.5, reference: close}
`;

/** Its account and exits, with 20 USD of risk. */
export function chaosTestTrading(): ReturnType<typeof chaosTrading> {
  const layer = { layer: 'config', source: 'test', values: { TIMEFRAME: '1m', META: 'off', RISK_USD: 20 } } as const;
  return chaosTrading([
    compileStrategy({ text: CHAOS_STRATEGY, file: 'chaos.yaml', layers: [layer], universeHash: 'none' }),
  ]);
}
