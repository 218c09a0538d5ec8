import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from './prng.ts';
import { ceilToStep, clamp, decimalsOf, floorToStep, roundToStep } from './round.ts';

/** Steps as exchanges have them, as a decimal: digits x 10^-decimals. */
const steps = fc.record({ digits: fc.constantFrom(1n, 2n, 5n, 25n, 10n), decimals: fc.integer({ min: 0, max: 8 }) });

const decimal = (digits: bigint, decimals: number): number => Number(`${digits}e-${decimals}`);

/** Checks with exact whole-number arithmetic: values of up to 13 digits, counted in the last decimal of the step. */
function check(property: (value: bigint, step: bigint, decimals: number) => void): void {
  const units = fc.bigInt({ min: 0n, max: 10n ** 13n });
  fc.assert(
    fc.property(units, steps, (value, { digits, decimals }) => property(value, digits, decimals)),
    { seed: 3, numRuns: 20_000 },
  );
}

describe('floorToStep', () => {
  it('is the largest multiple below, exactly as written in decimals', () => {
    check((value, step, decimals) => {
      const expected = decimal((value / step) * step, decimals);
      expect(floorToStep(decimal(value, decimals), decimal(step, decimals))).toBe(expected);
    });
  });

  it('leaves a multiple of the step as it is', () => {
    check((value, step, decimals) => {
      const multiple = decimal((value / step) * step, decimals);
      expect(floorToStep(multiple, decimal(step, decimals))).toBe(multiple);
      expect(ceilToStep(multiple, decimal(step, decimals))).toBe(multiple);
      expect(roundToStep(multiple, decimal(step, decimals))).toBe(multiple);
    });
  });

  it.each([
    [0.3, 0.1, 0.3],
    [0.299_999_9, 0.1, 0.2],
    [1_234_567.89, 0.01, 1_234_567.89],
    [17, 5, 15],
    [0.000_000_5, 1e-7, 0.000_000_5],
    [-0.15, 0.1, -0.2],
    [0, 0.001, 0],
  ])('of %d in steps of %d is %d', (value, step, expected) => {
    expect(floorToStep(value, step)).toBe(expected);
  });
});

describe('ceilToStep', () => {
  it('is the smallest multiple above', () => {
    check((value, step, decimals) => {
      const expected = decimal(((value + step - 1n) / step) * step, decimals);
      expect(ceilToStep(decimal(value, decimals), decimal(step, decimals))).toBe(expected);
    });
  });
});

describe('roundToStep', () => {
  it('is the nearest multiple, halves away from zero', () => {
    check((value, step, decimals) => {
      const expected = decimal(((2n * value + step) / (2n * step)) * step, decimals);
      expect(roundToStep(decimal(value, decimals), decimal(step, decimals))).toBe(expected);
      expect(roundToStep(-decimal(value, decimals), decimal(step, decimals))).toBe(expected === 0 ? 0 : -expected);
    });
  });
});

describe('decimalsOf', () => {
  it.each([
    [0.001, 3],
    [5, 0],
    [0.5, 1],
    [1e-7, 7],
    [1.5e-7, 8],
    [2.5e-10, 11],
    [100, 0],
    [1e21, 0],
  ])('of %d is %i', (step, expected) => {
    expect(decimalsOf(step)).toBe(expected);
  });

  it('refuses what is no step', () => {
    for (const step of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => decimalsOf(step)).toThrow('a step is');
  });
});

describe('clamp', () => {
  it('keeps a value inside its bounds', () => {
    expect([-1, 0.5, 2].map((value) => clamp(value, 0, 1))).toEqual([0, 0.5, 1]);
    expect(clamp(Number.NaN, 0, 1)).toBeNaN();
  });
});

describe('rounding without text', () => {
  it('gives what the decimal text stands for, whatever the size', () => {
    const prng = createPrng(7, 'round');
    for (let k = 0; k < 40_000; k += 1) {
      const decimals = prng.below(13);
      const step = Number(`${[1, 2, 5, 25, 125][prng.below(5)]}e-${decimals}`);
      const whole = Math.floor(prng.next() * 10 ** prng.below(16)) * (prng.next() < 0.2 ? -1 : 1);
      const value = whole * step * (1 + 1e-7 * prng.normal());
      const multiple = Math.round(floorToStep(value, step) / step);
      const text = (multiple * step).toFixed(decimalsOf(step));
      expect(floorToStep(value, step)).toBe(Number(text) + 0);
    }
  });

  it('keeps steps with more decimals than powers of ten are exact for', () => {
    expect(floorToStep(3.5e-25, 1e-25)).toBe(3e-25);
    expect(roundToStep(-1e-11, 1e-10)).toBe(0);
  });
});

describe('steps that are about as fine as the numbers', () => {
  it('leave a rounded quantity as it is: no venue may refuse what was rounded for it', () => {
    const prng = createPrng(8, 'fine steps');
    for (let k = 0; k < 8_000; k += 1) {
      const step = [1e-9, 1e-8, 2.5e-9, 1e-12][prng.below(4)];
      const value = 10 ** (12 * prng.next());
      for (const round of [floorToStep, ceilToStep, roundToStep]) {
        const once = round(value, step);
        expect(round(once, step)).toBe(once);
        expect(Math.abs(once - value)).toBeLessThanOrEqual(step + 2 ** -51 * value);
      }
      expect(floorToStep(value, step)).toBeLessThanOrEqual(value * (1 + 2 ** -51));
    }
  });

  it('keep what lies on the grid, to the bit', () => {
    expect(floorToStep(2_039_360.123456789, 1e-9)).toBe(2_039_360.123456789);
    expect(floorToStep(2_039_360.1234567894, 1e-9)).toBe(2_039_360.123456789);
    expect(floorToStep(123_456_789_012.5, 1e-9)).toBe(123_456_789_012.5);
  });
});
