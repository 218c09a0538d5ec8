import { candlesFromBars } from '@donch/core';
import { kernelContract, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { Atr } from './atr.ts';
import { stepAll } from './kernel.ts';
import { TrueRange } from './true-range.ts';

const candles = randomCandles({ seed: 12, length: 700 });
kernelContract('Atr(14)', { create: () => new Atr(14), candles });
kernelContract('Atr(1)', { create: () => new Atr(1), candles });
kernelContract('TrueRange', { create: () => new TrueRange(), candles });

const bar = (openTimeMs: number, high: number, low: number, close: number) => ({
  openTimeMs,
  open: low,
  high,
  low,
  close,
  volume: 1,
  turnover: Number.NaN,
});

describe('TrueRange', () => {
  it('counts a gap up from the previous close, a gap down to it, and else high - low', () => {
    const gaps = candlesFromBars(1, [bar(0, 10, 9, 9), bar(1, 12, 11, 12), bar(2, 9, 8, 8), bar(3, 10, 7, 9)]);
    expect([...stepAll(new TrueRange(), gaps)]).toEqual([Number.NaN, 3, 4, 3]);
  });
});

describe('Atr', () => {
  it('averages the true ranges of bars 1 .. n first', () => {
    const gaps = candlesFromBars(1, [bar(0, 10, 9, 9), bar(1, 12, 11, 12), bar(2, 9, 8, 8), bar(3, 10, 7, 9)]);
    expect([...stepAll(new Atr(2), gaps)]).toEqual([Number.NaN, Number.NaN, 3.5, 3.25]);
  });
});
