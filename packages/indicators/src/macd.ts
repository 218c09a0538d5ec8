import { invariant, type Candles } from '@donch/core';
import { emaAlpha } from './ema.ts';
import { settleStepsOf, type Kernel } from './kernel.ts';

export interface MacdLengths {
  readonly fast: number;
  readonly slow: number;
  readonly signal: number;
}

/** The usual 12, 26, 9. */
export const MACD_LENGTHS: MacdLengths = { fast: 12, slow: 26, signal: 9 };

/**
 * MACD of the close, price units: `line` = EMA(fast) - EMA(slow), `signal` = EMA of the line, `hist` = line - signal (not
 * doubled). All EMAs are seeded with their first value and start at bar 0: pandas, TradingView, the exchanges' charts.
 * TA-Lib and Skender seed with means. `step` returns `hist`.
 */
export class Macd implements Kernel {
  readonly kind = 'recursive';
  readonly warmupBars = 1;
  readonly settleBars: number;
  signal = Number.NaN;
  // The three EMAs stand here as numbers and not as EmaSeries: one call per bar instead of four, with the same bits.
  readonly #fastAlpha: number;
  readonly #slowAlpha: number;
  readonly #signalAlpha: number;
  #fast = Number.NaN;
  #slow = Number.NaN;

  constructor({ fast, slow, signal }: MacdLengths = MACD_LENGTHS) {
    invariant(fast < slow, 'the fast EMA of a MACD is shorter than the slow one');
    this.#fastAlpha = emaAlpha(fast);
    this.#slowAlpha = emaAlpha(slow);
    this.#signalAlpha = emaAlpha(signal);
    this.settleBars = settleStepsOf(this.#slowAlpha) + settleStepsOf(this.#signalAlpha);
  }

  step(candles: Candles, i: number): number {
    const close = candles.close[i];
    if (Number.isNaN(close)) return Number.NaN;
    if (Number.isNaN(this.#fast)) {
      this.#fast = close;
      this.#slow = close;
      this.signal = 0;
    }
    this.#fast += this.#fastAlpha * (close - this.#fast);
    this.#slow += this.#slowAlpha * (close - this.#slow);
    const line = this.#fast - this.#slow;
    this.signal += this.#signalAlpha * (line - this.signal);
    return line - this.signal;
  }

  get line(): number {
    return this.#fast - this.#slow;
  }

  get hist(): number {
    return this.line - this.signal;
  }
}
