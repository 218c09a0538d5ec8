import { createPrng, quantileOf } from '@donch/core';
import { describe, expect, it } from 'vitest';
import bootstrapExact from '../../test-data/bootstrap_exact.json' with { type: 'json' };
import shuffleExact from '../../test-data/shuffle_exact.json' with { type: 'json' };
import shuffleCash from '../../test-data/shuffle_exact_cash.json' with { type: 'json' };
import stationary from '../../test-data/stationary_bootstrap_indices.json' with { type: 'json' };
import { deepestCashDrawdown, deepestDrawdown, longestUnderwater } from '../metrics/drawdown.ts';
import { mean, standardDeviation } from '../moments.ts';
import { meanInterval } from './mean-interval.ts';
import {
  circularBlockIndices,
  movingBlockIndices,
  plainIndices,
  shuffledIndices,
  stationaryIndices,
  uniformsOf,
} from './resample-indices.ts';
import { type PathRule, resamplePaths, type Sizing } from './resampled-paths.ts';

describe('indices of a resample from given uniforms', () => {
  const { n, p, u_start: starts, u_new: restarts } = stationary;
  const start = (position: number) => starts[position];

  it('stationary bootstrap', () => {
    const out = new Int32Array(n);
    stationaryIndices(out, { n, restartProbability: p, start, restart: (position) => restarts[position] });
    expect([...out]).toEqual(stationary.indices);
  });

  it('circular blocks of 5', () => {
    const out = new Int32Array(n);
    circularBlockIndices(out, { n, blockLength: 5 }, start);
    expect([...out]).toEqual(stationary.circular_block_b5);
  });

  it('moving blocks never wrap around, and the last is cut', () => {
    const out = new Int32Array(8);
    movingBlockIndices(out, { n: 10, blockLength: 3 }, (block) => [0.999, 0, 0.5][block]);
    expect([...out]).toEqual([7, 8, 9, 0, 1, 2, 4, 5]);
  });

  it('plain draws', () => {
    const out = new Int32Array(4);
    plainIndices(out, 10, (position) => [0, 0.999, 0.5, 0.099][position]);
    expect([...out]).toEqual([0, 9, 5, 0]);
  });
});

describe('shuffledIndices', () => {
  it('gives every permutation equally often', () => {
    const counts = new Map<string, number>();
    const uniform = uniformsOf(createPrng(9));
    const out = new Int32Array(4);
    for (let trial = 0; trial < 24_000; trial += 1) {
      shuffledIndices(out, uniform);
      counts.set(out.join(), (counts.get(out.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // 1,000 each with a standard deviation of 31: five of them.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(155);
  });
});

describe('stationaryIndices', () => {
  it('has blocks of 1 / p on average and draws every observation equally often', () => {
    const prng = createPrng(10);
    const out = new Int32Array(60_000);
    stationaryIndices(out, { n: 20, restartProbability: 0.1, start: uniformsOf(prng), restart: uniformsOf(prng) });
    const breaks = out.reduce((sum, index, k) => sum + (k > 0 && index !== (out[k - 1] + 1) % 20 ? 1 : 0), 0);
    // One restart in 20 happens to continue the block.
    expect(breaks / out.length).toBeCloseTo(0.1 * 0.95, 2);
    const counts = new Float64Array(20);
    for (const index of out) counts[index] += 1;
    for (const count of counts) expect(Math.abs(count / 3_000 - 1)).toBeLessThan(0.25);
  });
});

function draw(returns: readonly number[], rule: PathRule, draws: number) {
  return resamplePaths(returns, { rule, draws, prng: createPrng(11) });
}

/** Largest distance, in standard errors, by which an exact quantile misses the share of draws below or up to it. */
function probabilityError(values: Float64Array, exact: Readonly<Record<string, number>>): number {
  const errors = Object.entries(exact).map(([text, quantile]) => {
    const q = Number(text);
    const below = values.filter((value) => value < quantile - 1e-9).length / values.length;
    const upTo = values.filter((value) => value <= quantile + 1e-9).length / values.length;
    return Math.max(below - q, q - upTo, 0) / Math.sqrt((q * (1 - q)) / values.length);
  });
  return Math.max(...errors);
}

/** Largest distance of drawn quantiles from exact ones. */
function quantileError(values: Float64Array, exact: Readonly<Record<string, number>>): number {
  return Math.max(...Object.entries(exact).map(([q, expected]) => Math.abs(quantileOf(values, Number(q)) - expected)));
}

describe('resamplePaths against all 3,125 resamples of 5 returns', () => {
  const { returns, suggested_mc: mc } = bootstrapExact;
  const paths = draw(returns, { kind: 'bootstrap' }, mc.B);

  it('has the exact distribution of final returns and drawdowns', () => {
    expect(probabilityError(paths.totalReturnFrac, bootstrapExact.final_quantiles)).toBeLessThan(4);
    expect(probabilityError(paths.drawdownFrac, bootstrapExact.max_drawdown_quantiles)).toBeLessThan(4);
    expect(mean(paths.totalReturnFrac)).toBeCloseTo(bootstrapExact.final_mean, 2);
    expect(standardDeviation(paths.totalReturnFrac, 0)).toBeCloseTo(bootstrapExact.final_sd, 2);
    expect(mean(paths.drawdownFrac)).toBeCloseTo(bootstrapExact.max_drawdown_mean, 2);
  });

  // The distribution has few values: the extreme quantiles lie between two that are 0.012 apart, so that no number of draws
  // brings every seed within the suggested 0.006 of them; the test above judges those in probabilities.
  it('comes as near to the inner quantiles as the reference suggests', () => {
    const inner = (exact: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(exact).filter(([q]) => Number(q) >= 0.25 && Number(q) <= 0.75));
    const { tolerance_quantile_abs: tolerance } = mc;
    expect(quantileError(paths.totalReturnFrac, inner(bootstrapExact.final_quantiles))).toBeLessThan(tolerance);
    expect(quantileError(paths.drawdownFrac, inner(bootstrapExact.max_drawdown_quantiles))).toBeLessThan(tolerance);
  });

  it('has the exact probability of a loss and interval of the mean', () => {
    const losses = paths.totalReturnFrac.filter((value) => value < 0).length;
    expect(Math.abs(losses / mc.B - bootstrapExact.prob_loss)).toBeLessThan(mc.tolerance_prob_abs);
    const [low, high] = bootstrapExact.mean_return_ci95_percentile;
    expect(Math.abs(quantileOf(paths.meanReturn, 0.025) - low)).toBeLessThan(mc.tolerance_quantile_abs);
    expect(Math.abs(quantileOf(paths.meanReturn, 0.975) - high)).toBeLessThan(mc.tolerance_quantile_abs);
  });
});

describe('resamplePaths against all 720 orders of 6 returns', () => {
  const { returns, suggested_mc: mc } = shuffleExact;
  const paths = draw(returns, { kind: 'shuffle' }, mc.B);

  it('leaves the final return as it is', () => {
    const spread = Math.max(...paths.totalReturnFrac) - Math.min(...paths.totalReturnFrac);
    expect(spread).toBeLessThan(1e-12);
    expect(paths.totalReturnFrac[0]).toBeCloseTo(shuffleExact.final_return_all_paths, 12);
  });

  it('has the exact distribution of drawdowns', () => {
    expect(quantileError(paths.drawdownFrac, shuffleExact.max_drawdown_quantiles)).toBeLessThan(
      mc.tolerance_quantile_abs,
    );
    expect(Math.abs(mean(paths.drawdownFrac) - shuffleExact.max_drawdown_mean)).toBeLessThan(0.001);
    expect(Math.min(...paths.drawdownFrac)).toBeCloseTo(shuffleExact.max_drawdown_worst, 12);
    expect(Math.max(...paths.drawdownFrac)).toBeCloseTo(shuffleExact.max_drawdown_best, 12);
    const deep = paths.drawdownFrac.filter((depth) => depth < -0.08).length;
    expect(Math.abs(deep / mc.B - shuffleExact.prob_mdd_worse_than_8pct)).toBeLessThan(mc.tolerance_prob_abs);
  });
});

describe('resamplePaths of shuffled trades in cash', () => {
  it('has the exact drawdowns', () => {
    const { trades, start, max_drawdown_cash: exact, mean: exactMean, q95 } = shuffleCash;
    const options = { rule: { kind: 'shuffle' }, draws: 20_000, prng: createPrng(12) } as const;
    const { drawdownCash, totalReturnFrac } = resamplePaths(trades, {
      ...options,
      sizing: 'fixed',
      startCapital: start,
    });
    const counts = new Map<number, number>();
    for (const depth of drawdownCash) counts.set(-depth, (counts.get(-depth) ?? 0) + 1);
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual(exact.values);
    for (const [k, value] of exact.values.entries()) {
      expect(Math.abs((counts.get(value) ?? 0) / 20_000 - exact.counts[k] / 720)).toBeLessThan(0.015);
    }
    expect(Math.abs(-mean(drawdownCash) / exactMean - 1)).toBeLessThan(0.01);
    expect(quantileOf(drawdownCash, 0.05)).toBe(-q95);
    expect(new Set(totalReturnFrac)).toEqual(new Set([1_070 / 1_000 - 1]));
  });
});

describe('resamplePaths', () => {
  const orders = (results: readonly number[], sizing: Sizing, startCapital = 1) =>
    resamplePaths(results, { rule: { kind: 'shuffle' }, draws: 200, prng: createPrng(3), sizing, startCapital });

  it('measures every path as the metrics of an equity curve do', () => {
    const results = [0.1, -0.05, 0.02, -0.2, 0.15, -0.01, 0.3, -0.12];
    for (const sizing of ['compounded', 'fixed'] as const) {
      const paths = orders(results, sizing);
      const prng = createPrng(3);
      const out = new Int32Array(results.length);
      for (let trial = 0; trial < 200; trial += 1) {
        shuffledIndices(out, uniformsOf(prng));
        const equity = [1];
        for (const k of out) {
          const before = equity[equity.length - 1];
          equity.push(sizing === 'fixed' ? before + results[k] : before * (1 + results[k]));
        }
        expect(paths.drawdownFrac[trial]).toBe(deepestDrawdown(equity).depth);
        expect(paths.drawdownCash[trial]).toBe(deepestCashDrawdown(equity).depth);
        expect(paths.underwaterMax[trial]).toBe(longestUnderwater(equity));
        expect(paths.lowestFrac[trial]).toBe(Math.min(...equity) - 1);
        expect(paths.totalReturnFrac[trial]).toBe(equity[equity.length - 1] - 1);
      }
    }
  });

  it('does not bring capital back that is gone', () => {
    for (const { results, sizing, start } of [
      { results: [-1.5, -2, 0.5], sizing: 'compounded', start: 1 },
      { results: [-150, 500, -60], sizing: 'fixed', start: 100 },
    ] as const) {
      const { totalReturnFrac, drawdownFrac, lowestFrac } = orders(results, sizing, start);
      const ruined = totalReturnFrac.filter((value) => value === -1).length;
      expect(ruined).toBe(lowestFrac.filter((value) => value === -1).length);
      expect(ruined).toBe(drawdownFrac.filter((value) => value === -1).length);
      expect(ruined).toBeGreaterThan(0);
      expect(Math.min(...totalReturnFrac)).toBe(-1);
    }
  });
});

describe('resamplePaths in blocks', () => {
  it('keeps neighbours together', () => {
    // Alternating returns: single draws break the pairs, blocks of 2 that start on an even place do not.
    const returns = Array.from({ length: 40 }, (_, k) => (k % 2 === 0 ? 0.1 : -0.09));
    const plain = draw(returns, { kind: 'bootstrap' }, 2_000);
    for (const kind of ['circular_blocks', 'stationary'] as const) {
      const blocks = draw(returns, { kind, blockLength: 20 }, 2_000);
      const share = standardDeviation(blocks.meanReturn, 0) / standardDeviation(plain.meanReturn, 0);
      expect(share).toBeLessThan(kind === 'stationary' ? 0.3 : 0.1);
    }
  });
});

describe('meanInterval', () => {
  it('is the textbook interval', () => {
    // Mean 5, sd 2.5820 of four observations; t(3, 0.975) = 3.1824.
    const found = meanInterval([2, 4, 6, 8]);
    expect(found).toMatchObject({ kind: 'interval', estimate: 5, level: 0.95, observations: 4 });
    expect(found.kind === 'interval' && found.low).toBeCloseTo(5 - 3.182_446_305 * (2.581_988_897 / 2), 6);
    expect(found.kind === 'interval' && found.high).toBeCloseTo(5 + 3.182_446_305 * (2.581_988_897 / 2), 6);
  });

  it('is a point without spread and refused below two observations or with a missing one', () => {
    expect(meanInterval([3, 3, 3])).toMatchObject({ low: 3, estimate: 3, high: 3, standardError: 0 });
    expect(meanInterval([3])).toEqual({ kind: 'refused', reason: 'too_few_clusters', found: 1, needed: 2 });
    expect(meanInterval([3, Number.NaN, 4])).toMatchObject({ kind: 'refused', reason: 'undefined_statistic' });
  });

  it('covers the true mean in 95 % of small normal samples', () => {
    const prng = createPrng(13);
    let covered = 0;
    for (let trial = 0; trial < 4_000; trial += 1) {
      const found = meanInterval(Array.from({ length: 5 }, () => 2 + prng.normal()));
      if (found.kind === 'interval' && found.low <= 2 && found.high >= 2) covered += 1;
    }
    expect(covered / 4_000).toBeCloseTo(0.95, 1.8);
  });
});
