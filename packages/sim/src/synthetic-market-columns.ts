/** Columns of a synthetic series, written on the instrument's price and quantity grid. */
import { decimalsOf, invariant, type Candles, type InstrumentRules } from '@donch/core';
import type { BarPath } from './synthetic-market-path.ts';

/**
 * Rounds to multiples of a decimal step such as 0.001, 5e-7 or 10. A multiple is the double closest to its decimal text, as a
 * parser of that text would give it. Rounding is to the nearest step, so it is monotone (low <= open, close <= high survives)
 * and has no preferred direction.
 */
export class DecimalGrid {
  private readonly digit: number;
  private readonly scale: number;
  private readonly stepsPerUnit: number;

  constructor(step: number) {
    const decimals = decimalsOf(step);
    this.scale = Number(`1e${decimals}`);
    this.digit = Math.round(step * this.scale);
    this.stepsPerUnit = this.scale / this.digit;
    invariant(Math.abs(this.digit / this.scale - step) <= step * 1e-12, 'a step is a decimal number');
  }

  /** Nearest multiple, at least one step: prices and traded quantities are positive. */
  round(value: number): number {
    const steps = Math.floor(value * this.stepsPerUnit + 0.5);
    return ((steps < 1 ? 1 : steps) * this.digit) / this.scale;
  }
}

/** Candles of a fixed number of rows, filled row by row from an unrounded path. */
export class SyntheticCandles implements Candles {
  readonly intervalMs: number;
  readonly length: number;
  readonly openTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly turnover: Float64Array;
  private readonly prices: DecimalGrid;
  private readonly quantities: DecimalGrid;

  constructor(
    rules: InstrumentRules,
    rows: { readonly firstOpenMs: number; readonly length: number; readonly intervalMs: number },
  ) {
    this.intervalMs = rows.intervalMs;
    this.length = rows.length;
    this.openTimeMs = new Float64Array(rows.length);
    this.open = new Float64Array(rows.length);
    this.high = new Float64Array(rows.length);
    this.low = new Float64Array(rows.length);
    this.close = new Float64Array(rows.length);
    this.volume = new Float64Array(rows.length);
    this.turnover = new Float64Array(rows.length);
    this.prices = new DecimalGrid(rules.tickSize);
    this.quantities = new DecimalGrid(rules.qtyStep);
    for (let i = 0; i < rows.length; i += 1) this.openTimeMs[i] = rows.firstOpenMs + i * rows.intervalMs;
  }

  /**
   * Writes the prices of a row: open x exp(sd x path). Returns the unrounded close, from which the next bar goes on: rounding
   * never accumulates.
   */
  setPrices(i: number, open: number, sd: number, path: BarPath): number {
    const close = open * Math.exp(sd * path.end);
    this.open[i] = this.prices.round(open);
    this.high[i] = this.prices.round(open * Math.exp(sd * path.high));
    this.low[i] = this.prices.round(open * Math.exp(sd * path.low));
    this.close[i] = this.prices.round(close);
    return close;
  }

  /** Writes the volume of a row whose prices stand; turnover = volume x (o+h+l+c)/4. */
  setVolume(i: number, volume: number): void {
    const mean = (this.open[i] + this.high[i] + this.low[i] + this.close[i]) / 4;
    this.volume[i] = this.quantities.round(volume);
    this.turnover[i] = this.volume[i] * mean;
  }

  /** A row without trades: the price of the row before, no volume. */
  setStill(i: number, price: number): void {
    const still = this.prices.round(price);
    this.open[i] = still;
    this.high[i] = still;
    this.low[i] = still;
    this.close[i] = still;
  }
}
