/**
 * One variant as a portfolio, without bars: only instants at which something happens are visited - a signal, a fill, an exit, funding,
 * the end of a day. Gates, sizing and marks are the engine's own functions on the same values in the same order, so every trade has
 * the bits that `runBacktest` gives it. Between two visits the account moves within known bounds; where a guard might act there, the
 * variant is left to the engine.
 */
import { DAY_MS, dayIndex, invariant, type StrategyId } from '@donch/core';
import { gateFacts, GATES, passesGate, sizeEntry, type EngineSettings, type StrategyTerms } from '@donch/engine';
import { isBeyond, liquidationOf, type BarVenueOptions } from '@donch/sim';
import { picksOf, type ExitPick } from './exit-axes.ts';
import { HeldTrade } from './held-trade.ts';
import { PassAccount, type PassState } from './pass-account.ts';
import { emptyLoss, emptyTouch, nearerLiquidation, readStop, readTarget, resolveExit } from './resolve-exit.ts';
import type { SignalPaths } from './signal-paths.ts';
import { NEVER, timeOfStep } from './timeline.ts';

export interface PassOptions {
  readonly paths: SignalPaths;
  /** Terms of the variant. */
  readonly strategies: readonly StrategyTerms[];
  readonly settings: EngineSettings;
  readonly venue: Pick<BarVenueOptions, 'costs' | 'rulesAt'>;
  /** 1 = as if there were no such signal; parallel to the signals of the paths. Missing = all of them. */
  readonly isMissed?: Uint8Array;
}

export interface PassResult {
  /** Finished trades in order of their end. */
  readonly trades: readonly HeldTrade[];
  /** What the end of the data closed: in equity, not in statistics. */
  readonly openAtEnd: readonly HeldTrade[];
  /** One interval before the first instant, ends of days, the end of the run. */
  readonly timesMs: Float64Array;
  /** Marked equity then; the last value counts what was closed. */
  readonly equityUsd: Float64Array;
  /** Which abort guard stopped entries; '' = none did. */
  readonly abortReason: string;
}

/** Why a pass gave up: this variant needs the engine. */
export interface PassRefused {
  readonly needsEngine: string;
}

/** Runs one variant for which `needsEngine` has nothing to say. */
export function passPortfolio(options: PassOptions): PassResult | PassRefused {
  return new PortfolioPass(options).run();
}

/** All of them must pass, in whatever order: those that need not look at the signal come first. */
const GATES_BY_COST = [...GATES].sort((a, b) => Number(b.isOfAccount ?? false) - Number(a.isOfAccount ?? false));

class PortfolioPass {
  readonly #options: PassOptions;
  readonly #paths: SignalPaths;
  readonly #account: PassAccount;
  readonly #terms: ReadonlyMap<StrategyId, readonly [StrategyTerms, ExitPick]>;
  readonly #timesMs: number[] = [];
  readonly #equityUsd: number[] = [];
  /** Overwritten for each trade. */
  readonly #loss = emptyLoss();
  readonly #target = emptyTouch();
  readonly #gateContext: {
    readonly state: PassState;
    readonly settings: EngineSettings;
    staleReason: string;
    timeMs: number;
  };
  #next = 0;
  #today = 0;

  constructor(options: PassOptions) {
    const { paths, strategies } = options;
    const picks = picksOf(paths.axes, strategies);
    this.#options = options;
    this.#paths = paths;
    this.#account = new PassAccount(options);
    const { state } = this.#account;
    this.#gateContext = { state, settings: options.settings, staleReason: '', timeMs: 0 };
    this.#terms = new Map(
      strategies.flatMap((terms) => {
        const pick = picks.get(terms.strategyId);
        return pick === undefined ? [] : [[terms.strategyId, [terms, pick]] as const];
      }),
    );
  }

  run(): PassResult | PassRefused {
    const { timeline, markSteps } = this.#paths;
    const account = this.#account;
    this.#record(timeline.firstMs - timeline.intervalMs, account.state.cashUsd);
    for (let place = 0; place < markSteps.length; place += 1) {
      account.advance(markSteps[place]);
      if (account.doubt !== '') return { needsEngine: account.doubt };
      if (account.endedStep !== NEVER) break;
      this.#instant(place);
    }
    const endMs = timeOfStep(timeline, Math.min(account.endedStep, timeline.lastStep));
    account.closeAll();
    if (this.#timesMs.at(-1) === endMs) this.#equityUsd[this.#equityUsd.length - 1] = account.state.cashUsd;
    else this.#record(endMs, account.state.cashUsd);
    return {
      trades: account.finished,
      openAtEnd: account.openAtEnd,
      timesMs: Float64Array.from(this.#timesMs),
      equityUsd: Float64Array.from(this.#equityUsd),
      abortReason: account.state.stops[0]?.reason ?? '',
    };
  }

  /** What is decided at an instant, and its mark where a day ends. */
  #instant(place: number): void {
    const { step, timeline, markSteps } = this.#paths;
    const at = markSteps[place];
    const timeMs = timeOfStep(timeline, at);
    const isSignal = this.#next < step.length && step[this.#next] === at;
    const isDayEnd = timeMs % DAY_MS === 0;
    if (isSignal) this.#judgeAll(at, place);
    if (isDayEnd) this.#record(timeMs, this.#account.mark(place));
  }

  #record(timeMs: number, equityUsd: number): void {
    this.#timesMs.push(timeMs);
    this.#equityUsd.push(equityUsd);
  }

  #judgeAll(step: number, place: number): void {
    const { state } = this.#account;
    const timeMs = timeOfStep(this.#paths.timeline, step);
    this.#gateContext.timeMs = timeMs;
    const today = dayIndex(timeMs);
    if (today !== this.#today) {
      this.#today = today;
      state.entriesToday = 0;
    }
    const { isMissed } = this.#options;
    let isMarked = false;
    for (; this.#next < this.#paths.step.length && this.#paths.step[this.#next] === step; this.#next += 1) {
      if (isMissed?.[this.#next] === 1 || !this.#passesGates(this.#next)) continue;
      if (!isMarked) this.#account.mark(place);
      isMarked = true;
      this.#enter(this.#next);
    }
  }

  #passesGates(index: number): boolean {
    const account = this.#account;
    if (account.isBusy(index)) return false;
    const signal = this.#paths.signals[index];
    const context = this.#gateContext;
    const facts = gateFacts(signal, context);
    for (const gate of GATES_BY_COST) if (!passesGate(gate, facts, this.#options.settings)) return false;
    return true;
  }

  /** Plan, size and way out of a signal that passed the gates. */
  #enter(index: number): void {
    const paths = this.#paths;
    const { axes, stops, targets, signals } = paths;
    const signal = signals[index];
    const found = this.#terms.get(signal.strategyId);
    invariant(found !== undefined, 'every signal belongs to a strategy of the variant');
    const [terms, pick] = found;
    const stopAt = index * axes.slAtrMults.length + pick.sl;
    const targetAt = index * axes.tpAtrMults.length + pick.tp;
    if (stops.isAllowed[stopAt] === 0 || targets.isAllowed[targetAt] === 0) return;
    const targetPrice = targets.price[targetAt];
    const protection = { stopPrice: stops.price[stopAt], targetPrice: Number.isNaN(targetPrice) ? null : targetPrice };
    const { state } = this.#account;
    const { settings } = this.#options;
    const rules = paths.rules[index];
    const { qty, leverage, sizing } = sizeEntry({ signal, protection, rules, terms, settings, state }, null);
    if (!(qty > 0)) return;
    const trade = new HeldTrade(
      { index, signal, protection, qty, leverage, sizing, equityUsd: state.equityUsd },
      paths.step[index],
    );
    this.#resolve(trade, pick);
    this.#account.accept(trade);
  }

  /** Fill and exit, known from the decision on. */
  #resolve(trade: HeldTrade, pick: ExitPick): void {
    const paths = this.#paths;
    const { index, side, protection, leverage } = trade;
    const price = paths.entryPrice[index];
    trade.isFilled = !Number.isNaN(price) && !isBeyond(price, side, protection);
    if (!trade.isFilled) return;
    const entryPrice = trade.plannedEntryPrice(price, this.#options.venue.costs);
    const loss = this.#loss;
    readStop(loss, paths, index, pick.sl);
    nearerLiquidation(loss, paths, index, liquidationOf({ side, entryPrice, leverage }, paths.rules[index]));
    readTarget(this.#target, paths, index, pick.tp);
    resolveExit(trade.exit, paths, index, { loss, target: this.#target, time: pick.time });
    trade.lossPrice = loss.levelPrice;
    trade.exitDecidedStep = paths.times.decidedStep[index * paths.axes.timeExitHours.length + pick.time];
  }
}
