/** A gate before an entry: what it measures of signal, account and settings, and what it accepts. Gates change nothing. */
import type { GateCheck, GateResult, Signal } from '@donch/core';
import type { EngineSettings } from '../settings.ts';
import type { EngineState, OpenTrade } from '../state.ts';

/** What gates measure: numbers of a signal, of its instrument and of the account. Written over where many signals are judged. */
export interface GateFacts {
  /** Instant of the decision. */
  timeMs: number;
  /** Win probability of the signal; NaN = not scored. */
  p: number;
  /** The instrument has a trade, by whatever strategy, or a position that no trade explains. */
  isHeld: boolean;
  /** Last accepted entry of the instrument; -Infinity = none. */
  acceptedMs: number;
  /** Last exit of the instrument; -Infinity = none. */
  exitedMs: number;
  /** Reasons for which entries are stopped. */
  stops: number;
  /** Data of this instant must not be traded on. */
  isStale: boolean;
  /** Accepted on this UTC day. */
  entriesToday: number;
  /** Trades that are not closed. */
  openTrades: number;
}

/** What gates read of the account. */
interface GateState extends Readonly<
  Pick<EngineState, 'stops' | 'entriesToday' | 'acceptedMs' | 'exitedMs' | 'foreign'>
> {
  readonly trades: readonly Pick<OpenTrade, 'instrumentId' | 'state' | 'decisionTimeMs' | 'strategyId'>[];
}

export interface GateContext {
  readonly timeMs: number;
  readonly state: GateState;
  readonly settings: EngineSettings;
  /** Why the data of this instant must not be traded on; '' = fresh. */
  readonly staleReason: string;
}

export interface Gate {
  readonly gate: string;
  /** How the measure is compared with the limit, written as what is accepted: a NaN does not pass. */
  readonly accepts: '<=' | '>=';
  /** Says the same of every signal of an instant: asked first where only the verdict counts. */
  readonly isOfAccount?: true;
  readonly measure: (facts: Readonly<GateFacts>, settings: EngineSettings) => number;
  readonly limit: (settings: EngineSettings) => number;
  /** Whether no signal can fail under these settings: nothing has to be measured then. Default: some can. */
  readonly isOff?: (settings: EngineSettings) => boolean;
  /** Words for people; default none. */
  readonly detail?: (signal: Signal, context: GateContext) => string;
  /** Value for people where it is not what was measured. */
  readonly shown?: (signal: Signal) => number;
}

/** The facts of one signal in an account. */
export function gateFacts({ instrumentId, p }: Signal, { state, staleReason, timeMs }: GateContext): GateFacts {
  let isHeld = Object.hasOwn(state.foreign, instrumentId);
  for (const trade of state.trades) isHeld ||= trade.instrumentId === instrumentId;
  return {
    timeMs,
    p,
    isHeld,
    acceptedMs: state.acceptedMs[instrumentId] ?? -Infinity,
    exitedMs: state.exitedMs[instrumentId] ?? -Infinity,
    stops: state.stops.length,
    isStale: staleReason !== '',
    entriesToday: state.entriesToday,
    openTrades: state.trades.length,
  };
}

/** Whether a gate lets pass what it measured: the verdict of its check. */
export function isWithin({ accepts }: Pick<Gate, 'accepts'>, value: number, limit: number): boolean {
  return accepts === '<=' ? value <= limit : value >= limit;
}

/** All gates with everything that a decision record tells of them, in order. */
export function checkGates(gates: readonly Gate[], signal: Signal, context: GateContext): GateCheck[] {
  const facts = gateFacts(signal, context);
  const { settings } = context;
  return gates.map((gate) => {
    const value = gate.measure(facts, settings);
    const threshold = gate.limit(settings);
    return {
      gate: gate.gate,
      value: gate.shown?.(signal) ?? value,
      comparison: gate.accepts,
      threshold,
      thresholdHigh: Number.NaN,
      result: resultOf(isWithin(gate, value, threshold), value),
      detail: gate.detail?.(signal, context) ?? '',
    };
  });
}

function resultOf(passes: boolean, value: number): GateResult {
  return passes ? 'pass' : Number.isNaN(value) ? 'not_ready' : 'fail';
}

/** A gate that accepts `value > limit`; a NaN does not pass. */
export function moreThan(gate: string, value: number, limit: number): GateCheck {
  return {
    gate,
    value,
    comparison: '>',
    threshold: limit,
    thresholdHigh: Number.NaN,
    result: resultOf(value > limit, value),
    detail: '',
  };
}

/** A gate that accepts `value >= limit`; a NaN does not pass. */
export function atLeast(gate: string, value: number, limit: number): GateCheck {
  return {
    gate,
    value,
    comparison: '>=',
    threshold: limit,
    thresholdHigh: Number.NaN,
    result: resultOf(value >= limit, value),
    detail: '',
  };
}
