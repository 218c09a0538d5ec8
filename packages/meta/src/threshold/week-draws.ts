/**
 * The cluster bootstrap of trades (whole ISO weeks of entry time, all symbols together) for many statistics at once: sums per week, one
 * set of draws for all of them, so that what is compared is compared on the same draws.
 */
import { invariant, type Prng, quantileOf, weekIndex } from '@donch/core';
import { type ClusterInterval, DRAWS_MIN, LEVEL, type Refusal, WEEKS_MIN } from '@donch/stats';

export interface DrawOptions {
  readonly prng: Prng;
  /** At least `DRAWS_MIN`, which is the default. */
  readonly draws?: number;
}

/** Number of each row's week among the weeks that have rows, ascending. */
export interface Weeks {
  readonly count: number;
  readonly ofRow: Int32Array;
}

export function weeksOf(timeMs: ArrayLike<number>): Weeks {
  const index = Array.from(timeMs, (time) => weekIndex(time));
  const distinct = [...new Set(index)].sort((a, b) => a - b);
  const numberOf = new Map(distinct.map((week, k) => [week, k]));
  return { count: distinct.length, ofRow: Int32Array.from(index, (week) => numberOf.get(week) ?? -1) };
}

/** `rows` sums per week, `width` numbers each. */
export interface WeekSums {
  readonly weeks: number;
  readonly width: number;
  readonly values: Float64Array;
}

/**
 * Draws as many weeks as there are, with replacement, adds up their sums and asks `statisticsOf` for its `count` statistics, again and
 * again. Returns the values of each statistic, one per draw.
 */
export function drawWeeks(
  { weeks, width, values }: WeekSums,
  count: number,
  statisticsOf: (sums: Float64Array, into: Float64Array) => void,
  { prng, draws = DRAWS_MIN }: DrawOptions,
): Float64Array[] {
  invariant(draws >= DRAWS_MIN, `a bootstrap has ${DRAWS_MIN} draws or more`);
  const drawn = Array.from({ length: count }, () => new Float64Array(draws));
  const sums = new Float64Array(width);
  const into = new Float64Array(count);
  for (let draw = 0; draw < draws; draw += 1) {
    sums.fill(0);
    for (let k = 0; k < weeks; k += 1) addRow(sums, values, prng.below(weeks) * width);
    statisticsOf(sums, into);
    for (let k = 0; k < count; k += 1) drawn[k][draw] = into[k];
  }
  return drawn;
}

function addRow(sums: Float64Array, values: Float64Array, from: number): void {
  for (let k = 0; k < sums.length; k += 1) sums[k] += values[from + k];
}

/** All weeks once: the data themselves. */
export function totalOf({ weeks, width, values }: WeekSums): Float64Array {
  const sums = new Float64Array(width);
  for (let week = 0; week < weeks; week += 1) addRow(sums, values, week * width);
  return sums;
}

/** Percentile interval at 95 %, or why there is none. `weeks`: those in which the statistic has trades. */
export function percentileInterval(estimate: number, drawn: Float64Array, weeks: number): ClusterInterval | Refusal {
  const refused = { kind: 'refused', found: weeks, needed: WEEKS_MIN } as const;
  if (!(weeks >= WEEKS_MIN)) return { ...refused, reason: 'too_few_clusters' };
  const low = quantileOf(drawn, (1 - LEVEL) / 2);
  const high = quantileOf(drawn, (1 + LEVEL) / 2);
  if (Number.isNaN(estimate + low + high)) return { ...refused, reason: 'undefined_statistic' };
  return { kind: 'interval', estimate, low, high, level: LEVEL, weeks, draws: drawn.length };
}
