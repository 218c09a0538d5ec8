import { array, assert, double, integer, pre, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import vector from '../../test-data/kelly.json' with { type: 'json' };
import { mean, standardDeviation } from '../moments.ts';
import {
  kellyBinary,
  kellyContinuous,
  kellyEmpirical,
  type KellyFraction,
  type KellyRefusal,
  kellyShare,
} from './kelly-fraction.ts';

type Found = ReturnType<typeof kellyEmpirical>;

function fractionOf(found: Found): KellyFraction {
  if (found.kind === 'refused') throw new Error(`refused: ${found.reason}`);
  return found;
}

interface KellyCase {
  readonly kind: string;
  readonly p?: number;
  readonly b?: number;
  readonly mu?: number;
  readonly sigma?: number;
  readonly returns?: readonly number[];
  readonly expected: number;
  readonly raw?: number;
  readonly continuous_approx?: number;
}

function computed({
  kind,
  p = Number.NaN,
  b = Number.NaN,
  mu = Number.NaN,
  sigma = Number.NaN,
  returns = [],
}: KellyCase) {
  if (kind === 'binary') return fractionOf(kellyBinary({ winRateFrac: p, win: b }));
  if (kind === 'continuous') return fractionOf(kellyContinuous({ mean: mu, sd: sigma }));
  return fractionOf(kellyEmpirical(returns));
}

describe('Kelly fractions against closed forms and a root finder', () => {
  const cases: readonly KellyCase[] = vector.cases;
  it.each(cases)('$kind is $expected', (given) => {
    const { fraction, raw } = computed(given);
    expect(Math.abs(fraction - given.expected)).toBeLessThanOrEqual(vector.abs);
    expect(Math.abs(raw - (given.raw ?? given.expected))).toBeLessThanOrEqual(vector.abs);
  });

  it('the normal approximation of the empirical case is another number', () => {
    const { returns = [], continuous_approx: expected = Number.NaN } = cases[4];
    for (const ddof of [0, 1] as const) {
      const { fraction } = fractionOf(kellyContinuous({ mean: mean(returns), sd: standardDeviation(returns, ddof) }));
      expect(Math.abs(fraction - expected) <= vector.abs).toBe(ddof === 0);
    }
  });
});

describe('kellyBinary', () => {
  it('takes the loss per unit staked', () => {
    expect(fractionOf(kellyBinary({ winRateFrac: 0.6, win: 0.02, loss: 0.01 })).fraction).toBeCloseTo(60 - 20, 10);
    expect(fractionOf(kellyBinary({ winRateFrac: 0, win: 1 }))).toEqual({ kind: 'fraction', fraction: 0, raw: -1 });
    expect(fractionOf(kellyBinary({ winRateFrac: 1, win: 3 })).fraction).toBe(1);
  });

  it('is the empirical fraction of trades with two outcomes', () => {
    const counts = integer({ min: 1, max: 20 });
    const size = double({ min: 0.01, max: 3, noNaN: true });
    assert(
      property(counts, counts, size, size, (wins, losses, win, loss) => {
        const trades = [...Array.from({ length: wins }, () => win), ...Array.from({ length: losses }, () => -loss)];
        const binary = fractionOf(kellyBinary({ winRateFrac: wins / (wins + losses), win, loss }));
        const empirical = fractionOf(kellyEmpirical(trades));
        expect(empirical.raw).toBeCloseTo(binary.raw, 8);
        expect(empirical.fraction).toBeCloseTo(binary.fraction, 8);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('kellyEmpirical', () => {
  it('grows faster than any bet beside it', () => {
    assert(
      property(array(integer({ min: -1_000, max: 2_000 }), { minLength: 2, maxLength: 30 }), (thousandths) => {
        const trades = thousandths.map((value) => value / 1_000);
        const found = kellyEmpirical(trades);
        pre(found.kind === 'fraction' && found.fraction > 0);
        const { fraction } = fractionOf(found);
        const growth = (f: number) => mean(trades.map((x) => Math.log1p(f * x)));
        for (const other of [0, 0.5, 0.9, 0.999]) {
          expect(growth(fraction)).toBeGreaterThanOrEqual(growth(other * fraction) - 1e-12);
        }
        expect(growth(fraction)).toBeGreaterThan(0);
        expect(fraction * Math.max(...trades.map((x) => -x))).toBeLessThan(1);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('bets nothing on trades without an edge', () => {
    expect(fractionOf(kellyEmpirical([1, -1])).fraction).toBeCloseTo(0, 12);
    expect(fractionOf(kellyEmpirical([1, -1, -1]))).toMatchObject({ fraction: 0 });
    expect(fractionOf(kellyEmpirical([1, -1, -1])).raw).toBeCloseTo(-1 / 3, 10);
    expect(fractionOf(kellyEmpirical([-1, 0]))).toEqual({
      kind: 'fraction',
      fraction: 0,
      raw: Number.NEGATIVE_INFINITY,
    });
  });
});

describe('a refused Kelly fraction', () => {
  const refusals: readonly { found: Found; reason: KellyRefusal; count: [number, number] }[] = [
    { found: kellyEmpirical([]), reason: 'too_few_trades', count: [0, 1] },
    { found: kellyEmpirical([0.1, Number.NaN, -0.1]), reason: 'missing_value', count: [2, 3] },
    { found: kellyEmpirical([0.1, 0.2, 0]), reason: 'no_losses', count: [0, 1] },
    { found: kellyEmpirical([0.1, -Number.MIN_VALUE]), reason: 'no_losses', count: [0, 1] },
    { found: kellyBinary({ winRateFrac: Number.NaN, win: Number.NaN }), reason: 'missing_value', count: [1, 3] },
    { found: kellyContinuous({ mean: 0.1, sd: 0 }), reason: 'no_spread', count: [0, 1] },
    { found: kellyContinuous({ mean: 0.1, sd: Number.NaN }), reason: 'missing_value', count: [1, 2] },
  ];
  it.each(refusals)('says $reason', ({ found, reason, count }) => {
    expect(found).toEqual({ kind: 'refused', reason, found: count[0], needed: count[1] });
  });

  it('is a bug for impossible bets', () => {
    expect(() => kellyBinary({ winRateFrac: 1.2, win: 1 })).toThrow('has a probability');
    expect(() => kellyBinary({ winRateFrac: 0.5, win: 0 })).toThrow('has a probability');
    expect(() => kellyContinuous({ mean: 0, sd: -1 })).toThrow('not negative');
  });
});

describe('kellyShare', () => {
  const kelly = (raw: number): KellyFraction => ({ kind: 'fraction', fraction: Math.max(raw, 0), raw });
  it.each([
    { raw: 0.2, options: { capFrac: 1 }, expected: 0.05 },
    { raw: 0.2, options: { shareFrac: 0.5, capFrac: 1 }, expected: 0.1 },
    { raw: 18, options: { shareFrac: 0.5, capFrac: 0.02 }, expected: 0.02 },
    { raw: -0.3, options: { capFrac: 0.02 }, expected: 0 },
  ])('of $raw with $options is $expected', ({ raw, options, expected }) => {
    expect(kellyShare(kelly(raw), options)).toBe(expected);
  });

  it('never takes more than half', () => {
    expect(() => kellyShare(kelly(0.2), { shareFrac: 0.51, capFrac: 1 })).toThrow('half of a Kelly');
    expect(() => kellyShare(kelly(0.2), { capFrac: 1.1 })).toThrow('a share of capital');
  });
});
