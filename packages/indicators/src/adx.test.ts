import { CandleBuffer, type Candles } from '@donch/core';
import { kernelContract, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { Adx } from './adx.ts';
import { stepAll } from './kernel.ts';

const outputs = ({ adx, plusDi, minusDi, dx }: Adx) => [adx, plusDi, minusDi, dx];
for (const length of [2, 14]) {
  kernelContract(`Adx(${length})`, {
    create: () => new Adx(length),
    candles: randomCandles({ seed: 14, length: 900 }),
    outputs,
    scale: 100,
  });
}

/** Bars around a line of closes: high and low half a unit away. */
function trend(first: number, step: number, length: number): Candles {
  const buffer = new CandleBuffer(60_000, length);
  for (let k = 0; k < length; k += 1) {
    const close = first + k * step;
    buffer.append({
      openTimeMs: k * 60_000,
      open: close,
      high: close + 0.5,
      low: close - 0.5,
      close,
      volume: 1,
      turnover: Number.NaN,
    });
  }
  return buffer;
}

describe('Adx', () => {
  it.each([
    { name: 'a rise by 1 per bar', candles: trend(10, 1, 40), adx: 100, plusDi: 200 / 3, minusDi: 0 },
    { name: 'a fall by 1 per bar', candles: trend(90, -1, 40), adx: 100, plusDi: 0, minusDi: 200 / 3 },
    { name: 'no movement', candles: trend(50, 0, 40), adx: 0, plusDi: 0, minusDi: 0 },
  ])('reads $name', ({ candles, ...expected }) => {
    const kernel = new Adx(14);
    stepAll(kernel, candles);
    expect(kernel.adx).toBeCloseTo(expected.adx, 10);
    expect(kernel.plusDi).toBeCloseTo(expected.plusDi, 10);
    expect(kernel.minusDi).toBeCloseTo(expected.minusDi, 10);
  });

  it('counts equal moves up and down for neither side', () => {
    const widening = new CandleBuffer(60_000);
    for (let k = 0; k < 12; k += 1) {
      const [high, low] = [100 + k, 100 - k];
      widening.append({ openTimeMs: k * 60_000, open: 100, high, low, close: 100, volume: 1, turnover: Number.NaN });
    }
    const kernel = new Adx(3);
    stepAll(kernel, widening);
    expect([kernel.plusDi, kernel.minusDi, kernel.dx, kernel.adx]).toEqual([0, 0, 0, 0]);
  });
});
