import { candlesOfCloses as closes, kernelContract, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { stepAll } from './kernel.ts';
import { Rsi } from './rsi.ts';

kernelContract('Rsi(14)', { create: () => new Rsi(14), candles: randomCandles({ seed: 13, length: 700 }), scale: 100 });

describe('Rsi', () => {
  it('is 50 on a constant series, 100 on a rising and 0 on a falling one', () => {
    const last = (values: readonly number[]) => stepAll(new Rsi(3), closes(values)).at(-1);
    expect(last([5, 5, 5, 5, 5])).toBe(50);
    expect(last([1, 2, 3, 4, 5])).toBe(100);
    expect(last([5, 4, 3, 2, 1])).toBe(0);
  });

  // A published implementation kept its previous price while the average loss was zero and said 100 here.
  it('sees the first losses after an unbroken rise', () => {
    const found = stepAll(new Rsi(3), closes([100, 101, 102, 103, 104, 103, 102]));
    // Gains 1 1 1 | 1, 0, 0; losses 0 0 0 | 0, 1, 1 in Wilder averages of 3.
    expect(found[4]).toBe(100);
    expect(found[5]).toBeCloseTo((100 * (2 / 3)) / (2 / 3 + 1 / 3), 12);
    expect(found[6]).toBeCloseTo((100 * (4 / 9)) / (4 / 9 + 5 / 9), 12);
  });
});
