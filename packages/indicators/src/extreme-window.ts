import { invariant } from '@donch/core';

/**
 * Highest value of a window of rows that slides forward (monotonic queue: values that can still become the maximum, in
 * descending order). O(1) amortised. For a lowest value, feed negated values: negation is exact.
 */
export class ExtremeWindow {
  #mask: number;
  #rows: Float64Array;
  #values: Float64Array;
  // Positions count up for ever; `& mask` finds the slot. 2^31 pushes are 20,000 years of 5m bars.
  #head = 0;
  #tail = 0;

  constructor(capacity = 64) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, capacity)));
    this.#mask = size - 1;
    this.#rows = new Float64Array(size);
    this.#values = new Float64Array(size);
  }

  /** Adds a row above all rows so far. */
  push(row: number, value: number): void {
    const values = this.#values;
    const mask = this.#mask;
    let tail = this.#tail;
    while (tail > this.#head && values[(tail - 1) & mask] <= value) tail -= 1;
    if (tail - this.#head > mask) {
      this.#grow();
      this.push(row, value);
      return;
    }
    values[tail & mask] = value;
    this.#rows[tail & mask] = row;
    this.#tail = tail + 1;
  }

  /** Removes the rows below `row`. */
  dropBelow(row: number): void {
    while (this.#tail > this.#head && this.#rows[this.#head & this.#mask] < row) this.#head += 1;
  }

  /** The rows are counted from another first row: each number is `rows` less. */
  rebase(rows: number): void {
    for (let at = this.#head; at < this.#tail; at += 1) this.#rows[at & this.#mask] -= rows;
  }

  /** Highest value of the rows in the window; NaN when it is empty. */
  get max(): number {
    return this.#tail > this.#head ? this.#values[this.#head & this.#mask] : Number.NaN;
  }

  #grow(): void {
    const size = 2 * (this.#mask + 1);
    const rows = new Float64Array(size);
    const values = new Float64Array(size);
    const length = this.#tail - this.#head;
    for (let k = 0; k < length; k += 1) {
      rows[k] = this.#rows[(this.#head + k) & this.#mask];
      values[k] = this.#values[(this.#head + k) & this.#mask];
    }
    invariant(length < size, 'a grown window has room');
    this.#mask = size - 1;
    this.#rows = rows;
    this.#values = values;
    this.#head = 0;
    this.#tail = length;
  }
}
