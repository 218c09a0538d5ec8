/** A gate before an entry: looks at signal, account and settings, and says pass or why not. Gates change nothing. */
import type { GateCheck, Signal } from '@donch/core';
import type { EngineSettings } from '../settings.ts';
import type { EngineState, OpenTrade } from '../state.ts';

/** What gates read of the account. */
interface GateState extends Readonly<
  Pick<EngineState, 'stops' | 'entriesToday' | 'acceptedMs' | 'exitedMs' | 'foreign'>
> {
  readonly trades: readonly Pick<OpenTrade, 'instrumentId' | 'state' | 'decisionTimeMs' | 'strategyId'>[];
}

interface GateContext {
  readonly timeMs: number;
  readonly state: GateState;
  readonly settings: EngineSettings;
  /** Why the data of this instant must not be traded on; '' = fresh. */
  readonly staleReason: string;
}

export type Gate = (signal: Signal, context: GateContext) => GateCheck;

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
