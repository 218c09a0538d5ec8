/** All flat configuration keys, and the types of their values. */
import { CAP_KEYS, GUARD_KEYS, LIVE_KEYS, MODEL_KEYS, RUN_KEYS, SIZING_KEYS } from './account-keys.ts';
import { EXECUTION_KEYS } from './execution-keys.ts';
import type { KeySpec } from './key-spec.ts';
import { ENTRY_KEYS, EXIT_KEYS, FILTER_KEYS, REGIME_KEYS } from './strategy-keys.ts';

/** Sections in the order in which `donch config` prints them. */
export const CONFIG_SECTIONS = {
  'run and window': RUN_KEYS,
  'bars, breakout, pullback': ENTRY_KEYS,
  filters: FILTER_KEYS,
  regime: REGIME_KEYS,
  exits: EXIT_KEYS,
  sizing: SIZING_KEYS,
  caps: CAP_KEYS,
  guards: GUARD_KEYS,
  'model gate': MODEL_KEYS,
  'execution and costs': EXECUTION_KEYS,
  live: LIVE_KEYS,
} as const;

/** Every key with its declaration. */
export const CONFIG_KEYS = {
  ...RUN_KEYS,
  ...ENTRY_KEYS,
  ...FILTER_KEYS,
  ...REGIME_KEYS,
  ...EXIT_KEYS,
  ...SIZING_KEYS,
  ...CAP_KEYS,
  ...GUARD_KEYS,
  ...MODEL_KEYS,
  ...EXECUTION_KEYS,
  ...LIVE_KEYS,
};

export type ConfigKey = keyof typeof CONFIG_KEYS;

/** Effective values: what every other package reads its settings from. */
export type ConfigValues = {
  readonly [Key in ConfigKey]: (typeof CONFIG_KEYS)[Key] extends KeySpec<infer Value>
    ? Value
    : (typeof CONFIG_KEYS)[Key]['fallback'];
};

/** True for the canonical name of a key. */
export function isConfigKey(name: string): name is ConfigKey {
  return Object.hasOwn(CONFIG_KEYS, name);
}

/** Declaration of a key. */
export function keySpec(key: ConfigKey): KeySpec {
  return CONFIG_KEYS[key];
}
