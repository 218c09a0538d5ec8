/**
 * Whatever stands in a config file, only errors that a user can act on come out, and whatever is accepted lies in its range.
 * 2,500 generated configurations.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DonchError, DonchErrors } from '../errors.ts';
import { parseYaml } from '../yaml.ts';
import type { KeySpec } from './key-spec.ts';
import { CONFIG_KEYS, keySpec, type ConfigKey } from './keys.ts';
import { resolveConfig, type ResolvedConfig } from './resolve.ts';

const KEYS = Object.keys(CONFIG_KEYS) as ConfigKey[];
const SPELLINGS = KEYS.flatMap((key) => {
  const { aliases = [], scaledAliases = {} } = keySpec(key);
  return [key, key.toLowerCase(), ...aliases, ...Object.keys(scaledAliases)];
});

const name = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...SPELLINGS) },
  { weight: 1, arbitrary: fc.constantFrom('OHLCV_LIMIT', 'RISK_US', 'constructor', '__proto__', 'toString', 'META_') },
  { weight: 1, arbitrary: fc.string({ maxLength: 30 }) },
);

const scalar = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -0,
    1,
    0.01,
    0.5,
    0.7,
    2,
    14,
    20,
    72,
    100,
    1e9,
    -1,
    Number.NaN,
    Infinity,
    5e-324,
  ),
  fc.double(),
  fc.integer({ min: -10, max: 200 }),
  fc.constantFrom(
    'off',
    'on',
    'null',
    'none',
    'fixed',
    'CASH',
    '5m',
    '4h',
    'days',
    'constructor',
    '__proto__',
    '1_0',
    '',
  ),
  fc.string({ maxLength: 12 }),
);
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** Values of a key that are usually accepted, so that the fuzz sees both outcomes. */
const plausible = fc
  .constantFrom(...KEYS)
  .chain((key) => fc.tuple(fc.constant<string>(key), plausibleValue(keySpec(key))));

function plausibleValue(spec: KeySpec): fc.Arbitrary<unknown> {
  if (spec.words !== undefined) return fc.constantFrom<unknown>(...spec.words);
  if (spec.kind === 'boolean') return fc.boolean();
  if (spec.kind !== 'number') return fc.constant<unknown>(spec.fallback);
  const { min = 0, max = 1_000, integer = false } = spec;
  return integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
}

const values = fc
  .array(fc.oneof({ weight: 3, arbitrary: plausible }, { weight: 1, arbitrary: fc.tuple(name, value) }), {
    maxLength: 6,
  })
  .map((entries) => Object.fromEntries(entries) as Record<string, unknown>);

/** The configuration, or null when it was refused in the way that users can act on; anything else propagates. */
function outcome(read: () => ResolvedConfig): ResolvedConfig | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof DonchError) return null;
    if (error instanceof DonchErrors && error.problems.length > 0) return null;
    throw error;
  }
}

/** Written apart from the reader, from the words of the table alone. */
function isInRange(spec: KeySpec, found: unknown): boolean {
  if (found === null) return spec.nullable;
  if (spec.kind === 'boolean') return typeof found === 'boolean';
  if (spec.kind === 'text') return typeof found === 'string' && found !== '';
  if (spec.words !== undefined) return spec.words.includes(found as string);
  if (spec.kind === 'list')
    return Array.isArray(found) && (spec.items === undefined || found.every((item) => typeof item === 'string'));
  if (typeof found !== 'number' || !Number.isFinite(found)) return false;
  const { min = -Infinity, max = Infinity, exclusive } = spec;
  if (found < min || found > max) return false;
  if (exclusive !== undefined && found === min) return false;
  if (exclusive === 'both' && found === max) return false;
  if (spec.scale === 'percent' && found < 1) return false;
  if (spec.scale === 'percentile' && found > 0 && found <= 1) return false;
  return spec.integer !== true || Number.isInteger(found);
}

/** Keys whose accepted value lies outside of what the table allows. */
function unsoundKeys({ values: accepted }: ResolvedConfig): string[] {
  return KEYS.filter((key) => !isInRange(keySpec(key), accepted[key])).map((key) => `${key} ${String(accepted[key])}`);
}

describe('any configuration', () => {
  it('is refused in words or lies in the ranges, whatever the values', () => {
    let accepted = 0;
    fc.assert(
      fc.property(values, values, (file, environment) => {
        const config = outcome(() =>
          resolveConfig([
            { layer: 'config', source: 'config.yaml', values: file },
            { layer: 'environment', source: 'environment', values: environment },
          ]),
        );
        if (config === null) return;
        accepted += 1;
        expect(unsoundKeys(config)).toEqual([]);
      }),
      { numRuns: 2_500, seed: 1 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('is refused in words or lies in the ranges, whatever the text of the file', () => {
    let accepted = 0;
    const line = fc.oneof(
      fc.tuple(fc.oneof(plausible, fc.tuple(name, scalar))).map(([[key, raw]]) => `${key}: ${String(raw)}`),
      fc.constantFrom('# note', '', '- 1', 'RISK_USD', 'BLACKLIST: [A, B]', 'a: &x 1', '---', '%YAML 1.1', '? x', '\t'),
      fc.string({ maxLength: 20 }),
    );
    const text = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: plausible.map(([key, raw]) => `${key}: ${String(raw)}`) },
        { weight: 1, arbitrary: line },
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(text, (lines) => {
        const config = outcome(() => {
          const { value: read } = parseYaml(lines.join('\n'), 'config.yaml');
          const raw = typeof read === 'object' && read !== null && !Array.isArray(read) ? read : {};
          return resolveConfig([{ layer: 'config', source: 'config.yaml', values: raw as Record<string, unknown> }]);
        });
        if (config === null) return;
        accepted += 1;
        expect(unsoundKeys(config)).toEqual([]);
      }),
      { numRuns: 1_000, seed: 2 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
