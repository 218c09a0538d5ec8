import { describe, expect, it } from 'vitest';
import { WilderSeries } from './wilder.ts';

describe('WilderSeries', () => {
  it('starts with the mean of the first n values and moves by 1 / n of the distance', () => {
    const wilder = new WilderSeries(4);
    const found = [1, 2, 3, 6, 7, 3].map((value) => wilder.step(value));
    expect(found).toEqual([Number.NaN, Number.NaN, Number.NaN, 3, 4, 3.75]);
  });

  it('steps over a missing value, before and after its start', () => {
    const wilder = new WilderSeries(2);
    const found = [Number.NaN, 1, Number.NaN, 3, Number.NaN, 4].map((value) => wilder.step(value));
    expect(found).toEqual([Number.NaN, Number.NaN, Number.NaN, 2, Number.NaN, 3]);
  });

  it('settles as stated', () => {
    const { settleSteps } = new WilderSeries(14);
    expect((1 - 1 / 14) ** (settleSteps - 14)).toBeLessThan(1e-3);
    expect((1 - 1 / 14) ** (settleSteps - 15)).toBeGreaterThan(1e-3);
  });
});
