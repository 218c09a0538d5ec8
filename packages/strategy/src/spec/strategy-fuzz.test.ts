/**
 * Whatever stands in a strategy file, only errors that a user can act on come out, and whatever is accepted can be run: its values
 * lie in their ranges and its hashes exist. 2,000 generated files.
 */
import { DonchError, DonchErrors, keySpec, type ConfigKey } from '@donch/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileStrategy, type CompiledStrategy } from '../compile-strategy.ts';
import { FEATURES } from '../features/registry.ts';

const number = fc.oneof(
  { weight: 15, arbitrary: fc.constantFrom(2, 5, 20, 70) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 0.5, 0.001, 1e9, Number.NaN, Infinity) },
);
const junk = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', 'x', [], {}, -0, '__proto__', 'constructor'),
  fc.string({ maxLength: 8 }),
  fc.jsonValue({ maxDepth: 2 }),
);
/** Mostly the value, sometimes junk. */
const or = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 40, arbitrary: value }, { weight: 1, arbitrary: junk });
const words = (...list: unknown[]): fc.Arbitrary<unknown> => or(fc.constantFrom(...list));

/** An object with some of the keys, sometimes with one that nobody knows. */
function some(shape: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> {
  const known = fc.record(shape, { requiredKeys: [] });
  const odd = fc.tuple(
    known,
    fc.oneof(fc.constantFrom('__proto__', 'constructor', 'lenght'), fc.string({ maxLength: 6 })),
  );
  return or(
    fc.oneof(
      { weight: 30, arbitrary: known },
      {
        weight: 1,
        arbitrary: odd.map(([object, key]) => JSON.parse(JSON.stringify({ ...object, [key]: 1 })) as unknown),
      },
    ),
  );
}

const rule = some({
  feature: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...FEATURES.map(({ name }) => name)) },
    { weight: 1, arbitrary: junk },
  ),
  gte: number,
  is: words(true, false, 0, 1, 'retest', 'mean'),
});

const strategyFile = fc.record({
  strategy: some({ name: words('A', 'Donchian 2'), side: words('long', 'short') }).map((head) =>
    typeof head === 'object' && head !== null ? { name: 'N', side: 'long', ...head } : head,
  ),
  entry: some({
    donchian: some({ length_days: number, confirm_close: words(true, false), trigger: words('rebreak_high') }),
    pullback: some({
      type: words('retest', 'mean'),
      window_hours: number,
      ema_bars: number,
      invalidate_below_atr: number,
    }),
    volume: some({ multiple: number, lookback_days: number }),
    regime_gate: some({ timeframe: words('1h', '4h'), require_hist_positive: words(true), when_down: words('block') }),
  }),
  filters: some({ rs_percentile_min: number, min_listing_age_days: number, blacklist: or(fc.constant(['A'])) }),
  exits: some({ sl_atr_mult: number, time_exit_hours: number, partial: some({ ratio: fc.constantFrom(0.5, 1, 2) }) }),
  rules: fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: some({ all: fc.array(rule, { maxLength: 2 }) }) },
  ),
});

function outcome(text: string): CompiledStrategy | null {
  try {
    return compileStrategy({ text, file: 'x.yaml', layers: [], universeHash: 'u' });
  } catch (error) {
    if (error instanceof DonchError) return null;
    if (error instanceof DonchErrors && error.problems.length > 0) return null;
    throw error;
  }
}

/** What is wrong with a strategy that was accepted. */
function flawsOf({ settings, setup, exits, filters, features, setupHash, specHash }: CompiledStrategy): string[] {
  const outside = (Object.keys(settings) as ConfigKey[]).filter((key) => {
    const { kind, min = -Infinity, max = Infinity, nullable } = keySpec(key);
    const value = settings[key];
    if (kind !== 'number') return false;
    return value === null ? !nullable : !(Number(value) >= min && Number(value) <= max);
  });
  const known = new Set(features.map(({ name }) => name));
  return [
    ...outside,
    ...(setup.level.length >= 1 && setup.touchWindowMs > 0 && setup.entryWindowMs > 0 ? [] : ['setup']),
    ...(exits.slAtrMult > 0 ? [] : ['stop']),
    ...filters.flatMap(({ features: names }) => names.filter((name) => !known.has(name))),
    ...[setupHash, specHash].filter((hash) => !/^[0-9a-f]{64}$/.test(hash)),
  ];
}

describe('any strategy file', () => {
  it('is refused in words or can be run', () => {
    let accepted = 0;
    fc.assert(
      fc.property(strategyFile, (file) => {
        const strategy = outcome(JSON.stringify(file));
        accepted += Number(strategy !== null);
        expect(strategy === null ? [] : flawsOf(strategy)).toEqual([]);
      }),
      { numRuns: 1_200, seed: 3 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('is refused in words, whatever its text', () => {
    let refused = 0;
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom(
          'strategy: {name: A, side: long}',
          'entry:',
          '  donchian:',
          '    length_days: 20',
          'filters: {rs_percentile_min: 70}',
          'rules: {all: [{feature: rsi_1h, gte: 30}]}',
          'exits: &a {sl_atr_mult: 2}',
          '  - x',
          '<<: *a',
          '!!set {a}',
          'name: old',
          '---',
          '\t',
        ),
        fc.string({ maxLength: 15, unit: 'binary' }),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(lines, (text) => {
        const strategy = outcome(text.join('\n'));
        expect(strategy === null ? [] : flawsOf(strategy)).toEqual([]);
        refused += Number(strategy === null);
      }),
      { numRuns: 800, seed: 4 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
