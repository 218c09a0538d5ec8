import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incompleteBeta, logGamma } from './incomplete-beta.ts';
import { studentTCdf, studentTQuantile } from './student-t.ts';

describe('logGamma', () => {
  it('is the logarithm of the factorial at whole numbers', () => {
    let factorial = 1;
    for (let n = 1; n <= 20; n += 1) {
      factorial *= n;
      expect(logGamma(n + 1)).toBeCloseTo(Math.log(factorial), 12);
    }
  });

  it('is ln sqrt(pi) at one half and obeys gamma(x + 1) = x gamma(x)', () => {
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 14);
    for (const x of [0.01, 0.3, 1.7, 12.5, 300.25]) {
      expect(logGamma(x + 1)).toBeCloseTo(logGamma(x) + Math.log(x), 10);
    }
  });
});

describe('incompleteBeta', () => {
  it('has its closed forms', () => {
    for (const x of [0.001, 0.2, 0.5, 0.77, 0.999]) {
      expect(incompleteBeta(x, 1, 1)).toBeCloseTo(x, 13);
      expect(incompleteBeta(x, 3, 1)).toBeCloseTo(x ** 3, 13);
      expect(incompleteBeta(x, 1, 4)).toBeCloseTo(1 - (1 - x) ** 4, 13);
      // Arcsine distribution.
      expect(incompleteBeta(x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 12);
    }
  });

  it('is a binomial tail at whole numbers', () => {
    // P(Binomial(10, 0.3) >= 4), summed term by term.
    const choose = [1, 10, 45, 120, 210, 252, 210, 120, 45, 10, 1];
    const tail = choose.reduce((sum, ways, k) => (k >= 4 ? sum + ways * 0.3 ** k * 0.7 ** (10 - k) : sum), 0);
    expect(incompleteBeta(0.3, 4, 7)).toBeCloseTo(tail, 13);
  });

  it('is 0 and 1 at the ends', () => {
    expect(incompleteBeta(0, 2, 3)).toBe(0);
    expect(incompleteBeta(1, 2, 3)).toBe(1);
  });
});

describe('studentTQuantile', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2: upper critical values of Student's t.
  it.each([
    { df: 1, p: 0.975, t: 12.706 },
    { df: 2, p: 0.95, t: 2.92 },
    { df: 2, p: 0.975, t: 4.303 },
    { df: 5, p: 0.9, t: 1.476 },
    { df: 5, p: 0.975, t: 2.571 },
    { df: 10, p: 0.995, t: 3.169 },
    { df: 19, p: 0.975, t: 2.093 },
    { df: 23, p: 0.975, t: 2.069 },
    { df: 30, p: 0.975, t: 2.042 },
    { df: 100, p: 0.975, t: 1.984 },
  ])('is $t at $p with $df degrees of freedom', ({ df, p, t }) => {
    expect(Math.abs(studentTQuantile(p, df) - t)).toBeLessThanOrEqual(0.000_5 + 1e-9);
  });

  it('has its closed forms for 1, 2 and 4 degrees of freedom', () => {
    for (const p of [0.001, 0.05, 0.4, 0.6, 0.9, 0.975, 0.9999]) {
      const alpha = 4 * p * (1 - p);
      expect(studentTQuantile(p, 1) / Math.tan(Math.PI * (p - 0.5))).toBeCloseTo(1, 11);
      expect(studentTQuantile(p, 2) / (2 * (p - 0.5) * Math.sqrt(2 / alpha))).toBeCloseTo(1, 11);
      const q = Math.cos(Math.acos(Math.sqrt(alpha)) / 3) / Math.sqrt(alpha);
      expect(studentTQuantile(p, 4) / (Math.sign(p - 0.5) * 2 * Math.sqrt(q - 1))).toBeCloseTo(1, 10);
    }
  });

  it('approaches the normal distribution', () => {
    expect(studentTQuantile(0.975, 1e6)).toBeCloseTo(1.959_966_4, 6);
  });

  it('is symmetric, 0 in the middle, and inverts the distribution function', () => {
    expect(studentTQuantile(0.5, 7)).toBe(0);
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), fc.integer({ min: 1, max: 500 }), (p, df) => {
        const t = studentTQuantile(p, df);
        expect(Math.abs(studentTCdf(t, df) / p - 1)).toBeLessThan(1e-9);
        expect(studentTCdf(-t, df)).toBeCloseTo(1 - p, 11);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('refuses what is no probability', () => {
    expect(() => studentTQuantile(1, 5)).toThrow('0 < p < 1');
    expect(() => studentTQuantile(0.9, 0)).toThrow('degrees of freedom');
  });
});
