import { DAY_MS, dayIndex, invariant, type Candles } from '@donch/core';
import type { Kernel } from './kernel.ts';

export interface DonchianDaysOptions {
  /** n: completed UTC days in the level. */
  readonly days: number;
  /** Interval of the bars that `step` gets; any that divides a day. */
  readonly intervalMs: number;
}

/**
 * Donchian channel of days: highest high (`upper`) and lowest low (`lower`) of the n completed UTC days before the bar's own
 * day, price units; `step` returns `upper`. Nothing of the bar's own day enters: it is the level as read at the bar's open
 * (`daily.high.rolling(n).max().shift(1)` mapped by UTC date). Days are the rows that exist: a day without bars is none, a
 * partial first day is one. Whether the n days are good enough is the caller's rule; `barsMin`, `consecutive` and
 * `cutByStart` are what such a rule needs. NaN until n days have ended.
 */
export class DonchianDays implements Kernel {
  readonly kind = 'window';
  readonly warmupBars: number;
  readonly settleBars: number;
  upper = Number.NaN;
  lower = Number.NaN;
  /** Bars of the thinnest of the n days; 0 while there are fewer days. */
  barsMin = 0;
  /** True when the n days are the calendar days D-n .. D-1 of the bar's own day D. */
  consecutive = false;
  /** True when the data begin inside the oldest of the n days, so that its extremes may be missing. */
  cutByStart = false;
  readonly #days: number;
  // Ring of the last n completed days, by order of their ending.
  readonly #dayIndexes: Float64Array;
  readonly #highs: Float64Array;
  readonly #lows: Float64Array;
  readonly #bars: Float64Array;
  #daysEnded = 0;
  #firstOpenMs = Number.NaN;
  // The day in progress.
  #dayEndMs = Number.NEGATIVE_INFINITY;
  #dayHigh = Number.NEGATIVE_INFINITY;
  #dayLow = Number.POSITIVE_INFINITY;
  #dayBars = 0;
  #nextRow = 0;

  constructor({ days, intervalMs }: DonchianDaysOptions) {
    invariant(Number.isInteger(days) && days >= 1, 'Donchian days are a whole number from 1 on');
    invariant(DAY_MS % intervalMs === 0, 'the bar interval divides a day');
    this.#days = days;
    this.#dayIndexes = new Float64Array(days);
    this.#highs = new Float64Array(days);
    this.#lows = new Float64Array(days);
    this.#bars = new Float64Array(days);
    this.warmupBars = days * (DAY_MS / intervalMs) + 1;
    this.settleBars = this.warmupBars;
  }

  step(candles: Candles, i: number): number {
    for (let row = this.#nextRow; row <= i; row += 1) {
      const openTimeMs = candles.openTimeMs[row];
      if (!(openTimeMs < this.#dayEndMs)) this.#beginDay(openTimeMs);
      if (candles.high[row] > this.#dayHigh) this.#dayHigh = candles.high[row];
      if (candles.low[row] < this.#dayLow) this.#dayLow = candles.low[row];
      this.#dayBars += 1;
    }
    this.#nextRow = i + 1;
    return this.upper;
  }

  rebase(rows: number): void {
    this.#nextRow -= rows;
    invariant(this.#nextRow >= 0, 'rows stay until their day has ended');
  }

  #beginDay(openTimeMs: number): void {
    if (this.#dayBars > 0) this.#endDay();
    else this.#firstOpenMs = openTimeMs;
    const day = dayIndex(openTimeMs);
    this.#dayEndMs = (day + 1) * DAY_MS;
    this.#dayHigh = Number.NEGATIVE_INFINITY;
    this.#dayLow = Number.POSITIVE_INFINITY;
    this.#dayBars = 0;
    if (this.#daysEnded >= this.#days) this.#setLevels(day);
  }

  #endDay(): void {
    const slot = this.#daysEnded % this.#days;
    this.#dayIndexes[slot] = dayIndex(this.#dayEndMs - 1);
    this.#highs[slot] = this.#dayHigh;
    this.#lows[slot] = this.#dayLow;
    this.#bars[slot] = this.#dayBars;
    this.#daysEnded += 1;
  }

  /** Once a day: a plain loop over n days costs nothing per bar. */
  #setLevels(today: number): void {
    let upper = Number.NEGATIVE_INFINITY;
    let lower = Number.POSITIVE_INFINITY;
    let barsMin = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < this.#days; slot += 1) {
      if (this.#highs[slot] > upper) upper = this.#highs[slot];
      if (this.#lows[slot] < lower) lower = this.#lows[slot];
      if (this.#bars[slot] < barsMin) barsMin = this.#bars[slot];
    }
    this.upper = upper;
    this.lower = lower;
    this.barsMin = barsMin;
    const oldestDay = this.#dayIndexes[this.#daysEnded % this.#days];
    // n different days before today, the oldest of them D-n: they are all there.
    this.consecutive = oldestDay === today - this.#days;
    this.cutByStart = oldestDay * DAY_MS < this.#firstOpenMs;
  }
}
