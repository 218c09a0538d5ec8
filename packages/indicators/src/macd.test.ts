import { candlesOfCloses, kernelContract, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { EmaSeries } from './ema.ts';
import { stepAll } from './kernel.ts';
import { Macd } from './macd.ts';

kernelContract('Macd(12, 26, 9)', {
  create: () => new Macd(),
  candles: randomCandles({ seed: 15, length: 900 }),
  outputs: ({ line, signal, hist }) => [line, signal, hist],
  scale: 100,
});

describe('Macd', () => {
  it('is the difference of two EMAs, the EMA of it, and what lies between', () => {
    const prices = [10, 11, 13, 12, 9, 14, 20];
    const [fast, slow, signal] = [new EmaSeries(2), new EmaSeries(4), new EmaSeries(3)];
    const kernel = new Macd({ fast: 2, slow: 4, signal: 3 });
    const candles = candlesOfCloses(prices);
    for (const [i, price] of prices.entries()) {
      const line = fast.step(price) - slow.step(price);
      const average = signal.step(line);
      expect(kernel.step(candles, i)).toBe(line - average);
      expect([kernel.line, kernel.signal, kernel.hist]).toEqual([line, average, line - average]);
    }
  });

  it('begins at zero with the first bar', () => {
    expect(stepAll(new Macd(), candlesOfCloses([7, 7, 7]))).toEqual(new Float64Array(3));
  });
});
