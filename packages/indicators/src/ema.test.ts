import { kernelContract, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { Ema, EmaSeries } from './ema.ts';

const candles = randomCandles({ seed: 11, length: 700 });
for (const length of [1, 9, 50]) {
  kernelContract(`Ema(${length})`, { create: () => new Ema(length), candles, scale: 100 });
}

describe('EmaSeries', () => {
  it('starts with the first value and moves by 2 / (n + 1) of the distance', () => {
    const ema = new EmaSeries(3);
    expect([10, 20, 20, 0].map((value) => ema.step(value))).toEqual([10, 15, 17.5, 8.75]);
  });

  it('steps over a missing value', () => {
    const ema = new EmaSeries(3);
    expect([10, Number.NaN, 20].map((value) => ema.step(value))).toEqual([10, Number.NaN, 15]);
  });

  it('settles as stated: 691 values for EMA(200), and thrice as many for 1e-9', () => {
    expect(new EmaSeries(200).settleSteps).toBe(691);
    const alpha = 2 / 201;
    expect((1 - alpha) ** 691).toBeLessThan(1e-3);
    expect((1 - alpha) ** (3 * 691)).toBeLessThan(1e-9);
  });
});
