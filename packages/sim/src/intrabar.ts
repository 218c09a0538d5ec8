/** What trades inside one bar, and in which order: gaps at the open, then the stop, then the targets. */
import { directionOf, type Protection, type Side } from '@donch/core';
import type { Liquidation } from './liquidation.ts';

export interface BarTrigger {
  readonly cause: 'sl' | 'tp' | 'tp1' | 'liquidation';
  /** Price without slippage. */
  readonly price: number;
}

export interface RestingPrices {
  readonly side: Side;
  readonly protection: Protection | null;
  /** Reduce-only limit of the first target; null = none. At or beyond the final target it never trades: that closes everything. */
  readonly limitPrice: number | null;
  readonly tickSize: number;
  /** Counts where it lies nearer than the stop, or no stop rests; null = without leverage. */
  readonly liquidation: Liquidation | null;
}

export interface BarPrices {
  readonly open: number;
  readonly high: number;
  readonly low: number;
}

const NONE: readonly BarTrigger[] = [];

/** Share of a tick by which differences of prices may miss it: 100.3 - 100.2 is 0.09999999999999432. */
const TICK_NOISE_FRAC = 1e-6;

/**
 * Triggers of one bar in the order in which they count. A stop or target beyond the open trades at the open; with stop and
 * target both inside the bar the stop wins (`TIE_BREAKER: sl_wins`); a limit order trades at its price and never better, once the
 * bar (at its open already, where the stop follows) has gone through it by a tick. Stop and final target close everything, so
 * nothing follows them. A liquidation that lies nearer than the stop takes the stop's place, at its own price.
 */
export function triggersOf({ open, high, low }: BarPrices, resting: RestingPrices): readonly BarTrigger[] {
  const { side, protection } = resting;
  const direction = directionOf(side);
  const best = direction > 0 ? high : low;
  const worst = direction > 0 ? low : high;
  const target = protection?.targetPrice ?? null;
  const loss = nearestLoss(resting);
  const stopped = loss !== null && direction * (worst - loss.price) <= 0;
  if (stopped && direction * (open - loss.price) <= 0) return [lossTrigger(loss, open)];
  // what the open had passed traded before the stop could
  if (target !== null && direction * (open - target) >= 0)
    return [...firstTargetAt(open, resting), { cause: 'tp', price: open }];
  if (stopped) return [...firstTargetAt(open, resting), lossTrigger(loss, loss.price)];
  const targetTrades = target !== null && direction * (best - target) >= 0;
  const first = firstTargetAt(best, resting);
  return targetTrades ? [...first, { cause: 'tp', price: target }] : first;
}

/** What ends a losing position first. */
interface NearestLoss {
  readonly price: number;
  /** Null = it is the stop. */
  readonly liquidation: Liquidation | null;
}

function nearestLoss({ side, protection, liquidation }: RestingPrices): NearestLoss | null {
  const stopPrice = protection?.stopPrice ?? null;
  if (liquidation !== null && (stopPrice === null || directionOf(side) * (liquidation.price - stopPrice) > 0))
    return { price: liquidation.price, liquidation };
  return stopPrice === null ? null : { price: stopPrice, liquidation: null };
}

/** `price`: where a stop would trade. */
function lossTrigger({ liquidation }: NearestLoss, price: number): BarTrigger {
  return liquidation === null ? { cause: 'sl', price } : { cause: 'liquidation', price: liquidation.bankruptcyPrice };
}

/** The first target, if the market has come as far as `price`. */
function firstTargetAt(
  price: number,
  { side, protection, limitPrice, tickSize }: RestingPrices,
): readonly BarTrigger[] {
  if (limitPrice === null) return NONE;
  const direction = directionOf(side);
  const target = protection?.targetPrice ?? null;
  if (target !== null && direction * (limitPrice - target) >= 0) return NONE;
  const through = direction * (price - limitPrice) >= tickSize * (1 - TICK_NOISE_FRAC);
  return through ? [{ cause: 'tp1', price: limitPrice }] : NONE;
}
