/** Quantities of positions, compared as sums of floats are. */
import type { VenuePosition } from '@donch/core';

/** Noise of sums of quantities. */
export const QTY_NOISE_FRAC = 1e-9;

/** > 0 long, < 0 short; no position is 0. */
export function signedQty(position: VenuePosition | undefined): number {
  return position === undefined ? 0 : position.side === 'long' ? position.qty : 0 - position.qty;
}

export function isSameQty(a: number, b: number): boolean {
  return Math.abs(a - b) <= QTY_NOISE_FRAC * Math.max(Math.abs(a), Math.abs(b), QTY_NOISE_FRAC);
}
