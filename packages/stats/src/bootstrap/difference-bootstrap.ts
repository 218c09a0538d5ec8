/**
 * Interval of a difference between two sets of trades of the same market. Both share its weeks, good and bad; drawing weeks for each
 * alone would count what they share twice. So one set of draws of whole ISO weeks serves both.
 */
import { invariant, quantileOf } from '@donch/core';
import { type BootstrapOptions, type ClusterInterval, DRAWS_MIN, WEEKS_MIN } from './cluster-bootstrap.ts';
import { LEVEL, type Refusal } from './interval.ts';
import { sumOf, type TradeSample, weeklySums, type WeeklySums } from './weekly-sums.ts';

export interface TradePair {
  readonly base: TradeSample;
  readonly other: TradeSample;
}

/**
 * Percentile interval of mean(other) - mean(base): of the weeks in which either has entered as many as there are are drawn with
 * replacement, and both means are taken over the trades of the same draws. `weeks` counts that union. Identical sets give 0 with the
 * interval [0, 0]; exchanged sets give the same interval with the other sign; the order of trades leaves no trace.
 * Refused where either set has trades in fewer than `WEEKS_MIN` weeks (`found` = those of the poorer one: its mean has no honest
 * interval, so the difference has none), and when some draws leave one of them without a trade.
 */
export function differenceBootstrap(
  { base, other }: TradePair,
  { prng, draws = DRAWS_MIN, level = LEVEL }: BootstrapOptions,
): ClusterInterval | Refusal {
  invariant(draws >= DRAWS_MIN, `a bootstrap has ${DRAWS_MIN} draws or more`);
  invariant(level > 0 && level < 1, 'a confidence lies between 0 and 1');
  const [first, second] = [weeklySums(base, 'mean'), weeklySums(other, 'mean')];
  const found = Math.min(first.weeks.length, second.weeks.length);
  if (!(found >= WEEKS_MIN)) return { kind: 'refused', reason: 'too_few_clusters', found, needed: WEEKS_MIN };
  const union = Int32Array.from(new Set([...first.weeks, ...second.weeks])).sort();
  const [a, b] = [sumsAt(union, first), sumsAt(union, second)];
  const weeks = union.length;
  const drawn = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    let [sumA, countA, sumB, countB] = [0, 0, 0, 0];
    for (let k = 0; k < weeks; k += 1) {
      const week = prng.below(weeks);
      sumA += a.numerators[week];
      countA += a.denominators[week];
      sumB += b.numerators[week];
      countB += b.denominators[week];
    }
    drawn[draw] = sumB / countB - sumA / countA;
  }
  const estimate = meanOf(second) - meanOf(first);
  const low = quantileOf(drawn, (1 - level) / 2);
  const high = quantileOf(drawn, (1 + level) / 2);
  if (Number.isNaN(estimate + low + high)) {
    return { kind: 'refused', reason: 'undefined_statistic', found: weeks, needed: WEEKS_MIN };
  }
  return { kind: 'interval', estimate, low, high, level, weeks, draws };
}

const meanOf = ({ numerators, denominators }: WeeklySums): number => sumOf(numerators) / sumOf(denominators);

/** The sums by week of the union; 0 of 0 trades in weeks without an entry. */
function sumsAt(union: Int32Array, { weeks, numerators, denominators }: WeeklySums): WeeklySums {
  const at = new Map(Array.from(weeks, (week, k) => [week, k]));
  const pick = (values: Float64Array): Float64Array =>
    Float64Array.from(union, (week) => {
      const k = at.get(week);
      return k === undefined ? 0 : values[k];
    });
  return { weeks: union, numerators: pick(numerators), denominators: pick(denominators) };
}
