/** Orders, and everything that can happen to them and to positions (states of the order machine: docs/ARCHITECTURE.md). */
import type { ClientOrderId, InstrumentId, OrderLeg, SignalId, StrategyId } from '../ids.ts';
import type { Protection } from './exit-rules.ts';
import type { BarSet, Side } from './market.ts';
import type { Decision, Signal } from './signal.ts';

/** One physical order. Written to the journal before it is sent; its id is never reused. */
export interface OrderIntent {
  readonly clientOrderId: ClientOrderId;
  readonly tradeId: SignalId;
  readonly instrumentId: InstrumentId;
  readonly strategyId: StrategyId;
  readonly leg: OrderLeg;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit';
  readonly qty: number;
  /** Limit price; null for market orders. */
  readonly limitPrice: number | null;
  readonly reduceOnly: boolean;
  /**
   * Leverage that the instrument must have on the venue before an entry is sent (isolated margin): its stop comes before its
   * liquidation then. Null for orders that reduce.
   */
  readonly leverage: number | null;
  /** Stop and target attached to an entry in the same request. */
  readonly protection: Protection | null;
  /** Close at the decision: slippage is measured against the fill price it leads to. */
  readonly referencePrice: number;
  readonly decidedMs: number;
  /** An entry may not be sent or filled after this instant; null = does not expire (exits). */
  readonly expiresMs: number | null;
}

/**
 * planned -> sent -> live -> filled | dead; sent -> rejected | unknown; unknown -> live | filled | dead | never;
 * planned -> abandoned. `never`: the venue provably did not get it.
 */
export type IntentState =
  | 'planned'
  | 'sent'
  | 'live'
  | 'unknown'
  | 'filled'
  | 'dead'
  | 'rejected'
  | 'abandoned'
  | 'never';

/** entering -> open -> exiting -> closed; open and unprotected -> protecting -> emergency_exit. */
export type TradeState = 'entering' | 'open' | 'protecting' | 'exiting' | 'emergency_exit' | 'closed';

/** Why a quantity was traded. */
export type FillCause =
  | 'entry'
  | 'sl'
  | 'tp'
  | 'tp1'
  | 'trail'
  | 'exit'
  | 'liquidation'
  | 'adl'
  | 'delisted'
  | 'end_of_data'
  | 'manual';

/** One execution. The ledger: size, profit, fees come from fills alone, each counted once by `execId`. */
export interface Fill {
  readonly execId: string;
  readonly timeMs: number;
  readonly instrumentId: InstrumentId;
  /** Null for orders that the venue made itself (attached stop and target, liquidation). */
  readonly clientOrderId: ClientOrderId | null;
  readonly cause: FillCause;
  readonly side: 'buy' | 'sell';
  readonly price: number;
  readonly qty: number;
  readonly feeUsd: number;
  /** Cost against the price without slippage, >= 0. */
  readonly slippageUsd: number;
}

export type VenueEvent =
  | { readonly kind: 'order_accepted'; readonly timeMs: number; readonly clientOrderId: ClientOrderId }
  | {
      readonly kind: 'order_rejected';
      readonly timeMs: number;
      readonly clientOrderId: ClientOrderId;
      readonly reason: string;
    }
  /** No certain answer: the order may or may not exist. */
  | {
      readonly kind: 'order_unknown';
      readonly timeMs: number;
      readonly clientOrderId: ClientOrderId;
      readonly reason: string;
    }
  /** Proof that an order never reached the venue: fence passed and clean look-ups. */
  | { readonly kind: 'order_never'; readonly timeMs: number; readonly clientOrderId: ClientOrderId }
  /** The order will not trade any more (filled, cancelled, expired); `filledQty` says how much it did. */
  | {
      readonly kind: 'order_done';
      readonly timeMs: number;
      readonly clientOrderId: ClientOrderId;
      readonly filledQty: number;
    }
  | { readonly kind: 'fill'; readonly timeMs: number; readonly fill: Fill }
  /** Funding booked on a position: amount > 0 was received. */
  | {
      readonly kind: 'funding';
      readonly timeMs: number;
      readonly execId: string;
      readonly instrumentId: InstrumentId;
      readonly amountUsd: number;
      /** True when the rate was not known and `ASSUMED_FUNDING_BPS_8H` was charged. */
      readonly assumed: boolean;
    }
  /** The venue shows this stop and target on the position. */
  | {
      readonly kind: 'protection_verified';
      readonly timeMs: number;
      readonly instrumentId: InstrumentId;
      readonly protection: Protection;
    }
  | {
      readonly kind: 'protection_missing';
      readonly timeMs: number;
      readonly instrumentId: InstrumentId;
      readonly reason: string;
    }
  /** The venue refused a stop because the price is beyond it already: what the stop would have done is due now. */
  | {
      readonly kind: 'stop_passed';
      readonly timeMs: number;
      readonly instrumentId: InstrumentId;
      readonly reason: string;
    }
  /** A position that no trade of ours explains. */
  | {
      readonly kind: 'foreign_position';
      readonly timeMs: number;
      readonly instrumentId: InstrumentId;
      readonly side: Side;
      readonly qty: number;
    }
  /** Equity as the venue sees it; where present it is what sizing uses. */
  | { readonly kind: 'wallet'; readonly timeMs: number; readonly equityUsd: number };

export type OperatorCommand =
  | { readonly kind: 'pause'; readonly reason: string }
  | { readonly kind: 'resume' }
  | { readonly kind: 'kill'; readonly reason: string }
  /** Lifts a kill switch or drawdown pause: explicit, journaled, resets the loss streak and the drawdown peak. */
  | { readonly kind: 'rearm' }
  | { readonly kind: 'close'; readonly instrumentId: InstrumentId };

/** Everything the engine reacts to. Time is inside the event; the engine reads no clock. */
export type EngineEvent =
  | VenueEvent
  /** T: mark positions at the closes, roll the day, decide market exits. */
  | { readonly kind: 'instant'; readonly timeMs: number; readonly barSet: BarSet }
  /** Entries of T, judged one after the other in `ENTRY_PRIORITY` order. */
  | {
      readonly kind: 'signals';
      readonly timeMs: number;
      readonly signals: readonly Signal[];
      readonly staleReason: string;
    }
  /** Time passed without a bar: deadlines are checked. */
  | { readonly kind: 'clock'; readonly timeMs: number }
  | { readonly kind: 'operator'; readonly timeMs: number; readonly command: OperatorCommand };

/** What a venue is asked to do. */
export type VenueCommand =
  | { readonly kind: 'submit'; readonly order: OrderIntent }
  | { readonly kind: 'cancel'; readonly clientOrderId: ClientOrderId; readonly instrumentId: InstrumentId }
  | {
      readonly kind: 'set_protection';
      readonly instrumentId: InstrumentId;
      readonly tradeId: SignalId;
      readonly protection: Protection;
    }
  | { readonly kind: 'verify_protection'; readonly instrumentId: InstrumentId; readonly tradeId: SignalId }
  /** Find out what became of an order whose answer is unknown. */
  | { readonly kind: 'lookup'; readonly clientOrderId: ClientOrderId; readonly instrumentId: InstrumentId };

/** What the engine answers to an event: commands for the venue, and facts for the records. */
export type Command =
  | VenueCommand
  | { readonly kind: 'decision'; readonly decision: Decision }
  | { readonly kind: 'trade_closed'; readonly trade: Trade }
  | Alert;

/** Something that people should know. */
export interface Alert {
  readonly kind: 'alert';
  readonly timeMs: number;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly code: string;
  readonly text: string;
}

export type ExitCause =
  | 'sl'
  | 'tp'
  | 'trail'
  | 'break_even'
  | 'time'
  | 'liquidation'
  | 'adl'
  | 'delisted'
  | 'end_of_data'
  | 'manual'
  | 'emergency';
/** `tp1+` in front: the first target had been taken before. */
export type ExitReason = ExitCause | `tp1+${ExitCause}`;

/** The factors that made the risk of a trade; each is 1 when it does not apply. */
export interface SizingChain {
  readonly baseRiskUsd: number;
  readonly barometer: number;
  readonly vwapStack: number;
  readonly probability: number;
  readonly scalers: number;
  readonly regimeDown: number;
  readonly riskScale: number;
  /** What the risk clamp, the caps and lot rounding made of it: base risk x all factors = risk of the trade. */
  readonly capped: number;
}

/** A finished trade: one row of trades.parquet. Signs: pnl net of all costs, funding > 0 received, fees and slippage >= 0 paid. */
export interface Trade {
  readonly tradeId: SignalId;
  readonly strategyId: StrategyId;
  readonly instrumentId: InstrumentId;
  readonly side: Side;
  readonly decisionTimeMs: number;
  readonly entryTimeMs: number;
  readonly exitTimeMs: number;
  readonly referencePrice: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly qty: number;
  readonly atr: number;
  readonly levelPrice: number;
  readonly initialStopPrice: number;
  readonly finalStopPrice: number;
  readonly targetPrice: number | null;
  readonly exitReason: ExitReason;
  readonly feesUsd: number;
  readonly fundingUsd: number;
  readonly fundingAssumed: boolean;
  readonly slippageUsd: number;
  readonly pnlUsd: number;
  /** qty x abs(reference - initial stop). */
  readonly riskUsd: number;
  readonly pnlR: number;
  /** Worst and best excursion from the entry price until the exit fill, in ATR, >= 0. */
  readonly maeAtr: number;
  readonly mfeAtr: number;
  readonly equityAtDecisionUsd: number;
  readonly sizing: SizingChain;
  readonly p: number;
  readonly features: Signal['features'];
}
