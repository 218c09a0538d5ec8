import { describe, expect, it } from 'vitest';
import { CONFIG_KEYS, CONFIG_SECTIONS, keySpec, type ConfigKey } from './keys.ts';
import { OBSOLETE_KEYS } from './obsolete-keys.ts';
import { parseConfigValue } from './parse-value.ts';
import { resolveConfig } from './resolve.ts';

const KEYS = Object.keys(CONFIG_KEYS) as ConfigKey[];

/** Name and key of every spelling that is not the key itself. */
const SPELLINGS = KEYS.flatMap((key) => {
  const { aliases = [], scaledAliases = {} } = keySpec(key);
  return [...aliases, ...Object.keys(scaledAliases)].map((name) => [name, key] as const);
});

describe('the tables of configuration keys', () => {
  it.each(KEYS)('%s says what it means, in which unit, and accepts its own default', (key) => {
    const spec = keySpec(key);
    expect(spec.meaning).not.toBe('');
    expect(spec.unit).not.toBe('');
    expect(key).toMatch(/^[A-Z][A-Z0-9_]*$/);
    expect(parseConfigValue({ written: key, spec, factor: 1, place: {} }, spec.fallback)).toEqual(spec.fallback);
  });

  const NUMBER_KEYS = KEYS.filter((key) => keySpec(key).kind === 'number');
  const parse = (key: ConfigKey, value: number) =>
    parseConfigValue({ written: key, spec: keySpec(key), factor: 1, place: {} }, value);
  const withBound = (bound: 'min' | 'max') =>
    NUMBER_KEYS.flatMap((key) => {
      const { [bound]: value } = keySpec(key);
      return value === undefined ? [] : [[key, value] as const];
    });

  it.each(NUMBER_KEYS)('%s refuses what is no number', (key) => {
    for (const value of [Number.NaN, Infinity, -Infinity]) expect(() => parse(key, value)).toThrow(/expected a number/);
  });

  it.each(withBound('min'))('%s refuses what lies below %d', (key, min) => {
    expect(() => parse(key, min - 1)).toThrow(/expected (above|at least)/);
  });

  it.each(withBound('min').filter(([key]) => keySpec(key).exclusive !== undefined))(
    '%s refuses %d itself',
    (key, min) => {
      expect(() => parse(key, min)).toThrow(/expected above/);
    },
  );

  it.each(withBound('max'))('%s refuses what lies above %d', (key, max) => {
    expect(() => parse(key, max * 1.01)).toThrow(/(below|at most)/);
  });

  it.each(withBound('max').filter(([key]) => keySpec(key).exclusive === 'both'))('%s refuses %d itself', (key, max) => {
    expect(() => parse(key, max)).toThrow(/below/);
  });

  it.each(withBound('max').filter(([key]) => keySpec(key).exclusive !== 'both'))('%s accepts %d', (key, max) => {
    expect(parse(key, max)).toBe(max);
  });

  it.each(NUMBER_KEYS.filter((key) => keySpec(key).integer === true))('%s refuses halves', (key) => {
    expect(() => parse(key, (keySpec(key).min ?? 0) + 0.5)).toThrow(/a whole number/);
  });

  it('lists every key in exactly one section', () => {
    const listed = Object.values(CONFIG_SECTIONS).flatMap((section) => Object.keys(section));
    expect(listed.sort()).toEqual([...KEYS].sort());
  });

  it('gives every spelling to one key, and none the name of a key', () => {
    const names = SPELLINGS.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name in CONFIG_KEYS)).toEqual([]);
  });

  it.each(Object.entries(OBSOLETE_KEYS))('no known name is covered by the obsolete pattern %s', (pattern, instead) => {
    expect(instead).not.toBe('');
    const covered = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
    expect([...KEYS, ...SPELLINGS.map(([name]) => name)].filter((name) => covered.test(name))).toEqual([]);
  });

  it.each(KEYS.filter((key) => keySpec(key).scale !== undefined))('%s says both readings of a wrong scale', (key) => {
    const { scale, max = 100 } = keySpec(key);
    const wrong = scale === 'fraction' ? Math.max(1.5, max * 2) : 0.5;
    const write = () => resolveConfig([{ layer: 'config', source: 'config.yaml', values: { [key]: wrong } }]);
    expect(write).toThrow(`${wrong} means`);
    expect(write).toThrow(scale === 'fraction' ? `if you meant ${wrong} %` : 'if you meant 50');
  });
});
