import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisPairs } from './axis-pairs.ts';
import { plateauScores } from './plateau.ts';

const NONE = Number.NaN;

/** A 3 x 3 grid of two ordered axes, row by row. */
const SQUARE = {
  places: [Int32Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2), Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2)],
  isOrdered: [true, true],
};

describe('plateauScores', () => {
  it('takes one step along each ordered axis, never a diagonal', () => {
    const metric = Float64Array.of(1, 2, 3, 4, 10, 6, 7, 8, 9);
    const { neighbours, neighbourMedian, keptFrac } = plateauScores({ ...SQUARE, metric });
    expect([...neighbours]).toEqual([2, 3, 2, 3, 4, 3, 2, 3, 2]);
    // around the centre: 2, 4, 6, 8; beside the first corner: 2, 4
    expect(neighbourMedian[4]).toBe(5);
    expect(neighbourMedian[0]).toBe(3);
    expect(keptFrac[4]).toBe(0.5);
    expect(keptFrac[0]).toBe(3);
  });

  it('tells a needle from a plateau of the same height', () => {
    const needle = plateauScores({ ...SQUARE, metric: Float64Array.of(0, 0, 0, 0, 2, 0, 0, 0, 0) });
    const plateau = plateauScores({ ...SQUARE, metric: Float64Array.of(1.8, 1.8, 1.8, 1.8, 2, 1.8, 1.8, 1.8, 1.8) });
    expect(needle.keptFrac[4]).toBe(0);
    expect(plateau.keptFrac[4]).toBeCloseTo(0.9, 12);
  });

  it('puts every other value of an unordered axis next to a variant', () => {
    const places = [Int32Array.of(0, 1, 2, 3)];
    const metric = Float64Array.of(4, 1, 2, 9);
    expect([...plateauScores({ places, isOrdered: [false], metric }).neighbourMedian]).toEqual([2, 4, 4, 2]);
    expect([...plateauScores({ places, isOrdered: [true], metric }).neighbourMedian]).toEqual([1, 3, 5, 2]);
  });

  it.each([
    ['the own metric is 0', Float64Array.of(0, 1), [1, 0], [NONE, 0]],
    ['the own metric is a loss', Float64Array.of(-2, 1), [1, -2], [NONE, -2]],
    ['the own metric is missing', Float64Array.of(NONE, 1), [1, NONE], [NONE, NONE]],
  ])('gives no share of the peak when %s', (_, metric, medians, kept) => {
    const scores = plateauScores({ places: [Int32Array.of(0, 1)], isOrdered: [true], metric });
    expect([...scores.neighbourMedian]).toEqual(medians);
    expect([...scores.keptFrac]).toEqual(kept);
  });

  it('finds no neighbour across a hole of a sparse grid', () => {
    const scores = plateauScores({
      places: [Int32Array.of(0, 2, 3)],
      isOrdered: [true],
      metric: Float64Array.of(5, 6, 7),
    });
    expect([...scores.neighbours]).toEqual([0, 1, 1]);
    expect([...scores.neighbourMedian]).toEqual([NONE, 7, 6]);
  });

  it.each([true, false])('refuses two variants at the same places (ordered: %s)', (isOrdered) => {
    const twice = { places: [Int32Array.of(1, 1)], isOrdered: [isOrdered], metric: Float64Array.of(1, 2) };
    expect(() => plateauScores(twice)).toThrow(/same places/);
  });

  it('agrees with a comparison of every variant with every other one on random sparse grids', () => {
    const grid = fc.uniqueArray(fc.tuple(fc.nat(3), fc.nat(2), fc.nat(3)), {
      minLength: 1,
      maxLength: 30,
      selector: String,
    });
    fc.assert(
      fc.property(
        grid,
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
        fc.infiniteStream(fc.integer()),
        (variants, isOrdered, numbers) => {
          const metric = Float64Array.from(variants, () => Number(numbers.next().value));
          const places = [0, 1, 2].map((axis) => Int32Array.from(variants, (variant) => variant[axis]));
          const { neighbours, neighbourMedian } = plateauScores({ places, isOrdered, metric });
          for (const [k, own] of variants.entries()) {
            const near = variants.flatMap((other, j) => {
              const apart = [0, 1, 2].filter((axis) => own[axis] !== other[axis]);
              const [axis] = apart;
              const isNear = apart.length === 1 && (!isOrdered[axis] || Math.abs(own[axis] - other[axis]) === 1);
              return isNear ? [metric[j]] : [];
            });
            near.sort((a, b) => a - b);
            const middle = (near[Math.floor((near.length - 1) / 2)] + near[Math.floor(near.length / 2)]) / 2;
            expect(neighbours[k]).toBe(near.length);
            expect(neighbourMedian[k]).toBe(near.length === 0 ? NONE : middle);
          }
        },
      ),
      { seed: 20_261_121, numRuns: 100 },
    );
  });
});

describe('axisPairs', () => {
  it('gives median, best and count of each cell over the other axes', () => {
    // third axis: two variants in the first cell, one of which has no metric in the last
    const places = [Int32Array.of(0, 0, 0, 1, 1), Int32Array.of(0, 0, 1, 1, 1), Int32Array.of(0, 1, 0, 0, 1)];
    const pairs = axisPairs({ places, metric: Float64Array.of(1, 4, 7, 5, NONE) });
    expect(pairs.map(({ axes }) => axes)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(pairs[0]).toMatchObject({ rows: 2, columns: 2 });
    expect([...pairs[0].median]).toEqual([2.5, 7, NONE, 5]);
    expect([...pairs[0].best]).toEqual([4, 7, NONE, 5]);
    expect([...pairs[0].counts]).toEqual([2, 1, 0, 1]);
    expect([...pairs[1].median]).toEqual([4, 4, 5, NONE]);
  });

  it('leaves out axes that do not vary', () => {
    const places = [Int32Array.of(0, 1), Int32Array.of(2, 2), Int32Array.of(1, 0)];
    expect(axisPairs({ places, metric: Float64Array.of(1, 2) }).map(({ axes }) => axes)).toEqual([[0, 2]]);
  });

  it('counts every variant with a metric once in every map', () => {
    const rows = fc.array(fc.tuple(fc.nat(4), fc.nat(2), fc.nat(3), fc.option(fc.integer(), { nil: NONE })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(rows, (variants) => {
        const places = [0, 1, 2].map((axis) => Int32Array.from(variants, (variant) => variant[axis]));
        const metric = Float64Array.from(variants, (variant) => variant[3]);
        const known = metric.filter((value) => !Number.isNaN(value));
        for (const { counts, best } of axisPairs({ places, metric })) {
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(known.length);
          expect(Math.max(...best.filter((value) => !Number.isNaN(value)))).toBe(Math.max(...known));
        }
      }),
      { seed: 20_261_121, numRuns: 100 },
    );
  });
});
