import { describe, expect, it } from 'vitest';
import moments from '../test-data/moments.json' with { type: 'json' };
import { kurtosis, mean, skewness, standardDeviation } from './moments.ts';

describe('moments', () => {
  it('agree with numpy and scipy on a short series of returns', () => {
    const { returns } = moments;
    expect(mean(returns)).toBeCloseTo(moments.mean, 12);
    expect(standardDeviation(returns, 1)).toBeCloseTo(moments.sd_ddof1, 12);
    expect(standardDeviation(returns, 0)).toBeCloseTo(moments.sd_ddof0, 12);
    expect(skewness(returns)).toBeCloseTo(moments.skew_biased, 12);
    expect(kurtosis(returns)).toBeCloseTo(moments.kurt_full_biased, 12);
  });

  it('are missing where they are not defined', () => {
    expect(mean([])).toBeNaN();
    expect(standardDeviation([], 0)).toBeNaN();
    expect(standardDeviation([1], 1)).toBeNaN();
    expect(standardDeviation([1], 0)).toBe(0);
    expect(skewness([2, 2, 2])).toBeNaN();
    expect(kurtosis([2, 2, 2])).toBeNaN();
    expect(mean([1, Number.NaN])).toBeNaN();
  });

  it('keep their digits far from zero', () => {
    expect(standardDeviation([1e9, 1e9 + 1, 1e9 + 2], 1)).toBe(1);
  });
});
