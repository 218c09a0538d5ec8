/** What a scan depends on besides candles, universe and window: exits, sizing and costs do not, so trying others reuses the scan. */
import { hashJson } from '@donch/core';
import { featureHash, type CompiledStrategy } from '@donch/strategy';

/** Hash of everything that decides signals, decision records and funnel. A test changes all other settings and compares the tables. */
export function scanHash(strategies: readonly CompiledStrategy[]): string {
  return hashJson(
    strategies.map(({ strategyId, setup, filterHash, features, settings }) => ({
      strategyId,
      setup,
      filterHash,
      features: features.map((def) => [def.name, featureHash(def, settings)]),
      ranks: [settings.RS_MODE, settings.RS_SCORE],
    })),
  );
}
