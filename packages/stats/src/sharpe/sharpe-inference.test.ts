import { createPrng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { annualSharpeRatio } from '../metrics/sharpe-ratio.ts';
import { probabilisticSharpe2026 } from './probabilistic-sharpe-2026.ts';
import { probabilisticSharpe } from './probabilistic-sharpe.ts';
import { inferSharpe, type SharpeInference } from './sharpe-inference.ts';

/** 400 days of an AR(1) process with a drift. */
function days(autocorrelation: number): Float64Array {
  const prng = createPrng(3, 'days');
  let last = 0;
  return Float64Array.from({ length: 400 }, () => {
    last = autocorrelation * last + prng.normal();
    return 0.001 + last / 100;
  });
}

function inferred(returns: Float64Array): SharpeInference {
  const found = inferSharpe(returns);
  if (found.kind === 'refused') throw new Error(JSON.stringify(found));
  return found;
}

describe('inferSharpe', () => {
  it('states the ratio per year and the probabilities per day, each formula by its own name', () => {
    const returns = days(0.3);
    const { sample, annualSharpe, psr, psr2026, autocorrelation } = inferred(returns);
    expect(annualSharpe).toBe(annualSharpeRatio(returns));
    expect(psr).toEqual(probabilisticSharpe(sample));
    expect(psr2026).toEqual(probabilisticSharpe2026(sample, { autocorrelation }));
    expect(Math.abs(autocorrelation - 0.3)).toBeLessThan(0.1);
  });

  it('is less sure of days that depend on each other, and no surer of days that swing back', () => {
    const errorOf = ({ psr2026 }: SharpeInference): number =>
      psr2026.kind === 'psr_2026' ? psr2026.standardError : Number.NaN;
    expect(errorOf(inferred(days(0.5)))).toBeGreaterThan(1.5 * errorOf(inferred(days(0))));
    expect(inferred(days(-0.5)).autocorrelation).toBe(0);
    expect(errorOf(inferred(days(-0.5)))).toBeCloseTo(Math.sqrt(1 / 400), 12);
  });

  it('gives no length of a record to a loss', () => {
    const { minTrackRecord, minTrackRecord2026 } = inferred(days(0).map((value) => value - 0.01));
    expect(minTrackRecord).toMatchObject({ kind: 'refused', reason: 'not_above_benchmark' });
    expect(minTrackRecord2026).toMatchObject({ kind: 'refused', reason: 'not_above_benchmark' });
  });

  it('takes the closed form of neighbours', () => {
    // 1, 2, ..., 20: the products of neighbours are 565.25 around the mean, the squares 665
    const ramp = Float64Array.from({ length: 20 }, (_, day) => day + 1);
    expect(inferred(ramp).autocorrelation).toBeCloseTo(565.25 / 665, 12);
  });

  it.each([
    ['too few days', days(0).slice(0, 19), 'too_few_observations'],
    ['a missing day', days(0).fill(Number.NaN, 7, 8), 'missing_value'],
    ['no spread', new Float64Array(400), 'no_spread'],
  ])('refuses %s', (_, returns, reason) => {
    expect(inferSharpe(returns)).toMatchObject({ kind: 'refused', reason });
  });
});
