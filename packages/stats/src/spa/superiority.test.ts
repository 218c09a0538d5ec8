import { createPrng, type Prng } from '@donch/core';
import { array, assert, constantFrom, double, integer, pre, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import givenIndices from '../../test-data/spa_given_indices.json' with { type: 'json' };
import iidExact from '../../test-data/spa_iid_exact.json' with { type: 'json' };
import { type BlockRule, drawBlockIndices } from '../bootstrap/resample-indices.ts';
import { mean, standardDeviation } from '../moments.ts';
import { testMaxima } from './maximum-test.ts';
import { archStatistics, hansenStatistics, summariseModels } from './model-summary.ts';
import { planDraws } from './resampled-maxima.ts';
import { resampledVariance } from './resampled-variance.ts';
import { type SuperiorityTest, testSuperiority } from './superiority.ts';

type Vector = typeof iidExact;

const RULE: BlockRule = { kind: 'stationary', blockLength: 5 };

function columnsOf(rows: readonly (readonly number[])[]): Float64Array[] {
  return rows[0].map((_, model) => Float64Array.from(rows, (row) => row[model]));
}

/** Every choice of n of n observations with replacement, as a queue of index lists. */
function allResamples(n: number): number[][] {
  return Array.from({ length: n ** n }, (_all, code) =>
    Array.from({ length: n }, (_, k) => Math.floor(code / n ** k) % n),
  );
}

describe.each([
  { name: 'all 3,125 resamples of 5 periods', vector: iidExact, indices: allResamples(5) },
  { name: '200 given resamples of 60 periods in blocks', vector: givenIndices, indices: givenIndices.indices },
])('superiority over $name', ({ vector, indices }: { vector: Vector; indices: number[][] }) => {
  const { D: rows, block: blockLength, expected, abs } = vector;
  const columns = columnsOf(rows);
  const summary = summariseModels(columns, { kind: 'stationary', blockLength });
  let next = 0;
  const plan = planDraws(rows.length, indices.length, (out) => out.set(indices[next++]));
  const [realityCheck, lower, consistent, upper] = testMaxima(columns, plan, hansenStatistics(summary));
  const [archLower, archConsistent, archUpper] = testMaxima(columns, plan, archStatistics(summary));

  it.each([
    ['means', summary.means, expected.dbar],
    ['variances of the resampled means', summary.variances, expected.omega2],
    ['thresholds', summary.thresholds, expected.threshold],
    ['statistic of the reality check', [realityCheck.statistic], [expected.rc_stat]],
    ['p of the reality check', [realityCheck.exceedFrac], [expected.rc_pvalue]],
    ['statistic of the SPA', [upper.statistic], [expected.spa_stat]],
    ['lower p', [lower.exceedFrac], [expected.spa_p_lower]],
    ['consistent p', [consistent.exceedFrac], [expected.spa_p_consistent]],
    ['upper p', [upper.exceedFrac], [expected.spa_p_upper]],
    ['lower p of arch', [archLower.exceedFrac], [expected.arch_unstudentized_p_lower]],
    ['consistent p of arch', [archConsistent.exceedFrac], [expected.arch_unstudentized_p_consistent]],
    ['upper p of arch', [archUpper.exceedFrac], [expected.arch_unstudentized_p_upper]],
  ])('%s', (_, found, wanted) => {
    expect(found).toHaveLength(wanted.length);
    for (const [k, value] of wanted.entries()) expect(Math.abs(found[k] - value)).toBeLessThanOrEqual(abs);
  });

  it('reports p values above the shares of larger draws', () => {
    for (const { pValue, exceedFrac } of [realityCheck, lower, consistent, upper]) {
      expect(pValue * (1 + plan.draws)).toBeGreaterThanOrEqual(1 + exceedFrac * plan.draws - 1e-9);
    }
  });
});

describe('resampledVariance', () => {
  const series = (n: number, seed: number): Float64Array => {
    const prng = createPrng(seed);
    const values = new Float64Array(n);
    for (let k = 0; k < n; k += 1) values[k] = 0.6 * (values[k - 1] ?? 0) + prng.normal();
    return values;
  };

  it.each([
    { kind: 'stationary', blockLength: 4, n: 24 },
    { kind: 'circular_blocks', blockLength: 4, n: 24 },
    { kind: 'circular_blocks', blockLength: 7, n: 24 },
    { kind: 'stationary', blockLength: 1, n: 24 },
  ] as const)('is what resampling finds: $kind $blockLength of $n', ({ n, ...rule }) => {
    const values = series(n, 5);
    const prng = createPrng(6);
    const indices = new Int32Array(n);
    const means = Float64Array.from({ length: 40_000 }, () => {
      drawBlockIndices(indices, n, { rule, prng });
      return indices.reduce((sum, index) => sum + values[index], 0) / n;
    });
    const found = resampledVariance(values, rule);
    // 40,000 draws: a relative standard error of 0.7 %.
    expect((n * standardDeviation(means, 0) ** 2) / found).toBeCloseTo(1, 1.4);
    expect(mean(means)).toBeCloseTo(mean(values), 1.5);
  });

  it('equals the sum over all pairs of periods, weighted by how often both are in one block', () => {
    const values = array(double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 40 });
    const rules = tuple(constantFrom('stationary' as const, 'circular_blocks' as const), integer({ min: 1, max: 4 }));
    assert(
      property(values, rules, (list, [kind, blockLength]) => {
        const n = list.length;
        const rest = n % blockLength;
        const together = (lag: number): number =>
          kind === 'stationary'
            ? (1 - lag / n) * (1 - 1 / blockLength) ** lag
            : (Math.floor(n / blockLength) * Math.max(blockLength - lag, 0) + Math.max(rest - lag, 0)) / n;
        let sum = 0;
        for (const [i, a] of list.entries()) {
          for (let lag = 0; lag < n; lag += 1) {
            const b = list[(i + lag) % n];
            sum += ((lag === 0 ? 1 : 2) * together(lag) * (a - mean(list)) * (b - mean(list))) / n;
          }
        }
        expect(Math.abs(resampledVariance(list, { kind, blockLength }) - sum)).toBeLessThan(1e-12);
        expect(resampledVariance(list, { kind, blockLength })).toBeGreaterThanOrEqual(0);
        expect(resampledVariance(list.fill(0.5), { kind, blockLength })).toBe(0);
        expect(resampledVariance([...list, Number.NaN], { kind, blockLength })).toBeNaN();
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

/** Models of normal returns; each has the same mean and a share of their common factor. */
function models(
  prng: Prng,
  options: { count: number; periods: number; mean?: number; first?: number },
): Float64Array[] {
  const { count, periods, mean: center = 0, first = center } = options;
  const common = Float64Array.from({ length: periods }, () => prng.normal());
  return Array.from({ length: count }, (_, model) =>
    Float64Array.from(common, (shared) => (model === 0 ? first : center) + 0.5 * shared + prng.normal()),
  );
}

function tested(columns: readonly ArrayLike<number>[], rule = RULE, seed = 1): SuperiorityTest {
  const found = testSuperiority(columns, { rule, prng: createPrng(seed) });
  if (found.kind === 'refused') throw new Error(`refused: ${found.reason}`);
  return found;
}

describe('testSuperiority', () => {
  it('rejects a true null about as often as it claims', () => {
    const prng = createPrng(2);
    const trials = 100;
    let rejected = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const columns = models(prng, { count: 8, periods: 60 });
      const { realityCheck, spa } = tested(columns, { kind: 'stationary', blockLength: 2 }, trial);
      expect(spa.consistent.pValue).toBeLessThanOrEqual(spa.upper.pValue);
      if (realityCheck.pValue <= 0.1) rejected += 1;
    }
    // 10 % claimed: 10 of 100 with a standard error of 3.
    expect(rejected).toBeGreaterThan(2);
    expect(rejected).toBeLessThan(20);
  });

  it('finds the one good model, and the studentised test does so among bad ones where the reality check does not', () => {
    const prng = createPrng(3);
    const good = models(prng, { count: 6, periods: 250, first: 0.35 });
    expect(tested(good).bestModel).toBe(0);
    expect(tested(good).spa.consistent.pValue).toBeLessThan(0.01);
    // Bad models of great spread: their luck hides a small sure gain from the test that does not divide by the error.
    const wild = models(prng, { count: 6, periods: 250, mean: -0.8 }).map((column) =>
      column.map((value) => 10 * value),
    );
    const sure = Float64Array.from({ length: 250 }, () => 0.2 + 0.8 * prng.normal());
    const { realityCheck, spa } = tested([...wild, sure]);
    expect(spa.consistent.pValue).toBeLessThan(0.05);
    expect(realityCheck.pValue).toBeGreaterThan(0.5);
  });

  it('has its three p values in order, whatever the models', () => {
    const returns = array(integer({ min: -4, max: 4 }), { minLength: 36, maxLength: 36 });
    const rule = tuple(constantFrom('stationary' as const, 'circular_blocks' as const), integer({ min: 1, max: 3 }));
    assert(
      property(
        array(returns, { minLength: 1, maxLength: 5 }),
        rule,
        integer(),
        (columns, [kind, blockLength], seed) => {
          const found = testSuperiority(columns, { rule: { kind, blockLength }, prng: createPrng(seed) });
          pre(found.kind === 'test');
          const { lower, consistent, upper } = found.spa;
          for (const key of ['pValue', 'exceedFrac'] as const) {
            expect(lower[key]).toBeLessThanOrEqual(consistent[key]);
            expect(consistent[key]).toBeLessThanOrEqual(upper[key]);
          }
          for (const { pValue, exceedFrac } of [found.realityCheck, lower, consistent, upper]) {
            expect(pValue).toBeGreaterThan(0);
            expect(pValue).toBeLessThanOrEqual(1);
            expect(pValue).toBeGreaterThanOrEqual((1 + 2_000 * exceedFrac) / 2_001 - 1e-12);
          }
        },
      ),
      { seed: 4, numRuns: 60 },
    );
  });

  it('says 1 when no model gained more than the benchmark', () => {
    const losers = models(createPrng(5), { count: 3, periods: 100, mean: -5 });
    const { spa, bestModel } = tested(losers);
    expect(spa.statistic).toBe(0);
    expect([spa.lower.pValue, spa.consistent.pValue, spa.upper.pValue]).toEqual([1, 1, 1]);
    expect(losers.map(mean)[bestModel]).toBeLessThan(0);
  });

  it('repeats itself for the same seed', () => {
    const columns = models(createPrng(6), { count: 3, periods: 100 });
    expect(tested(columns)).toEqual(tested(columns));
    expect(tested(columns, RULE, 2)).not.toEqual(tested(columns));
    expect(tested(columns, { kind: 'circular_blocks', blockLength: 5 })).not.toEqual(tested(columns));
  });

  it('does not depend on the order of the models', () => {
    const columns = models(createPrng(9), { count: 7, periods: 100, first: 0.2 });
    const found = tested(columns);
    for (let shift = 1; shift < 7; shift += 1) {
      const turned = [...columns.slice(shift), ...columns.slice(0, shift)];
      const { bestModel, ...rest } = tested(turned);
      expect(rest).toEqual({ ...rest, realityCheck: found.realityCheck, spa: found.spa });
      expect(turned[bestModel]).toBe(columns[found.bestModel]);
    }
  });

  it('counts a model that is its benchmark as one that cannot be better', () => {
    const columns = models(createPrng(7), { count: 2, periods: 100 });
    const found = tested([...columns, new Float64Array(100)]);
    expect(found).toMatchObject({ models: 3, modelsLikeBenchmark: 1 });
    expect(found.spa).toEqual(tested(columns).spa);
  });

  const enough = models(createPrng(8), { count: 3, periods: 60 });
  it.each([
    { columns: [], refusal: { reason: 'no_models', found: 0, needed: 1 } },
    {
      columns: enough.map((column) => column.subarray(0, 59)),
      refusal: { reason: 'too_few_blocks', found: 11, needed: 12 },
    },
    { columns: [new Float64Array(0)], refusal: { reason: 'too_few_blocks', found: 0, needed: 12 } },
    {
      columns: [...enough, Float64Array.from(enough[0], (value, k) => (k === 7 ? Number.NaN : value))],
      refusal: { reason: 'missing_return', found: 3, needed: 4 },
    },
    { columns: [...enough, new Float64Array(60).fill(0.1)], refusal: { reason: 'no_spread', found: 3, needed: 4 } },
    { columns: [...enough, new Float64Array(60).fill(0.125)], refusal: { reason: 'no_spread', found: 3, needed: 4 } },
    { columns: [new Float64Array(60)], refusal: { reason: 'no_spread', found: 0, needed: 1 } },
  ])('is refused: $refusal.reason, $refusal.found of $refusal.needed', ({ columns, refusal }) => {
    expect(testSuperiority(columns, { rule: RULE, prng: createPrng(1) })).toEqual({ kind: 'refused', ...refusal });
  });

  it('takes columns of the same periods only, and enough draws', () => {
    const uneven = [enough[0], enough[1].subarray(1)];
    expect(() => testSuperiority(uneven, { rule: RULE, prng: createPrng(1) })).toThrow('same periods');
    expect(() => testSuperiority(enough, { rule: RULE, prng: createPrng(1), draws: 100 })).toThrow('2000 draws');
  });
});
