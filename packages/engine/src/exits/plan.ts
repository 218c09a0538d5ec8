/** Exit prices, known before the entry is sent. The policy decides prices and times; the venue decides when they trade. */
import {
  directionOf,
  roundToStep,
  type ExitRules,
  type InstrumentRules,
  type Protection,
  type Signal,
} from '@donch/core';
import { featureOf } from '../sizing/multipliers.ts';

export interface ExitPlan {
  readonly protection: Protection;
  /** Distance of the stop from the reference price before rounding to the tick, in ATR; negative = on the wrong side. */
  readonly stopDistanceAtr: number;
  /** Price of the first target; null = none. */
  readonly firstTargetPrice: number | null;
}

/**
 * Exits of a signal: counted from its reference price, or (`avwap_atr`) from the VWAP since the breakout bar that it carries. A
 * signal without one has NaN prices, which no check lets pass.
 */
export function planEntry(signal: Signal, exits: ExitRules, rules: InstrumentRules): ExitPlan {
  const { referencePrice, side, atr } = signal;
  if (exits.basis === 'price_atr') return planExits(signal, referencePrice, exits, rules);
  const anchorPrice = featureOf(signal, 'avwap_break');
  const plan = planExits(signal, anchorPrice, exits, rules);
  const ahead = (directionOf(side) * (referencePrice - anchorPrice)) / atr;
  return { ...plan, stopDistanceAtr: ahead + exits.slAtrMult };
}

/** Stop, target and first target from an anchor price and the ATR of the decision, rounded to the tick. */
export function planExits(
  signal: Pick<Signal, 'side' | 'atr'>,
  anchorPrice: number,
  exits: ExitRules,
  { tickSize }: InstrumentRules,
): ExitPlan {
  const direction = directionOf(signal.side);
  const priceAt = (atrMult: number): number => roundToStep(anchorPrice + direction * atrMult * signal.atr, tickSize);
  return {
    protection: {
      stopPrice: priceAt(-exits.slAtrMult),
      targetPrice: exits.tpAtrMult === null ? null : priceAt(exits.tpAtrMult),
    },
    stopDistanceAtr: exits.slAtrMult,
    firstTargetPrice: exits.partial === null ? null : priceAt(exits.partial.atrMult),
  };
}
