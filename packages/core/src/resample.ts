/**
 * Higher-interval bars from base bars: `[start, end)` buckets labelled by their start, epoch-aligned, weeks from Monday.
 * A bucket closes when a base bar arrives that ends at or after the bucket's end; empty buckets do not exist.
 * The same object serves history (in a loop) and the live edge (one bar at a time).
 */
import { CandleBuffer, turnoverUsd, type Bar, type Candles } from './columns.ts';
import { invariant } from './invariant.ts';
import { bucketStartMs } from './time.ts';

/** Closed higher-interval bars with what is known about their making. Rows 0 .. bars.length-1 count; `bars.turnover` is the sum of `turnoverUsd`. */
export interface ResampledSeries {
  readonly bars: Candles;
  /** Base bars in each bucket. */
  readonly baseCount: Float64Array;
  /** Close time of the base bar that closed the bucket: the value may be read from this instant on. */
  readonly availableMs: Float64Array;
  /** 1 = usable: not cut by the start of the data and at least `minCoverageFrac` of its base bars exist. */
  readonly usable: Uint8Array;
}

/** Share of base bars below which a higher-interval bar is not usable (SEMANTICS 10). */
export const MIN_COVERAGE_FRAC = 0.9;

export class Resampler implements ResampledSeries {
  readonly bars: CandleBuffer;
  baseCount: Float64Array;
  availableMs: Float64Array;
  usable: Uint8Array;
  readonly #baseIntervalMs: number;
  readonly #intervalMs: number;
  readonly #countMin: number;
  #firstOpenMs = Number.NaN;
  /** The bucket in progress: its first base row, start and end. No bucket: row -1, end -Infinity. */
  #firstRow = -1;
  #startMs = Number.NaN;
  #endMs = Number.NEGATIVE_INFINITY;

  constructor(baseIntervalMs: number, intervalMs: number, minCoverageFrac = MIN_COVERAGE_FRAC) {
    invariant(
      intervalMs >= baseIntervalMs && intervalMs % baseIntervalMs === 0,
      'resampling goes to a multiple of the base interval',
    );
    this.#baseIntervalMs = baseIntervalMs;
    this.#intervalMs = intervalMs;
    this.#countMin = minCoverageFrac * (intervalMs / baseIntervalMs);
    this.bars = new CandleBuffer(intervalMs, 256);
    this.baseCount = new Float64Array(256);
    this.availableMs = new Float64Array(256);
    this.usable = new Uint8Array(256);
  }

  /**
   * Takes base row i; rows come one after the other and stay readable until their bucket has closed. Returns how many buckets it
   * closed: 0, 1, or 2 (a bar after a gap closes the old bucket and, being the last of its own, that one too). Most rows close
   * none and cost two comparisons: a bucket is summed up when it closes.
   */
  step(base: Candles, i: number): number {
    const openTimeMs = base.openTimeMs[i];
    const closeTimeMs = openTimeMs + this.#baseIntervalMs;
    if (openTimeMs < this.#endMs) {
      if (closeTimeMs < this.#endMs) return 0;
      this.#closeBucket(base, i, closeTimeMs);
      return 1;
    }
    let closed = 0;
    if (this.#firstRow >= 0) {
      this.#closeBucket(base, i - 1, closeTimeMs);
      closed = 1;
    }
    this.#openBucket(i, openTimeMs);
    if (closeTimeMs < this.#endMs) return closed;
    this.#closeBucket(base, i, closeTimeMs);
    return closed + 1;
  }

  #openBucket(row: number, openTimeMs: number): void {
    if (Number.isNaN(this.#firstOpenMs)) this.#firstOpenMs = openTimeMs;
    this.#firstRow = row;
    this.#startMs = bucketStartMs(openTimeMs, this.#intervalMs);
    this.#endMs = this.#startMs + this.#intervalMs;
  }

  #closeBucket(base: Candles, lastRow: number, availableMs: number): void {
    const firstRow = this.#firstRow;
    const row = this.bars.length;
    const baseCount = lastRow - firstRow + 1;
    this.bars.append(aggregate(base, { firstRow, lastRow, openTimeMs: this.#startMs }));
    if (row === this.baseCount.length) this.#grow();
    this.baseCount[row] = baseCount;
    this.availableMs[row] = availableMs;
    this.usable[row] = this.#startMs >= this.#firstOpenMs && baseCount >= this.#countMin ? 1 : 0;
    this.#firstRow = -1;
    this.#endMs = Number.NEGATIVE_INFINITY;
  }

  /** The base candles have dropped their first rows. Those of the bucket in progress must still be there. */
  rebase(rows: number): void {
    if (this.#firstRow < 0) return;
    this.#firstRow -= rows;
    invariant(this.#firstRow >= 0, 'base rows stay until their bucket has closed');
  }

  /** Forgets closed bars but the last ones: for the live edge, where a history would grow for ever. */
  keepLast(rows: number): void {
    const { length } = this.bars;
    const drop = Math.max(0, length - rows);
    if (drop === 0) return;
    this.bars.dropFirst(drop);
    for (const column of [this.baseCount, this.availableMs, this.usable]) column.copyWithin(0, drop, length);
    // a history has left room for thousands of bars
    const room = 2 * rows;
    if (this.baseCount.length <= room) return;
    this.bars.shrink(room);
    this.baseCount = this.baseCount.slice(0, room);
    this.availableMs = this.availableMs.slice(0, room);
    this.usable = this.usable.slice(0, room);
  }

  #grow(): void {
    const capacity = this.baseCount.length * 2;
    const baseCount = new Float64Array(capacity);
    const availableMs = new Float64Array(capacity);
    const usable = new Uint8Array(capacity);
    baseCount.set(this.baseCount);
    availableMs.set(this.availableMs);
    usable.set(this.usable);
    this.baseCount = baseCount;
    this.availableMs = availableMs;
    this.usable = usable;
  }
}

interface BucketRows {
  readonly firstRow: number;
  readonly lastRow: number;
  /** Start of the bucket. */
  readonly openTimeMs: number;
}

/** One bar from base rows; volume and turnover are summed in the order of the rows. */
function aggregate(base: Candles, { firstRow, lastRow, openTimeMs }: BucketRows): Bar {
  let high = base.high[firstRow];
  let low = base.low[firstRow];
  let volume = 0;
  let turnover = 0;
  for (let k = firstRow; k <= lastRow; k += 1) {
    if (base.high[k] > high) high = base.high[k];
    if (base.low[k] < low) low = base.low[k];
    volume += base.volume[k];
    turnover += turnoverUsd(base, k);
  }
  return { openTimeMs, open: base.open[firstRow], high, low, close: base.close[lastRow], volume, turnover };
}

/** All closed buckets of a history; the unfinished last one is not among them. */
export function resample(base: Candles, intervalMs: number): ResampledSeries {
  const resampler = new Resampler(base.intervalMs, intervalMs);
  for (let i = 0; i < base.length; i += 1) resampler.step(base, i);
  return resampler;
}
