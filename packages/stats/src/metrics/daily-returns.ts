import { DAY_MS, invariant } from '@donch/core';

/** Returns of consecutive UTC days. */
export interface DailyReturns {
  /** Start of each day, UTC ms. */
  readonly dayStartMs: Float64Array;
  /** Equity at the end of each day. */
  readonly equity: Float64Array;
  /** Equity at the day's end / equity at the end of the day before - 1. */
  readonly returns: Float64Array;
}

/** Index of the UTC day that a mark closes or falls into: a mark at 00:00 is the close of the day that has just ended. */
function dayOfMark(timeMs: number): number {
  return Math.ceil(timeMs / DAY_MS) - 1;
}

/**
 * Daily returns of an equity curve marked at irregular times (ascending). The first point is the starting capital and belongs to
 * no day: a start at 00:00 is the base of the day that begins there. Days without a mark keep the equity of the day before
 * (return 0): the calendar has no holes. The first and the last day may be parts of a day; leaving them out would hide profit.
 */
export function dailyReturns(timesMs: ArrayLike<number>, equity: ArrayLike<number>): DailyReturns {
  invariant(timesMs.length === equity.length && equity.length > 0, 'an equity curve has times and a starting capital');
  const length = timesMs.length;
  const firstDay = Math.floor(timesMs[0] / DAY_MS);
  const days = Math.max(0, dayOfMark(timesMs[length - 1]) - firstDay + 1);
  const closes = new Float64Array(days);
  let mark = 0;
  for (let k = 0; k < days; k += 1) {
    while (mark + 1 < length && dayOfMark(timesMs[mark + 1]) <= firstDay + k) {
      invariant(timesMs[mark + 1] >= timesMs[mark], 'marks of equity ascend in time');
      mark += 1;
    }
    closes[k] = equity[mark];
  }
  return {
    dayStartMs: Float64Array.from({ length: days }, (_, k) => (firstDay + k) * DAY_MS),
    equity: closes,
    returns: Float64Array.from({ length: days }, (_, k) => closes[k] / (k === 0 ? equity[0] : closes[k - 1]) - 1),
  };
}
