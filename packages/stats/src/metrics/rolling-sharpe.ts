import { invariant } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { YEAR_DAYS } from './growth.ts';
import { annualSharpeRatio } from './sharpe-ratio.ts';

/** `too_few_returns`: `found` returns where one window needs `needed`. */
export type RollingRefusal = 'too_few_returns';

export interface RollingSharpe {
  readonly kind: 'rolling';
  /**
   * Parallel to the returns: annual Sharpe ratio of the window that ends there. NaN before the first whole window, and where a window
   * holds a missing return or does not vary.
   */
  readonly sharpe: Float64Array;
}

/** Annual Sharpe ratio of the last `window` returns (at least 2), each window in two passes. Refused below one window of returns. */
export function rollingSharpe(
  returns: Float64Array,
  window: number,
  periodsPerYear = YEAR_DAYS,
): RollingSharpe | Refusal<RollingRefusal> {
  invariant(Number.isInteger(window) && window >= 2, 'a window holds two returns or more');
  const found = returns.length;
  if (!(found >= window)) return { kind: 'refused', reason: 'too_few_returns', found, needed: window };
  const sharpe = returns.map((_, end) =>
    end + 1 < window ? Number.NaN : annualSharpeRatio(returns.subarray(end + 1 - window, end + 1), periodsPerYear),
  );
  return { kind: 'rolling', sharpe };
}
