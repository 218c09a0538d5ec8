/** A gate before an entry: what it measures of signal, account and settings, and what it accepts. Gates change nothing. */
import type { GateCheck, Signal } from '@donch/core';
import type { EngineSettings } from '../settings.ts';
import type { EngineState, OpenTrade } from '../state.ts';

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
  readonly measure: (signal: Signal, context: GateContext) => number;
  readonly limit: (context: GateContext) => number;
  /** Words for people; default none. */
  readonly detail?: (signal: Signal, context: GateContext) => string;
  /** Value for people where it is not what was measured. */
  readonly shown?: (signal: Signal) => number;
}

/** Whether a gate lets a signal pass. */
export function passesGate({ accepts, measure, limit }: Gate, signal: Signal, context: GateContext): boolean {
  const value = measure(signal, context);
  return accepts === '<=' ? value <= limit(context) : value >= limit(context);
}

/** The same with everything that a decision record tells of it. */
export function checkGate(
  { gate, accepts, detail, shown, ...is }: Gate,
  signal: Signal,
  context: GateContext,
): GateCheck {
  const check = (accepts === '<=' ? atMost : atLeast)(gate, is.measure(signal, context), is.limit(context));
  return { ...check, value: shown?.(signal) ?? check.value, detail: detail?.(signal, context) ?? '' };
}

/** A gate that accepts `value <= limit`; a NaN does not pass. */
export function atMost(gate: string, value: number, limit: number): GateCheck {
  return {
    gate,
    value,
    comparison: '<=',
    threshold: limit,
    thresholdHigh: Number.NaN,
    result: value <= limit ? 'pass' : Number.isNaN(value) ? 'not_ready' : 'fail',
    detail: '',
  };
}

/** A gate that accepts `value > limit`; a NaN does not pass. */
export function moreThan(gate: string, value: number, limit: number): GateCheck {
  return {
    gate,
    value,
    comparison: '>',
    threshold: limit,
    thresholdHigh: Number.NaN,
    result: value > limit ? 'pass' : Number.isNaN(value) ? 'not_ready' : 'fail',
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
    result: value >= limit ? 'pass' : Number.isNaN(value) ? 'not_ready' : 'fail',
    detail: '',
  };
}
