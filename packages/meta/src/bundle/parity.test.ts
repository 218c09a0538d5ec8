import type { Table } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { parseLightGbm } from '../booster/lightgbm-text.ts';
import { encodedNames, encodeRow, type EncodedFeature } from '../dataset/feature-encoding.ts';
import { scoreFeatures, type Model } from '../predictor/model.ts';
import type { BundleBinding, ParityRow } from './bundle-manifest.ts';
import { checkBinding } from './check-binding.ts';
import { encodeParity, makeParity, PARITY_ROWS_MIN, parityDifference } from './parity.ts';

const feature = (name: string, categories: readonly string[] = []): EncodedFeature => ({
  name,
  unit: '',
  dtype: categories.length > 0 ? 'category' : 'float',
  hash: 'a'.repeat(64),
  categories,
  missing: 'missing',
});

const FEATURES = [feature('x'), feature('kind', ['red', 'blue']), feature('y')];

/** Splits x at 0.1 (missing left), then y at 1e-40 (no float32), kind = blue. */
const MODEL: Model = {
  features: FEATURES,
  calibrator: { kind: 'platt', a: -2, b: 0.25 },
  booster: parseLightGbm(
    `tree
version=v4
num_class=1
num_tree_per_iteration=1
max_feature_idx=3
objective=binary sigmoid:1
feature_names=x y kind_red kind_blue

Tree=0
num_leaves=4
num_cat=0
split_feature=0 1 3
threshold=0.1 1e-40 0.5
decision_type=10 8 2
left_child=1 -1 -2
right_child=2 -3 -4
leaf_value=-0.3 0.2 0.05 0.7

end of trees
`,
    'model.txt',
  ),
};

const SIGNALS: Table = {
  name: 'signals',
  length: 1_000,
  columns: new Map([
    ['x', { type: 'float', values: Float64Array.from({ length: 1_000 }, (_, row) => row) }],
    ['y', { type: 'text', values: Array.from({ length: 1_000 }, () => null) }],
    ['kind', { type: 'text', values: Array.from({ length: 1_000 }, (_, row) => (row % 3 === 0 ? null : 'red')) }],
  ]),
};
const EMPTY: Table = { name: 'signals', length: 0, columns: new Map() };

const valuesOf = (rows: readonly ParityRow[], name: string): unknown[] => rows.map(({ features }) => features[name]);

describe('parity rows', () => {
  const rows = makeParity(MODEL, SIGNALS);

  it.each([
    ['with signals', rows],
    ['without', makeParity(MODEL, EMPTY)],
  ])('are at least 200, and what the model answers now: %s', (_, made) => {
    expect(made.length).toBeGreaterThanOrEqual(PARITY_ROWS_MIN);
    expect(parityDifference(MODEL, made)).toBeNull();
    expect(makeParity(MODEL, made === rows ? SIGNALS : EMPTY)).toEqual(made);
  });

  it('are spread from the first signal to the last', () => {
    const real = valuesOf(rows, 'x').slice(0, 128);
    expect([real[0], real[127]]).toEqual([0, 999]);
    expect(Math.max(...real.map((value, k) => Number(value) - Number(real[k - 1] ?? 0)))).toBeLessThanOrEqual(8);
  });

  it.each([
    ['x', null],
    ['x', 'inf'],
    ['x', '-inf'],
    ['x', 2 ** -149],
    ['x', Math.fround(0.1)],
    ['x', Math.fround(0.1) + 2 ** -27],
    ['x', Math.fround(0.1) - 2 ** -27],
    ['y', null],
    ['y', Math.fround(1e-40)],
    ['kind', 'red'],
    ['kind', 'blue'],
    ['kind', ''],
    ['kind', '(unknown)'],
  ])('hold the awkward value %s = %s', (name, value) => {
    expect(valuesOf(rows, name)).toContain(value);
  });

  it('reach every leaf', () => {
    expect(new Set(rows.map(({ margin }) => margin))).toEqual(new Set([-0.3, 0.2, 0.05, 0.7]));
  });

  it('survive their file to the bit', () => {
    const read = JSON.parse(JSON.stringify(rows)) as ParityRow[];
    expect(parityDifference(MODEL, read)).toBeNull();
    const encoded = encodeParity(FEATURES, read);
    if ('field' in encoded) throw new Error('rows are rows');
    const width = encodedNames(FEATURES).length;
    expect(encoded.length).toBe(rows.length * width);
    const third = encodeRow(FEATURES, { x: rows[2].features['x'] as number, y: Number.NaN, kind: 'red' });
    expect([...encoded.subarray(2 * width, 3 * width)]).toEqual([...third]);
  });

  it.each(['margin', 'pRaw', 'p'] as const)('show the first %s that is one bit off', (field) => {
    const changed = rows.map((row, k) => (k < 5 ? row : { ...row, [field]: row[field] * (1 + Number.EPSILON) }));
    expect(parityDifference(MODEL, changed)).toMatchObject({ row: 5, field, expected: String(rows[5][field]) });
  });

  it.each([
    ['features.x', { x: 'nan', y: 1, kind: 'red' }, '"nan"'],
    ['features.x', { y: 1, kind: 'red' }, 'nothing'],
    ['features.kind', { x: 1, y: 1, kind: null }, 'null'],
    ['features.kind', { x: 1, y: 1, kind: 3 }, '3'],
    ['features.x', Object.create({ x: 1, y: 1, kind: 'red' }), 'nothing'],
  ])('show a value that is none: %s', (field, features, found) => {
    const row = { ...rows[0], features: features as ParityRow['features'] };
    expect(parityDifference(MODEL, [rows[0], row])).toMatchObject({ row: 1, field, found });
    expect(encodeParity(FEATURES, [rows[0], row])).toMatchObject({ row: 1, field, found });
  });

  it('refuse a table that lacks a feature, or has text for numbers', () => {
    const without = { ...SIGNALS, columns: new Map([...SIGNALS.columns].filter(([name]) => name !== 'x')) };
    expect(() => makeParity(MODEL, without)).toThrow('x');
    const text = new Map([
      ...SIGNALS.columns,
      ['x', { type: 'text' as const, values: Array(1_000).fill('1') }] as const,
    ]);
    expect(() => makeParity(MODEL, { ...SIGNALS, columns: text })).toThrow('the feature x is text');
  });
});

describe('a model is bound', () => {
  const bound: BundleBinding = {
    strategyId: 'a',
    setupHash: 's',
    filterHash: 'f',
    exitHash: 'e',
    universeHash: 'u',
    venue: 'bybit',
    interval: '5m',
  };
  const check = (here: Partial<BundleBinding>, universeMismatch: 'refuse' | 'warn' = 'refuse', of = bound): string[] =>
    checkBinding(of, { ...bound, ...here }, { universeMismatch });

  it('and used where it belongs without a word', () => {
    expect(check({})).toEqual([]);
    expect(check({ strategyId: 'another-name' })).toEqual([]);
  });

  it.each([
    [{ setupHash: 'x' }, 'set-up'],
    [{ venue: 'binance' }, 'venue'],
    [{ interval: '15m' }, 'bar length'],
    [{ universeHash: 'x' }, 'UNIVERSE_MISMATCH: warn'],
  ])('and refused with %o', (here, word) => {
    expect(() => check(here)).toThrow(word);
    expect(() => check(here)).toThrow(expect.objectContaining({ code: 'bundle_mismatch' }) as Error);
  });

  it.each([
    [check({ universeHash: 'x' }, 'warn'), ['universe differs']],
    [check({ universeHash: null }), ['not compared']],
    [check({}, 'refuse', { ...bound, universeHash: null }), ['imported']],
    [check({ filterHash: 'x' }), ['filters differ']],
    [check({ exitHash: 'x' }), ['exits differ']],
    [check({ filterHash: 'x', exitHash: 'x', universeHash: 'x' }, 'warn'), ['universe', 'filters', 'exits']],
  ])('and used with a warning: %#', (warnings, words) => {
    expect(warnings).toEqual(words.map((word) => expect.stringContaining(word) as string));
  });

  it.each(['setupHash', 'venue', 'interval'] as const)(
    'and %s is refused also where only warnings are wanted',
    (field) => {
      expect(() => check({ [field]: 'x' }, 'warn')).toThrow('bound to');
    },
  );
});

it('scores a row with a feature that the signal lacks: never', () => {
  expect(() => scoreFeatures(MODEL, { x: 1 })).toThrow('the row has');
});
