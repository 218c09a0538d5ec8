import { createPrng } from '@donch/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DriftColumn, driftOf, driftReference, type FeatureDrift } from './drift-reference.ts';
import { ksTwoSample } from './kolmogorov-smirnov.ts';
import { populationStability } from './population-stability.ts';

const numbers = (values: readonly number[], name = 'rsi'): DriftColumn => ({ kind: 'number', name, values });
const categories = (values: readonly (string | null)[]): DriftColumn => ({ kind: 'category', name: 'regime', values });

function driftBetween(before: DriftColumn, after: DriftColumn): FeatureDrift {
  // through JSON, as it travels in a bundle
  const reference = JSON.parse(JSON.stringify(driftReference([before]))) as ReturnType<typeof driftReference>;
  return driftOf(reference, [after])[0];
}

function normals(seed: number, length: number, shift = 0): number[] {
  const prng = createPrng(seed, 'drift');
  return Array.from({ length }, () => shift + prng.normal());
}

describe('populationStability', () => {
  it('is the textbook sum for many rows', () => {
    const [before, after] = [
      [0.1, 0.2, 0.3, 0.4],
      [0.25, 0.25, 0.25, 0.25],
    ];
    const byHand = before.reduce((sum, share, bin) => sum + (after[bin] - share) * Math.log(after[bin] / share), 0);
    const { psi } = populationStability({
      reference: before.map((share) => 1e9 * share),
      recent: after.map((share) => 1e9 * share),
    });
    expect(byHand).toBeCloseTo(0.228_22, 5);
    expect(psi).toBeCloseTo(byHand, 8);
  });

  it('by hand with an empty bin: half a row more on each side of two bins, spread like all rows', () => {
    // 30 and 10 rows against 10 and 0: pooled 0.8 and 0.2; shares 30.4/40.5, 10.1/40.5 against 10.4/10.5, 0.1/10.5
    const byHand =
      (10.4 / 10.5 - 30.4 / 40.5) * Math.log(10.4 / 10.5 / (30.4 / 40.5)) +
      (0.1 / 10.5 - 10.1 / 40.5) * Math.log(0.1 / 10.5 / (10.1 / 40.5));
    expect(populationStability({ reference: [30, 10, 0], recent: [10, 0, 0] }).psi).toBeCloseTo(byHand, 14);
  });

  it('is 0 for equal shares whatever the sizes, and not defined without rows', () => {
    expect(populationStability({ reference: [700, 300], recent: [7, 3] }).psi).toBeCloseTo(0, 15);
    expect(populationStability({ reference: [1, 2], recent: [0, 0] }).psi).toBeNaN();
    expect(populationStability({ reference: [5, 0], recent: [3, 0] })).toEqual({ psi: 0, psiNoise: 0 });
  });

  it('says what chance does: once in a hundred samples without drift, also with 30 rows', () => {
    const reference = driftReference([numbers(normals(1, 3_000))]);
    for (const length of [30, 300]) {
      const found = Array.from({ length: 1_000 }, (_, k) => driftOf(reference, [numbers(normals(100 + k, length))])[0]);
      const alarms = found.filter(({ psi, psiNoise }) => psi > psiNoise).length;
      expect(alarms).toBeLessThan(30);
      expect(alarms).toBeGreaterThan(0);
    }
    // with 30 rows chance alone does what custom calls a different population
    expect(populationStability({ reference: Array(10).fill(300), recent: Array(10).fill(3) }).psiNoise).toBeGreaterThan(
      0.25,
    );
  });
});

describe('drift of numbers', () => {
  it('is small without drift and large with it', () => {
    const calm = driftBetween(numbers(normals(1, 2_000)), numbers(normals(2, 500)));
    expect(calm.psi).toBeLessThan(calm.psiNoise);
    expect(calm.ks?.pValue).toBeGreaterThan(0.05);
    const moved = driftBetween(numbers(normals(1, 2_000)), numbers(normals(2, 500, 1)));
    expect(moved.psi).toBeGreaterThan(0.7);
    expect(moved.ks?.statistic).toBeCloseTo(0.38, 1);
    expect(moved.ks?.pValue).toBeLessThan(1e-6);
    expect(moved).toMatchObject({ name: 'rsi', rows: 500, missingFrac: 0, referenceMissingFrac: 0, unknownFrac: 0 });
  });

  it('has bins of equally many rows, and the values or evenly spaced ones', () => {
    const [small] = driftReference([numbers([5, 3, 1, 2, 4, Number.NaN, 10, 9, 8, 7, 6])]).features;
    expect(small).toEqual({
      kind: 'number',
      name: 'rsi',
      edges: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      counts: Array.from({ length: 10 }, () => 1),
      missing: 1,
      sample: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    });
    const [large] = driftReference([numbers(normals(3, 9_999))]).features;
    expect(large.counts.every((count) => count === 999 || count === 1_000)).toBe(true);
    expect(JSON.stringify(large).length).toBeLessThan(6_000);
  });

  it('has the distance of the whole samples to 1/512, of short ones exactly', () => {
    const after = normals(5, 400, 0.3);
    for (const [length, error] of [
      [256, 1e-15],
      [5_000, 1 / 512 + 1e-12],
    ]) {
      const before = normals(4, length);
      const exact = ksTwoSample(Float64Array.from(before).sort(), Float64Array.from(after).sort());
      const found = driftBetween(numbers(before), numbers(after)).ks?.statistic ?? Number.NaN;
      expect(Math.abs(found - exact.statistic)).toBeLessThanOrEqual(error);
    }
  });

  it('sees values that go missing, in a bin of their own', () => {
    const before = normals(6, 1_000);
    const after = before.map((value, row) => (row % 4 === 0 ? Number.NaN : value));
    const found = driftBetween(numbers(before), numbers(after));
    expect(found.missingFrac).toBe(0.25);
    expect(found.psi).toBeGreaterThan(0.25);
    expect(found.ks?.pValue).toBeGreaterThan(0.5);
    const none = driftBetween(numbers(before), numbers([Number.NaN, Number.NaN]));
    expect(none.missingFrac).toBe(1);
    expect(none.ks?.statistic).toBeNaN();
    expect(driftBetween(numbers([Number.NaN]), numbers([1])).psi).toBeGreaterThan(0);
  });

  it('sees a constant that moves, to either side, and a flag that flips', () => {
    const constant = numbers(Array.from({ length: 500 }, () => 3));
    for (const value of [2.999, 3.001])
      expect(driftBetween(constant, numbers(Array.from({ length: 100 }, () => value))).psi).toBeGreaterThan(1);
    expect(driftBetween(constant, numbers([3, 3, 3])).psi).toBe(0);
    const flags = (share: number) => numbers(Array.from({ length: 1_000 }, (_, row) => (row < 1_000 * share ? 1 : 0)));
    const byHand = 0.2 * Math.log(0.5 / 0.3) - 0.2 * Math.log(0.5 / 0.7);
    expect(driftBetween(flags(0.3), flags(0.5)).psi).toBeCloseTo(byHand, 3);
    expect(driftBetween(flags(0.99), flags(0.9)).psi).toBeGreaterThan(0.1);
  });

  it('does not hang on the order of the rows, and no drift is none', () => {
    const outcome = fc.check(
      fc.property(
        fc.array(fc.constantFrom(Number.NaN, 0, 1, 2, 2.5, -7), { minLength: 1, maxLength: 40 }),
        (values) => {
          const found = driftBetween(numbers(values), numbers([...values].reverse()));
          const isSame =
            JSON.stringify(driftReference([numbers(values)])) ===
            JSON.stringify(driftReference([numbers([...values].reverse())]));
          return isSame && found.psi === 0 && !(Number(found.ks?.statistic) > 0);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
    expect(outcome.counterexample).toBe(null);
  });

  it('refuses what is no feature of the model', () => {
    const reference = driftReference([numbers([1, 2])]);
    expect(() => driftOf(reference, [numbers([1], 'atr')])).toThrow('rows have numbers of rsi');
    expect(() => driftOf(reference, [{ ...categories(['up']), name: 'rsi' }])).toThrow('rows have numbers of rsi');
    expect(() => driftReference([numbers([Number.POSITIVE_INFINITY])])).toThrow('values of rsi are finite');
  });
});

describe('drift of categories', () => {
  const of = (up: number, down: number, missing = 0) =>
    categories([
      ...Array.from({ length: up }, () => 'up'),
      ...Array.from({ length: down }, () => 'down'),
      ...Array.from({ length: missing }, () => null),
    ]);

  it('takes each for a bin, the missing and the unknown too', () => {
    expect(driftReference([of(30, 10, 2)]).features).toEqual([
      { kind: 'category', name: 'regime', categories: ['down', 'up'], counts: [10, 30], missing: 2 },
    ]);
    expect(driftBetween(of(300, 100), of(30, 10)).psi).toBeCloseTo(0, 15);
    const gone = driftBetween(of(300, 100, 40), of(30, 10));
    expect(gone).toMatchObject({ ks: null, missingFrac: 0, unknownFrac: 0 });
    expect(gone.referenceMissingFrac).toBeCloseTo(40 / 440, 15);
    expect(gone.psi).toBeGreaterThan(0.05);
    const unknown = driftBetween(of(300, 100), categories(['up', 'up', 'up', 'sideways']));
    expect(unknown.unknownFrac).toBe(0.25);
    expect(unknown.psi).toBeGreaterThan(0.5);
  });

  it('does not cry over a rare category that a small sample does not hold', () => {
    expect(driftBetween(of(1_998, 2), of(20, 0)).psi).toBeLessThan(0.01);
  });

  it('names like those of objects are names', () => {
    const found = driftBetween(categories(['constructor', '__proto__']), categories(['__proto__', 'constructor']));
    expect(found).toMatchObject({ psi: 0, unknownFrac: 0 });
  });
});
