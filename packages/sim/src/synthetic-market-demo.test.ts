import { describe, expect, it } from 'vitest';
import { demoMarket } from './synthetic-market-demo.ts';

describe('the demo market', () => {
  const market = demoMarket();

  it('has enough symbols and days for the default strategy, and says what is planted', () => {
    expect(market.symbols.length).toBe(32);
    expect(market.options.days).toBe(280);
    expect(market.text).toContain('Synthetic data');
    expect(market.text).toContain('Planted effect, size 0.2');
  });

  // Rounding to the tick hides differences of the last digit between engines, so these values hold on all supported ones.
  it('is always the same', () => {
    const candles = market.candles(2);
    expect(candles.length).toBe(80_640);
    expect([0, 1, 40_000, 80_639].map((i) => [candles.close[i], candles.volume[i]])).toEqual([
      [0.0024865, 1_002_552_000],
      [0.002479, 156_229_000],
      [0.001343, 460_984_000],
      [0.0007315, 182_097_000],
    ]);
  });
});
