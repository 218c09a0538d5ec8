import { describe, expect, it } from 'vitest';
import { BarPath, SUB_STEPS_MIN } from './synthetic-market-path.ts';
import { NormalStream } from './synthetic-market-random.ts';

const BARS = 250_000;

interface Sample {
  readonly end: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
}

function paths(subSteps: number, drift = 0): Sample {
  const end = new Float64Array(BARS);
  new NormalStream(2, 'ends').draw(end);
  const path = new BarPath(subSteps, 2, 'test');
  const sample = { end, high: new Float64Array(BARS), low: new Float64Array(BARS) };
  for (let i = 0; i < BARS; i += 1) {
    end[i] += drift;
    path.draw(end[i], i);
    sample.high[i] = path.high;
    sample.low[i] = path.low;
  }
  return sample;
}

function share(holds: (i: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < BARS; i += 1) if (holds(i)) count += 1;
  return count / BARS;
}

function mean(f: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < BARS; i += 1) sum += f(i);
  return sum / BARS;
}

/** Standard normal distribution function (Abramowitz and Stegun 7.1.26 through erf; error below 1.5e-7). */
function normalCdf(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp((-x * x) / 2);
  return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
}

describe('the path inside a bar', () => {
  const sample = paths(SUB_STEPS_MIN);

  it('encloses both its ends', () => {
    expect(
      share((i) => sample.high[i] >= Math.max(0, sample.end[i]) && sample.low[i] <= Math.min(0, sample.end[i])),
    ).toBe(1);
  });

  // Feller 1951, Parkinson 1980: E[max] = sqrt(2/pi), E[range] = 2 sqrt(2/pi), E[range^2] = 4 ln 2 of a unit Brownian motion.
  // The fewest sub-steps alone would give a range 23 % too small.
  it('has the range of a continuous Brownian motion', () => {
    const range = (i: number): number => sample.high[i] - sample.low[i];
    expect(mean((i) => sample.high[i])).toBeCloseTo(Math.sqrt(2 / Math.PI), 2);
    expect(Math.abs(mean(range) / (2 * Math.sqrt(2 / Math.PI)) - 1)).toBeLessThan(0.002);
    expect(Math.abs(mean((i) => range(i) ** 2) / (4 * Math.LN2) - 1)).toBeLessThan(0.005);
  });

  // Reflection principle: P(max >= a) = 2 P(N > a).
  it.each([0.25, 0.5, 1, 2])(
    'touches a level %d away as often as the reflection principle says, up and down',
    (level) => {
      const expected = 2 * (1 - normalCdf(level));
      const tolerance = 4 * Math.sqrt((expected * (1 - expected)) / BARS);
      expect(Math.abs(share((i) => sample.high[i] >= level) - expected)).toBeLessThan(tolerance);
      expect(Math.abs(share((i) => sample.low[i] <= -level) - expected)).toBeLessThan(tolerance);
    },
  );

  // P(|B| < a on [0, 1]) = 4/pi sum (-1)^k / (2k+1) exp(-(2k+1)^2 pi^2 / (8 a^2)) (Borodin and Salminen 1.1.15.8).
  it('stays inside a corridor as often as the theta series says', () => {
    const a = 0.7;
    let expected = 0;
    for (let k = 0; k < 20; k += 1) {
      const odd = 2 * k + 1;
      expected += ((k % 2 === 0 ? 4 : -4) / (Math.PI * odd)) * Math.exp((-(odd ** 2) * Math.PI ** 2) / (8 * a * a));
    }
    const inside = share((i) => sample.high[i] < a && sample.low[i] > -a);
    expect(Math.abs(inside - expected)).toBeLessThan(4 * Math.sqrt(expected / BARS) + 0.002);
  });

  it('has the extremes of a Brownian motion with drift when its end has it', () => {
    const drift = 0.8;
    const drifting = paths(SUB_STEPS_MIN, drift);
    // P(max >= a) with drift m: Phi(m - a) + exp(2 m a) Phi(-a - m)
    const level = 1;
    const expected = normalCdf(drift - level) + Math.exp(2 * drift * level) * normalCdf(-level - drift);
    const tolerance = 4 * Math.sqrt((expected * (1 - expected)) / BARS);
    expect(Math.abs(share((i) => drifting.high[i] >= level) - expected)).toBeLessThan(tolerance);
  });

  it('has the same law whatever the number of sub-steps', () => {
    const finer = paths(20);
    expect(
      Math.abs(mean((i) => finer.high[i] - finer.low[i]) - mean((i) => sample.high[i] - sample.low[i])),
    ).toBeLessThan(0.005);
  });

  it('refuses fewer than ten sub-steps', () => {
    expect(() => new BarPath(9, 1, 'test')).toThrow('enough sub-steps');
  });
});
