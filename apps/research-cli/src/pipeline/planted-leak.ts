/** `--plant <leak>`: a known mistake, to see that the honesty tests bite. */
import { LEAK_SETTINGS, LEAKS, type LeakName } from '@donch/backtester';
import type { ConfigLayer } from '@donch/core';
import type { StrategyInput } from '@donch/project';

export interface PlantFlags {
  readonly plant?: string;
}

/** The leak of the flag; null without one. */
export function plantOf({ plant }: PlantFlags): LeakName | null {
  return LEAKS.find((leak) => leak === plant) ?? null;
}

/** The strategy under settings under which the leak can act, as the layer that beats all others. */
export function withPlant(input: StrategyInput, leak: LeakName | null): StrategyInput {
  if (leak === null) return input;
  return withLayers(input, [{ layer: 'set', source: `--plant ${leak}`, values: LEAK_SETTINGS[leak] }]);
}

export function withLayers(input: StrategyInput, layers: readonly ConfigLayer[]): StrategyInput {
  return { ...input, layers: [...input.layers, ...layers] };
}
