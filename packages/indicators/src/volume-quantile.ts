import { invariant, type Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';
import type { VolumeWindow } from './volume-window.ts';

/**
 * Quantile q of the volumes over a window of time, the current bar included, base units ('linear', Hyndman-Fan type 7): the
 * threshold that a bar's volume is compared with. NaN until the window is ready.
 */
export class VolumeQuantile implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;
  readonly #window: VolumeWindow;
  readonly #q: number;

  constructor(window: VolumeWindow, q: number) {
    invariant(q >= 0 && q <= 1, 'a quantile lies in 0..1');
    this.#window = window;
    this.#q = q;
    this.warmupBars = window.countMin;
    this.settleBars = window.countMin;
  }

  /** For a window that no other indicator shares; else its owner calls the window's own. */
  rebase(rows: number): void {
    this.#window.rebase(rows);
  }

  step(candles: Candles, i: number): number {
    this.#window.absorb(candles, i);
    return this.#window.quantile(this.#q);
  }
}
