/**
 * Seeded randomness. The only source of chance in the pure packages, always passed in.
 * Generator: xoshiro128** 1.1 (D. Blackman, S. Vigna, public domain), seeded through MurmurHash3.
 */
import { invariant } from './invariant.ts';

export interface Prng {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** Standard normal (Marsaglia polar method). */
  normal(): number;
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

const TWO_POW_32 = 4_294_967_296;

/** MurmurHash3_x86_32 (A. Appleby, public domain) over 32-bit words; `lane` is its seed. */
function murmur3(words: ArrayLike<number>, lane: number): number {
  let hash = lane;
  for (let i = 0; i < words.length; i += 1) {
    hash ^= Math.imul(rotl(Math.imul(words[i], 0xcc9e2d51), 15), 0x1b873593);
    hash = (Math.imul(rotl(hash, 13), 5) + 0xe6546b64) | 0;
  }
  hash ^= 4 * words.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

class Xoshiro128 implements Prng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #spare = Number.NaN;

  /** Four hashes of seed and label fill the 128 bits of state: with one of 32 bits, thousands of streams would share some. */
  constructor(seed: number, label: string) {
    const words = [seed >>> 0, Math.floor(seed / TWO_POW_32) >>> 0];
    for (let i = 0; i < label.length; i += 1) words.push(label.charCodeAt(i));
    this.#a = murmur3(words, 1);
    this.#b = murmur3(words, 2);
    this.#c = murmur3(words, 3);
    this.#d = murmur3(words, 4) | 1; // never the all-zero state
  }

  #bits(): number {
    const result = Math.imul(rotl(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotl(this.#d, 11);
    return result;
  }

  next(): number {
    return ((this.#bits() >>> 5) * 67_108_864 + (this.#bits() >>> 6)) / 9_007_199_254_740_992;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const value = this.#spare;
      this.#spare = Number.NaN;
      return value;
    }
    for (;;) {
      const x = 2 * this.next() - 1;
      const y = 2 * this.next() - 1;
      const radius = x * x + y * y;
      if (radius > 0 && radius < 1) {
        const scale = Math.sqrt((-2 * Math.log(radius)) / radius);
        this.#spare = y * scale;
        return x * scale;
      }
    }
  }
}

/**
 * A generator for one named stream of a seed; different seeds or labels give independent streams, the same pair the same
 * numbers. `seed` is a whole number.
 */
export function createPrng(seed: number, label = ''): Prng {
  invariant(Number.isSafeInteger(seed), 'a seed is a whole number');
  return new Xoshiro128(seed, label);
}
