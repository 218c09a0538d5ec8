/** Identities of a compiled strategy: which part changed is seen from which hash changed. */
import { hashJson, type ConfigValues, type ExitRules } from '@donch/core';
import type { SetupRules } from '../entry/setup-rules.ts';
import type { FeatureDef } from '../features/feature.ts';
import { featureSettings } from '../features/registry.ts';
import type { FilterGate } from '../rules/gate.ts';

export interface StrategyHashes {
  readonly setupHash: string;
  readonly filterHash: string;
  readonly exitHash: string;
  readonly specHash: string;
}

export interface HashedStrategy {
  readonly name: string;
  readonly universeHash: string;
  readonly setup: SetupRules;
  readonly filters: readonly FilterGate[];
  readonly exits: ExitRules;
  readonly features: readonly FeatureDef[];
  readonly settings: ConfigValues;
}

/** SHA-256 of set-up, filters, exits and of all of it (see `CompiledStrategy`). */
export function strategyHashes(strategy: HashedStrategy): StrategyHashes {
  const { name, universeHash, setup, filters, exits, features, settings } = strategy;
  const parts = {
    setupHash: hashJson(hashedSetup(setup)),
    filterHash: hashJson(filters.map((gate) => ({ name: gate.name, ...gate.description }))),
    exitHash: hashJson({ ...exits, atr: setup.atr }),
  };
  const measured = Object.assign({}, ...features.map((def) => featureSettings(def, settings))) as unknown;
  return { ...parts, specHash: hashJson({ ...parts, name, universeHash, setup, measured }) };
}

/** Only what the set-up measures with belongs to it: THE ATR and the volume window where a condition reads them. */
function hashedSetup({ atr, volumeLookbackMs, ...setup }: SetupRules): unknown {
  const readsAtr = setup.pullback.type === 'mean' || setup.invalidateAtr !== null;
  const readsVolume = setup.volume.kind !== 'none';
  return { ...setup, ...(readsAtr ? { atr } : {}), ...(readsVolume ? { volumeLookbackMs } : {}) };
}
