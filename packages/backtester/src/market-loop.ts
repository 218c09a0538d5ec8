/** Trader, bar venue and bars of one simulation, moved instant by instant by the book of "one instant". */
import { invariant, type BarSet, type Command, type EngineEvent, type InstrumentId, type Signal } from '@donch/core';
import {
  QUIET_BAR_SETS_MAX,
  type EngineSettings,
  type EngineState,
  type QuietPass,
  type StrategyTerms,
} from '@donch/engine';
import { BarVenue, performCommand, type BarVenueOptions } from '@donch/sim';
import { ScannedEntries, Trader } from '@donch/trader';
import { BarFeed, type CandlesOf } from './bar-feed.ts';

export interface MarketLoopOptions {
  readonly signals: readonly Signal[];
  readonly strategies: readonly StrategyTerms[];
  readonly settings: EngineSettings;
  readonly venue: BarVenueOptions;
  readonly candlesOf: CandlesOf;
  readonly intervalMs: number;
  /** No instant at or after it: an instrument whose bars end with it was not delisted. */
  readonly endMs: number;
  readonly onCommand: (command: Command) => void;
  /** Called before the venue looks at the bars of a set. */
  readonly beforeBars?: BeforeBars | undefined;
}

export type BeforeBars = (
  state: Readonly<EngineState>,
  venue: BarVenue,
  barSet: BarSet,
  rulesAt: BarVenueOptions['rulesAt'],
) => void;

/** How often commands and answers may follow from each other at one instant before something is wrong. */
const CASCADE_MAX = 100;

export class MarketLoop {
  readonly venue: BarVenue;
  /** Bar sets at which at least one position was held. */
  exposedBarSets = 0;
  readonly #options: MarketLoopOptions;
  readonly #trader: Trader;
  readonly #entries: ScannedEntries;
  readonly #feed: BarFeed;

  constructor(options: MarketLoopOptions) {
    const { signals, strategies, settings, venue, candlesOf } = options;
    this.#options = options;
    this.venue = new BarVenue(venue);
    this.#entries = new ScannedEntries(signals);
    this.#trader = new Trader({ settings, strategies, rulesAt: venue.rulesAt, entries: this.#entries });
    const instruments: InstrumentId[] = [...new Set(signals.map(({ instrumentId }) => instrumentId))].sort();
    this.#feed = new BarFeed(instruments, candlesOf);
  }

  get state(): Readonly<EngineState> {
    return this.#trader.state;
  }

  /**
   * From one T on: what the bars that close now did, then the decisions. Where nothing can happen for a while but that prices move -
   * no signal, no order at work, nothing that falls due, no bar that comes as far as a stop or target - the bar sets up to there,
   * before `untilMs`, are taken at once. "Can" is generous. Null: it was this T alone.
   */
  advance(timeMs: number, untilMs: number): QuietPass | null {
    const { venue } = this;
    const barSet = this.#feed.barSet(timeMs, venue);
    if (!venue.isIdle) this.#moveVenue(barSet);
    const barSets = this.#quietBarSets(barSet, untilMs);
    if (barSets === 0) {
      this.#perform(this.#trader.step(barSet));
      return null;
    }
    const pass = this.#trader.passQuiet({ barSet, intervalMs: this.#options.intervalMs, barSets });
    venue.passQuiet(barSet, pass.barSets);
    if (venue.holdsPositions) this.exposedBarSets += pass.barSets - 1;
    this.#perform(pass.commands);
    return pass;
  }

  /** Bar sets from this one on, through which the venue has moved, that need no decision; 0 = this one does. */
  #quietBarSets(barSet: BarSet, untilMs: number): number {
    const { intervalMs, beforeBars } = this.#options;
    const { venue } = this;
    // planted mistakes want to see every bar
    if (beforeBars !== undefined) return 0;
    const endMs = Math.min(untilMs, this.#entries.nextTimeMs, venue.quietUntilMs, this.#trader.quietUntilMs);
    if (!(endMs > barSet.closeTimeMs)) return 0;
    const atMost = Math.min(Math.ceil((endMs - barSet.closeTimeMs) / intervalMs), QUIET_BAR_SETS_MAX);
    const ahead = this.#feed.rowsAhead(atMost, intervalMs);
    return ahead === 0 ? 0 : 1 + venue.quietBarSets(barSet, ahead - 1);
  }

  #moveVenue(barSet: BarSet): void {
    const { venue } = this;
    const { beforeBars, venue: options } = this.#options;
    this.#applyAll(venue.openBars(barSet));
    if (venue.holdsPositions) this.exposedBarSets += 1;
    beforeBars?.(this.#trader.state, venue, barSet, options.rulesAt);
    this.#applyAll(venue.tradeBars(barSet));
    this.#delistEnded(barSet);
    this.#applyAll(venue.settle(barSet.closeTimeMs));
    // a calm venue shows what it was told
    if (options.disturbance !== null) this.#applyAll(venue.inspect(barSet.closeTimeMs));
  }

  /** An instrument without a further bar is gone: its position ends at the last close (at the end of the run: `end_of_data`). */
  #delistEnded({ closeTimeMs }: BarSet): void {
    if (this.#feed.ended.size === 0 || closeTimeMs + this.#options.intervalMs >= this.#options.endMs) return;
    for (const { instrumentId } of this.venue.positions())
      if (this.#feed.ended.has(instrumentId))
        this.#applyAll(this.venue.closeOut(instrumentId, 'delisted', closeTimeMs));
  }

  /** What is still open is closed at the last close, costs included, so that the last equity is the sum of all results. */
  closeAll(timeMs: number): void {
    for (const { instrumentId } of this.venue.positions())
      this.#applyAll(this.venue.closeOut(instrumentId, 'end_of_data', timeMs));
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
        this.#options.onCommand(command);
        for (const event of performCommand(this.venue, command, this.#trader.state.timeMs))
          next.push(...this.#trader.apply(event));
      }
      wave = next;
    }
  }
}
