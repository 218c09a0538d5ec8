/**
 * Wilder's average (RMA, SMMA): alpha = 1 / n, seeded with the MEAN of the first n values.
 * J. W. Wilder, "New Concepts in Technical Trading Systems" (1978); the variant of TA-Lib, TTR, Tulip and TradingView `ta.rma`.
 */
import { invariant } from '@donch/core';
import { settleStepsOf, type SeriesKernel } from './kernel.ts';

/** Wilder average(n) of any numbers; NaN until the n-th. */
export class WilderSeries implements SeriesKernel {
  readonly warmupSteps: number;
  readonly settleSteps: number;
  readonly #length: number;
  #seen = 0;
  #sum = 0;
  #average = Number.NaN;

  constructor(length: number) {
    invariant(Number.isInteger(length) && length >= 1, 'length of a Wilder average is a whole number from 1 on');
    this.#length = length;
    this.warmupSteps = length;
    this.settleSteps = length + settleStepsOf(1 / length);
  }

  step(value: number): number {
    const next = this.#average + (value - this.#average) / this.#length;
    // NaN only during the first n values and for a missing one.
    if (Number.isNaN(next)) {
      if (Number.isNaN(value)) return Number.NaN;
      this.#seed(value);
      return this.#average;
    }
    this.#average = next;
    return next;
  }

  #seed(value: number): void {
    this.#seen += 1;
    this.#sum += value;
    if (this.#seen === this.#length) this.#average = this.#sum / this.#length;
  }
}
