/** The backtest: bar sets in order of time through trader and bar venue, by the book of "one instant". */
import {
  DonchError,
  TABLES,
  TableBuilder,
  appendDecision,
  invariant,
  type BarSet,
  type Command,
  type EngineEvent,
  type InstrumentId,
  type Signal,
  type Table,
  type Trade,
} from '@donch/core';
import type { EngineSettings, EngineState, StrategyTerms } from '@donch/engine';
import { BarVenue, performCommand, type BarVenueOptions } from '@donch/sim';
import { ScannedEntries, Trader } from '@donch/trader';
import { BarFeed, type CandlesOf } from './bar-feed.ts';
import { EquityCurve } from './equity-curve.ts';
import { firstDecisionMs, type ScanWindow } from './scan-window.ts';

export interface BacktestOptions {
  readonly signals: readonly Signal[];
  readonly strategies: readonly StrategyTerms[];
  readonly settings: EngineSettings;
  readonly venue: BarVenueOptions;
  readonly candlesOf: CandlesOf;
  /** Base bar length, ms. */
  readonly intervalMs: number;
  /** Decisions and equity in `[startMs, endMs)`; positions open at the end are closed at the last close. */
  readonly window: ScanWindow;
  /**
   * Close of the newest bar of the whole store; the run ends there at the latest. An instrument whose bars end earlier was
   * delisted. Default: the data reach the end of the window.
   */
  readonly dataEndMs?: number;
  /** A planted mistake: called before the venue looks at the bars of a set. */
  readonly beforeBars?: (
    state: Readonly<EngineState>,
    venue: BarVenue,
    barSet: BarSet,
    rulesAt: BarVenueOptions['rulesAt'],
  ) => void;
  /** For tests and tools that look inside: every command of the engine, and the account after every instant. */
  readonly onCommand?: (command: Command) => void;
  readonly onInstant?: (instant: BacktestInstant) => void;
  /** Told about progress every so many bar sets. */
  readonly onProgress?: (doneFrac: number) => void;
}

export interface BacktestInstant {
  readonly timeMs: number;
  readonly state: Readonly<EngineState>;
  readonly venue: BarVenue;
}

export interface BacktestResult {
  /** Finished trades in order of their end. */
  readonly trades: readonly Trade[];
  /** Positions that the end of the data closed: in equity, not in statistics. */
  readonly openAtEnd: readonly Trade[];
  readonly decisions: Table;
  readonly equity: Table;
  readonly alerts: readonly Extract<Command, { kind: 'alert' }>[];
  readonly participationWarnings: number;
  /** Which abort guard stopped entries; the run ended once it was flat. '' = none did. */
  readonly abortReason: string;
  /** Bar sets at which at least one position was held. */
  readonly exposedBarSets: number;
  readonly barSets: number;
}

/** How often commands and answers may follow from each other at one instant before something is wrong. */
const CASCADE_MAX = 100;
const PROGRESS_EVERY = 4_096;

/**
 * Runs the signals of a window as one portfolio. Throws `signal_off_grid` for a signal inside the window whose decision time is no
 * bar close: it could never be met, and a run that leaves signals out silently is worth nothing.
 */
export function runBacktest(options: BacktestOptions): BacktestResult {
  return new BacktestRun(options).run();
}

class BacktestRun {
  readonly #options: BacktestOptions;
  readonly #venue: BarVenue;
  readonly #trader: Trader;
  readonly #feed: BarFeed;
  readonly #decisions = new TableBuilder('decisions', TABLES.decisions.columns);
  readonly #equity: EquityCurve;
  readonly #trades: Trade[] = [];
  readonly #openAtEnd: Trade[] = [];
  readonly #alerts: Extract<Command, { kind: 'alert' }>[] = [];
  readonly #firstMs: number;
  readonly #endMs: number;
  #exposedBarSets = 0;
  #barSets = 0;

  constructor(options: BacktestOptions) {
    const { window, intervalMs, dataEndMs = Infinity } = options;
    this.#options = options;
    this.#firstMs = firstDecisionMs(window, intervalMs);
    this.#endMs = Math.min(window.endMs, dataEndMs + 1);
    for (const signal of options.signals) checkOnGrid(signal, options);
    this.#venue = new BarVenue(options.venue);
    this.#trader = new Trader({
      settings: options.settings,
      strategies: options.strategies,
      rulesAt: options.venue.rulesAt,
      entries: new ScannedEntries(options.signals),
    });
    const instruments: InstrumentId[] = [...new Set(options.signals.map(({ instrumentId }) => instrumentId))].sort();
    this.#feed = new BarFeed(instruments, options.candlesOf);
    this.#equity = new EquityCurve(Math.max(0, Math.ceil((this.#endMs - this.#firstMs) / intervalMs)) + 1);
  }

  run(): BacktestResult {
    const { intervalMs, onProgress } = this.#options;
    const firstMs = this.#firstMs;
    const endMs = this.#endMs;
    this.#equity.record(firstMs - intervalMs, this.#trader.state);
    let timeMs = firstMs;
    for (; timeMs < endMs && !this.#aborted; timeMs += intervalMs) {
      this.#instant(timeMs);
      if (this.#barSets % PROGRESS_EVERY === 0) onProgress?.((timeMs - firstMs) / (endMs - firstMs));
    }
    this.#closeAtEnd(timeMs - intervalMs);
    onProgress?.(1);
    return {
      trades: this.#trades,
      openAtEnd: this.#openAtEnd,
      decisions: this.#decisions.finish(),
      equity: this.#equity.toTable(),
      alerts: this.#alerts,
      participationWarnings: this.#venue.participationWarnings,
      abortReason: this.#trader.state.stops.find(({ kind }) => kind === 'abort')?.reason ?? '',
      exposedBarSets: this.#exposedBarSets,
      barSets: this.#barSets,
    };
  }

  get #aborted(): boolean {
    const { stops, trades } = this.#trader.state;
    return trades.length === 0 && stops.some(({ kind }) => kind === 'abort');
  }

  /** One T: what the bars that close now did, then the decisions. */
  #instant(timeMs: number): void {
    const venue = this.#venue;
    const barSet = this.#feed.barSet(timeMs, venue);
    this.#barSets += 1;
    if (!venue.isIdle) this.#moveVenue(barSet);
    this.#perform(this.#trader.step(barSet));
    this.#equity.record(timeMs, this.#trader.state);
    this.#options.onInstant?.({ timeMs, state: this.#trader.state, venue });
  }

  #moveVenue(barSet: BarSet): void {
    const venue = this.#venue;
    this.#applyAll(venue.openBars(barSet));
    if (venue.holdsPositions) this.#exposedBarSets += 1;
    this.#options.beforeBars?.(this.#trader.state, venue, barSet, this.#options.venue.rulesAt);
    this.#applyAll(venue.tradeBars(barSet));
    this.#delistEnded(barSet);
    this.#applyAll(venue.settle(barSet.closeTimeMs));
    // a calm venue shows what it was told
    if (this.#options.venue.disturbance !== null) this.#applyAll(venue.inspect(barSet.closeTimeMs));
  }

  /** An instrument without a further bar is gone: its position ends at the last close (at the end of the run: `end_of_data`). */
  #delistEnded({ closeTimeMs }: BarSet): void {
    if (this.#feed.ended.size === 0 || closeTimeMs + this.#options.intervalMs >= this.#endMs) return;
    for (const instrumentId of this.#feed.ended)
      this.#applyAll(this.#venue.closeOut(instrumentId, 'delisted', closeTimeMs));
  }

  #applyAll(events: readonly EngineEvent[]): void {
    for (const event of events) this.#perform(this.#trader.apply(event));
  }

  /** Commands to the venue, its answers back to the engine, until nothing is left to do at this instant. */
  #perform(commands: readonly Command[]): void {
    let wave = commands;
    for (let depth = 0; wave.length > 0; depth += 1) {
      invariant(depth < CASCADE_MAX, 'commands and answers of one instant come to an end');
      const next: Command[] = [];
      for (const command of wave) {
        this.#record(command);
        for (const event of performCommand(this.#venue, command, this.#trader.state.timeMs))
          next.push(...this.#trader.apply(event));
      }
      wave = next;
    }
  }

  #record(command: Command): void {
    this.#options.onCommand?.(command);
    if (command.kind === 'decision') appendDecision(this.#decisions, command.decision);
    else if (command.kind === 'alert') this.#alerts.push(command);
    else if (command.kind === 'trade_closed')
      (command.trade.exitReason.endsWith('end_of_data') ? this.#openAtEnd : this.#trades).push(command.trade);
  }

  /** What is still open is closed at the last close, costs included, so that the last equity is the sum of all results. */
  #closeAtEnd(lastTimeMs: number): void {
    if (!this.#venue.holdsPositions) return;
    for (const { instrumentId } of this.#venue.positions())
      this.#applyAll(this.#venue.closeOut(instrumentId, 'end_of_data', lastTimeMs));
    this.#equity.recordClosed(this.#trader.state);
  }
}

function checkOnGrid(
  { decisionTimeMs, instrumentId, signalId }: Signal,
  { window, intervalMs }: BacktestOptions,
): void {
  if (decisionTimeMs < window.startMs || decisionTimeMs >= window.endMs || decisionTimeMs % intervalMs === 0) return;
  throw new DonchError('signal_off_grid', `signal ${signalId} of ${instrumentId} is decided at ${decisionTimeMs}`, {
    expected: `a bar close: a multiple of ${intervalMs} ms`,
    remedy: 'is the file of another base interval, or are its times not UTC?',
  });
}
