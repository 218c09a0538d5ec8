import { invariant, type Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';

export interface SpreadOptions {
  readonly from: number;
  readonly to: number;
  /** 0 = population, 1 = sample. */
  readonly ddof: 0 | 1;
}

/** Mean of `values[from .. to-1]`; NaN when empty. */
export function meanOfRows(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += values[i];
  return sum / (to - from);
}

/**
 * Standard deviation of `values[from .. to-1]` in two passes (mean first, then squares of the distances): E[x^2] - E[x]^2 loses
 * seven digits at a price of 50,000. NaN when there are not more values than `ddof`.
 */
export function sdOfRows(values: Float64Array, { from, to, ddof }: SpreadOptions): number {
  const mean = meanOfRows(values, from, to);
  let squares = 0;
  for (let i = from; i < to; i += 1) squares += (values[i] - mean) * (values[i] - mean);
  return to - from > ddof ? Math.sqrt(squares / (to - from - ddof)) : Number.NaN;
}

/** Rolling standard deviation of n closes, the current one included, price units; sample (ddof 1) unless told otherwise. O(n) per step. */
export class RollingSd implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;
  readonly #ddof: 0 | 1;

  constructor(length: number, ddof: 0 | 1 = 1) {
    invariant(Number.isInteger(length) && length > ddof, 'a standard deviation has more values than ddof');
    this.#ddof = ddof;
    this.warmupBars = length;
    this.settleBars = length;
  }

  step(candles: Candles, i: number): number {
    const from = i + 1 - this.warmupBars;
    return from < 0 ? Number.NaN : sdOfRows(candles.close, { from, to: i + 1, ddof: this.#ddof });
  }
}
