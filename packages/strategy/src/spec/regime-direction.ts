/** What the regime gate of a strategy asks for. */
import { DonchError, type ConfigValues } from '@donch/core';
import type { RegimeDirection } from '../rules/filters.ts';
import type { StrategyFile } from './schema.ts';

/**
 * Which regime the gate wants to see; null = it does not say and has to. Kinds markov and daily say it with `require_regime`. Conditions are literal: `require_hist_positive` and
 * `require_macd_above_signal` are one condition in two spellings, so are their opposites. A long strategy that says nothing wants
 * a rising one (the default); a short strategy has to say it, nothing is mirrored. A gate whose conditions are all `false` asks
 * for nothing.
 */
export function regimeDirection({ strategy, entry }: StrategyFile, settings: ConfigValues): RegimeDirection | null {
  if (!settings.REGIME_FILTER_ENABLED) return 'any';
  const gate = entry?.regime_gate ?? {};
  if (gate.require_regime !== undefined) return gate.require_regime;
  if (gate.require_hist_negative === true || gate.require_macd_below_signal === true) return 'down';
  if (gate.require_hist_positive === true || gate.require_macd_above_signal === true) return 'up';
  const isSilent = gate.require_hist_positive === undefined && gate.require_macd_above_signal === undefined;
  if (strategy.side === 'long') return isSilent || settings.REGIME_REQUIRE_BOTH_POSITIVE ? 'up' : 'any';
  const saysNoDown = gate.require_hist_negative === false || gate.require_macd_below_signal === false;
  return isSilent && !saysNoDown ? null : 'any';
}

/** The problem of a short strategy whose gate does not say what it wants. */
export function silentGate(file: string): DonchError {
  return new DonchError('bad_strategy', 'regime gate of a short strategy asks for nothing', {
    file,
    path: 'entry.regime_gate',
    expected:
      'require_hist_negative or require_macd_below_signal (or require_hist_positive), require_regime for kind markov and daily, or regime_gate: null',
  });
}
