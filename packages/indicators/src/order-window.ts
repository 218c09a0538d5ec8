import { interpolate, invariant, minOf, selectRank } from '@donch/core';

/** Powers of two that get buckets of their own: values from 2^-16 (0.000015) to 2^48 (2.8e14). */
const OCTAVE_MIN = -16;
const OCTAVES = 64;
/** Buckets per power of two, as bits of the mantissa: a bucket is 0.5 % wide, and the median's holds about 0.2 % of the values. */
const STEP_BITS = 7;
const STEPS = 1 << STEP_BITS;
const BUCKETS = OCTAVES * STEPS;
/** Bucket number of 2^OCTAVE_MIN before it is shifted to 0 (1023 = exponent bias of a double). */
const BUCKET_OFFSET = (1023 + OCTAVE_MIN) << STEP_BITS;

const asDouble = new Float64Array(1);
const asWords = new Uint32Array(asDouble.buffer);
/** Where the sign and the exponent of `asDouble` stand: word 1 on little-endian machines. */
const HIGH_WORD = (() => {
  asDouble[0] = -1;
  return asWords[1] === 0 ? 0 : 1;
})();

/** Ascends with the value. Everything below the first bucket (zero and negatives too) shares it, everything above the last shares that. */
function bucketOf(value: number): number {
  if (!(value > 0)) return 0;
  asDouble[0] = value;
  const bucket = (asWords[HIGH_WORD] >>> (20 - STEP_BITS)) - BUCKET_OFFSET;
  return bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/** Slots of the ring and counts of values; two bytes each where that is enough, because every symbol has such a window. */
type Slots = Uint16Array | Uint32Array;

function slotsFor(capacity: number, length: number): Slots {
  return capacity < 65_536 ? new Uint16Array(length) : new Uint32Array(length);
}

/**
 * First-in-first-out window of numbers with exact medians and quantiles, made for windows that are fed every bar and asked on
 * few: a bar costs a tenth of what two heaps take, a query about as much
 * as one of their updates (bench/order-window).
 *
 * Values are sorted into buckets by the leading bits of the double, and each bucket is a queue linked through the ring of
 * values. What leaves the window is the oldest of all, hence the head of its bucket's queue: no search. A query counts through
 * the buckets to the one that holds the rank and selects inside it. Values outside 2^-16 .. 2^48 (zero and negatives included)
 * share the end buckets: still exact, slower to ask.
 */
export class OrderWindow {
  /** Values in the window. */
  count = 0;
  #capacity = 0;
  #values = new Float64Array(0);
  #oldest = 0;
  /** Slot of the next younger value of the same bucket. */
  #next: Slots = slotsFor(0, 0);
  #heads: Slots = slotsFor(0, 0);
  #tails: Slots = slotsFor(0, 0);
  #bucketCounts: Slots = slotsFor(0, 0);
  readonly #octaveCounts = new Uint32Array(OCTAVES);
  #scratch = new Float64Array(64);
  // Where the last `#locate` found its rank.
  #bucket = 0;
  #rankInBucket = 0;

  /** @param capacity expected number of values; the window grows when there are more. */
  constructor(capacity: number) {
    invariant(capacity >= 1, 'an order window holds at least one value');
    this.#allocate(Math.ceil(capacity));
  }

  #allocate(capacity: number): void {
    this.#capacity = capacity;
    this.#values = new Float64Array(capacity);
    this.#next = slotsFor(capacity, capacity);
    this.#heads = slotsFor(capacity, BUCKETS);
    this.#tails = slotsFor(capacity, BUCKETS);
    this.#bucketCounts = slotsFor(capacity, BUCKETS);
  }

  /** Adds the youngest value. NaN is a bug: what is missing is not in the window. */
  push(value: number): void {
    invariant(!Number.isNaN(value), 'an order window holds numbers');
    if (this.count === this.#capacity) this.#grow();
    let slot = this.#oldest + this.count;
    if (slot >= this.#capacity) slot -= this.#capacity;
    this.#values[slot] = value;
    this.count += 1;
    this.#link(slot, bucketOf(value));
  }

  #link(slot: number, bucket: number): void {
    if (this.#bucketCounts[bucket] === 0) this.#heads[bucket] = slot;
    else this.#next[this.#tails[bucket]] = slot;
    this.#tails[bucket] = slot;
    this.#bucketCounts[bucket] += 1;
    this.#octaveCounts[bucket >> STEP_BITS] += 1;
  }

  /** Removes the oldest value. */
  dropOldest(): void {
    invariant(this.count > 0, 'an order window drops only what it holds');
    const slot = this.#oldest;
    const bucket = bucketOf(this.#values[slot]);
    this.#heads[bucket] = this.#next[slot];
    this.#bucketCounts[bucket] -= 1;
    this.#octaveCounts[bucket >> STEP_BITS] -= 1;
    this.#oldest = slot + 1 === this.#capacity ? 0 : slot + 1;
    this.count -= 1;
  }

  /** Forgets all values. */
  clear(): void {
    this.count = 0;
    this.#oldest = 0;
    this.#bucketCounts.fill(0);
    this.#octaveCounts.fill(0);
  }

  /** Mean of the two middle values, or the middle one; NaN when empty. */
  median(): number {
    if (this.count === 0) return Number.NaN;
    const rank = (this.count - 1) >>> 1;
    const lower = this.#select(rank);
    return this.count % 2 === 1 ? lower : (lower + this.#following()) / 2;
  }

  /** Quantile q (0..1), 'linear' (Hyndman-Fan type 7, numpy's and pandas' default); NaN when empty. */
  quantile(q: number): number {
    invariant(q >= 0 && q <= 1, 'a quantile lies in 0..1');
    if (this.count === 0) return Number.NaN;
    const position = q * (this.count - 1);
    const rank = Math.floor(position);
    const lower = this.#select(rank);
    return rank === position ? lower : interpolate(lower, this.#following(), position - rank);
  }

  /** Value of a rank (0 = smallest); leaves its bucket in `#scratch`, selected at `#rankInBucket`. */
  #select(rank: number): number {
    this.#locate(rank);
    this.#gather(this.#bucket);
    return selectRank(this.#scratch, this.#bucketCounts[this.#bucket], this.#rankInBucket);
  }

  /** Value of the rank after the one selected last. */
  #following(): number {
    const length = this.#bucketCounts[this.#bucket];
    if (this.#rankInBucket + 1 < length) return minOf(this.#scratch, this.#rankInBucket + 1, length);
    let bucket = this.#bucket + 1;
    while (this.#bucketCounts[bucket] === 0) bucket += 1;
    this.#gather(bucket);
    return minOf(this.#scratch, 0, this.#bucketCounts[bucket]);
  }

  #locate(rank: number): void {
    let octave = 0;
    let left = rank;
    while (left >= this.#octaveCounts[octave]) left -= this.#octaveCounts[octave++];
    let bucket = octave << STEP_BITS;
    while (left >= this.#bucketCounts[bucket]) left -= this.#bucketCounts[bucket++];
    this.#bucket = bucket;
    this.#rankInBucket = left;
  }

  #gather(bucket: number): void {
    const length = this.#bucketCounts[bucket];
    if (length > this.#scratch.length) this.#scratch = new Float64Array(2 * length);
    const scratch = this.#scratch;
    const values = this.#values;
    const next = this.#next;
    let slot = this.#heads[bucket];
    for (let k = 0; k < length; k += 1) {
      scratch[k] = values[slot];
      slot = next[slot];
    }
  }

  /** Doubles the ring; the queues are linked anew in the order of arrival. */
  #grow(): void {
    const { count } = this;
    const values = new Float64Array(this.#capacity * 2);
    for (let k = 0; k < count; k += 1) values[k] = this.#values[(this.#oldest + k) % this.#capacity];
    this.clear();
    this.#allocate(this.#capacity * 2);
    this.#values = values;
    this.count = count;
    for (let slot = 0; slot < count; slot += 1) this.#link(slot, bucketOf(values[slot]));
  }
}
