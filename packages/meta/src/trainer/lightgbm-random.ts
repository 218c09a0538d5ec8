/** LightGBM's random numbers (a linear congruential generator, 15 bits at a time), so that the same seeds draw the same rows and features. */
import { invariant } from '@donch/core';

const MULTIPLIER = 214_013;
const INCREMENT = 2_531_011;
const FLOAT_STEPS = 32_768;

export class LightGbmRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  #next(): number {
    this.#state = (Math.imul(this.#state, MULTIPLIER) + INCREMENT) | 0;
    return this.#state;
  }

  /** Uniform in [0, 1), 15 bits. */
  float(): number {
    return ((this.#next() >>> 16) & 0x7fff) / FLOAT_STEPS;
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return (this.#next() & 0x7fff_ffff) % bound;
  }

  /** `count` of the numbers 0..total-1, ascending. */
  sample(total: number, count: number): number[] {
    invariant(count > 0 && count <= total, 'a sample is not larger than what it is drawn from');
    if (count === total) return Array.from({ length: total }, (_, k) => k);
    if (count > 1 && count > total / Math.log2(count)) return this.#sampleByScan(total, count);
    const drawn = new Set<number>();
    for (let last = total - count; last < total; last += 1) {
      const value = this.below(last);
      drawn.add(drawn.has(value) ? last : value);
    }
    return [...drawn].sort((a, b) => a - b);
  }

  #sampleByScan(total: number, count: number): number[] {
    const drawn: number[] = [];
    for (let k = 0; k < total; k += 1) if (this.float() < (count - drawn.length) / (total - k)) drawn.push(k);
    return drawn;
  }
}
