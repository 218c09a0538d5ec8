import type { Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';
import type { VolumeWindow } from './volume-window.ts';

/** Median volume over a window of time, the current bar included, base units. NaN until the window is ready. */
export class VolumeMedian implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;
  readonly #window: VolumeWindow;

  constructor(window: VolumeWindow) {
    this.#window = window;
    this.warmupBars = window.countMin;
    this.settleBars = window.countMin;
  }

  /** For a window that no other indicator shares; else its owner calls the window's own. */
  rebase(rows: number): void {
    this.#window.rebase(rows);
  }

  step(candles: Candles, i: number): number {
    this.#window.absorb(candles, i);
    return this.#window.median();
  }
}
