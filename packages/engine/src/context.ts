import type { BarSet, Command, InstrumentId, InstrumentRules, StrategyId } from '@donch/core';
import type { EngineSettings } from './settings.ts';
import type { EngineState, OpenTrade, StrategyTerms } from './state.ts';

/** What every handler of an event works with. `state.timeMs` is the event's time. */
export interface EngineContext {
  readonly state: EngineState;
  readonly settings: EngineSettings;
  readonly rulesAt: (instrumentId: InstrumentId, timeMs: number) => InstrumentRules;
  readonly termsOf: (id: StrategyId) => StrategyTerms;
  readonly emit: (command: Command) => void;
  /** The ids of `state.execIds` as a set. */
  readonly executed: Set<string>;
  /** Looks up `memberIndex` of every trade that has none yet (all of them when the list of instruments is another). */
  readonly indexTrades: (barSet: BarSet) => void;
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
