/**
 * Kelly fractions: the share of capital at risk that makes capital grow fastest in the long run (J. Kelly 1956; E. Thorp 2006, "The Kelly
 * criterion in blackjack, sports betting and the stock market"). From OUT-OF-SAMPLE trades only: what was selected on the same trades
 * overstates the edge, and a Kelly bet on an overstated edge loses. The formulas know nothing of trades that overlap or of errors in
 * their input; `kellyShare` therefore takes a part of them and caps it.
 */
import { invariant } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { mean } from '../moments.ts';

/**
 * `missing_value`: an input is NaN (`found` of `needed` are there). `too_few_trades`: none. `no_spread`: the returns do not vary.
 * `no_losses`: nothing was ever lost, so that no bet is too large.
 */
export type KellyRefusal = 'missing_value' | 'too_few_trades' | 'no_spread' | 'no_losses';

export interface KellyFraction {
  readonly kind: 'fraction';
  /** Share of capital, >= 0; in units of the returns, so that above 1 is leverage. 0 without an edge. */
  readonly fraction: number;
  /** The formula's own value: below 0 the other side has the edge, -Infinity when every trade lost. */
  readonly raw: number;
}

export interface BinaryBet {
  /** Share (0..1) of bets that win. */
  readonly winRateFrac: number;
  /** Gain of a won bet per unit staked, > 0; with `loss` 1 the payoff ratio average win / |average loss|. */
  readonly win: number;
  /** Loss of a lost bet per unit staked, > 0; 1 unless told otherwise. */
  readonly loss?: number;
}

/** Bets with two outcomes: p / loss - (1 - p) / win. Refused with a missing input. */
export function kellyBinary({ winRateFrac, win, loss = 1 }: BinaryBet): KellyFraction | Refusal<KellyRefusal> {
  const missing = refuseMissing([winRateFrac, win, loss]);
  if (missing !== null) return missing;
  invariant(winRateFrac >= 0 && winRateFrac <= 1 && win > 0 && loss > 0, 'a bet has a probability, a win and a loss');
  return fractionOf(winRateFrac / loss - (1 - winRateFrac) / win);
}

/**
 * Returns of many small steps, as if normal: mean / sd^2, all per period and in excess of the rate without risk. For trades with fat
 * tails it bets too much; see `kellyEmpirical`. Refused with a missing input and without spread.
 */
export function kellyContinuous({
  mean: center,
  sd,
}: {
  readonly mean: number;
  readonly sd: number;
}): KellyFraction | Refusal<KellyRefusal> {
  const missing = refuseMissing([center, sd]);
  if (missing !== null) return missing;
  invariant(sd >= 0, 'a standard deviation is not negative');
  if (sd === 0) return { kind: 'refused', reason: 'no_spread', found: 0, needed: 1 };
  return fractionOf(center / sd ** 2);
}

/**
 * The f that maximises the mean of log(1 + f x) over the results x themselves (fractions of what is staked, or R). Refused without
 * results, with a missing one, and without a loss.
 */
export function kellyEmpirical(results: ArrayLike<number>): KellyFraction | Refusal<KellyRefusal> {
  if (results.length === 0) return { kind: 'refused', reason: 'too_few_trades', found: 0, needed: 1 };
  const values = Float64Array.from(results);
  const missing = refuseMissing(values);
  if (missing !== null) return missing;
  // The bets at which the worst result, and taking the other side the best one, costs everything.
  const high = -1 / values.reduce((a, b) => Math.min(a, b), 0);
  const low = -1 / values.reduce((a, b) => Math.max(a, b), 0);
  if (!Number.isFinite(high)) return { kind: 'refused', reason: 'no_losses', found: 0, needed: 1 };
  if (!Number.isFinite(low)) return fractionOf(Number.NEGATIVE_INFINITY);
  return fractionOf(growthOptimum(values, { low, high }));
}

/** Parts of Kelly that practice knows: half of it keeps three quarters of the growth at half the spread. */
const SHARE_MAX_FRAC = 0.5;
const SHARE_FRAC = 0.25;

/**
 * What to risk of a Kelly fraction: `shareFrac` of it (default 1/4, at most 1/2), never more than `capFrac` of capital, 0 without an edge.
 */
export function kellyShare(
  { fraction }: KellyFraction,
  { shareFrac = SHARE_FRAC, capFrac }: { readonly shareFrac?: number; readonly capFrac: number },
): number {
  invariant(shareFrac > 0 && shareFrac <= SHARE_MAX_FRAC, 'at most half of a Kelly fraction is risked');
  invariant(capFrac > 0 && capFrac <= 1, 'a cap is a share of capital');
  return Math.min(shareFrac * fraction, capFrac);
}

function fractionOf(raw: number): KellyFraction {
  return { kind: 'fraction', fraction: Math.max(raw, 0), raw };
}

function refuseMissing(inputs: ArrayLike<number>): Refusal<KellyRefusal> | null {
  let found = 0;
  for (let k = 0; k < inputs.length; k += 1) if (!Number.isNaN(inputs[k])) found += 1;
  return found === inputs.length ? null : { kind: 'refused', reason: 'missing_value', found, needed: inputs.length };
}

/** Halvings that exhaust the digits of a double. */
const STEPS_MAX = 200;

/** Root of the derivative mean(x / (1 + f x)), which falls from +Infinity to -Infinity between the bets that can lose everything. */
function growthOptimum(values: Float64Array, bracket: { readonly low: number; readonly high: number }): number {
  let { low, high } = bracket;
  const slope = (fraction: number): number => mean(values.map((value) => value / (1 + fraction * value)));
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (slope(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
