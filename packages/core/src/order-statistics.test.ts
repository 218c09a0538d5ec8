import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate, maxOf, medianOf, minOf, quantileOf, selectRank } from './order-statistics.ts';

const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 }));

describe('selectRank', () => {
  it('finds every rank and leaves smaller values before it, larger ones after', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300, size: 'max' }), fc.nat(), (list, n) => {
        const rank = n % list.length;
        const values = Float64Array.from([...list, 99, -99]);
        const sorted = Float64Array.from(list).sort();
        const found = selectRank(values, list.length, rank);
        expect(found === sorted[rank]).toBe(true);
        expect(values.subarray(0, rank).every((other) => other <= found)).toBe(true);
        expect(values.subarray(rank, list.length).every((other) => other >= found)).toBe(true);
        expect([...values.subarray(list.length)], 'beyond the length').toEqual([99, -99]);
        expect(values.subarray(0, list.length).toSorted()).toEqual(sorted);
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });

  it('is linear on the inputs that make naive selection quadratic', () => {
    const length = 200_000;
    const inputs: Readonly<Record<string, (k: number) => number>> = {
      ascending: (k) => k,
      descending: (k) => -k,
      equal: () => 1,
      'two values': (k) => k % 2,
      'organ pipes': (k) => Math.min(k, length - k),
    };
    for (const [name, of] of Object.entries(inputs)) {
      const values = Float64Array.from({ length }, (_, k) => of(k));
      const expected = values.toSorted()[length / 3];
      expect(selectRank(values, length, Math.floor(length / 3)), name).toBe(
        expected ?? values.toSorted()[Math.floor(length / 3)],
      );
    }
  });

  it('refuses a rank outside', () => {
    expect(() => selectRank(Float64Array.of(1, 2), 2, 2)).toThrow('rank lies among');
    expect(() => selectRank(Float64Array.of(1, 2), 3, 0)).toThrow('rank lies among');
  });
});

describe('medianOf', () => {
  // TA-Lib's and numpy's median: the mean of the two middle values of an even number.
  it.each([
    [[3], 3],
    [[3, 1], 2],
    [[5, 1, 3], 3],
    [[100, 100.25, 100.25, 100.125, 99.75, 99.5, 99.875, 100.375], 100.0625],
    [[], Number.NaN],
    [[1, Number.NaN, 2], Number.NaN],
  ])('of %s is %d', (values, expected) => {
    expect(medianOf(values)).toBe(expected);
  });

  it('leaves its input as it is', () => {
    const values = Float64Array.of(3, 1, 2);
    medianOf(values);
    expect(values).toEqual(Float64Array.of(3, 1, 2));
  });
});

describe('quantileOf', () => {
  // numpy.quantile([1, 2, 3, 4, 10], q), the documented 'linear' rule.
  it.each([
    [0, 1],
    [0.1, 1.4],
    [0.25, 2],
    [0.5, 3],
    [0.9, 7.6],
    [1, 10],
  ])('q = %d is %d', (q, expected) => {
    expect(quantileOf([10, 3, 1, 4, 2], q)).toBeCloseTo(expected, 12);
  });

  it('lies between its neighbours, ascends with q and is the median in the middle', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (list) => {
          const quantiles = [0, 0.1, 0.3, 0.5, 0.77, 1].map((q) => quantileOf(list, q));
          expect(quantiles[0]).toBe(Math.min(...list));
          expect(quantiles[5]).toBe(Math.max(...list));
          expect(quantiles.every((found, k) => k === 0 || found >= quantiles[k - 1])).toBe(true);
          expect(quantiles[3]).toBeCloseTo(medianOf(list), 5);
        },
      ),
      { seed: 2, numRuns: 500 },
    );
  });

  it('keeps infinite neighbours and misses what is missing', () => {
    expect(quantileOf([1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 0.9)).toBe(Number.POSITIVE_INFINITY);
    expect(quantileOf([1, 2, Number.POSITIVE_INFINITY], 0.5)).toBe(2);
    expect(quantileOf([], 0.5)).toBeNaN();
    expect(quantileOf([1, Number.NaN], 0.5)).toBeNaN();
    expect(() => quantileOf([1], 1.1)).toThrow('0..1');
  });
});

describe('small helpers', () => {
  it('find extremes in a range and points between', () => {
    const values = Float64Array.of(9, 4, 7, 1);
    expect([minOf(values, 0, 3), maxOf(values, 1, 4)]).toEqual([4, 7]);
    expect([interpolate(2, 4, 0.25), interpolate(2, 2, 0.7)]).toEqual([2.5, 2]);
  });
});
