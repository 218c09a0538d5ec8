/** Exit prices, known before the entry is sent. The policy decides prices and times; the venue decides when they trade. */
import {
  directionOf,
  roundToStep,
  type ExitRules,
  type InstrumentRules,
  type Protection,
  type Signal,
} from '@donch/core';

export interface ExitPlan {
  readonly protection: Protection;
  /** Distance of the stop from the anchor before rounding to the tick, in ATR. */
  readonly stopDistanceAtr: number;
  /** Price of the first target; null = none. */
  readonly firstTargetPrice: number | null;
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
