import type { Command, InstrumentId, InstrumentRules, StrategyId } from '@donch/core';
import type { ExecutionMemory } from './execution-memory.ts';
import type { EngineSettings } from './settings.ts';
import type { EngineState, OpenTrade, StrategyTerms } from './state.ts';

/** What every handler of an event works with. `state.timeMs` is the event's time. */
export interface EngineContext {
  readonly state: EngineState;
  readonly settings: EngineSettings;
  readonly rulesAt: (instrumentId: InstrumentId, timeMs: number) => InstrumentRules;
  readonly termsOf: (id: StrategyId) => StrategyTerms;
  readonly emit: (command: Command) => void;
  /** What has been booked (`state.executions`). */
  readonly executions: ExecutionMemory;
  /** Takes the list of instruments of a bar set. */
  readonly useInstruments: (instruments: readonly InstrumentId[]) => void;
  /** Position of the trade's instrument in that list, -1 = not among them. */
  readonly memberIndexOf: (trade: OpenTrade) => number;
}

/** The trade that holds an instrument, or undefined: a symbol belongs to one strategy at a time. */
export function tradeOf({ state }: EngineContext, instrumentId: InstrumentId): OpenTrade | undefined {
  return state.trades.find((trade) => trade.instrumentId === instrumentId);
}

export interface AlertInput {
  readonly severity: 'info' | 'warning' | 'critical';
  readonly code: string;
  readonly text: string;
}

/** Tells people about something that needs their eyes. */
export function alert({ state, emit }: EngineContext, { severity, code, text }: AlertInput): void {
  emit({ kind: 'alert', timeMs: state.timeMs, severity, code, text });
}
