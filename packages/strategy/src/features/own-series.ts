/** An instrument's own higher-interval bars with the coverage rule: the one place where it lives. */
import { bucketStartMs, Resampler, type Candles, type ResampledSeries } from '@donch/core';

/** Higher-interval bars as features see them. */
export interface BarSeries {
  readonly intervalMs: number;
  readonly resampled: ResampledSeries;
  readonly bars: Candles;
  /** Calls back for every usable bar, in order; recursive kernels step over the others by not being shown them. */
  onUsableBar(listener: (bars: Candles, row: number) => void): void;
  /** Takes base row i. */
  step(base: Candles, i: number): void;
  /**
   * Row of the bar that ended last at or before `timeMs`, or -1 when that very bar is missing or not usable: as-of never
   * falls back to an older bar. (Only bars that had closed are here: `timeMs` is the close of the last base row stepped.)
   */
  rowAsOf(timeMs: number): number;
  /** True when the `count` bars ending at `row` are consecutive in time and all usable. */
  allUsable(row: number, count: number): boolean;
  /** The base bars have dropped their first rows; bars of this series that nothing reads any more may go as well. */
  rebase(rows: number): void;
}

/** Bars of a series that the live edge keeps: more than any feature looks back (80 days), whatever the interval. */
const KEPT_BARS = 128;

export class OwnSeries implements BarSeries {
  readonly intervalMs: number;
  readonly resampled: Resampler;
  #onUsable: ((bars: Candles, row: number) => void)[] = [];

  constructor(baseIntervalMs: number, intervalMs: number) {
    this.intervalMs = intervalMs;
    this.resampled = new Resampler(baseIntervalMs, intervalMs);
  }

  onUsableBar(listener: (bars: Candles, row: number) => void): void {
    this.#onUsable.push(listener);
  }

  step(base: Candles, i: number): void {
    const closed = this.resampled.step(base, i);
    if (closed === 0) return;
    const { bars, usable } = this.resampled;
    for (let row = bars.length - closed; row < bars.length; row += 1) {
      if (usable[row] === 1) for (const listener of this.#onUsable) listener(bars, row);
    }
  }

  get bars(): Candles {
    return this.resampled.bars;
  }

  rowAsOf(timeMs: number): number {
    const row = this.resampled.bars.length - 1;
    if (row < 0 || this.resampled.usable[row] !== 1) return -1;
    return this.resampled.bars.openTimeMs[row] + this.intervalMs === bucketStartMs(timeMs, this.intervalMs) ? row : -1;
  }

  allUsable(row: number, count: number): boolean {
    return allUsable(this.resampled, row, count);
  }

  rebase(rows: number): void {
    this.resampled.rebase(rows);
    this.resampled.keepLast(KEPT_BARS);
  }
}

/** True when the `count` bars ending at `row` are consecutive in time and all usable. */
export function allUsable({ bars, usable }: ResampledSeries, row: number, count: number): boolean {
  const first = row - count + 1;
  if (first < 0) return false;
  if (bars.openTimeMs[row] - bars.openTimeMs[first] !== (count - 1) * bars.intervalMs) return false;
  for (let k = first; k <= row; k += 1) if (usable[k] !== 1) return false;
  return true;
}
