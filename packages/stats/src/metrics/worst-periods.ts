import { bucketStartMs, invariant, WEEK_MS } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import type { DailyReturns } from './daily-returns.ts';

export interface WorstPeriod {
  readonly kind: 'period';
  /** Start of the day, or of the ISO week (Monday 00:00), UTC ms. */
  readonly startMs: number;
  readonly returnFrac: number;
}

/** `no_days`: the curve has no day. `missing_return`: `found` of `needed` days have a return. */
export type WorstPeriodRefusal = 'no_days' | 'missing_return';

/** Day with the lowest return, the first of equals. It need not be a loss. */
export function worstDay(daily: DailyReturns): WorstPeriod | Refusal<WorstPeriodRefusal> {
  return lowestOf(daily.dayStartMs, daily.returns);
}

/** ISO week with the lowest compounded return, the first of equals. The first and the last week may be parts of a week. */
export function worstWeek({ dayStartMs, returns }: DailyReturns): WorstPeriod | Refusal<WorstPeriodRefusal> {
  invariant(dayStartMs.length === returns.length, 'every return has a day');
  const startMs: number[] = [];
  const growth: number[] = [];
  for (let k = 0; k < returns.length; k += 1) {
    const weekMs = bucketStartMs(dayStartMs[k], WEEK_MS);
    if (startMs.at(-1) !== weekMs) {
      startMs.push(weekMs);
      growth.push(1);
    }
    growth[growth.length - 1] *= 1 + returns[k];
  }
  return lowestOf(
    startMs,
    growth.map((value) => value - 1),
  );
}

function lowestOf(startMs: ArrayLike<number>, returns: ArrayLike<number>): WorstPeriod | Refusal<WorstPeriodRefusal> {
  if (returns.length === 0) return { kind: 'refused', reason: 'no_days', found: 0, needed: 1 };
  let worst = 0;
  let found = 0;
  for (let k = 0; k < returns.length; k += 1) {
    if (!Number.isNaN(returns[k])) found += 1;
    if (returns[k] < returns[worst]) worst = k;
  }
  if (found < returns.length) return { kind: 'refused', reason: 'missing_return', found, needed: returns.length };
  return { kind: 'period', startMs: startMs[worst], returnFrac: returns[worst] };
}
