import type { Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';
import type { VolumeWindow } from './volume-window.ts';

/**
 * Volume of the bar as a multiple of the median over a window of time, the bar itself included. NaN until the window is
 * ready, and where the median is 0: then most bars did not trade and no multiple says anything.
 */
export class VolumeMultiple implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;
  /** Base units; NaN until ready. */
  median = Number.NaN;
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
    this.median = this.#window.median();
    return this.median > 0 ? candles.volume[i] / this.median : Number.NaN;
  }
}
