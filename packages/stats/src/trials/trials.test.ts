import { createPrng, type Prng } from '@donch/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import effective from '../../test-data/effective_trials.json' with { type: 'json' };
import { mean } from '../moments.ts';
import { averageLinkage } from './average-linkage.ts';
import { clusterTrials } from './cluster-trials.ts';
import { averageOffDiagonal, productMatrix, type SquareMatrix, standardised } from './correlation.ts';
import { effectiveRank, type EffectiveTrials, effectiveTrials, trialsByCorrelation } from './effective-trials.ts';
import { silhouettesOf } from './silhouettes.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

const matrixOf = (rows: readonly (readonly number[])[]): SquareMatrix => ({
  size: rows.length,
  values: Float64Array.from(rows.flat()),
});

const identity = (size: number): SquareMatrix =>
  matrixOf(Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => (i === j ? 1 : 0))));

function randomSymmetric(prng: Prng, size: number): SquareMatrix {
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const value = prng.normal();
      values[i * size + j] = value;
      values[j * size + i] = value;
    }
  }
  return { size, values };
}

/** Returns of groups of trials that share a factor: correlation `rho` inside a group, 0 between groups. */
function groupedColumns(
  prng: Prng,
  { groups, perGroup, rho, rows }: { groups: number; perGroup: number; rho: number; rows: number },
): Float64Array[] {
  return Array.from({ length: groups }, () => {
    const shared = Array.from({ length: rows }, () => prng.normal());
    return Array.from({ length: perGroup }, () =>
      Float64Array.from(shared, (value) => Math.sqrt(rho) * value + Math.sqrt(1 - rho) * prng.normal()),
    );
  }).flat();
}

function accepted(found: ReturnType<typeof effectiveTrials>): EffectiveTrials {
  if (found.kind === 'refused') throw new Error(`refused: ${JSON.stringify(found)}`);
  return found;
}

/** Jacobi's method, plane rotation by plane rotation: slow, and different in every step. */
function jacobiEigenvalues({ size, values }: SquareMatrix): Float64Array {
  const a = values.slice();
  const at = (i: number, j: number): number => a[i * size + j];
  for (let sweep = 0; sweep < 30; sweep += 1) {
    for (let p = 0; p < size; p += 1) {
      for (let q = p + 1; q < size; q += 1) {
        if (at(p, q) === 0) continue;
        const theta = 0.5 * Math.atan2(2 * at(p, q), at(q, q) - at(p, p));
        const [c, s] = [Math.cos(theta), Math.sin(theta)];
        for (let k = 0; k < size; k += 1) {
          const [x, y] = [at(k, p), at(k, q)];
          a[k * size + p] = c * x - s * y;
          a[k * size + q] = s * x + c * y;
        }
        for (let k = 0; k < size; k += 1) {
          const [x, y] = [at(p, k), at(q, k)];
          a[p * size + k] = c * x - s * y;
          a[q * size + k] = s * x + c * y;
        }
      }
    }
  }
  return Float64Array.from({ length: size }, (_, k) => at(k, k)).sort();
}

const largestDifference = (a: Float64Array, b: Float64Array): number =>
  Math.max(...a.map((value, k) => Math.abs(value - b[k])), a.length === b.length ? 0 : Infinity);

describe('symmetricEigenvalues', () => {
  it('has the closed forms', () => {
    expect(symmetricEigenvalues(matrixOf([]))).toEqual(new Float64Array(0));
    expect([...symmetricEigenvalues(matrixOf([[7]]))]).toEqual([7]);
    expect([...symmetricEigenvalues(identity(5))]).toEqual([1, 1, 1, 1, 1]);
    expect([...symmetricEigenvalues({ size: 4, values: new Float64Array(16) })]).toEqual([0, 0, 0, 0]);
    const equal = (n: number, rho: number): SquareMatrix =>
      matrixOf(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i === j ? 1 : rho))));
    // n - 1 times 1 - rho and once 1 + (n - 1) rho
    const expected = Float64Array.of(...Array.from({ length: 9 }, () => 0.7), 3.7);
    expect(largestDifference(symmetricEigenvalues(equal(10, 0.3)), expected)).toBeLessThan(1e-14);
    // the second difference: 2 - 2 cos(k pi / (n + 1))
    const n = 40;
    const difference = matrixOf(
      Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => [2, -1][Math.abs(i - j)] ?? 0)),
    );
    const cosines = Float64Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
    expect(largestDifference(symmetricEigenvalues(difference), cosines)).toBeLessThan(1e-13);
  });

  it("agrees with Jacobi's method, and in trace and squares", () => {
    const prng = createPrng(1, 'eigen');
    for (const size of [2, 3, 8, 25]) {
      const matrix = randomSymmetric(prng, size);
      const found = symmetricEigenvalues(matrix);
      expect(largestDifference(found, jacobiEigenvalues(matrix))).toBeLessThan(1e-13 * size);
      const trace = Array.from({ length: size }, (_, k) => matrix.values[k * size + k]).reduce((a, b) => a + b);
      expect(found.reduce((a, b) => a + b)).toBeCloseTo(trace, 11);
      const squares = matrix.values.reduce((sum, value) => sum + value ** 2, 0);
      expect(found.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(squares, 10);
    }
  });

  it('finds the zeros of a matrix without full rank', () => {
    const prng = createPrng(2, 'eigen');
    const vectors = Array.from({ length: 60 }, () => Float64Array.from({ length: 7 }, () => prng.normal()));
    const found = symmetricEigenvalues(productMatrix(vectors));
    expect(Math.max(...found.subarray(0, 53).map(Math.abs))).toBeLessThan(1e-12);
    expect(found[53]).toBeGreaterThan(1);
  });

  it('stops at a matrix that holds no numbers', () => {
    expect(() =>
      symmetricEigenvalues(
        matrixOf([
          [1, Number.NaN],
          [Number.NaN, 1],
        ]),
      ),
    ).toThrow('numbers');
  });
});

describe('the effective number', () => {
  it('agrees with the reference', () => {
    for (const { C, expected } of effective.effective_rank) {
      expect(Math.abs(effectiveRank(matrixOf(C)) - expected)).toBeLessThan(effective.abs);
    }
    for (const { rho, M, expected } of effective.implied_independent) {
      expect(Math.abs(trialsByCorrelation(rho, M) - expected)).toBeLessThan(effective.abs);
    }
  });

  it('is n for independent trials and 1 for identical ones', () => {
    expect(effectiveRank(identity(12))).toBeCloseTo(12, 12);
    expect(effectiveRank({ size: 12, values: new Float64Array(144).fill(1) })).toBeCloseTo(1, 10);
    expect(trialsByCorrelation(0, 12)).toBe(12);
    expect(trialsByCorrelation(1, 12)).toBe(1);
  });
});

describe('clusterTrials', () => {
  it('finds the groups that there are', () => {
    const prng = createPrng(3, 'groups');
    for (const groups of [2, 5, 9]) {
      const columns = groupedColumns(prng, { groups, perGroup: 8, rho: 0.8, rows: 250 });
      const found = accepted(effectiveTrials(columns));
      expect(found.byClusters).toBe(groups);
      expect([...found.labels]).toEqual(columns.map((_, trial) => Math.floor(trial / 8)));
      expect(found.silhouette).toBeGreaterThan(0.4);
    }
  });

  it('finds none among independent trials: each counts', () => {
    const columns = groupedColumns(createPrng(4, 'groups'), { groups: 40, perGroup: 1, rho: 0, rows: 250 });
    const found = accepted(effectiveTrials(columns));
    expect(found).toMatchObject({ trials: 40, measured: 40, byClusters: 40, silhouette: Number.NaN });
    expect([...found.labels]).toEqual(columns.map((_, trial) => trial));
  });

  it('counts identical trials once even without groups', () => {
    const columns = groupedColumns(createPrng(5, 'groups'), { groups: 20, perGroup: 1, rho: 0, rows: 250 });
    const found = accepted(effectiveTrials([...columns, columns[3].map((x) => 2 * x + 1), columns[7]]));
    expect(found).toMatchObject({ trials: 22, byClusters: 20, silhouette: Number.NaN });
    expect([found.labels[20], found.labels[21]]).toEqual([3, 7]);
    const same = accepted(effectiveTrials([columns[0], columns[0], columns[0]]));
    expect(same.byClusters).toBe(1);
    expect(same.byEffectiveRank).toBeCloseTo(1, 10);
    expect(same.byCorrelation).toBeCloseTo(1, 10);
    expect(accepted(effectiveTrials(columns.slice(0, 2))).byClusters).toBe(2);
  });
});

interface Clustering {
  readonly groups: readonly (readonly number[])[];
  readonly silhouette: number;
}

/** Everything anew at every step, as the definitions say. */
function naiveClusterings({ size, values }: SquareMatrix): Clustering[] {
  const between = (a: readonly number[], b: readonly number[]): number =>
    mean(a.flatMap((i) => b.map((j) => values[i * size + j])));
  let groups: (readonly number[])[] = Array.from({ length: size }, (_, item) => [item]);
  const found: Clustering[] = [];
  while (groups.length > 1) {
    const pairs = groups.flatMap((a, k) => groups.slice(k + 1).map((b) => ({ a, b, distance: between(a, b) })));
    const { a, b } = pairs.reduce((least, pair) => (pair.distance < least.distance ? pair : least));
    groups = [...groups.filter((group) => group !== a && group !== b), [...a, ...b]];
    const silhouettes = groups.flatMap((group) =>
      group.map((item) => {
        if (group.length === 1) return 0;
        const others = groups.filter((other) => other !== group).map((other) => between([item], other));
        const within = mean(group.filter((other) => other !== item).map((other) => values[item * size + other]));
        const beside = Math.min(...others);
        return (beside - within) / Math.max(within, beside);
      }),
    );
    found.push({ groups, silhouette: groups.length > 1 ? mean(silhouettes) : Number.NaN });
  }
  return found;
}

describe('average linkage and silhouettes', () => {
  const points = fc.array(
    fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    {
      minLength: 3,
      maxLength: 12,
    },
  );

  it('are those of the definitions', () => {
    fc.assert(
      fc.property(points, fc.nat(1e6), (drawn, seed) => {
        // a little noise, so that no two distances are equal
        const prng = createPrng(seed);
        const places = drawn.map(([x, y]) => [x + 0.01 * prng.next(), y + 0.01 * prng.next()]);
        const distances = matrixOf(
          places.map(([x, y]) => places.map(([u, v]) => Math.sqrt((x - u) ** 2 + (y - v) ** 2))),
        );
        const merges = averageLinkage(distances);
        const silhouettes = silhouettesOf(distances, merges);
        const groups: number[][] = places.map((_, item) => [item]);
        for (const [m, expected] of naiveClusterings(distances).entries()) {
          const { a, b } = merges[m];
          groups[a].push(...groups[b].splice(0));
          const sorted = (of: readonly (readonly number[])[]): string[] =>
            of
              .filter((group) => group.length > 0)
              .map((group) => String(group.toSorted((x, y) => x - y)))
              .toSorted();
          expect(sorted(groups)).toEqual(sorted(expected.groups));
          const isLast = m === merges.length - 1;
          expect(Number.isNaN(silhouettes[m])).toBe(isLast);
          expect(Math.abs((silhouettes[m] || 0) - (expected.silhouette || 0))).toBeLessThan(1e-10);
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('keep the parts before the whole when distances are equal and their averages are rounded', () => {
    const prng = createPrng(10, 'ties');
    for (let round = 0; round < 60; round += 1) {
      const size = 3 + prng.below(20);
      const values = new Float64Array(size * size);
      const near = prng.next();
      for (let i = 0; i < size; i += 1) {
        for (let j = 0; j < i; j += 1) {
          const value = round % 2 === 0 || prng.next() < 0.7 ? near : 2 * near;
          values[i * size + j] = value;
          values[j * size + i] = value;
        }
      }
      const alive = new Set(Array.from({ length: size }, (_, item) => item));
      let last = 0;
      for (const { a, b, height } of averageLinkage({ size, values })) {
        expect(alive.has(a) && alive.has(b) && a < b && height >= last).toBe(true);
        alive.delete(b);
        last = height;
      }
      expect([...alive]).toEqual([0]);
    }
    expect(clusterTrials(identity(6)).clusters).toBe(6);
  });
});

describe('effectiveTrials', () => {
  it('lies near the number of groups by every method when groups are tight', () => {
    const columns = groupedColumns(createPrng(6, 'tight'), { groups: 6, perGroup: 10, rho: 0.99, rows: 300 });
    const found = accepted(effectiveTrials(columns));
    expect(found.byClusters).toBe(6);
    expect(found.byEffectiveRank).toBeGreaterThan(6);
    expect(found.byEffectiveRank).toBeLessThan(7.5);
    // 540 of 3,540 ordered pairs are in one group
    expect(Math.abs(found.averageCorrelation - (0.99 * 540) / 3_540)).toBeLessThan(0.03);
    expect(found.byCorrelation).toBe(trialsByCorrelation(found.averageCorrelation, 60));
  });

  it('gives the same rank by trials as by observations', () => {
    const columns = groupedColumns(createPrng(7, 'wide'), { groups: 30, perGroup: 2, rho: 0.5, rows: 40 });
    const vectors = columns.map((column) => standardised(column) ?? column);
    const found = accepted(effectiveTrials(columns));
    expect(found.byEffectiveRank).toBeCloseTo(effectiveRank(productMatrix(vectors)), 8);
    expect(found.byEffectiveRank).toBeLessThan(39);
    expect(found.averageCorrelation).toBe(averageOffDiagonal(productMatrix(vectors)));
  });

  it('leaves out trials that never traded, and says how many are left', () => {
    const columns = groupedColumns(createPrng(8, 'flat'), { groups: 3, perGroup: 4, rho: 0.9, rows: 100 });
    const found = accepted(effectiveTrials([new Float64Array(100), ...columns, new Float64Array(100).fill(0.1)]));
    expect(found).toMatchObject({ trials: 14, measured: 12, byClusters: 3 });
    expect([...found.labels]).toEqual([-1, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, -1]);
  });

  it('is the same for returns in other units', () => {
    const columns = groupedColumns(createPrng(9, 'units'), { groups: 4, perGroup: 5, rho: 0.7, rows: 90 });
    const found = accepted(effectiveTrials(columns));
    const scaled = accepted(effectiveTrials(columns.map((column, k) => column.map((x) => (1 + k) * x + 3))));
    expect([...scaled.labels]).toEqual([...found.labels]);
    expect(scaled.byEffectiveRank).toBeCloseTo(found.byEffectiveRank, 10);
  });

  it.each([
    { reason: 'too_few_trials', found: 0, needed: 2, columns: [] },
    { reason: 'too_few_trials', found: 1, needed: 2, columns: [new Float64Array(30)] },
    { reason: 'too_few_trials', found: 0, needed: 2, columns: [new Float64Array(30), new Float64Array(30)] },
    { reason: 'too_few_observations', found: 19, needed: 20, columns: [new Float64Array(19), new Float64Array(19)] },
    {
      reason: 'missing_value',
      found: 3,
      needed: 0,
      columns: [new Float64Array(30).fill(Number.NaN, 0, 2), new Float64Array(30).fill(Infinity, 5, 6)],
    },
  ])('refuses: $reason, found $found', ({ columns, ...expected }) => {
    expect(effectiveTrials(columns)).toEqual({ kind: 'refused', ...expected });
  });

  it('is an error where a program is wrong', () => {
    expect(() => effectiveTrials([new Float64Array(30), new Float64Array(31)])).toThrow('same observations');
  });
});
