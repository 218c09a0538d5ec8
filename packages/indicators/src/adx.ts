import { invariant, type Candles } from '@donch/core';
import { settleStepsOf, type Kernel } from './kernel.ts';
import { TrueRange } from './true-range.ts';
import { WilderSeries } from './wilder.ts';

/**
 * Average directional index(n) with +DI, -DI and DX, all 0..100. Wilder 1978 with TA-Lib's start: the first sums hold the
 * n-1 moves of bars 1 .. n-1, DI and DX begin at bar n, ADX at bar 2n-1 (0-based). Skender and technicalindicators start the
 * sums with n moves and differ by up to 0.8 points in the first bars. Equal up and down moves count for neither side; without
 * any movement DI, DX and ADX are 0.
 */
export class Adx implements Kernel {
  readonly kind = 'recursive';
  readonly warmupBars: number;
  readonly settleBars: number;
  adx = Number.NaN;
  plusDi = Number.NaN;
  minusDi = Number.NaN;
  dx = Number.NaN;
  readonly #length: number;
  readonly #range = new TrueRange();
  readonly #average: WilderSeries;
  #moves = 0;
  #previousHigh = Number.NaN;
  #previousLow = Number.NaN;
  #rangeSum = 0;
  #plusSum = 0;
  #minusSum = 0;

  constructor(length: number) {
    invariant(Number.isInteger(length) && length >= 2, 'ADX length is a whole number from 2 on');
    this.#length = length;
    this.#average = new WilderSeries(length);
    this.warmupBars = 2 * length;
    this.settleBars = 1 + length + settleStepsOf(1 / length) + this.#average.settleSteps;
  }

  step(candles: Candles, i: number): number {
    const high = candles.high[i];
    const low = candles.low[i];
    const range = this.#range.step(candles, i);
    const up = high - this.#previousHigh;
    const down = this.#previousLow - low;
    this.#previousHigh = high;
    this.#previousLow = low;
    if (Number.isNaN(range)) return this.adx;
    this.#moves += 1;
    const keep = this.#moves < this.#length ? 1 : 1 - 1 / this.#length;
    this.#rangeSum = this.#rangeSum * keep + range;
    this.#plusSum = this.#plusSum * keep + (up > down && up > 0 ? up : 0);
    this.#minusSum = this.#minusSum * keep + (down > up && down > 0 ? down : 0);
    if (this.#moves >= this.#length) this.#index();
    return this.adx;
  }

  #index(): void {
    const range = this.#rangeSum;
    const plus = this.#plusSum;
    const minus = this.#minusSum;
    this.plusDi = range > 0 ? (100 * plus) / range : 0;
    this.minusDi = range > 0 ? (100 * minus) / range : 0;
    // The ranges cancel in DX.
    this.dx = plus + minus > 0 ? (100 * Math.abs(plus - minus)) / (plus + minus) : 0;
    this.adx = this.#average.step(this.dx);
  }
}
