/** The account of a pass: what is held, and everything that happens to it at the steps at which something happens. */
import { invariant } from '@donch/core';
import { entryPriceOf, unrealisedOf, type EngineSettings, type StopState } from '@donch/engine';
import type { BarVenueOptions } from '@donch/sim';
import type { HeldTrade } from './held-trade.ts';
import type { SignalPaths } from './signal-paths.ts';
import { NEVER, timeOfStep } from './timeline.ts';

/** Share of the capital by which rounding may miss a guard. */
const GUARD_NOISE_FRAC = 1e-9;

/** What the engine's gates and sizing read of the account. */
export interface PassState {
  cashUsd: number;
  equityUsd: number;
  readonly walletUsd: null;
  entriesToday: number;
  closedTrades: number;
  readonly stops: StopState[];
  /** In the order in which they were accepted, which is the venue's order as well. */
  readonly trades: HeldTrade[];
  readonly acceptedMs: Record<string, number>;
  readonly exitedMs: Record<string, number>;
  readonly foreign: Readonly<Record<string, never>>;
}

export interface PassAccountOptions {
  readonly paths: SignalPaths;
  readonly settings: EngineSettings;
  readonly venue: Pick<BarVenueOptions, 'costs' | 'rulesAt'>;
}

export class PassAccount {
  readonly state: PassState;
  /** Finished trades in order of their end. */
  readonly finished: HeldTrade[] = [];
  readonly openAtEnd: HeldTrade[] = [];
  /** Step at which the run ended because a guard had stopped entries and nothing was held; `NEVER` = it did not. */
  endedStep = NEVER;
  /** Why exactness is in doubt; '' = it is not. */
  doubt = '';
  readonly #options: PassAccountOptions;
  readonly #isBusy: Uint8Array;
  #nextStep = NEVER;

  constructor(options: PassAccountOptions) {
    const { initialCapitalUsd } = options.settings;
    this.#options = options;
    this.#isBusy = new Uint8Array(options.paths.instruments.length);
    this.state = {
      cashUsd: initialCapitalUsd,
      equityUsd: initialCapitalUsd,
      walletUsd: null,
      entriesToday: 0,
      closedTrades: 0,
      stops: [],
      trades: [],
      acceptedMs: {},
      exitedMs: {},
      foreign: {},
    };
    this.#watchGuard();
  }

  /** Whether the gate `symbol_free` would find a trade: asked first, for most signals end there and its words take time. */
  isBusy(signal: number): boolean {
    return this.#isBusy[this.#options.paths.instrument[signal]] === 1;
  }

  /** Reserves what an accepted entry needs. */
  accept(trade: HeldTrade): void {
    const { state } = this;
    state.trades.push(trade);
    state.entriesToday += 1;
    state.acceptedMs[trade.instrumentId] = trade.decisionTimeMs;
    this.#isBusy[this.#options.paths.instrument[trade.index]] = 1;
    this.#nextStep = Math.min(this.#nextStep, trade.nextStep);
  }

  /** Everything up to and including a step, or up to the end of the run where that is earlier. */
  advance(step: number): void {
    while (this.#nextStep <= step && this.endedStep === NEVER) this.#move(this.#nextStep);
  }

  /** Marks what is held at a place of `markSteps`, and the account with it. */
  mark(place: number): number {
    const { state } = this;
    const { marks, instruments, instrument } = this.#options.paths;
    const first = place * instruments.length;
    let unrealised = 0;
    for (const trade of state.trades) {
      if (!(trade.qtyOpen > 0)) continue;
      trade.markPrice = marks[first + instrument[trade.index]];
      unrealised += unrealisedOf(trade);
    }
    state.equityUsd = state.cashUsd + unrealised;
    return state.equityUsd;
  }

  /** Closes what the end of the data leaves open. */
  closeAll(): void {
    for (const trade of this.state.trades.filter(({ qtyOpen }) => qtyOpen > 0)) this.#close(trade);
  }

  /** One bar set by the book of "one instant": orders at the open, exits before entries; bars; ended instruments; funding. */
  #move(step: number): void {
    const { trades } = this.state;
    let leaving = 0;
    let entering = 0;
    let ending = 0;
    for (const { exit, entryWorking, nextStep } of trades) {
      if (entryWorking && nextStep === step) entering += 1;
      if (exit.step !== step) continue;
      if (exit.cause === 'time') leaving += 1;
      else if (exit.cause === 'delisted') ending += 1;
    }
    if (leaving > 0) this.#exitAtOpen(step);
    if (entering > 0) this.#enterAll(step);
    // the venue walks its positions backwards inside bars
    for (let k = trades.length - 1; k >= 0; k -= 1) {
      const { exit } = trades[k];
      if (exit.step === step && exit.cause !== 'delisted' && exit.cause !== 'end_of_data') this.#close(trades[k]);
    }
    if (ending > 0)
      for (const trade of trades.filter(({ exit }) => exit.step === step && exit.cause === 'delisted'))
        this.#close(trade);
    this.#settle(step);
    this.#watchGuard();
    if (trades.length === 0 && this.state.stops.length > 0) this.endedStep = step;
  }

  /** Time exits, in the order in which they were decided. */
  #exitAtOpen(step: number): void {
    const leaving = this.state.trades.filter(({ exit }) => exit.step === step && exit.cause === 'time');
    leaving.sort((a, b) => a.exitDecidedStep - b.exitDecidedStep);
    for (const trade of leaving) {
      this.#checkExitOrder(trade);
      this.#close(trade);
    }
  }

  /** Entries in the order in which they were accepted; one that is refused leaves the list. */
  #enterAll(step: number): void {
    const entering = this.state.trades.filter(({ entryWorking, nextStep }) => entryWorking && nextStep === step);
    for (const trade of entering) this.#enter(trade, step);
  }

  /** Steps of an instrument may have changed since the entry: then the venue might refuse the quantity. */
  #checkExitOrder({ instrumentId, index, exitDecidedStep }: HeldTrade): void {
    const { paths, venue } = this.#options;
    const rules = venue.rulesAt(instrumentId, timeOfStep(paths.timeline, exitDecidedStep));
    const { qtyStep, marketQtyMax } = paths.rules[index];
    if (rules.qtyStep !== qtyStep || rules.marketQtyMax !== marketQtyMax)
      this.doubt = `the rules of ${instrumentId} changed while it was held`;
  }

  #enter(trade: HeldTrade, step: number): void {
    const { paths, venue } = this.#options;
    const price = paths.entryPrice[trade.index];
    if (!trade.isFilled) return this.#forget(trade);
    this.state.cashUsd -= trade.enter(price, venue.costs);
    trade.startFunding(paths.instruments[paths.instrument[trade.index]].funding, step);
    return undefined;
  }

  /** An entry that never happened gives back slot, day count and busy window. */
  #forget(trade: HeldTrade): void {
    const { state } = this;
    this.#remove(trade);
    state.entriesToday -= 1;
    if (state.acceptedMs[trade.instrumentId] === trade.decisionTimeMs) delete state.acceptedMs[trade.instrumentId];
  }

  #remove(trade: HeldTrade): void {
    const { trades } = this.state;
    trades.splice(trades.indexOf(trade), 1);
    this.#isBusy[this.#options.paths.instrument[trade.index]] = 0;
  }

  #close(trade: HeldTrade): void {
    const { state } = this;
    const { paths, venue, settings } = this.#options;
    const qty = trade.qtyOpen;
    state.cashUsd -= trade.leave(venue.costs);
    state.cashUsd += trade.direction * (trade.exitFilledPrice - entryPriceOf(trade)) * qty;
    this.#remove(trade);
    state.exitedMs[trade.instrumentId] = timeOfStep(paths.timeline, trade.exitTimeStep);
    state.closedTrades += 1;
    (trade.exit.cause === 'end_of_data' ? this.openAtEnd : this.finished).push(trade);
    if (state.closedTrades >= settings.guards.abortTradesMax && state.stops.length === 0)
      state.stops.push({ kind: 'abort', reason: `${state.closedTrades} trades`, sinceMs: trade.decisionTimeMs });
  }

  /** Funding of the step, and when something happens next. */
  #settle(step: number): void {
    const { instruments, instrument } = this.#options.paths;
    let nextStep = NEVER;
    for (const trade of this.state.trades) {
      if (trade.fundingStep === step) this.state.cashUsd += trade.fund(instruments[instrument[trade.index]].funding);
      invariant(trade.nextStep > step, 'a held trade looks ahead');
      if (trade.nextStep < nextStep) nextStep = trade.nextStep;
    }
    this.#nextStep = nextStep;
  }

  /** Until the next step no mark lies beyond a stop, so equity is at least what it would be with all of them hit. */
  #watchGuard(): void {
    const { initialCapitalUsd, guards } = this.#options.settings;
    const { state } = this;
    let leastUsd = state.cashUsd;
    for (const trade of state.trades) leastUsd += trade.leastUsd;
    if (!(leastUsd > (guards.abortEquityFrac + GUARD_NOISE_FRAC) * initialCapitalUsd) && state.stops.length === 0)
      this.doubt = 'equity comes near the abort guard';
  }
}
