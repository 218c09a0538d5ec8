/**
 * Exponential moving average, alpha = 2 / (n + 1), seeded with the FIRST value.
 * The variant of pandas `ewm(span=n, adjust=False)`, TradingView `ta.ema`, Tulip and TA-Lib's METASTOCK mode; TA-Lib's default
 * (seed = mean of the first n) is another one.
 */
import { invariant, type Candles } from '@donch/core';
import { settleStepsOf, type Kernel, type SeriesKernel } from './kernel.ts';

/** Weight of the newest value in an EMA(n). */
export function emaAlpha(length: number): number {
  invariant(Number.isInteger(length) && length >= 1, 'EMA length is a whole number from 1 on');
  return 2 / (length + 1);
}

/** EMA(n) of any numbers. */
export class EmaSeries implements SeriesKernel {
  readonly warmupSteps = 1;
  readonly settleSteps: number;
  readonly #alpha: number;
  #average = Number.NaN;

  constructor(length: number) {
    this.#alpha = emaAlpha(length);
    this.settleSteps = settleStepsOf(this.#alpha);
  }

  step(value: number): number {
    const average = this.#average;
    let next = average + this.#alpha * (value - average);
    // NaN only for the first value and for a missing one: one check instead of two on the path that every bar takes.
    if (Number.isNaN(next)) {
      if (!Number.isNaN(average)) return Number.NaN;
      next = value;
    }
    this.#average = next;
    return next;
  }
}

/** EMA(n) of the close. */
export class Ema implements Kernel {
  readonly kind = 'recursive';
  readonly warmupBars: number;
  readonly settleBars: number;
  readonly #series: EmaSeries;

  constructor(length: number) {
    this.#series = new EmaSeries(length);
    this.warmupBars = this.#series.warmupSteps;
    this.settleBars = this.#series.settleSteps;
  }

  step(candles: Candles, i: number): number {
    return this.#series.step(candles.close[i]);
  }
}
