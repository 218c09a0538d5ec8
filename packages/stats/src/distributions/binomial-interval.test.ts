import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialInterval } from './binomial-interval.ts';

/** P(at most `hits` of `trials`), summed term by term. */
function binomialCdf(hits: number, trials: number, p: number): number {
  let term = (1 - p) ** trials;
  let sum = term;
  for (let k = 1; k <= hits; k += 1) {
    term *= ((trials - k + 1) / k) * (p / (1 - p));
    sum += term;
  }
  return sum;
}

describe('binomialInterval', () => {
  it('has its closed form without hits: the rule of three', () => {
    const { low, high } = binomialInterval({ hits: 0, trials: 2_000 }, 0.95);
    expect(low).toBe(0);
    expect(high).toBeCloseTo(1 - 0.025 ** (1 / 2_000), 14);
    const all = binomialInterval({ hits: 7, trials: 7 }, 0.95);
    expect(all.low).toBeCloseTo(0.025 ** (1 / 7), 14);
    expect(all.high).toBe(1);
  });

  it('ends where the tails of the binomial distribution hold what is left', () => {
    assert(
      property(integer({ min: 2, max: 60 }), integer({ min: 1, max: 59 }), (trials, wanted) => {
        const hits = Math.min(wanted, trials - 1);
        const { low, high } = binomialInterval({ hits, trials }, 0.9);
        expect(1 - binomialCdf(hits - 1, trials, low)).toBeCloseTo(0.05, 10);
        expect(binomialCdf(hits, trials, high)).toBeCloseTo(0.05, 10);
        expect(low).toBeLessThan(hits / trials);
        expect(high).toBeGreaterThan(hits / trials);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('takes hits among trials only', () => {
    expect(() => binomialInterval({ hits: 3, trials: 2 }, 0.95)).toThrow('part of the trials');
    expect(() => binomialInterval({ hits: 0, trials: 0 }, 0.95)).toThrow('part of the trials');
  });
});
