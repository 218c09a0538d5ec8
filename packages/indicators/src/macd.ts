import { invariant, type Candles } from '@donch/core';
import { EmaSeries } from './ema.ts';
import type { Kernel } from './kernel.ts';

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
  line = Number.NaN;
  signal = Number.NaN;
  hist = Number.NaN;
  readonly #fast: EmaSeries;
  readonly #slow: EmaSeries;
  readonly #signal: EmaSeries;

  constructor({ fast, slow, signal }: MacdLengths = MACD_LENGTHS) {
    invariant(fast < slow, 'the fast EMA of a MACD is shorter than the slow one');
    this.#fast = new EmaSeries(fast);
    this.#slow = new EmaSeries(slow);
    this.#signal = new EmaSeries(signal);
    this.settleBars = this.#slow.settleSteps + this.#signal.settleSteps;
  }

  step(candles: Candles, i: number): number {
    const close = candles.close[i];
    const line = this.#fast.step(close) - this.#slow.step(close);
    const signal = this.#signal.step(line);
    this.line = line;
    this.signal = signal;
    this.hist = line - signal;
    return this.hist;
  }
}
