import { CONFIG_KEYS, keySpec, parseConfigValue, type ConfigKey } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from './config-schema.ts';

const { properties, additionalProperties } = configJsonSchema() as {
  properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  additionalProperties: boolean;
};
const KEYS = Object.keys(CONFIG_KEYS) as ConfigKey[];

describe('the schema of config.yaml', () => {
  it('knows every name of every key and nothing else', () => {
    const names = KEYS.flatMap((key) => {
      const { aliases = [], scaledAliases = {} } = keySpec(key);
      return [key, ...aliases, ...Object.keys(scaledAliases)];
    });
    expect(names.filter((name) => !(name in properties))).toEqual([]);
    expect(additionalProperties).toBe(false);
  });

  it('has the defaults of the program', () => {
    for (const key of KEYS) expect([key, properties[key]['default']]).toEqual([key, keySpec(key).fallback]);
  });

  it('says the bounds that the program keeps', () => {
    const bounded = KEYS.filter((key) => 'minimum' in properties[key] && keySpec(key).integer !== true);
    expect(bounded.length).toBeGreaterThan(10);
    for (const key of bounded) {
      const minimum = Number(properties[key]['minimum']);
      const named = { written: key, spec: keySpec(key), factor: 1, place: {} };
      expect(() => parseConfigValue(named, minimum - 1e-6), key).toThrow(key);
    }
  });
});
