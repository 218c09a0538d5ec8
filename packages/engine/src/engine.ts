/**
 * The engine: `apply(event) -> commands`. Synchronous; time is inside the event; state is plain JSON. Backtest, paper, live and
 * replay run this very code: what differs is who performs the commands and where the events come from.
 */
import {
  assertNever,
  invariant,
  type Command,
  type EngineEvent,
  type InstrumentId,
  type InstrumentRules,
  type StrategyId,
} from '@donch/core';
import type { EngineContext } from './context.ts';
import { judgeSignals } from './entries.ts';
import { ExecutionMemory } from './execution-memory.ts';
import { applyFill, applyFunding } from './fill-events.ts';
import { applyInstant } from './instant.ts';
import { applyOperator } from './operator-events.ts';
import { orderAccepted, orderDone, orderNever, orderRejected, orderUnknown } from './order-events.ts';
import {
  checkDeadlines,
  foreignPosition,
  protectionMissing,
  protectionVerified,
  stopPassed,
} from './protection-events.ts';
import { applyQuiet, QuietColumns, quietUntilMs, type QuietPass, type QuietStretch } from './quiet-stretch.ts';
import type { EngineSettings } from './settings.ts';
import { initialState, type EngineState, type OpenTrade, type StrategyTerms } from './state.ts';

export interface EngineOptions {
  readonly settings: EngineSettings;
  readonly strategies: readonly StrategyTerms[];
  /** Rules of an instrument as of an instant. */
  readonly rulesAt: (instrumentId: InstrumentId, timeMs: number) => InstrumentRules;
  /** State to go on from; default a fresh account. */
  readonly state?: EngineState;
}

const NOTHING: readonly Command[] = [];

export class Engine {
  readonly state: EngineState;
  #context: EngineContext;
  #commands: Command[] = [];
  #indexed: readonly InstrumentId[] = [];
  #indexes: ReadonlyMap<InstrumentId, number> = new Map();
  #quiet: QuietColumns | null = null;

  constructor({ settings, strategies, rulesAt, state = initialState(settings) }: EngineOptions) {
    this.state = state;
    this.#context = {
      state,
      settings,
      rulesAt,
      termsOf: termsOf(strategies),
      emit: (command) => this.#commands.push(command),
      executions: new ExecutionMemory(state.executions),
      useInstruments: (instruments) => this.#useInstruments(instruments),
      memberIndexOf: (trade) => this.#memberIndexOf(trade),
    };
  }

  /** Other settings from the next event on. Open trades keep the exits that they were opened with. */
  configure({ settings, strategies }: Pick<EngineOptions, 'settings' | 'strategies'>): void {
    this.#context = { ...this.#context, settings, termsOf: termsOf(strategies) };
  }

  /** One map per list of instruments: bar sets share the list. */
  #useInstruments(instruments: readonly InstrumentId[]): void {
    if (this.#indexed === instruments) return;
    this.#indexed = instruments;
    this.#indexes = new Map(instruments.map((id, index) => [id, index]));
    for (const trade of this.state.trades) trade.memberIndex = -1;
  }

  #memberIndexOf(trade: OpenTrade): number {
    if (trade.memberIndex < 0) trade.memberIndex = this.#indexes.get(trade.instrumentId) ?? -1;
    return trade.memberIndex;
  }

  /**
   * Applies one event and returns what follows from it, in order. Events of one instant come in the order of "One instant". Live, the
   * bars of T arrive some seconds after T, and what the venue says meanwhile comes first: a bar set may be older than the state.
   */
  apply(event: EngineEvent): readonly Command[] {
    const isDecision = event.kind === 'instant' || event.kind === 'signals';
    invariant(isDecision || event.timeMs >= this.state.timeMs, 'time of events does not run backwards');
    this.state.timeMs = Math.max(this.state.timeMs, event.timeMs);
    this.#dispatch(event);
    return this.#takeCommands();
  }

  #takeCommands(): readonly Command[] {
    if (this.#commands.length === 0) return NOTHING;
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  /**
   * First instant at which the engine may do something by itself, while no event comes: until then a backtest may take bar sets at
   * once (`passQuiet`). `-Infinity` = every bar set has to be seen.
   */
  get quietUntilMs(): number {
    return quietUntilMs(this.#context);
  }

  /** The `instant` events of a stretch in one, which must end before `quietUntilMs` and before anything happens on the venue. */
  passQuiet(stretch: QuietStretch): QuietPass {
    this.#quiet ??= new QuietColumns();
    const pass = applyQuiet(this.#context, stretch, this.#quiet);
    return { ...pass, commands: this.#takeCommands() };
  }

  #dispatch(event: EngineEvent): void {
    const context = this.#context;
    switch (event.kind) {
      case 'instant':
        return applyInstant(context, event.barSet);
      case 'signals':
        return judgeSignals(context, event);
      case 'fill':
        return applyFill(context, event.fill);
      case 'funding':
        return applyFunding(context, event);
      case 'order_accepted':
        return orderAccepted(context, event.clientOrderId);
      case 'order_rejected':
        return orderRejected(context, event.clientOrderId, event.reason);
      case 'order_unknown':
        return orderUnknown(context, event.clientOrderId, event.reason);
      case 'order_never':
        return orderNever(context, event.clientOrderId);
      case 'order_done':
        return orderDone(context, event.clientOrderId, event.filledQty);
      case 'protection_verified':
        return protectionVerified(context, event.instrumentId, event.protection);
      case 'protection_missing':
        return protectionMissing(context, event.instrumentId, event.reason);
      case 'stop_passed':
        return stopPassed(context, event.instrumentId, event.reason);
      case 'foreign_position':
        return foreignPosition(context, event);
      case 'wallet':
        this.state.walletUsd = event.equityUsd;
        return undefined;
      case 'clock':
        return checkDeadlines(context);
      case 'operator':
        return applyOperator(context, event.command);
      default:
        return assertNever(event, 'engine event');
    }
  }
}

function termsOf(strategies: readonly StrategyTerms[]): EngineContext['termsOf'] {
  const terms = new Map(strategies.map((strategy) => [strategy.strategyId, strategy]));
  invariant(terms.size === strategies.length, 'strategies have different names');
  return (id: StrategyId) => {
    const found = terms.get(id);
    invariant(found !== undefined, `strategy ${id} is known to the engine`);
    return found;
  };
}
