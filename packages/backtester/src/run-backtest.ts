/** The backtest: bar sets in order of time through trader and bar venue, by the book of "one instant". */
import { DecisionRows, type Command, type Signal, type Table, type Trade } from '@donch/core';
import { isOver, type EngineSettings, type EngineState, type StrategyTerms } from '@donch/engine';
import type { BarVenue, BarVenueOptions } from '@donch/sim';
import type { CandlesOf } from './bar-feed.ts';
import { EquityCurve } from './equity-curve.ts';
import { MarketLoop, type BeforeBars } from './market-loop.ts';
import { checkOnGrid, firstDecisionMs, isInWindow, type ScanWindow } from './scan-window.ts';

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
  readonly beforeBars?: BeforeBars;
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
  /** Exits in bars that reached the stop and a target: order told by 1m bars, or left to the tie-breaker. */
  readonly doubtfulExits: { readonly byMinutes: number; readonly byTieBreaker: number };
  /** Which abort guard stopped entries; the run ended once it was flat. '' = none did. */
  readonly abortReason: string;
  /** Bar sets at which at least one position was held. */
  readonly exposedBarSets: number;
  readonly barSets: number;
}

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
  readonly #loop: MarketLoop;
  readonly #decisions = new DecisionRows();
  readonly #equity: EquityCurve;
  readonly #trades: Trade[] = [];
  readonly #openAtEnd: Trade[] = [];
  readonly #alerts: Extract<Command, { kind: 'alert' }>[] = [];
  readonly #firstMs: number;
  readonly #endMs: number;
  #barSets = 0;

  constructor(options: BacktestOptions) {
    const { window, intervalMs, dataEndMs = Infinity } = options;
    this.#options = options;
    this.#firstMs = firstDecisionMs(window, intervalMs);
    this.#endMs = Math.min(window.endMs, dataEndMs + 1);
    for (const signal of options.signals) if (isInWindow(signal, window)) checkOnGrid(signal, intervalMs);
    this.#loop = new MarketLoop({ ...options, endMs: this.#endMs, onCommand: (command) => this.#record(command) });
    this.#equity = new EquityCurve(Math.max(0, Math.ceil((this.#endMs - this.#firstMs) / intervalMs)) + 1);
  }

  run(): BacktestResult {
    const { intervalMs, onProgress } = this.#options;
    const firstMs = this.#firstMs;
    const endMs = this.#endMs;
    const loop = this.#loop;
    this.#equity.record(firstMs - intervalMs, loop.state);
    let timeMs = firstMs;
    while (timeMs < endMs && !isOver(loop.state)) {
      const before = this.#barSets;
      this.#advance(timeMs);
      timeMs += (this.#barSets - before) * intervalMs;
      const told = this.#barSets - (this.#barSets % PROGRESS_EVERY);
      if (told > before) onProgress?.(((told - 1) * intervalMs) / (endMs - firstMs));
    }
    this.#closeAtEnd(timeMs - intervalMs);
    onProgress?.(1);
    return {
      trades: this.#trades,
      openAtEnd: this.#openAtEnd,
      decisions: this.#decisions.finish(),
      equity: this.#equity.toTable(),
      alerts: this.#alerts,
      participationWarnings: loop.venue.participationWarnings,
      doubtfulExits: loop.venue.doubtfulExits,
      abortReason: loop.state.stops.find(({ kind }) => kind === 'abort')?.reason ?? '',
      exposedBarSets: loop.exposedBarSets,
      barSets: this.#barSets,
    };
  }

  /** The bar sets from `timeMs` on up to the next one at which something may happen, or that one. Observers see every one. */
  #advance(timeMs: number): void {
    const { intervalMs, onInstant } = this.#options;
    const { state, venue } = this.#loop;
    const quiet = this.#loop.advance(timeMs, onInstant === undefined ? this.#endMs : timeMs);
    this.#barSets += quiet?.barSets ?? 1;
    if (quiet === null) this.#equity.record(timeMs, state);
    else this.#equity.recordQuiet({ timeMs, intervalMs, cashUsd: state.cashUsd }, quiet);
    onInstant?.({ timeMs, state, venue });
  }

  #record(command: Command): void {
    this.#options.onCommand?.(command);
    if (command.kind === 'decision') this.#decisions.append(command.decision);
    else if (command.kind === 'alert') this.#alerts.push(command);
    else if (command.kind === 'trade_closed')
      (command.trade.exitReason.endsWith('end_of_data') ? this.#openAtEnd : this.#trades).push(command.trade);
  }

  #closeAtEnd(lastTimeMs: number): void {
    if (!this.#loop.venue.holdsPositions) return;
    this.#loop.closeAll(lastTimeMs);
    this.#equity.recordClosed(this.#loop.state);
  }
}
