/**
 * What prices did after a signal, as far as exits can ask: the bars that made a new high or a new low since the entry. The first
 * touch of any level is one of them and found by a binary search, and a path of n bars has about the square root of n.
 */
import type { Candles } from '@donch/core';

/** Bars with a new extreme, one path after the other; growable. */
export class ExtremeColumns {
  length = 0;
  /** Step at which the bar closes. */
  step = new Int32Array(1_024);
  /** The new extreme: high or low of the bar. */
  price = new Float64Array(1_024);
  /** Open of the same bar: what lies beyond it trades there. */
  open = new Float64Array(1_024);

  append(step: number, price: number, open: number): void {
    if (this.length === this.step.length) this.#grow();
    this.step[this.length] = step;
    this.price[this.length] = price;
    this.open[this.length] = open;
    this.length += 1;
  }

  #grow(): void {
    const { step, price, open } = this;
    this.step = new Int32Array(2 * step.length);
    this.price = new Float64Array(2 * price.length);
    this.open = new Float64Array(2 * open.length);
    this.step.set(step);
    this.price.set(price);
    this.open.set(open);
  }
}

/** Rows `from .. to-1` of the columns: one path. */
export interface ExtremeRange {
  readonly columns: ExtremeColumns;
  /** +1 = ever higher, -1 = ever lower. */
  readonly sign: 1 | -1;
  readonly from: number;
  readonly to: number;
}

/** Row of the first extreme at or beyond a level, `to` when none is. */
export function firstBeyond({ columns: { price }, sign, from, to }: ExtremeRange, level: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sign * price[middle] >= sign * level) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The last extreme of the bars that closed before a step; NaN = there is none. */
export function extremeBefore({ columns: { step, price }, from, to }: ExtremeRange, before: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (step[middle] < before) low = middle + 1;
    else high = middle;
  }
  return low === from ? Number.NaN : price[low - 1];
}

export interface PathBounds {
  readonly direction: 1 | -1;
  /** Rows of the bars to look at, `to` excluded. */
  readonly fromRow: number;
  readonly toRow: number;
  /** Nobody looks beyond the bar that reaches one of them. */
  readonly lossPrice: number;
  /** Null = some variant has no target. */
  readonly targetPrice: number | null;
  /** Step of row 0 if there were no gaps: `(openTimeMs + intervalMs - firstMs) / intervalMs`. */
  readonly firstMs: number;
}

export interface Envelopes {
  /** New extremes in favour of the position. */
  readonly best: ExtremeColumns;
  /** New extremes against it. */
  readonly worst: ExtremeColumns;
}

/** Appends one path. It ends with the bar after which no exit within the bounds can still be open. */
export function appendPath({ best, worst }: Envelopes, candles: Candles, bounds: PathBounds): void {
  const { direction, fromRow, toRow, lossPrice, firstMs } = bounds;
  const { openTimeMs, open, high, low, intervalMs } = candles;
  const [favourable, adverse] = direction > 0 ? [high, low] : [low, high];
  const target = bounds.targetPrice === null ? Infinity : direction * bounds.targetPrice;
  const loss = direction * lossPrice;
  let bestSoFar = -Infinity;
  let worstSoFar = Infinity;
  for (let row = fromRow; row < toRow; row += 1) {
    const gain = direction * favourable[row];
    const pain = direction * adverse[row];
    if (gain > bestSoFar) {
      bestSoFar = gain;
      best.append((openTimeMs[row] + intervalMs - firstMs) / intervalMs, favourable[row], open[row]);
    }
    if (pain < worstSoFar) {
      worstSoFar = pain;
      worst.append((openTimeMs[row] + intervalMs - firstMs) / intervalMs, adverse[row], open[row]);
    }
    if (pain <= loss || gain >= target) return;
  }
}
