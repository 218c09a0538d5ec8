/**
 * Higher-interval bars from base bars: `[start, end)` buckets labelled by their start, epoch-aligned, weeks from Monday.
 * A bucket closes when a base bar arrives that ends at or after the bucket's end; empty buckets do not exist.
 * The same object serves history (in a loop) and the live edge (one bar at a time).
 */
import { CandleBuffer, turnoverUsd, type Candles } from './columns.ts';
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
  // the bucket in progress
  #startMs = Number.NaN;
  #count = 0;
  #open = 0;
  #high = 0;
  #low = 0;
  #close = 0;
  #volume = 0;
  #turnover = 0;

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
   * Takes base row i. Returns how many buckets it closed: 0, 1, or 2 (a bar after a gap closes the old bucket and,
   * being the last of its own, that one too).
   */
  step(base: Candles, i: number): number {
    const openTimeMs = base.openTimeMs[i];
    const closeTimeMs = openTimeMs + this.#baseIntervalMs;
    if (Number.isNaN(this.#firstOpenMs)) this.#firstOpenMs = openTimeMs;
    let closed = 0;
    if (this.#count > 0 && openTimeMs >= this.#startMs + this.#intervalMs) {
      this.#closeBucket(closeTimeMs);
      closed += 1;
    }
    this.#absorb(base, i, openTimeMs);
    if (closeTimeMs >= this.#startMs + this.#intervalMs) {
      this.#closeBucket(closeTimeMs);
      closed += 1;
    }
    return closed;
  }

  #absorb(base: Candles, i: number, openTimeMs: number): void {
    const high = base.high[i];
    const low = base.low[i];
    const turnover = turnoverUsd(base, i);
    if (this.#count === 0) {
      this.#startMs = bucketStartMs(openTimeMs, this.#intervalMs);
      this.#open = base.open[i];
      this.#high = high;
      this.#low = low;
      this.#volume = base.volume[i];
      this.#turnover = turnover;
    } else {
      if (high > this.#high) this.#high = high;
      if (low < this.#low) this.#low = low;
      this.#volume += base.volume[i];
      this.#turnover += turnover;
    }
    this.#close = base.close[i];
    this.#count += 1;
  }

  #closeBucket(availableMs: number): void {
    const row = this.bars.length;
    this.bars.append({
      openTimeMs: this.#startMs,
      open: this.#open,
      high: this.#high,
      low: this.#low,
      close: this.#close,
      volume: this.#volume,
      turnover: this.#turnover,
    });
    if (row === this.baseCount.length) this.#grow();
    this.baseCount[row] = this.#count;
    this.availableMs[row] = availableMs;
    this.usable[row] = this.#startMs >= this.#firstOpenMs && this.#count >= this.#countMin ? 1 : 0;
    this.#count = 0;
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

/** All closed buckets of a history; the unfinished last one is not among them. */
export function resample(base: Candles, intervalMs: number): ResampledSeries {
  const resampler = new Resampler(base.intervalMs, intervalMs);
  for (let i = 0; i < base.length; i += 1) resampler.step(base, i);
  return resampler;
}
