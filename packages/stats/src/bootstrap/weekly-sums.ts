/** Sums of trades per ISO week of entry: all that a resample of whole weeks needs. */
import { invariant, weekIndex } from '@donch/core';

/** Trades as parallel columns; their order does not matter. */
export interface TradeSample {
  readonly entryTimeMs: ArrayLike<number>;
  /** Result of each trade, R (or USD). */
  readonly pnl: ArrayLike<number>;
}

/** Statistics of trades that are a ratio of two sums over trades; a draw needs the sums per week only. */
export type TradeRatio = 'mean' | 'profit_factor';

const NUMERATOR: Readonly<Record<TradeRatio, (pnl: number) => number>> = {
  mean: (pnl) => pnl,
  profit_factor: (pnl) => Math.max(pnl, 0),
};

const DENOMINATOR: Readonly<Record<TradeRatio, (pnl: number) => number>> = {
  mean: () => 1,
  profit_factor: (pnl) => Math.max(-pnl, 0),
};

/** One entry per distinct week, weeks ascending. */
export interface WeeklySums {
  /** `weekIndex` of core. */
  readonly weeks: Int32Array;
  readonly numerators: Float64Array;
  readonly denominators: Float64Array;
}

/** Sums per distinct week; inside a week in order of size, so that the order of the trades leaves no trace. */
export function weeklySums({ entryTimeMs, pnl }: TradeSample, statistic: TradeRatio): WeeklySums {
  invariant(entryTimeMs.length === pnl.length, 'every trade has an entry time');
  const order = Array.from(pnl, (_, k) => k);
  order.sort((a, b) => weekIndex(entryTimeMs[a]) - weekIndex(entryTimeMs[b]) || pnl[a] - pnl[b]);
  const weeks: number[] = [];
  const numerators: number[] = [];
  const denominators: number[] = [];
  for (const k of order) {
    const week = weekIndex(entryTimeMs[k]);
    if (week !== weeks[weeks.length - 1]) {
      weeks.push(week);
      numerators.push(0);
      denominators.push(0);
    }
    numerators[numerators.length - 1] += NUMERATOR[statistic](pnl[k]);
    denominators[denominators.length - 1] += DENOMINATOR[statistic](pnl[k]);
  }
  return {
    weeks: Int32Array.from(weeks),
    numerators: Float64Array.from(numerators),
    denominators: Float64Array.from(denominators),
  };
}

export function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
