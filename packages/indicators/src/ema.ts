/**
 * Exponential moving average, alpha = 2 / (n + 1), seeded with the FIRST value.
 * The variant of pandas `ewm(span=n, adjust=False)`, TradingView `ta.ema`, Tulip and TA-Lib's METASTOCK mode; TA-Lib's default
 * (seed = mean of the first n) is another one.
 */
import { invariant, type Candles } from '@donch/core';
import { settleStepsOf, type Kernel, type SeriesKernel } from './kernel.ts';

/** EMA(n) of any numbers. */
export class EmaSeries implements SeriesKernel {
  readonly warmupSteps = 1;
  readonly settleSteps: number;
  readonly #alpha: number;
  #average = Number.NaN;

  constructor(length: number) {
    invariant(Number.isInteger(length) && length >= 1, 'EMA length is a whole number from 1 on');
    this.#alpha = 2 / (length + 1);
    this.settleSteps = settleStepsOf(this.#alpha);
  }

  step(value: number): number {
    if (Number.isNaN(value)) return value;
    const average = this.#average;
    const next = Number.isNaN(average) ? value : average + this.#alpha * (value - average);
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
