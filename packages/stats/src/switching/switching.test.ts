/**
 * Outside references: statsmodels (federal funds rate with the parameters and log-likelihood that Stata and EViews publish; a series
 * with switching variance; a filter by hand). They pin the filter, the smoother and the place of the maximum.
 */
import { readFileSync } from 'node:fs';
import { createPrng, type SwitchingParameters } from '@donch/core';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import byHand from '../../test-data/hamilton_filter_by_hand.json' with { type: 'json' };
import small from '../../test-data/switching_variance_small.json' with { type: 'json' };
import { fitSwitching } from './fit-switching.ts';
import { HamiltonFilter } from './hamilton-filter.ts';
import { filterSwitching, smoothSwitching, SwitchingFilter } from './switching-model.ts';
import { informationOf, logLikelihoodOf, parametersOf, scoreOf, vectorOf, type Switching } from './switching-score.ts';

const SMALL: SwitchingParameters = {
  p00: small.params.p00,
  p10: small.params.p10,
  means: [small.params.mu0, small.params.mu1],
  variances: [small.params.sigma2_0, small.params.sigma2_1],
};

function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  return Math.max(...Array.from(found, (value, k) => Math.abs(value - expected[k])));
}

/** A series of the model itself. */
function simulated(parameters: SwitchingParameters, length: number, seed: number): Float64Array {
  const prng = createPrng(seed, 'switching');
  let state: 0 | 1 = 0;
  return Float64Array.from({ length }, () => {
    state = prng.next() < (state === 0 ? parameters.p00 : parameters.p10) ? 0 : 1;
    return parameters.means[state] + Math.sqrt(parameters.variances[state]) * prng.normal();
  });
}

describe('the Hamilton filter', () => {
  it('agrees with the three absorbing states by hand', () => {
    const filter = new HamiltonFilter(byHand);
    const found = byHand.likelihood[0].map((_, t) => {
      filter.step(byHand.likelihood.map((row) => Math.log(row[t])));
      return [...filter.filtered];
    });
    byHand.filtered.forEach((row, state) => {
      row.forEach((expected, t) => expect(Math.abs(found[t][state] - expected)).toBeLessThanOrEqual(byHand.abs));
    });
  });

  it('agrees with statsmodels on a series with switching variance', () => {
    const found = smoothSwitching(SMALL, small.y);
    const { probabilities, llf } = small.tolerance;
    expect(largestDifference(found.filtered1, small.expected.filtered_regime1)).toBeLessThan(probabilities);
    expect(largestDifference(found.predicted1, small.expected.predicted_regime1)).toBeLessThan(probabilities);
    expect(largestDifference(found.smoothed1, small.expected.smoothed_regime1)).toBeLessThan(probabilities);
    expect(Math.abs(found.logLikelihood - small.expected.llf)).toBeLessThan(llf);
  });

  it('knows nothing of what comes later; the smoother does', () => {
    const short = small.y.slice(0, 60);
    const long = [...short, ...small.y.slice(60).map((value) => 5 * value)];
    expect(filterSwitching(SMALL, long).filtered1.slice(0, 60)).toEqual(filterSwitching(SMALL, short).filtered1);
    const smoothed = smoothSwitching(SMALL, long).smoothed1.slice(0, 60);
    expect(largestDifference(smoothed, smoothSwitching(SMALL, short).smoothed1)).toBeGreaterThan(0.01);
  });

  it('forgets during steps without an observation, down to the long-run shares', () => {
    const filter = new SwitchingFilter(SMALL);
    for (const value of [0.05, -0.06, 0.05]) filter.step(value);
    expect(filter.probabilityOf(1)).toBeGreaterThan(0.99);
    const before = filter.probabilityOf(1);
    const likelihood = filter.logLikelihood;
    filter.step(Number.NaN);
    expect(filter.probabilityOf(1)).toBeCloseTo(before * (1 - SMALL.p10) + (1 - before) * (1 - SMALL.p00), 12);
    for (let k = 0; k < 500; k += 1) filter.step(Number.NaN);
    expect(filter.probabilityOf(0)).toBeCloseTo(SMALL.p10 / (1 - SMALL.p00 + SMALL.p10), 10);
    expect(filter.logLikelihood).toBe(likelihood);
  });

  it('survives values that no state can explain', () => {
    const { filtered1, logLikelihood } = filterSwitching(SMALL, [0, 1e3, -1e3, 0]);
    expect([...filtered1].every((p) => p >= 0 && p <= 1)).toBe(true);
    expect(Number.isFinite(logLikelihood)).toBe(true);
  });
});

describeWithShared('the federal funds rate with a switching mean', () => {
  const file = JSON.parse(readFileSync(sharedDir('vectors/regime/fedfunds_const.json'), 'utf8')) as {
    readonly y: readonly number[];
    readonly params: { p00: number; p10: number; mu0: number; mu1: number; sigma2: number };
    readonly published_llf: number;
    readonly tolerance: { llf: number; probabilities: number; mle_params: number };
    readonly expected: Readonly<Record<'filtered_regime1' | 'predicted_regime1' | 'smoothed_regime1', number[]>> & {
      readonly llf: number;
    };
  };
  const { p00, p10, mu0, mu1, sigma2 } = file.params;

  it('has the published probabilities and log-likelihood at the published parameters', () => {
    const found = smoothSwitching({ p00, p10, means: [mu0, mu1], variances: [sigma2, sigma2] }, file.y);
    const { probabilities, llf } = file.tolerance;
    expect(largestDifference(found.filtered1, file.expected.filtered_regime1)).toBeLessThan(probabilities);
    expect(largestDifference(found.predicted1, file.expected.predicted_regime1)).toBeLessThan(probabilities);
    expect(largestDifference(found.smoothed1, file.expected.smoothed_regime1)).toBeLessThan(probabilities);
    expect(Math.abs(found.logLikelihood - file.published_llf)).toBeLessThan(llf);
  });

  it('is fitted to the published parameters', () => {
    const { parameters, logLikelihood, separationSe } = fitSwitching(Float64Array.from(file.y), 'mean');
    const found = [parameters.p00, parameters.p10, ...parameters.means, ...parameters.variances];
    expect(largestDifference(found, [p00, p10, mu0, mu1, sigma2, sigma2])).toBeLessThan(file.tolerance.mle_params);
    expect(Math.abs(logLikelihood - file.published_llf)).toBeLessThan(file.tolerance.llf);
    expect(separationSe).toBeGreaterThan(10);
  });
});

describe('the gradient of the likelihood', () => {
  it.each(['mean', 'variance', 'both'] as const)('is that of difference quotients (%s)', (switching: Switching) => {
    const values = simulated({ p00: 0.9, p10: 0.2, means: [-0.4, 0.8], variances: [0.5, 1.5] }, 80, 3);
    values[40] = Number.NaN;
    const vector = vectorOf({ p00: 0.85, p10: 0.3, means: [-0.2, 0.5], variances: [0.8, 1.7] }, switching);
    expect(largestDifference(vectorOf(parametersOf(vector, switching), switching), vector)).toBeLessThan(1e-12);
    const score = scoreOf(values, vector, switching);
    vector.forEach((_, k) => {
      const at = (by: number): number =>
        logLikelihoodOf(
          values,
          vector.map((value, i) => (i === k ? value + by : value)),
          switching,
        );
      expect(score[k]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 5);
    });
    expect(informationOf(values, vector, switching)).toHaveLength(vector.length);
  });
});

describe('fitting', () => {
  const TRUTH: SwitchingParameters = { p00: 0.95, p10: 0.1, means: [-0.01, 0.012], variances: [4e-4, 1e-4] };

  it('finds the parameters that made a long series', () => {
    const { parameters, separationSe } = fitSwitching(simulated(TRUTH, 4_000, 1), 'both');
    expect(parameters.p00).toBeCloseTo(TRUTH.p00, 1);
    expect(parameters.p10).toBeCloseTo(TRUTH.p10, 1);
    expect(largestDifference(parameters.means, TRUTH.means)).toBeLessThan(0.002);
    expect(largestDifference(parameters.variances, TRUTH.variances)).toBeLessThan(5e-5);
    expect(separationSe).toBeGreaterThan(5);
  });

  it('reaches at least the likelihood of the truth, at a point where it does not rise any more', () => {
    for (const switching of ['mean', 'variance', 'both'] as const) {
      const truth: SwitchingParameters = {
        ...TRUTH,
        means: switching === 'variance' ? [0.001, 0.001] : TRUTH.means,
        variances: switching === 'mean' ? [2e-4, 2e-4] : [1e-4, 9e-4],
      };
      const values = simulated(truth, 700, 5);
      const { parameters, logLikelihood } = fitSwitching(values, switching);
      expect(logLikelihood).toBeGreaterThanOrEqual(filterSwitching(truth, values).logLikelihood);
      expect(filterSwitching(parameters, values).logLikelihood).toBeCloseTo(logLikelihood, 6);
      const vector = vectorOf(parameters, switching);
      for (let k = 0; k < vector.length; k += 1) {
        for (const by of [0.02, -0.02]) {
          const beside = vector.map((value, i) => (i === k ? value + by * (k === 0 ? 0.01 : 1) : value));
          expect(logLikelihoodOf(values, beside, switching)).toBeLessThanOrEqual(logLikelihood + 1e-9);
        }
      }
    }
  });

  it('does not depend on the unit or the level of the values, and gives the same bits twice', () => {
    const values = simulated(TRUTH, 600, 7);
    const once = fitSwitching(values, 'both');
    expect(fitSwitching(values, 'both')).toEqual(once);
    const scaled = fitSwitching(
      values.map((value) => 1_000 * value + 50),
      'both',
    );
    expect(scaled.parameters.means[1]).toBeCloseTo(1_000 * once.parameters.means[1] + 50, 4);
    expect(scaled.separationSe).toBeCloseTo(once.separationSe, 3);
  });

  it('tells one distribution from two: the separation of the means is small without two of them', () => {
    const prng = createPrng(11, 'one state');
    const separations = Array.from(
      { length: 20 },
      () =>
        fitSwitching(
          Float64Array.from({ length: 300 }, () => 0.01 * prng.normal()),
          'both',
        ).separationSe,
    );
    const two = fitSwitching(simulated(TRUTH, 600, 7), 'both').separationSe;
    expect(separations.every((value) => !(value > two))).toBe(true);
  });

  it('has no answer for values without spread or without two states', () => {
    expect(fitSwitching(new Float64Array(50), 'both').separationSe).toBeNaN();
    expect(fitSwitching(new Float64Array(0), 'variance').separationSe).toBeNaN();
    expect(fitSwitching(Float64Array.of(1, Number.NaN), 'mean').observations).toBe(1);
    // half of the values are one number: a state without variance is no state
    const constant = Float64Array.from({ length: 200 }, (_, i) => (i < 100 ? 0 : Math.sin(i * 12.9898) * 0.01));
    expect(fitSwitching(constant, 'variance').separationSe).toBeNaN();
  });
});
