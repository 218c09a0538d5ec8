/** What trades inside one bar, and in which order: gaps at the open, then the stop, then the targets. */
import { directionOf, type Protection, type Side } from '@donch/core';

export interface BarTrigger {
  readonly cause: 'sl' | 'tp' | 'tp1';
  /** Price without slippage. */
  readonly price: number;
}

export interface RestingPrices {
  readonly side: Side;
  readonly protection: Protection | null;
  /** Reduce-only limit of the first target; null = none. */
  readonly limitPrice: number | null;
  readonly tickSize: number;
}

export interface BarPrices {
  readonly open: number;
  readonly high: number;
  readonly low: number;
}

const NONE: readonly BarTrigger[] = [];

/**
 * Triggers of one bar in the order in which they count. A stop or target beyond the open trades at the open; with stop and
 * target both inside the bar the stop wins (`TIE_BREAKER: sl_wins`); a limit order trades at its price, once the bar has gone
 * through it by a tick. The stop and the final target close everything, so nothing follows them.
 */
export function triggersOf(
  { open, high, low }: BarPrices,
  { side, protection, limitPrice, tickSize }: RestingPrices,
): readonly BarTrigger[] {
  const direction = directionOf(side);
  const best = direction > 0 ? high : low;
  const worst = direction > 0 ? low : high;
  if (protection !== null && direction * (worst - protection.stopPrice) <= 0) {
    const gapped = direction * (open - protection.stopPrice) <= 0;
    if (gapped) return [{ cause: 'sl', price: open }];
    const target = protection.targetPrice;
    // what the open had passed traded before the stop could
    if (target !== null && direction * (open - target) >= 0) return atOpenBeyondTarget(open, direction, limitPrice);
    const stop: BarTrigger = { cause: 'sl', price: protection.stopPrice };
    return limitPrice !== null && direction * (open - limitPrice) >= tickSize
      ? [{ cause: 'tp1', price: limitPrice }, stop]
      : [stop];
  }
  const target = protection?.targetPrice ?? null;
  if (target !== null && direction * (open - target) >= 0) return atOpenBeyondTarget(open, direction, limitPrice);
  const limitTrades = limitPrice !== null && direction * (best - limitPrice) >= tickSize;
  const targetTrades = target !== null && direction * (best - target) >= 0;
  if (!limitTrades && !targetTrades) return NONE;
  return [
    ...(limitTrades && limitPrice !== null ? [{ cause: 'tp1' as const, price: limitPrice }] : []),
    ...(targetTrades && target !== null ? [{ cause: 'tp' as const, price: target }] : []),
  ];
}

/** The open lies beyond the final target: a first target before it trades too, at its own price. */
function atOpenBeyondTarget(open: number, direction: 1 | -1, limitPrice: number | null): readonly BarTrigger[] {
  const first =
    limitPrice !== null && direction * (open - limitPrice) >= 0 ? [{ cause: 'tp1' as const, price: limitPrice }] : [];
  return [...first, { cause: 'tp', price: open }];
}
