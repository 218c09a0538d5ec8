import { invariant } from '@donch/core';
import { incompleteBeta } from './incomplete-beta.ts';

/** A number of hits among independent trials. */
export interface Hits {
  readonly hits: number;
  readonly trials: number;
}

/** Halvings that exhaust the digits of a share. */
const STEPS = 60;

/**
 * Interval of a probability from hits among independent trials (C. Clopper, E. Pearson 1934): covers it at least as often as `level`
 * says, also with 0 hits. Absolute error about 1e-15.
 */
export function binomialInterval(
  { hits, trials }: Hits,
  level: number,
): { readonly low: number; readonly high: number } {
  invariant(Number.isInteger(hits) && hits >= 0 && hits <= trials && trials >= 1, 'hits are a part of the trials');
  invariant(level > 0 && level < 1, 'a confidence lies between 0 and 1');
  const tail = (1 - level) / 2;
  return {
    low: hits === 0 ? 0 : betaQuantile(tail, hits, trials - hits + 1),
    high: hits === trials ? 1 : betaQuantile(1 - tail, hits + 1, trials - hits),
  };
}

/** The x with I_x(a, b) = p. */
function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
