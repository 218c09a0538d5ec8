/** What the engine is told of a strategy: plain values, so that engine and strategy never meet in types. */
import type { StrategyTerms } from '@donch/engine';
import type { CompiledStrategy } from '@donch/strategy';

export function strategyTerms({
  strategyId,
  settings,
  setup,
  exits,
  regime,
  regimeDownFactor,
}: CompiledStrategy): StrategyTerms {
  return {
    strategyId,
    intervalMs: setup.intervalMs,
    exits,
    regimeDownFactor,
    regimeFeature: settings.REGIME_KIND === 'macd' ? 'regime_up' : 'regime_gate_up',
    regimeWanted: regime === 'any' ? null : regime === 'up' ? 1 : 0,
  };
}
