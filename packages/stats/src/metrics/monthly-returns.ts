import { monthStartMs, nextMonthStartMs, invariant } from '@donch/core';

/** Returns of consecutive UTC calendar months. */
export interface MonthlyReturns {
  /** First instant of each month, UTC ms. */
  readonly monthStartMs: Float64Array;
  /** Equity at the end of each month. */
  readonly equity: Float64Array;
  /** Equity at the month's end / equity at the end of the month before - 1. */
  readonly returns: Float64Array;
}

/**
 * Monthly returns of an equity curve marked at irregular times (ascending), as `dailyReturns`: the first point is the starting
 * capital, a mark at 00:00 of the first belongs to the month that has just ended, months without a mark return 0. The first and the
 * last month may be parts of a month.
 */
export function monthlyReturns(timesMs: ArrayLike<number>, equity: ArrayLike<number>): MonthlyReturns {
  invariant(timesMs.length === equity.length && equity.length > 0, 'an equity curve has times and a starting capital');
  const starts: number[] = [];
  const closes: number[] = [];
  const length = timesMs.length;
  let mark = 0;
  for (let startMs = monthStartMs(timesMs[0]); mark + 1 < length; startMs = nextMonthStartMs(startMs)) {
    const endMs = nextMonthStartMs(startMs);
    while (mark + 1 < length && timesMs[mark + 1] <= endMs) {
      invariant(timesMs[mark + 1] >= timesMs[mark], 'marks of equity ascend in time');
      mark += 1;
    }
    starts.push(startMs);
    closes.push(equity[mark]);
  }
  return {
    monthStartMs: Float64Array.from(starts),
    equity: Float64Array.from(closes),
    returns: Float64Array.from(closes, (close, k) => close / (k === 0 ? equity[0] : closes[k - 1]) - 1),
  };
}

/** Return of consecutive periods together: product of (1 + return) - 1. 0 without any; NaN with a missing one. */
export function compoundReturn(returns: ArrayLike<number>): number {
  let growth = 1;
  for (let k = 0; k < returns.length; k += 1) growth *= 1 + returns[k];
  return growth - 1;
}
