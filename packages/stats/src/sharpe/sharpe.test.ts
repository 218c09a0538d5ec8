import { readFileSync } from 'node:fs';
import { createPrng } from '@donch/core';
import { describeWithShared, sharedDir } from '@donch/testkit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import moments from '../../test-data/moments.json' with { type: 'json' };
import diagnostic from '../../test-data/psr_variant_diagnostic.json' with { type: 'json' };
import { normalCdf } from '../distributions/normal.ts';
import { annualSharpeRatio, sharpeRatio } from '../metrics/sharpe-ratio.ts';
import { mean, standardDeviation } from '../moments.ts';
import { deflatedSharpe, expectedMaxOfTrials, minBacktest, trialSpreadOf } from './deflated-sharpe.ts';
import { minTrackRecord2026, probabilisticSharpe2026 } from './probabilistic-sharpe-2026.ts';
import { minTrackRecord, probabilisticSharpe } from './probabilistic-sharpe.ts';
import { type SharpeRefusal, type SharpeSample, sharpeSampleOf } from './sharpe-sample.ts';

/** The result, or a failed test that names the refusal. */
function accepted<T extends { readonly kind: string }>(found: T | SharpeRefusal): T {
  if (found.kind === 'refused') throw new Error(`refused: ${JSON.stringify(found)}`);
  return found as T;
}

/** A sample of normal returns. */
const NORMAL: SharpeSample = { sharpe: 0.1, skewness: 0, kurtosis: 3, observations: 500 };

describeWithShared('published Sharpe statistics', () => {
  interface Arguments {
    readonly sr: number;
    readonly benchmark?: number;
    readonly T: number;
    readonly skew: number;
    readonly kurt: number;
    readonly N: number;
    readonly trials_sr_variance: number;
    readonly prob: number;
    readonly alpha: number;
  }
  interface Case {
    readonly function: string;
    readonly args: Arguments;
    readonly expected: number;
    readonly abs: number;
  }
  const sampleOf = ({ sr, T, skew, kurt }: Arguments): SharpeSample => ({
    sharpe: sr,
    skewness: skew,
    kurtosis: kurt,
    observations: T,
  });
  const psr = (args: Arguments): number => accepted(probabilisticSharpe(sampleOf(args), args.benchmark)).probability;
  const psr2026 = ({ benchmark = 0, ...args }: Arguments): number =>
    accepted(probabilisticSharpe2026(sampleOf(args), { benchmark })).probability;
  const max = (trials: number): number => accepted(expectedMaxOfTrials(trials)).standardDeviations;
  const statistics: Readonly<Record<string, (args: Arguments) => number>> = {
    psr,
    'psr2012 on the same data': psr,
    psr2026,
    expected_max: ({ N }) => max(N),
    expected_max_sr: ({ N, trials_sr_variance: variance }) => Math.sqrt(variance) * max(N),
    dsr: (args) =>
      accepted(deflatedSharpe(sampleOf(args), { trials: args.N, sharpeVariance: args.trials_sr_variance })).probability,
    sr_stdev: (args) => accepted(probabilisticSharpe(sampleOf(args))).standardError,
    sr_stdev_2026: (args) => accepted(probabilisticSharpe2026(sampleOf(args), { benchmark: args.sr })).standardError,
    mintrl_obs: ({ benchmark = 0, prob, ...args }) =>
      accepted(minTrackRecord(sampleOf(args as Arguments), { benchmark, probability: prob })).observations,
    mintrl2026: ({ benchmark = 0, alpha, ...args }) =>
      accepted(minTrackRecord2026(sampleOf(args as Arguments), { benchmark, probability: 1 - alpha })).observations,
  };
  const cases = ['psr_dsr_published', 'psr_2026_variant'].flatMap(
    (name) => (JSON.parse(readFileSync(sharedDir(`vectors/sharpe/${name}.json`), 'utf8')) as { cases: Case[] }).cases,
  );

  it('are all there', () => {
    expect(cases).toHaveLength(14);
    expect(cases.filter((one) => statistics[one.function] === undefined)).toEqual([]);
  });

  it.each(cases)('$function of $args is $expected', ({ function: name, args, expected, abs }) => {
    expect(Math.abs(statistics[name](args) - expected)).toBeLessThanOrEqual(abs);
  });
});

describe('the Sharpe ratio of a series', () => {
  it('comes with the moments that the papers use', () => {
    const { returns } = moments;
    const sample = accepted(sharpeSampleOf(returns));
    expect(sample.sharpe).toBeCloseTo(moments.sharpe_per_period, 12);
    expect(sample.skewness).toBeCloseTo(moments.skew_biased, 12);
    expect(sample.kurtosis).toBeCloseTo(moments.kurt_full_biased, 12);
    expect(annualSharpeRatio(returns)).toBeCloseTo(moments.sharpe_annual_365, 12);
    expect(accepted(probabilisticSharpe(sample)).probability).toBeCloseTo(moments.psr_0, 12);
  });

  it('is not judged in one of the ways that are wrong', () => {
    const sample = accepted(sharpeSampleOf(diagnostic.returns));
    expect(sample.sharpe).toBeCloseTo(diagnostic.sr, 12);
    expect(sample.skewness).toBeCloseTo(diagnostic.skew, 9);
    expect(sample.kurtosis).toBeCloseTo(diagnostic.kurt, 9);
    const { probability } = accepted(probabilisticSharpe(sample));
    expect(Math.abs(probability - diagnostic.correct_psr_0)).toBeLessThan(diagnostic.abs);
    const against = accepted(probabilisticSharpe(sample, 0.05)).probability;
    expect(Math.abs(against - diagnostic.correct_psr_vs_0_05)).toBeLessThan(diagnostic.abs);
    const wrong = Object.entries(diagnostic.wrong).filter(([, value]) => Math.abs(probability - value) < 1e-5);
    expect(wrong).toEqual([]);
  });

  it('is refused for returns that cannot carry it', () => {
    const series = (length: number): number[] => Array.from({ length }, (_, k) => Math.sin(k * k));
    expect(sharpeSampleOf(series(19))).toEqual({
      kind: 'refused',
      reason: 'too_few_observations',
      found: 19,
      needed: 20,
    });
    expect(sharpeSampleOf(series(20)).kind).toBe('sharpe_sample');
    expect(sharpeSampleOf(new Float64Array(50))).toMatchObject({ reason: 'no_spread', found: 0 });
    expect(sharpeSampleOf(Array.from({ length: 50 }, () => 0.1))).toMatchObject({ reason: 'no_spread' });
    expect(sharpeSampleOf([...series(30), Number.NaN, Infinity])).toMatchObject({ reason: 'missing_value', found: 2 });
  });
});

describe('refusals', () => {
  const search = { trials: 100, sharpeVariance: 0.002 };
  it.each([
    { reason: 'too_few_observations', found: 19, needed: 20, of: probabilisticSharpe({ ...NORMAL, observations: 19 }) },
    {
      reason: 'too_few_observations',
      found: 2,
      needed: 20,
      of: deflatedSharpe({ ...NORMAL, observations: 2 }, search),
    },
    {
      reason: 'too_few_observations',
      found: 0,
      needed: 20,
      of: probabilisticSharpe2026({ ...NORMAL, observations: 0 }),
    },
    { reason: 'missing_value', found: 1, needed: 0, of: probabilisticSharpe({ ...NORMAL, sharpe: Number.NaN }) },
    { reason: 'missing_value', found: 1, needed: 0, of: probabilisticSharpe(NORMAL, Number.NaN) },
    { reason: 'missing_value', found: 2, needed: 0, of: minTrackRecord({ sharpe: 1, skewness: NaN, kurtosis: NaN }) },
    { reason: 'missing_value', found: 1, needed: 0, of: deflatedSharpe(NORMAL, { ...search, sharpeVariance: NaN }) },
    { reason: 'missing_value', found: 1, needed: 0, of: expectedMaxOfTrials(Infinity) },
    { reason: 'missing_value', found: 1, needed: 0, of: minBacktest(100, NaN) },
    // no returns have such moments: g4 >= 1 + g3^2
    {
      reason: 'variance_not_positive',
      found: 0,
      needed: 0,
      of: probabilisticSharpe({ ...NORMAL, sharpe: 1, skewness: 1.5 }),
    },
    { reason: 'not_above_benchmark', found: 0.1, needed: 0.1, of: minTrackRecord(NORMAL, { benchmark: 0.1 }) },
    { reason: 'not_above_benchmark', found: 0.1, needed: 0.2, of: minTrackRecord2026(NORMAL, { benchmark: 0.2 }) },
    { reason: 'not_above_benchmark', found: -1, needed: 0, of: minBacktest(100, -1) },
    { reason: 'too_few_trials', found: 1, needed: 5, of: deflatedSharpe(NORMAL, { ...search, trials: 1 }) },
    { reason: 'too_few_trials', found: 4.9, needed: 5, of: expectedMaxOfTrials(4.9) },
    { reason: 'too_few_trials', found: 0, needed: 5, of: minBacktest(0, 1) },
    { reason: 'too_few_trials', found: 1, needed: 2, of: trialSpreadOf([0.1, NaN], 1) },
    {
      reason: 'trials_without_spread',
      found: 0,
      needed: 0,
      of: deflatedSharpe(NORMAL, { ...search, sharpeVariance: 0 }),
    },
  ])('$reason: found $found, needed $needed', ({ of, ...expected }) => {
    expect(of).toEqual({ kind: 'refused', ...expected });
  });

  it('hold for a probability that proves nothing', () => {
    expect(() => minTrackRecord(NORMAL, { probability: 0.5 })).toThrow('above one half');
    expect(() => minTrackRecord2026(NORMAL, { probability: 1 })).toThrow('above one half');
  });
});

describe('the minimum track record', () => {
  const figures = fc.record({
    sharpe: fc.double({ min: 0.02, max: 0.12, noNaN: true }),
    skewness: fc.double({ min: -2, max: 2, noNaN: true }),
    kurtosis: fc.double({ min: 5, max: 12, noNaN: true }),
  });

  it('is the number of observations at which the PSR reaches the probability', () => {
    fc.assert(
      fc.property(figures, fc.constantFrom(0.9, 0.95, 0.99), (found, probability) => {
        const benchmark = found.sharpe / 3;
        const { observations } = accepted(minTrackRecord(found, { benchmark, probability }));
        const psr = accepted(probabilisticSharpe({ ...found, observations }, benchmark));
        expect(psr.probability).toBeCloseTo(probability, 12);
        const revised = accepted(minTrackRecord2026(found, { benchmark, probability, autocorrelation: 0.1 }));
        const sample = { ...found, observations: revised.observations };
        const psr2026 = accepted(probabilisticSharpe2026(sample, { benchmark, autocorrelation: 0.1 }));
        expect(psr2026.probability).toBeCloseTo(probability, 12);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

/** E[max of n standard normals], by the trapezoid rule on x dPhi(x)^n. */
function exactExpectedMax(n: number): number {
  let sum = 0;
  const step = 0.001;
  for (let x = -9; x < 9; x += step) sum += (x + step / 2) * (normalCdf(x + step) ** n - normalCdf(x) ** n);
  return sum;
}

describe('the expected maximum', () => {
  it('is near the exact one where it is given and too far off below', () => {
    // H. Harter (1961): 1.16296 of 5, 1.53875 of 10, 2.50759 of 100.
    expect(exactExpectedMax(5)).toBeCloseTo(1.162_96, 4);
    expect(exactExpectedMax(100)).toBeCloseTo(2.507_59, 4);
    for (const n of [5, 6, 8, 10, 20, 100, 1_000]) {
      const { standardDeviations } = accepted(expectedMaxOfTrials(n));
      expect(Math.abs(standardDeviations / exactExpectedMax(n) - 1)).toBeLessThan(0.03);
    }
  });

  it('rises with the number of trials, up to numbers that nobody runs', () => {
    const values = [5, 5.5, 6, 100, 1e6, 1e12, 1e300].map((n) => accepted(expectedMaxOfTrials(n)).standardDeviations);
    expect(values.every((value, k) => k === 0 || value > values[k - 1])).toBe(true);
  });

  it('gives the published length of a backtest: 45 trials, Sharpe ratio 1, five years', () => {
    expect(accepted(minBacktest(45, 1)).years).toBeCloseTo(4.998, 3);
  });
});

describe('the spread of trials', () => {
  it('depends on the divisor and counts trials without a Sharpe ratio', () => {
    const sharpes = [0.1, 0.2, Number.NaN, 0.6];
    expect(trialSpreadOf(sharpes, 1)).toMatchObject({ trials: 4, measured: 3, ddof: 1 });
    expect(accepted(trialSpreadOf(sharpes, 1)).sharpeVariance).toBeCloseTo(0.07, 12);
    expect(accepted(trialSpreadOf(sharpes, 0)).sharpeVariance).toBeCloseTo(0.14 / 3, 12);
    expect(accepted(trialSpreadOf(sharpes, 0)).sharpeMean).toBeCloseTo(0.3, 12);
  });

  it('of the same trial again and again is 0, not the rounding of its mean', () => {
    const found = accepted(trialSpreadOf(new Float64Array(10).fill(0.1), 1));
    expect(found.sharpeVariance).toBe(0);
    expect(deflatedSharpe(NORMAL, found)).toMatchObject({ kind: 'refused', reason: 'trials_without_spread' });
  });
});

describe('PSR (2026) of dependent returns', () => {
  it('has the error that can be computed by hand', () => {
    // r = 1/2: 3 - 7/3 g3 SR + 5/3 (g4 - 1)/4 SR^2 = 3 + 0.7 + 0.15
    const sample = { sharpe: 0.3, skewness: -1, kurtosis: 5, observations: 100 };
    const found = accepted(probabilisticSharpe2026(sample, { benchmark: 0.3, autocorrelation: 0.5 }));
    expect(found.standardError).toBeCloseTo(Math.sqrt(0.038_5), 14);
    expect(found.probability).toBe(0.5);
    const longer = accepted(minTrackRecord2026({ ...sample, sharpe: 0.4 }, { benchmark: 0.3, autocorrelation: 0.5 }));
    expect(longer.observations).toBeCloseTo(3.85 * (1.644_853_626_951_472_2 / 0.1) ** 2, 9);
    expect(() => probabilisticSharpe2026(sample, { autocorrelation: 1 })).toThrow('between -1 and 1');
  });
});

describe('returns without skill', () => {
  it('have a PSR above p in a share 1 - p of the series', () => {
    const prng = createPrng(1, 'psr');
    const probabilities = Array.from({ length: 4_000 }, () => {
      const sample = accepted(sharpeSampleOf(Array.from({ length: 60 }, () => prng.normal())));
      return [accepted(probabilisticSharpe(sample)), accepted(probabilisticSharpe2026(sample))];
    });
    for (const which of [0, 1]) {
      for (const level of [0.05, 0.5, 0.95]) {
        const share = probabilities.filter((found) => found[which].probability > level).length / 4_000;
        expect(Math.abs(share - (1 - level))).toBeLessThan(0.015);
      }
    }
  });

  it('have a DSR above 0.95 in hardly more than 5 % of searches, where the PSR of the winner nearly always is', () => {
    const prng = createPrng(2, 'dsr');
    let deflated = 0;
    let plain = 0;
    for (let search = 0; search < 200; search += 1) {
      const trials = Array.from({ length: 100 }, () =>
        accepted(sharpeSampleOf(Float64Array.from({ length: 100 }, () => prng.normal()))),
      );
      const spread = accepted(
        trialSpreadOf(
          trials.map(({ sharpe }) => sharpe),
          1,
        ),
      );
      const winner = trials.reduce((best, one) => (one.sharpe > best.sharpe ? one : best));
      if (accepted(deflatedSharpe(winner, spread)).probability > 0.95) deflated += 1;
      if (accepted(probabilisticSharpe(winner)).probability > 0.95) plain += 1;
    }
    expect(deflated).toBeLessThanOrEqual(10);
    expect(plain).toBeGreaterThan(190);
  });

  it('have estimates that spread as the error for dependent returns says', () => {
    const prng = createPrng(3, 'ar1');
    for (const autocorrelation of [-0.3, 0.4]) {
      const estimates = Array.from({ length: 2_000 }, () => {
        let last = prng.normal() / Math.sqrt(1 - autocorrelation ** 2);
        const returns = Array.from({ length: 250 }, () => (last = autocorrelation * last + prng.normal()));
        return sharpeRatio(returns);
      });
      const { standardError } = accepted(
        probabilisticSharpe2026({ ...NORMAL, observations: 250 }, { autocorrelation }),
      );
      expect(Math.abs(mean(estimates))).toBeLessThan(0.01);
      expect(Math.abs(standardDeviation(estimates, 1) / standardError - 1)).toBeLessThan(0.05);
    }
  });
});
