/** Liquidation of an isolated position: what the venue does when the margin set aside for it is used up. */
import { directionOf, maintenanceMarginFrac, type InstrumentRules, type Side } from '@donch/core';

/** Where an isolated position ends at the latest. */
export interface Liquidation {
  /** Price at which the venue takes the position over. */
  readonly price: number;
  /** Price at which it is booked: the whole initial margin is lost, whatever the market traded at. */
  readonly bankruptcyPrice: number;
}

export interface IsolatedPosition {
  readonly side: Side;
  /** Average entry price. */
  readonly entryPrice: number;
  readonly leverage: number;
}

/**
 * With initial margin 1/L and maintenance margin m (fractions of the entry's notional) a position is taken over once the price has
 * moved 1/L - m against it, and booked at a move of 1/L. Funding and fees are not taken out of the margin, and the bars are those of
 * the last price, while venues look at the mark price. A long without leverage ends near 0, a short near twice its entry.
 */
export function liquidationOf({ side, entryPrice, leverage }: IsolatedPosition, rules: InstrumentRules): Liquidation {
  const direction = directionOf(side);
  const initialFrac = 1 / leverage;
  const movedBy = (frac: number): number => entryPrice * (1 - direction * frac);
  // leverage above the tier's: taken over at once, never on the winning side
  const distanceFrac = Math.max(0, initialFrac - maintenanceMarginFrac(rules));
  return { price: movedBy(distanceFrac), bankruptcyPrice: movedBy(initialFrac) };
}
