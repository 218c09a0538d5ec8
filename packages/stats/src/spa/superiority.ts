/**
 * Is the best of many models better than its benchmark, or only the luckiest? White's reality check (H. White 2000, "A reality check for
 * data snooping") and Hansen's test for superior predictive ability (P. Hansen 2005, "A test for superior predictive ability"). The null
 * hypothesis is that no model has a larger mean than the benchmark. All models that were ever tried belong into it.
 */
import { invariant, type Prng } from '@donch/core';
import { DRAWS_MIN } from '../bootstrap/cluster-bootstrap.ts';
import type { Refusal } from '../bootstrap/interval.ts';
import { BLOCKS_MIN, type BlockRule, drawBlockIndices } from '../bootstrap/resample-indices.ts';
import { type MaximumTest, type TailShare, testMaxima } from './maximum-test.ts';
import { bestModelOf, hansenStatistics, summariseModels } from './model-summary.ts';
import { planDraws } from './resampled-maxima.ts';

export interface SuperiorityOptions {
  readonly rule: BlockRule;
  readonly prng: Prng;
  /** At least `DRAWS_MIN`, which is the default. */
  readonly draws?: number;
}

/**
 * `no_models`: nothing to compare. `missing_return`: `found` models without a gap, all are needed. `too_few_blocks`: the periods hold
 * `found` blocks. `no_spread`: `found` models whose difference to the benchmark varies; one that is constant and not 0 is no market.
 */
export type SuperiorityRefusal = 'no_models' | 'missing_return' | 'too_few_blocks' | 'no_spread';

export interface SuperiorityTest {
  readonly kind: 'test';
  readonly models: number;
  /** Models equal to the benchmark in every period: they cannot be better and count as 0. */
  readonly modelsLikeBenchmark: number;
  readonly periods: number;
  readonly draws: number;
  /** Column with the largest mean in units of its error. */
  readonly bestModel: number;
  /** Largest sqrt(T) x mean. Every model counts as if it were as good as the benchmark, so that bad ones raise the p value. */
  readonly realityCheck: MaximumTest;
  readonly spa: {
    /** Largest sqrt(T) x mean / omega, at least 0. */
    readonly statistic: number;
    /** Models below the benchmark count with their own mean: the least p value. */
    readonly lower: TailShare;
    /** Models clearly below (by more than omega x sqrt(2 ln ln T / T)) count with their own mean: the one to quote. */
    readonly consistent: TailShare;
    /** All models count as if they were as good as the benchmark: the largest p value. */
    readonly upper: TailShare;
  };
}

/**
 * Tests models against a benchmark. `relativeReturns`: one column per model, its return less that of the benchmark in each period (all
 * of the same periods; the benchmark may be 0). Refused without models, with a missing return, below `BLOCKS_MIN` blocks of periods, and
 * when a model does not vary. The same generator gives the same figures.
 */
export function testSuperiority(
  relativeReturns: readonly ArrayLike<number>[],
  { rule, prng, draws = DRAWS_MIN }: SuperiorityOptions,
): SuperiorityTest | Refusal<SuperiorityRefusal> {
  invariant(draws >= DRAWS_MIN, `a bootstrap has ${DRAWS_MIN} draws or more`);
  const models = relativeReturns.length;
  if (models === 0) return { kind: 'refused', reason: 'no_models', found: 0, needed: 1 };
  const periods = relativeReturns[0].length;
  invariant(
    relativeReturns.every(({ length }) => length === periods),
    'models are compared over the same periods',
  );
  const blocks = Math.floor(periods / rule.blockLength);
  if (!(blocks >= BLOCKS_MIN)) return { kind: 'refused', reason: 'too_few_blocks', found: blocks, needed: BLOCKS_MIN };
  const summary = summariseModels(relativeReturns, rule);
  const { withoutGap, varying, likeBenchmark } = summary;
  if (withoutGap < models) return { kind: 'refused', reason: 'missing_return', found: withoutGap, needed: models };
  if (varying === 0 || varying + likeBenchmark < models) {
    return { kind: 'refused', reason: 'no_spread', found: varying, needed: Math.max(models - likeBenchmark, 1) };
  }
  const plan = planDraws(periods, draws, (out) => drawBlockIndices(out, periods, { rule, prng }));
  const [realityCheck, lower, consistent, upper] = testMaxima(relativeReturns, plan, hansenStatistics(summary));
  return {
    kind: 'test',
    models,
    modelsLikeBenchmark: likeBenchmark,
    periods,
    draws,
    bestModel: bestModelOf(summary),
    realityCheck,
    spa: { statistic: upper.statistic, lower, consistent, upper },
  };
}
