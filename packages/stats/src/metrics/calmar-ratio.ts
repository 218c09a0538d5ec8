import { DAY_MS, invariant } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { deepestDrawdown } from './drawdown.ts';
import { cagrFrac, YEAR_DAYS } from './growth.ts';
import { marRatio } from './return-over-drawdown.ts';

/** 36 months by its origin. */
const WINDOW_DAYS = 3 * YEAR_DAYS;

/** `below_three_years`: `found` days; the MAR ratio has no such window. `no_movement`: no gain and no drawdown to divide. */
export type CalmarRefusal = 'below_three_years' | 'no_movement';

export interface CalmarRatio {
  readonly kind: 'ratio';
  /** Infinity for a gain without any drawdown. */
  readonly ratio: number;
}

/**
 * Calmar ratio (T. Young 1991): CAGR / |deepest relative drawdown|, both of the last 36 months alone, from the last mark at or before
 * their begin. Times ascend. Over the whole life it is the `marRatio`.
 */
export function calmarRatio(
  timesMs: ArrayLike<number>,
  equity: ArrayLike<number>,
): CalmarRatio | Refusal<CalmarRefusal> {
  invariant(timesMs.length === equity.length && equity.length > 0, 'an equity curve has times and a starting capital');
  const last = equity.length - 1;
  const beginMs = timesMs[last] - WINDOW_DAYS * DAY_MS;
  if (!(timesMs[0] <= beginMs)) {
    const found = (timesMs[last] - timesMs[0]) / DAY_MS;
    return { kind: 'refused', reason: 'below_three_years', found, needed: WINDOW_DAYS };
  }
  let first = last;
  while (timesMs[first] > beginMs) first -= 1;
  const curve = Array.from({ length: last - first + 1 }, (_, k) => equity[first + k]);
  const growth = { start: curve[0], end: equity[last], days: (timesMs[last] - timesMs[first]) / DAY_MS };
  const ratio = marRatio(cagrFrac(growth), deepestDrawdown(curve).depth);
  return Number.isNaN(ratio)
    ? { kind: 'refused', reason: 'no_movement', found: 0, needed: 1 }
    : { kind: 'ratio', ratio };
}
