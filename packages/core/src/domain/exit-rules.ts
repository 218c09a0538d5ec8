/** The strategy's exits as values; the engine's exit policies read them, the venue executes what follows. */

export interface PartialRules {
  /** Share of the position sold at the first target, 0 < x < 1. */
  readonly ratioFrac: number;
  /** Distance of the first target from the basis, in ATR. */
  readonly atrMult: number;
  readonly breakEvenAfter: boolean;
}

export interface TrailingRules {
  /** Distance of the stop behind the reference, in ATR of the decision. */
  readonly atrMult: number;
  readonly start: 'entry' | 'after_tp1';
  /** `close`: behind the last close; `extreme`: behind the best high (low) since the fill. */
  readonly reference: 'close' | 'extreme';
  /** Smallest move of the stop worth an amendment, fraction of its price. */
  readonly moveMinFrac: number;
}

export interface ExitRules {
  /** What prices are counted from: the reference price, or the VWAP since the breakout bar (feature `avwap_break`). */
  readonly basis: 'price_atr' | 'avwap_atr';
  /** Initial stop distance from the basis in ATR. */
  readonly slAtrMult: number;
  /** Final target distance from the basis in ATR; null = no target. */
  readonly tpAtrMult: number | null;
  /** Age at which the position is closed; null = never. */
  readonly timeExitHours: number | null;
  readonly partial: PartialRules | null;
  readonly trailing: TrailingRules | null;
}

/** Prices of the stop and the final target of a position; a null target = none. */
export interface Protection {
  readonly stopPrice: number;
  readonly targetPrice: number | null;
}
