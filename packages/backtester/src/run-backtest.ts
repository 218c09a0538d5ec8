/** The backtest: bar sets in order of time through trader and bar venue, by the book of "one instant". */
import {
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
import type { ScanWindow } from './scan-history.ts';

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
  /** A planted mistake: called before the venue looks at the bars of a set. */
  readonly beforeBars?: (
    state: Readonly<EngineState>,
    venue: BarVenue,
    barSet: BarSet,
    rulesAt: BarVenueOptions['rulesAt'],
  ) => void;
  /** Told about progress every so many bar sets. */
  readonly onProgress?: (doneFrac: number) => void;
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
  /** Why the run stopped before the end of its window; '' = it did not. */
  readonly abortReason: string;
  /** Bar sets at which at least one position was held. */
  readonly exposedBarSets: number;
  readonly barSets: number;
}

/** Events that one command may set off in turn before something is wrong. */
const CASCADE_MAX = 1_000;
const PROGRESS_EVERY = 4_096;

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
  #exposedBarSets = 0;
  #barSets = 0;

  constructor(options: BacktestOptions) {
    this.#options = options;
    this.#venue = new BarVenue(options.venue);
    this.#trader = new Trader({
      settings: options.settings,
      strategies: options.strategies,
      rulesAt: options.venue.rulesAt,
      entries: new ScannedEntries(options.signals),
    });
    const instruments: InstrumentId[] = [...new Set(options.signals.map(({ instrumentId }) => instrumentId))].sort();
    this.#feed = new BarFeed(instruments, options.candlesOf);
    const { startMs, endMs } = options.window;
    this.#equity = new EquityCurve(Math.max(0, Math.ceil((endMs - startMs) / options.intervalMs)) + 1);
  }

  run(): BacktestResult {
    const { window, intervalMs, onProgress } = this.#options;
    const { startMs, endMs } = window;
    this.#equity.record(startMs - intervalMs, this.#trader.state);
    let timeMs = startMs;
    for (; timeMs < endMs && !this.#aborted; timeMs += intervalMs) {
      this.#instant(timeMs);
      if (this.#barSets % PROGRESS_EVERY === 0) onProgress?.((timeMs - startMs) / (endMs - startMs));
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
    if (!venue.isIdle) {
      this.#exposedBarSets += 1;
      this.#applyAll(venue.openBars(barSet));
      this.#options.beforeBars?.(this.#trader.state, venue, barSet, this.#options.venue.rulesAt);
      this.#applyAll(venue.tradeBars(barSet));
      this.#delistEnded(barSet);
      this.#applyAll(venue.settle(timeMs));
    }
    this.#perform(this.#trader.step(barSet));
    this.#equity.record(timeMs, this.#trader.state);
  }

  /** An instrument without a further bar is gone: its position ends at the last close (at the end of the window: `end_of_data`). */
  #delistEnded({ closeTimeMs }: BarSet): void {
    const { window, intervalMs } = this.#options;
    if (this.#feed.ended.size === 0 || closeTimeMs + intervalMs >= window.endMs) return;
    for (const instrumentId of this.#feed.ended)
      this.#applyAll(this.#venue.closeOut(instrumentId, 'delisted', closeTimeMs));
  }

  #applyAll(events: readonly EngineEvent[]): void {
    for (const event of events) this.#perform(this.#trader.apply(event));
  }

  /** Commands to the venue, its answers back to the engine, until nothing is left to do at this instant. */
  #perform(commands: readonly Command[]): void {
    if (commands.length === 0) return;
    const queue = [...commands];
    for (let k = 0; k < queue.length; k += 1) {
      invariant(k < CASCADE_MAX, 'commands and answers of one instant come to an end');
      const command = queue[k];
      this.#record(command);
      for (const event of performCommand(this.#venue, command, this.#trader.state.timeMs))
        queue.push(...this.#trader.apply(event));
    }
  }

  #record(command: Command): void {
    if (command.kind === 'decision') appendDecision(this.#decisions, command.decision);
    else if (command.kind === 'alert') this.#alerts.push(command);
    else if (command.kind === 'trade_closed')
      (command.trade.exitReason.endsWith('end_of_data') ? this.#openAtEnd : this.#trades).push(command.trade);
  }

  #closeAtEnd(lastTimeMs: number): void {
    for (const { instrumentId } of this.#venue.positions())
      this.#applyAll(this.#venue.closeOut(instrumentId, 'end_of_data', lastTimeMs));
  }
}
