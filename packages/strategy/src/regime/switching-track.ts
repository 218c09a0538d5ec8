/**
 * Filtered probability of the states of a switching model, from closed bars of the benchmark and parameters that were fitted before.
 * At a refit date the filter starts again from the first bar with the new parameters.
 */
import type { Candles } from '@donch/core';
import { SwitchingFilter } from '@donch/stats';
import { GrowingColumn } from './growing-column.ts';
import type { NamedFit } from './name-states.ts';
import { ReferenceTrack, type ReferenceTrackOptions } from './reference-track.ts';
import { ReturnGrid } from './return-grid.ts';

export interface SwitchingTrackOptions extends ReferenceTrackOptions {
  /** Ascending by refit date. */
  readonly fits: readonly NamedFit[];
}

export class SwitchingTrack extends ReferenceTrack {
  protected readonly grid = new ReturnGrid();
  readonly #fits: readonly NamedFit[];
  readonly #probability1 = new GrowingColumn();
  /** Index into the fits; -1 = before the first refit date. */
  #fit = -1;
  #filter: SwitchingFilter | null = null;

  constructor({ fits, ...options }: SwitchingTrackOptions) {
    super(options);
    this.#fits = fits;
  }

  protected override closeBar(bars: Candles, row: number, isUsable: boolean): void {
    const added = this.grid.closeBar(bars, row, isUsable);
    const { returns } = this.grid;
    const first = this.#isRefitted(bars.openTimeMs[row] + bars.intervalMs) ? 0 : returns.length - added;
    if (this.#filter !== null) for (let k = first; k < returns.length; k += 1) this.#filter.step(returns.values[k]);
    this.#probability1.push(isUsable && this.#filter !== null ? this.#filter.probabilityOf(1) : Number.NaN);
  }

  /** True when the parameters in force at the instant are others than before. */
  #isRefitted(timeMs: number): boolean {
    const before = this.#fit;
    while (this.#fit + 1 < this.#fits.length && this.#fits[this.#fit + 1].refitMs <= timeMs) this.#fit += 1;
    if (this.#fit === before) return false;
    const { parameters } = this.#fits[this.#fit];
    this.#filter = parameters === null ? null : new SwitchingFilter(parameters);
    return true;
  }

  /** Filtered probability of state 1 as of the instant; NaN = unknown. */
  probability1At(timeMs: number): number {
    return this.valueAsOf(this.#probability1, timeMs);
  }
}
