/** Candles as columns. Row i is known at its close; nothing below reads a row that has not closed. */
import { DonchError } from './errors.ts';
import { invariant } from './invariant.ts';

/**
 * Bars of one instrument and interval as parallel columns. Only rows 0 .. length-1 count: the arrays may be longer
 * (append buffer). `openTimeMs` is strictly increasing; a gap stays a gap.
 */
export interface Candles {
  readonly intervalMs: number;
  readonly length: number;
  /** Bar open, UTC ms; the bar is known at `openTimeMs + intervalMs`. */
  readonly openTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Base units (coins, contracts). */
  readonly volume: Float64Array;
  /** Quote units (USD); NaN where the venue gave none, see `turnoverUsd`. */
  readonly turnover: Float64Array;
}

/** The columns of `Candles`, in file order. */
export const CANDLE_COLUMNS = ['openTimeMs', 'open', 'high', 'low', 'close', 'volume', 'turnover'] as const;
export type CandleColumn = (typeof CANDLE_COLUMNS)[number];

/** One bar as a value, for edges where a single bar travels (feed, tail log, tests). Never in a loop over history. */
export type Bar = Readonly<Record<CandleColumn, number>>;

/** Traded value of a row in USD: the venue's turnover, else volume x (o+h+l+c)/4 (median error 0.04 % against the venue's own). */
export function turnoverUsd(candles: Candles, i: number): number {
  const turnover = candles.turnover[i];
  if (turnover >= 0) return turnover;
  return (candles.volume[i] * (candles.open[i] + candles.high[i] + candles.low[i] + candles.close[i])) / 4;
}

/** Index of the first value `>= bound` in an ascending array (of which the first `length` count), or `length`. O(log n). */
export function lowerBoundOf(ascending: Float64Array, bound: number, length = ascending.length): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (ascending[mid] < bound) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Index of the first row with `openTimeMs >= timeMs`, or `length`. O(log n). */
export function lowerBound(candles: Candles, timeMs: number): number {
  return lowerBoundOf(candles.openTimeMs, timeMs, candles.length);
}

/** Row of the bar that opens exactly at `timeMs`, or -1; looks at the first `length` rows only. O(log n). */
export function rowAt(candles: Candles, timeMs: number, length = candles.length): number {
  const i = lowerBoundOf(candles.openTimeMs, timeMs, length);
  return i < length && candles.openTimeMs[i] === timeMs ? i : -1;
}

/** Rows `from .. to-1` as views on the same memory: no copy. */
export function sliceCandles(candles: Candles, from: number, to: number): Candles {
  invariant(from >= 0 && to >= from && to <= candles.length, 'candle slice lies inside the rows');
  return {
    intervalMs: candles.intervalMs,
    length: to - from,
    openTimeMs: candles.openTimeMs.subarray(from, to),
    open: candles.open.subarray(from, to),
    high: candles.high.subarray(from, to),
    low: candles.low.subarray(from, to),
    close: candles.close.subarray(from, to),
    volume: candles.volume.subarray(from, to),
    turnover: candles.turnover.subarray(from, to),
  };
}

/** One row as a value. */
export function barAt(candles: Candles, i: number): Bar {
  invariant(i >= 0 && i < candles.length, 'bar index lies inside the rows');
  return {
    openTimeMs: candles.openTimeMs[i],
    open: candles.open[i],
    high: candles.high[i],
    low: candles.low[i],
    close: candles.close[i],
    volume: candles.volume[i],
    turnover: candles.turnover[i],
  };
}

/** Growable candles: the append-only buffer of the live edge, and the builder of every derived series. Amortised O(1) per bar. */
export class CandleBuffer implements Candles {
  readonly intervalMs: number;
  length = 0;
  openTimeMs: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  turnover: Float64Array;

  constructor(intervalMs: number, capacity = 1_024) {
    this.intervalMs = intervalMs;
    this.openTimeMs = new Float64Array(capacity);
    this.open = new Float64Array(capacity);
    this.high = new Float64Array(capacity);
    this.low = new Float64Array(capacity);
    this.close = new Float64Array(capacity);
    this.volume = new Float64Array(capacity);
    this.turnover = new Float64Array(capacity);
  }

  /** Appends one bar; throws `bar_out_of_order` unless it opens after the last one. */
  append(bar: Bar): void {
    const i = this.length;
    if (i > 0 && !(bar.openTimeMs > this.openTimeMs[i - 1])) {
      throw new DonchError('bar_out_of_order', `bar opens at ${bar.openTimeMs}`, {
        expected: `after ${this.openTimeMs[i - 1]}`,
      });
    }
    if (i === this.openTimeMs.length) this.#grow();
    this.openTimeMs[i] = bar.openTimeMs;
    this.open[i] = bar.open;
    this.high[i] = bar.high;
    this.low[i] = bar.low;
    this.close[i] = bar.close;
    this.volume[i] = bar.volume;
    this.turnover[i] = bar.turnover;
    this.length = i + 1;
  }

  /**
   * Appends the rows of `from` on of other candles of the interval, all of them later than the own last one. `spareRows`: room that
   * is made for bars to come.
   */
  appendRows(candles: Candles, from: number, spareRows = 0): void {
    const rows = candles.length - from;
    invariant(candles.intervalMs === this.intervalMs && rows >= 0, 'appended rows are of the same interval');
    invariant(
      rows === 0 || this.length === 0 || candles.openTimeMs[from] > this.openTimeMs[this.length - 1],
      'appended rows come after the last one',
    );
    if (this.length + rows > this.openTimeMs.length) this.#growTo(this.length + rows + spareRows);
    for (const name of CANDLE_COLUMNS) this[name].set(candles[name].subarray(from, candles.length), this.length);
    this.length += rows;
  }

  /** Forgets the first rows: row r is row r - rows from now on, and whoever holds row numbers must be told (`rebase`). */
  dropFirst(rows: number): void {
    invariant(rows >= 0 && rows <= this.length, 'candles drop only rows that they hold');
    for (const name of CANDLE_COLUMNS) this[name].copyWithin(0, rows, this.length);
    this.length -= rows;
  }

  /** Gives memory back that is not needed for `rows` rows. */
  shrink(rows: number): void {
    if (rows < this.length || rows >= this.openTimeMs.length) return;
    for (const name of CANDLE_COLUMNS) this[name] = this[name].slice(0, rows);
  }

  #grow(): void {
    this.#growTo(Math.max(16, this.openTimeMs.length * 2));
  }

  #growTo(capacity: number): void {
    for (const name of CANDLE_COLUMNS) {
      const wider = new Float64Array(capacity);
      wider.set(this[name]);
      this[name] = wider;
    }
  }
}

/** Candles from rows (tests, small inputs). */
export function candlesFromBars(intervalMs: number, bars: readonly Bar[]): Candles {
  const buffer = new CandleBuffer(intervalMs, Math.max(1, bars.length));
  for (const bar of bars) buffer.append(bar);
  return buffer;
}
