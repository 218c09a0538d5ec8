import { describe, expect, it } from 'vitest';
import { createPrng } from './prng.ts';

const MASK = 0xffff_ffffn;
const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & MASK;

/** xoshiro128** 1.1 as published (D. Blackman, S. Vigna), in whole-number arithmetic: what the fast one is compared with. */
function* xoshiro(state: readonly bigint[]): Generator<bigint, never> {
  const s = [...state];
  for (;;) {
    yield (rotl((s[1] * 5n) & MASK, 7n) * 9n) & MASK;
    const t = (s[1] << 9n) & MASK;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11n);
  }
}

/** MurmurHash3_x86_32 of 32-bit words, in whole-number arithmetic. */
function murmur3(words: readonly bigint[], lane: bigint): bigint {
  let hash = lane;
  for (const word of words) {
    const mixed = (rotl((word * 0xcc9e_2d51n) & MASK, 15n) * 0x1b87_3593n) & MASK;
    hash = (rotl(hash ^ mixed, 13n) * 5n + 0xe654_6b64n) & MASK;
  }
  hash ^= BigInt(4 * words.length);
  hash = ((hash ^ (hash >> 16n)) * 0x85eb_ca6bn) & MASK;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2_ae35n) & MASK;
  return hash ^ (hash >> 16n);
}

function seedState(seed: number, label: string): bigint[] {
  const words = [
    BigInt(seed) & MASK,
    (BigInt(seed) >> 32n) & MASK,
    ...Array.from(label, (c) => BigInt(c.charCodeAt(0))),
  ];
  const [a, b, c, d] = [1n, 2n, 3n, 4n].map((lane) => murmur3(words, lane));
  return [a, b, c, d | 1n];
}

describe('createPrng', () => {
  it('is xoshiro128**, checked first on the published outputs for the state 1, 2, 3, 4', () => {
    // Four zero bytes with seed 0 hash to 0x2362f9de (test vectors of MurmurHash3).
    expect(murmur3([0n], 0n)).toBe(0x2362_f9den);
    // rand_xoshiro, test of Xoshiro128StarStar (reference implementation by the authors).
    const published = xoshiro([1n, 2n, 3n, 4n]);
    expect(Array.from({ length: 4 }, () => published.next().value)).toEqual([11_520n, 0n, 5_927_040n, 70_819_200n]);
    for (const [seed, label] of [
      [0, ''],
      [1, 'market'],
      [0xffff_ffff, 'x'],
      [-7, 'negative'],
      [2 ** 40 + 3, 'ä币'],
    ] as const) {
      const reference = xoshiro(seedState(seed, label));
      const prng = createPrng(seed, label);
      for (let k = 0; k < 200; k += 1) {
        const high: bigint = reference.next().value >> 5n;
        const low: bigint = reference.next().value >> 6n;
        expect(prng.next()).toBe(Number(high * 67_108_864n + low) / 2 ** 53);
      }
    }
  });

  it('repeats itself for the same seed and label', () => {
    const [one, two] = [createPrng(1, 'a'), createPrng(1, 'a')];
    for (let k = 0; k < 20; k += 1) expect(one.next()).toBe(two.next());
  });

  // The first seeding mixed seed and label in 32 bits by XOR: (1, 'b') was (2, 'a').
  it('has another stream for every seed and label', () => {
    const firsts = new Set<number>();
    const labels = ['', ...Array.from({ length: 100 }, (_, k) => String(k)), ...Array.from('abcdefghij')];
    for (let seed = -3; seed < 500; seed += 1) {
      for (const label of labels) firsts.add(createPrng(seed, label).next());
    }
    firsts.add(createPrng(2 ** 32 + 1, '').next());
    expect(firsts.size).toBe(503 * labels.length + 1);
  });

  it('has streams of neighbouring seeds and labels that have nothing to do with each other', () => {
    const length = 20_000;
    const draws = (seed: number, label: string) => {
      const prng = createPrng(seed, label);
      return Float64Array.from({ length }, () => prng.next() - 0.5);
    };
    const base = draws(1, 'symbol 1');
    for (const other of [draws(2, 'symbol 1'), draws(1, 'symbol 2'), draws(0, 'symbol 0'), draws(1, 'tymbol 1')]) {
      const covariance = base.reduce((sum, value, k) => sum + value * other[k], 0) / length;
      // The correlation has a standard error of 1 / sqrt(20,000) = 0.007.
      expect(Math.abs(12 * covariance)).toBeLessThan(0.03);
    }
  });

  it('refuses a seed that is no whole number', () => {
    for (const seed of [0.5, Number.NaN, 2 ** 60]) expect(() => createPrng(seed)).toThrow('a seed is a whole number');
  });

  it('fills [0, 1) evenly', () => {
    const prng = createPrng(5);
    const counts = new Float64Array(100);
    for (let k = 0; k < 200_000; k += 1) counts[Math.floor(prng.next() * 100)] += 1;
    // Chi-squared with 99 degrees of freedom: mean 99, sd 14.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0);
    expect(chiSquared).toBeGreaterThan(50);
    expect(chiSquared).toBeLessThan(160);
  });

  it('draws whole numbers below a bound evenly', () => {
    const prng = createPrng(6);
    const counts = new Float64Array(7);
    for (let k = 0; k < 70_000; k += 1) counts[prng.below(7)] += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('draws normal numbers', () => {
    const prng = createPrng(7);
    const length = 200_000;
    const values = Float64Array.from({ length }, () => prng.normal());
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / length;
    expect(moment(1)).toBeCloseTo(0, 1.9);
    expect(moment(2)).toBeCloseTo(1, 1.6);
    expect(moment(3)).toBeCloseTo(0, 1.3);
    expect(moment(4)).toBeCloseTo(3, 0.8);
    // P(|x| < 1) = 0.6827, P(|x| > 3) = 0.0027.
    expect(values.filter((value) => Math.abs(value) < 1).length / length).toBeCloseTo(0.6827, 2);
    expect(values.filter((value) => Math.abs(value) > 3).length / length).toBeCloseTo(0.0027, 3);
  });
});
