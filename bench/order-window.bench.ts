/**
 * The rolling median of 30 days of 5-minute volumes, fed every bar and asked on one in a hundred (breakouts are rarer), against
 * the usual structure for it: two heaps with an index, which keep the median at hand at every bar. Both give the same medians,
 * which is checked.
 */
import { createPrng } from '@donch/core';
import { OrderWindow } from '@donch/indicators';
import { type BenchReport, compare } from './harness.ts';

const BARS = 200_000;
const WINDOW = 8_640;
const ASKED_EVERY = 100;

/** Measured 0.14 to 0.21. Above it the structure is not worth its code. */
const LIMIT = 0.5;

export function run(): Promise<BenchReport> {
  const volumes = randomVolumes();
  const [found, expected] = [orderWindow(volumes), twoHeaps(volumes)];
  if (found !== expected) throw new Error(`found the sum of medians ${found}, expected ${expected}`);
  return compare({
    name: 'order-window',
    candidate: () => orderWindow(volumes),
    reference: () => twoHeaps(volumes),
    limit: LIMIT,
  });
}

function orderWindow(volumes: Float64Array): number {
  const window = new OrderWindow(WINDOW);
  let sum = 0;
  for (let i = 0; i < BARS; i += 1) {
    if (i >= WINDOW) window.dropOldest();
    window.push(volumes[i]);
    if (i % ASKED_EVERY === 0) sum += window.median();
  }
  return sum;
}

function twoHeaps(volumes: Float64Array): number {
  const ring = new Float64Array(WINDOW);
  // The lower half is a heap of negated values, so that both keep their smallest key on top.
  const keys = new Float64Array(WINDOW);
  const isLower = new Uint8Array(WINDOW);
  const lower = new IndexedHeap(keys);
  const upper = new IndexedHeap(keys);
  let sum = 0;
  for (let i = 0; i < BARS; i += 1) {
    const slot = i % WINDOW;
    if (i >= WINDOW) (isLower[slot] === 1 ? lower : upper).remove(slot);
    ring[slot] = volumes[i];
    place(slot, lower.size === 0 || volumes[i] <= ring[lower.top]);
    if (lower.size > upper.size + 1) move(lower, false);
    else if (upper.size > lower.size) move(upper, true);
    if (i % ASKED_EVERY !== 0) continue;
    sum += lower.size > upper.size ? ring[lower.top] : (ring[lower.top] + ring[upper.top]) / 2;
  }
  return sum;

  function place(slot: number, below: boolean): void {
    isLower[slot] = below ? 1 : 0;
    keys[slot] = below ? -ring[slot] : ring[slot];
    (below ? lower : upper).add(slot);
  }

  function move(from: IndexedHeap, below: boolean): void {
    const slot = from.top;
    from.remove(slot);
    place(slot, below);
  }
}

/** Binary heap of slots by key, smallest on top; any slot can be removed. */
class IndexedHeap {
  size = 0;
  private readonly keys: Float64Array;
  private readonly slots: Int32Array;
  private readonly positions: Int32Array;

  constructor(keys: Float64Array) {
    this.keys = keys;
    this.slots = new Int32Array(keys.length);
    this.positions = new Int32Array(keys.length);
  }

  get top(): number {
    return this.slots[0];
  }

  add(slot: number): void {
    this.size += 1;
    this.rise(this.size - 1, slot);
  }

  remove(slot: number): void {
    const hole = this.positions[slot];
    this.size -= 1;
    if (hole === this.size) return;
    const last = this.slots[this.size];
    this.sink(hole, last);
    this.rise(this.positions[last], last);
  }

  private rise(from: number, slot: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (this.keys[this.slots[parent]] <= this.keys[slot]) break;
      this.put(position, this.slots[parent]);
      position = parent;
    }
    this.put(position, slot);
  }

  private sink(from: number, slot: number): void {
    let position = from;
    for (;;) {
      let child = 2 * position + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && this.keys[this.slots[child + 1]] < this.keys[this.slots[child]]) child += 1;
      if (this.keys[this.slots[child]] >= this.keys[slot]) break;
      this.put(position, this.slots[child]);
      position = child;
    }
    this.put(position, slot);
  }

  private put(position: number, slot: number): void {
    this.slots[position] = slot;
    this.positions[slot] = position;
  }
}

/** Log-normal with a daily rhythm, as volumes are. */
function randomVolumes(): Float64Array {
  const prng = createPrng(1, 'bench/order-window');
  return Float64Array.from({ length: BARS }, (_, i) => Math.exp(8 + 0.7 * Math.sin(i / 46) + prng.normal()));
}
