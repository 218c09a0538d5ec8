import { invariant, lowerBoundOf, MIN_COVERAGE_FRAC, type Candles } from '@donch/core';
import { OrderWindow } from './order-window.ts';

export interface VolumeWindowOptions {
  /** Length of the window in time; bars of outages are missing in it, older ones do not move in. */
  readonly windowMs: number;
  readonly intervalMs: number;
  /** Share of the window's bars that must exist before there is a median; default `MIN_COVERAGE_FRAC`. */
  readonly coverageMinFrac?: number;
}

/**
 * The volumes of the bars that opened in (t - window, t], t = open of the bar taken last: what the volume indicators look at.
 * Several of them may share one window. Bars without a volume (NaN) are not in it.
 */
export class VolumeWindow {
  /** Bars needed before the window is ready. */
  readonly countMin: number;
  readonly #windowMs: number;
  readonly #intervalMs: number;
  readonly #windowBars: number;
  readonly #volumes: OrderWindow;
  /** Open times of the volumes, oldest first, in bars since the epoch: a ring, so that no old row is needed. */
  readonly #times: Uint32Array;
  #oldest = 0;
  #nextRow = 0;

  constructor({ windowMs, intervalMs, coverageMinFrac = MIN_COVERAGE_FRAC }: VolumeWindowOptions) {
    invariant(windowMs >= intervalMs && windowMs % intervalMs === 0, 'a volume window is a whole number of bars');
    invariant(coverageMinFrac > 0 && coverageMinFrac <= 1, 'least coverage lies in (0, 1]');
    this.#windowMs = windowMs;
    this.#intervalMs = intervalMs;
    this.#windowBars = windowMs / intervalMs;
    this.countMin = Math.ceil(coverageMinFrac * this.#windowBars - 1e-9);
    this.#volumes = new OrderWindow(this.#windowBars + 1);
    this.#times = new Uint32Array(this.#windowBars + 1);
  }

  /**
   * Takes the rows up to and including `i`; a row taken before is not taken again. O(1) per row, and rows that have left the window
   * before anybody asked are never looked at: after a long pause the window is filled anew.
   */
  absorb(candles: Candles, i: number): void {
    const { openTimeMs, volume } = candles;
    const leftByMs = openTimeMs[i] - this.#windowMs;
    if (this.#nextRow <= i && openTimeMs[this.#nextRow] <= leftByMs) {
      this.#volumes.clear();
      this.#nextRow = lowerBoundOf(openTimeMs, leftByMs + 1, i + 1);
    }
    for (let row = this.#nextRow; row <= i; row += 1) this.#take(openTimeMs[row] / this.#intervalMs, volume[row]);
    if (i >= this.#nextRow) this.#nextRow = i + 1;
  }

  /** Takes one bar; `time` in bars since the epoch. */
  #take(time: number, volume: number): void {
    const volumes = this.#volumes;
    const times = this.#times;
    const size = times.length;
    while (volumes.count > 0 && times[this.#oldest] <= time - this.#windowBars) {
      volumes.dropOldest();
      this.#oldest = this.#oldest + 1 === size ? 0 : this.#oldest + 1;
    }
    if (Number.isNaN(volume)) return;
    const slot = this.#oldest + volumes.count;
    times[slot < size ? slot : slot - size] = time;
    volumes.push(volume);
  }

  /** The candles have dropped their first rows, all of which had been absorbed or had left the window. */
  rebase(rows: number): void {
    this.#nextRow -= rows;
    invariant(this.#nextRow >= 0, 'rows stay until the window has absorbed them');
  }

  /** Bars in the window. */
  get count(): number {
    return this.#volumes.count;
  }

  /** Bars in the window as a share of those of a window without gaps. */
  get coverageFrac(): number {
    return this.#volumes.count / this.#windowBars;
  }

  /** True when the window holds enough bars for its statistics to be used. */
  get isReady(): boolean {
    return this.#volumes.count >= this.countMin;
  }

  /** Median volume, the youngest bar included; NaN until ready. */
  median(): number {
    return this.isReady ? this.#volumes.median() : Number.NaN;
  }

  /** Quantile q (0..1) of the volumes, type 7 ('linear'); NaN until ready. */
  quantile(q: number): number {
    return this.isReady ? this.#volumes.quantile(q) : Number.NaN;
  }
}
