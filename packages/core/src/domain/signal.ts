/** What a strategy says, before any account is known. */
import type { InstrumentId, SignalId, StrategyId } from '../ids.ts';
import type { Side } from './market.ts';

/** A value of a feature: NaN = missing number, '' = unknown category. */
export type FeatureValue = number | string;

/** An entry that passed the strategy's set-up and filters at the close of a base bar. */
export interface Signal {
  readonly signalId: SignalId;
  readonly strategyId: StrategyId;
  readonly instrumentId: InstrumentId;
  readonly side: Side;
  /** Close of the trigger bar = open of the bar in which a market order fills. */
  readonly decisionTimeMs: number;
  /** Close of the trigger bar. */
  readonly referencePrice: number;
  /** THE ATR (`ATR_LEN` on `ATR_TIMEFRAME`), price units. */
  readonly atr: number;
  /** The frozen breakout level, price units. */
  readonly levelPrice: number;
  /** Every registered feature and context value by name. */
  readonly features: Readonly<Record<string, FeatureValue>>;
  /** Probability of the label, calibrated; NaN = not scored. */
  readonly p: number;
  /** Factor on risk supplied by the user's signals file (`risk_scale`); 1 = none. */
  readonly riskScale: number;
}

export type GateResult = 'pass' | 'fail' | 'not_ready';

/** One gate of a decision: what was compared with what, and what came out. */
export interface GateCheck {
  readonly gate: string;
  /** Measured value; NaN = not ready. */
  readonly value: number;
  /** How `value` is compared with `threshold`, written as what is accepted. */
  readonly comparison: '>=' | '<=' | '>' | '<' | '=' | 'between' | 'is';
  readonly threshold: number;
  /** Upper bound of `between`; NaN otherwise. */
  readonly thresholdHigh: number;
  readonly result: GateResult;
  /** Words for people where numbers do not say it, '' otherwise. */
  readonly detail: string;
}

/** What happened to a set-up at a bar. */
export type SetupEvent = 'broken' | 'replaced' | 'touched' | 'entry' | 'expired' | 'invalidated' | 'rearmed';

/** `signal`: passed everything the strategy asks. `accepted`: the engine sent an order. */
export type Verdict = 'state' | 'blocked' | 'signal' | 'accepted' | 'skipped';

/** Decision record: one state change of an entry machine or one judged entry, with all its gates in order. */
export interface Decision {
  readonly decisionTimeMs: number;
  readonly strategyId: StrategyId;
  readonly instrumentId: InstrumentId;
  /** Set-up events come from the strategy, `engine` from the account's gates. */
  readonly stage: 'setup' | 'engine';
  readonly event: SetupEvent | 'judged';
  readonly signalId: SignalId | null;
  readonly verdict: Verdict;
  /** First gate that did not pass, '' when none. */
  readonly reason: string;
  readonly gates: readonly GateCheck[];
}

/** Where the entry machines of all instruments stand at one decision time, and which gates stopped entries. */
export interface FunnelRow {
  readonly decisionTimeMs: number;
  readonly strategyId: StrategyId;
  readonly symbols: number;
  readonly present: number;
  readonly late: number;
  readonly notReady: number;
  readonly idle: number;
  readonly broken: number;
  readonly touched: number;
  readonly entries: number;
  readonly signals: number;
  /** Entries and breakouts stopped, by first failing gate. */
  readonly failedByGate: Readonly<Record<string, number>>;
}
