import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile } from './normal.ts';

describe('normalCdf', () => {
  // The series of Abramowitz, Stegun 26.2.11 summed in decimal arithmetic of 500 digits.
  it.each([
    [-30, 4.906_713_927_148_187e-198],
    [-12.5, 3.732_564_298_877_714e-36],
    [-8, 6.220_960_574_271_784e-16],
    [-5, 2.866_515_718_791_939e-7],
    [-3, 0.001_349_898_031_630_094_6],
    [-2.5, 0.006_209_665_325_776_135],
    [-2, 0.022_750_131_948_179_21],
    [-1, 0.158_655_253_931_457_05],
    [-0.3, 0.382_088_577_811_047_4],
    [0, 0.5],
    [0.1, 0.539_827_837_277_029],
    [1.5, 0.933_192_798_731_141_9],
    [1.96, 0.975_002_104_851_779_5],
    [2.25, 0.987_775_527_344_955_3],
    [4, 0.999_968_328_758_166_9],
  ])('is right at %d to 1e-13 of its value', (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-13);
  });

  it('passes from the series to the fraction without a step', () => {
    for (const x of [-2, 2]) {
      const outside = x + Math.sign(x) * 1e-9;
      expect(Math.abs(normalCdf(outside) - normalCdf(x) - (outside - x) * 0.053_990_966_513)).toBeLessThan(1e-15);
    }
  });

  it('ends at 0 and 1 and passes NaN on', () => {
    expect(normalCdf(-Infinity)).toBe(0);
    expect(normalCdf(Infinity)).toBe(1);
    expect(normalCdf(-60)).toBe(0);
    expect(normalCdf(60)).toBe(1);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });
});

describe('normalQuantile', () => {
  // M. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988): its test values.
  it.each([
    [0.25, -0.674_489_750_196_081_7],
    [0.001, -3.090_232_306_167_814],
    [1e-20, -9.262_340_089_798_409],
  ])('is the published one at %d', (p, expected) => {
    expect(Math.abs(normalQuantile(p) / expected - 1)).toBeLessThan(4e-16);
  });

  it('inverts the distribution function in the middle and in the tails', () => {
    fc.assert(
      fc.property(fc.double({ min: -300, max: -1e-9, noNaN: true }), (exponent) => {
        const p = 10 ** exponent;
        expect(Math.abs(normalCdf(normalQuantile(p)) / p - 1)).toBeLessThan(5e-12);
      }),
      { seed: 1, numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (x) => {
        // near 1 a double of the probability holds less of x
        const spacing = 2 ** -53 / Math.exp(-0.5 * x * x);
        expect(Math.abs(normalQuantile(normalCdf(x)) - x)).toBeLessThan(1e-13 + 10 * (x > 0 ? spacing : 0));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('is symmetric and 0 in the middle', () => {
    expect(normalQuantile(0.5)).toBe(0);
    for (const p of [0.75, 0.875, 0.937_5]) expect(normalQuantile(p)).toBe(-normalQuantile(1 - p));
  });

  it('refuses what is no probability', () => {
    for (const p of [0, 1, -0.1, Number.NaN]) expect(() => normalQuantile(p)).toThrow('0 < p < 1');
  });
});
