/**
 * One trading session as a function from inputs to outputs: bar sets and events in, decisions, commands and records out, in one
 * order. Paper, live and replay feed it; whoever feeds it the same inputs gets the same outputs, byte by byte.
 */
import {
  assertNever,
  type Alert,
  type Candles,
  type Command,
  type Decision,
  type EngineEvent,
  type FunnelRow,
  type InstrumentId,
  type InstrumentRules,
  type Signal,
  type Trade,
  type VenueCommand,
} from '@donch/core';
import type { EngineSettings, EngineState, StrategyTerms } from '@donch/engine';
import type { LiveSink } from './live-entries.ts';
import { LiveMarket, type ArrivedBars } from './live-market.ts';
import { Trader, type EntrySource } from './trader.ts';

/** What a session is told. */
export type SessionInput =
  /** `staleReason`: why these data must not be entered on; '' = fresh. */
  | { readonly kind: 'bars'; readonly arrived: ArrivedBars; readonly staleReason: string }
  /** Answer of the venue, fill, funding, clock, operator. */
  | { readonly kind: 'event'; readonly event: EngineEvent }
  /** Settings that the operator changed, by key; they add to what was changed before. */
  | { readonly kind: 'settings'; readonly timeMs: number; readonly values: Readonly<Record<string, unknown>> };

/** What a session says, in order. */
export type SessionOutput =
  | { readonly kind: 'decision'; readonly decision: Decision }
  /** Passed everything that the strategy asks: with every feature. */
  | { readonly kind: 'signal'; readonly signal: Signal }
  | { readonly kind: 'funnel'; readonly row: FunnelRow }
  /** Something that the venue is to do. */
  | { readonly kind: 'command'; readonly command: VenueCommand }
  | { readonly kind: 'trade'; readonly trade: Trade }
  | { readonly kind: 'alert'; readonly alert: Alert }
  /** The account at T, after the bar set was decided on. */
  | { readonly kind: 'account'; readonly account: AccountPoint };

export interface AccountPoint {
  readonly timeMs: number;
  readonly equityUsd: number;
  readonly cashUsd: number;
  readonly openTrades: number;
  /** Why entries are stopped; '' = they are not. */
  readonly stopped: string;
}

export interface SessionTerms {
  readonly settings: EngineSettings;
  readonly terms: readonly StrategyTerms[];
}

/** Entries at the live edge: `liveEntries`, or a source of one's own. */
export interface SessionEntries extends EntrySource {
  /** Takes the history of an instrument and leaves to the market what is still read of it. */
  warmUp(index: number, history: Candles): void;
  /** Drops rows of the market that nobody reads any more. */
  dropStaleRows(): void;
}

export interface SessionOptions {
  readonly entries: (market: LiveMarket, sink: LiveSink) => SessionEntries;
  /** Calibrated probability of a signal; missing = no model. */
  readonly score?: ((signal: Signal) => number) | undefined;
  readonly terms: readonly StrategyTerms[];
  readonly settings: EngineSettings;
  readonly rulesAt: (instrumentId: InstrumentId, timeMs: number) => InstrumentRules;
  /** Members of the universe and the benchmarks that the strategies read. */
  readonly instruments: readonly InstrumentId[];
  /** Base bars. */
  readonly intervalMs: number;
  /** What the account and the strategies are told after a change of settings; throws where a session cannot change them. */
  readonly reconfigure: (values: Readonly<Record<string, unknown>>) => SessionTerms;
  /** Takes every output the moment it is there. */
  readonly emit: (output: SessionOutput) => void;
}

export class Session {
  readonly #entries: SessionEntries;
  readonly #trader: Trader;
  readonly #market: LiveMarket;
  readonly #emit: (output: SessionOutput) => void;
  readonly #reconfigure: SessionOptions['reconfigure'];

  constructor(options: SessionOptions) {
    const { instruments, intervalMs, emit, terms } = options;
    this.#emit = emit;
    this.#reconfigure = options.reconfigure;
    this.#market = new LiveMarket(instruments, intervalMs);
    this.#entries = options.entries(this.#market, {
      onDecision: (decision) => emit({ kind: 'decision', decision }),
      onFunnel: (row) => emit({ kind: 'funnel', row }),
    });
    this.#trader = new Trader({
      ...options,
      strategies: terms,
      entries: {
        signalsAt: (barSet) => {
          const { score } = options;
          const found = this.#entries.signalsAt(barSet);
          const signals = score === undefined ? found : found.map((signal) => ({ ...signal, p: score(signal) }));
          for (const signal of signals) emit({ kind: 'signal', signal });
          return signals;
        },
      },
    });
  }

  /** History of an instrument, from its first stored bar to the last one before the session. */
  warmUp(index: number, history: Candles): void {
    this.#entries.warmUp(index, history);
  }

  get state(): Readonly<EngineState> {
    return this.#trader.state;
  }

  /** Takes one input; returns what the venue is to do about it. */
  take(input: SessionInput): readonly VenueCommand[] {
    if (input.kind === 'event') return this.#tell(this.#trader.apply(input.event));
    if (input.kind === 'settings') return this.#changeSettings(input);
    const barSet = this.#market.take(input.arrived);
    const commands = this.#tell(this.#trader.step(barSet, input.staleReason));
    this.#emit({ kind: 'account', account: this.#accountPoint() });
    this.#entries.dropStaleRows();
    return commands;
  }

  #changeSettings({ timeMs, values }: Extract<SessionInput, { kind: 'settings' }>): readonly VenueCommand[] {
    const { settings, terms } = this.#reconfigure(values);
    this.#trader.configure({ settings, strategies: terms });
    const text = Object.entries(values)
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
      .join(', ');
    this.#emit({ kind: 'alert', alert: { kind: 'alert', timeMs, severity: 'info', code: 'settings_changed', text } });
    return [];
  }

  #accountPoint(): AccountPoint {
    const { timeMs, equityUsd, cashUsd, trades, stops } = this.#trader.state;
    return { timeMs, equityUsd, cashUsd, openTrades: trades.length, stopped: stops.map(({ kind }) => kind).join(',') };
  }

  #tell(commands: readonly Command[]): VenueCommand[] {
    const forVenue: VenueCommand[] = [];
    for (const command of commands) {
      switch (command.kind) {
        case 'decision':
          this.#emit({ kind: 'decision', decision: command.decision });
          break;
        case 'trade_closed':
          this.#emit({ kind: 'trade', trade: command.trade });
          break;
        case 'alert':
          this.#emit({ kind: 'alert', alert: command });
          break;
        case 'submit':
        case 'cancel':
        case 'set_protection':
        case 'verify_protection':
        case 'lookup':
          this.#emit({ kind: 'command', command });
          forVenue.push(command);
          break;
        default:
          assertNever(command, 'command');
      }
    }
    return forVenue;
  }
}
