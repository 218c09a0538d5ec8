import { invariant } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';

/**
 * `bonferroni`, `sidak`, `holm`: chance of one false finding or more among all tests. Sidak assumes tests that are independent (or hold
 * each other up); the other two assume nothing, and Holm never finds less than Bonferroni.
 * `benjamini_hochberg`: expected share of false findings among the findings, for independent or positively dependent tests;
 * `benjamini_yekutieli`: the same under any dependence.
 */
export type Adjustment = 'bonferroni' | 'sidak' | 'holm' | 'benjamini_hochberg' | 'benjamini_yekutieli';

/** `no_tests`: the list is empty. `missing_p_value`: `found` of `needed` tests have one; leaving tests out is the caller's decision. */
export type AdjustmentRefusal = 'no_tests' | 'missing_p_value';

export interface AdjustedPValues {
  readonly kind: 'adjusted';
  /** In the order of the input: the level at which each test alone would just be a finding, at most 1. */
  readonly pValues: Float64Array;
}

/**
 * P values corrected for the number of tests (S. Holm 1979; Y. Benjamini, Y. Hochberg 1995; Y. Benjamini, D. Yekutieli 2001; as
 * `multipletests` of statsmodels). All tests that were made belong into the list. Refused when it is empty or a value is NaN; a value
 * outside 0..1 is a bug.
 */
export function adjustPValues(
  pValues: ArrayLike<number>,
  adjustment: Adjustment,
): AdjustedPValues | Refusal<AdjustmentRefusal> {
  const tests = pValues.length;
  if (tests === 0) return { kind: 'refused', reason: 'no_tests', found: 0, needed: 1 };
  const raw = Float64Array.from(pValues);
  const present = raw.filter((p) => !Number.isNaN(p));
  if (present.length < tests) {
    return { kind: 'refused', reason: 'missing_p_value', found: present.length, needed: tests };
  }
  invariant(
    raw.every((p) => p >= 0 && p <= 1),
    'a p value lies in 0..1',
  );
  return { kind: 'adjusted', pValues: adjusted(raw, adjustment) };
}

function adjusted(raw: Float64Array, adjustment: Adjustment): Float64Array {
  const tests = raw.length;
  switch (adjustment) {
    case 'bonferroni':
      return raw.map((p) => Math.min(tests * p, 1));
    case 'sidak':
      // 1 - (1 - p)^tests without losing the digits of a small p.
      return raw.map((p) => -Math.expm1(tests * Math.log1p(-p)));
    case 'holm':
      return stepDown(raw);
    case 'benjamini_hochberg':
      return stepUp(raw, 1);
    case 'benjamini_yekutieli':
      return stepUp(raw, harmonicNumber(tests));
  }
}

function ascendingOrder(values: Float64Array): number[] {
  return Array.from(values, (_, k) => k).sort((a, b) => values[a] - values[b]);
}

/** Largest so far of (number of tests not yet passed) x p, from the smallest p on. */
function stepDown(raw: Float64Array): Float64Array {
  const result = new Float64Array(raw.length);
  let largest = 0;
  for (const [rank, test] of ascendingOrder(raw).entries()) {
    largest = Math.max(largest, (raw.length - rank) * raw[test]);
    result[test] = Math.min(largest, 1);
  }
  return result;
}

/** Smallest so far of factor x tests / rank x p, from the largest p on. */
function stepUp(raw: Float64Array, factor: number): Float64Array {
  const result = new Float64Array(raw.length);
  const order = ascendingOrder(raw);
  let smallest = 1;
  for (let rank = raw.length; rank >= 1; rank -= 1) {
    const test = order[rank - 1];
    smallest = Math.min(smallest, ((factor * raw.length) / rank) * raw[test]);
    result[test] = smallest;
  }
  return result;
}

function harmonicNumber(n: number): number {
  let sum = 0;
  for (let k = 1; k <= n; k += 1) sum += 1 / k;
  return sum;
}
