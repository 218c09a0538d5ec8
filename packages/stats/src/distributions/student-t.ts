import { invariant } from '@donch/core';
import { incompleteBeta, logGamma } from './incomplete-beta.ts';

/** P(T > t) of Student's t distribution with `df` > 0 degrees of freedom, for t >= 0. */
function upperTail(t: number, df: number): number {
  return incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;
}

/** Distribution function of Student's t with `df` > 0 degrees of freedom. */
export function studentTCdf(t: number, df: number): number {
  invariant(df > 0, "Student's t has positive degrees of freedom");
  return t >= 0 ? 1 - upperTail(t, df) : upperTail(-t, df);
}

function studentTDensity(t: number, df: number): number {
  const logFront = logGamma((df + 1) / 2) - logGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  return Math.exp(logFront - ((df + 1) / 2) * Math.log1p((t * t) / df));
}

/** Bisection alone halves the error each time: more steps than a double has bits are never needed. */
const STEPS_MAX = 200;

/**
 * Quantile of Student's t: the t with P(T <= t) = p, for 0 < p < 1 and `df` > 0. Newton's method on the upper tail inside a
 * bracket that bisection keeps, so it converges for every p; relative error about 1e-12.
 */
export function studentTQuantile(p: number, df: number): number {
  invariant(p > 0 && p < 1 && df > 0, 'a t quantile takes 0 < p < 1 and positive degrees of freedom');
  if (p === 0.5) return 0;
  const tail = p < 0.5 ? p : 1 - p;
  const t = tailQuantile(tail, df);
  return p < 0.5 ? -t : t;
}

function tailQuantile(tail: number, df: number): number {
  let low = 0;
  let high = 1;
  while (upperTail(high, df) > tail) {
    low = high;
    high *= 2;
  }
  let t = (low + high) / 2;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const excess = upperTail(t, df) - tail;
    if (excess > 0) low = t;
    else high = t;
    const newton = t + excess / studentTDensity(t, df);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 1e-15 * t) return next;
    t = next;
  }
  return t;
}
