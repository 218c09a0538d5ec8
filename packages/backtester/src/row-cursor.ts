/**
 * Rows of one instrument by open time, instants ascending. Inside a run without gaps the row follows from the time alone: a
 * backtest walks many instruments side by side, and every column it does not touch is memory it does not wait for.
 */
import { lowerBound, ROW_ABSENT, type Candles } from '@donch/core';

export class RowCursor {
  readonly candles: Candles;
  /** The run in use: rows `first .. end-1`, of which the first opens at `firstMs`. */
  #first: number;
  #firstMs = 0;
  #end: number;

  /** Starts at the first bar that opens at or after `fromMs`. Bars open at multiples of their interval. */
  constructor(candles: Candles, fromMs: number) {
    this.candles = candles;
    this.#first = firstRowFrom(candles, fromMs);
    this.#end = this.#first;
    this.#nextRun();
  }

  /** Row of the bar that opens at `openTimeMs`, `ROW_ABSENT` when there is none. Times ascend. */
  rowAt(openTimeMs: number): number {
    const { intervalMs, length } = this.candles;
    for (;;) {
      if (this.#first >= length || openTimeMs < this.#firstMs) return ROW_ABSENT;
      const row = this.#first + (openTimeMs - this.#firstMs) / intervalMs;
      if (row < this.#end) return row;
      this.#nextRun();
    }
  }

  /** Number of bars from `row` on, the row found last, that follow each other without a gap and are not the last ones before one. */
  rowsAhead(row: number): number {
    return this.#end - 1 - row;
  }

  /** True when no bar opens after `openTimeMs`, the time asked for last. */
  isOver(openTimeMs: number): boolean {
    const { intervalMs, length } = this.candles;
    return this.#end >= length && openTimeMs >= this.#firstMs + (this.#end - 1 - this.#first) * intervalMs;
  }

  /** Goes on to the run that begins where this one ends. */
  #nextRun(): void {
    const { openTimeMs, intervalMs, length } = this.candles;
    this.#first = this.#end;
    if (this.#first >= length) return;
    const first = this.#first;
    const firstMs = openTimeMs[first];
    // rows ahead lie on the run as long as no time is missing: a binary search, for what is missing stays missing
    let low = first;
    let high = length - 1;
    const isOnRun = (row: number): boolean => openTimeMs[row] - firstMs === (row - first) * intervalMs;
    if (isOnRun(high)) low = high;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (isOnRun(middle)) low = middle;
      else high = middle - 1;
    }
    this.#firstMs = firstMs;
    this.#end = low + 1;
  }
}

/** `lowerBound`, without a search where no bar is missing up to there. */
function firstRowFrom(candles: Candles, fromMs: number): number {
  const { openTimeMs, intervalMs, length } = candles;
  const guess = length > 0 ? (fromMs - openTimeMs[0]) / intervalMs : 0;
  return openTimeMs[guess] === fromMs && guess < length ? guess : lowerBound(candles, fromMs);
}
