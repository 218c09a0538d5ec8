/**
 * One variant as a portfolio, without bars: only instants at which something happens are visited - a signal, a fill, an exit, funding,
 * the end of a day. Gates, sizing and marks are the engine's own functions on the same values in the same order, so every trade has
 * the bits that `runBacktest` gives it. Between two visits the account moves within known bounds; where a guard might act there, the
 * variant is left to the engine.
 *
 * Everything is a column: nothing is allocated per trade, and a signal whose instrument is held costs one comparison.
 */
import { DAY_MS, dayIndex, invariant } from '@donch/core';
import {
  emptyEntrySize,
  GATES,
  isWithin,
  sizeQuantity,
  type EngineSettings,
  type Gate,
  type GateFacts,
  type StrategyTerms,
} from '@donch/engine';
import { isBeyond, liquidationOf, type BarVenueOptions } from '@donch/sim';
import { picksOf, type ExitPick } from './exit-axes.ts';
import { entryFillPrice } from './fills.ts';
import { PassAccount, type PassFill } from './pass-account.ts';
import {
  emptyExit,
  emptyLoss,
  emptyTouch,
  nearerLiquidation,
  readStop,
  readTarget,
  resolveExit,
  write,
} from './resolve-exit.ts';
import type { SignalPaths } from './signal-paths.ts';
import { NEVER, stepAtOrAfter, timeOfStep } from './timeline.ts';
import type { PassTrades } from './trade-columns.ts';

export interface PassOptions {
  readonly paths: SignalPaths;
  /** Terms of the variant. */
  readonly strategies: readonly StrategyTerms[];
  readonly settings: EngineSettings;
  readonly venue: Pick<BarVenueOptions, 'costs'>;
  /** 1 = as if there were no such signal; parallel to the signals of the paths. Missing = all of them. */
  readonly isMissed?: Uint8Array;
  /** Leave in `paths.scratch` what rows are made of, until the next pass. */
  readonly keepsRows?: boolean;
}

export interface PassResult extends Readonly<Pick<PassAccount, 'feesUsd' | 'fundingUsd' | 'slippageUsd'>> {
  /** What it was asked with. */
  readonly options: PassOptions;
  /** Finished trades in order of their end. */
  readonly trades: PassTrades;
  /** What the end of the data closed: in equity, not in statistics. */
  readonly openAtEnd: PassTrades;
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

/**
 * What is known of every signal that is judged: a history is never stale, signals of a held instrument are passed over, and once a
 * guard has stopped entries nothing is judged any more.
 */
const SETTLED = { isStale: false, isHeld: false, stops: 0 } as const;
const SETTLED_GATES: readonly string[] = ['fresh_data', 'symbol_free', 'not_stopped'];
/** All of them must pass, in whatever order: those that need not look at the signal come first. */
const OPEN_GATES = GATES.filter(({ gate }) => !SETTLED_GATES.includes(gate)).sort(
  (a, b) => Number(b.isOfAccount ?? false) - Number(a.isOfAccount ?? false),
);

class PortfolioPass {
  readonly #options: PassOptions;
  readonly #paths: SignalPaths;
  readonly #account: PassAccount;
  /** By place of the strategy. */
  readonly #picks: readonly ExitPick[];
  readonly #riskFactors: Float64Array;
  /** Those that can refuse a signal under the settings. */
  readonly #gates: readonly { readonly gate: Gate; readonly limit: number; readonly isOfAccount: boolean }[];
  readonly #timesMs: Float64Array;
  readonly #equityUsd: Float64Array;
  #records = 0;
  /** Overwritten for each signal. */
  readonly #facts: GateFacts;
  readonly #size = emptyEntrySize();
  readonly #loss = emptyLoss();
  readonly #target = emptyTouch();
  readonly #fill: PassFill = {
    isFilled: false,
    filledPrice: Number.NaN,
    entryPrice: Number.NaN,
    loss: this.#loss,
    exit: emptyExit(),
    timeAt: 0,
  };
  /** Next of `dayPlaces`. */
  #nextDay = 0;
  #today = -1;
  /** First step of the next day. */
  #dayEndStep = 0;
  /** Before it the account refuses every signal: nothing happens to it until then. */
  #idleStep = 0;

  constructor(options: PassOptions) {
    const { paths, strategies, settings, venue } = options;
    this.#options = options;
    this.#paths = paths;
    this.#account = new PassAccount({ paths, settings, costs: venue.costs, keepsRows: options.keepsRows === true });
    const picks = picksOf(paths.axes, strategies);
    const terms = paths.facts.strategyIds.map((id) => {
      const found = strategies.findLast(({ strategyId }) => strategyId === id);
      invariant(found !== undefined, 'every signal belongs to a strategy of the variant');
      return found;
    });
    this.#picks = terms.flatMap(({ strategyId }) => picks.get(strategyId) ?? []);
    this.#riskFactors = paths.facts.riskFactors(settings.sizing, terms);
    this.#gates = OPEN_GATES.filter(({ isOff }) => isOff?.(settings) !== true).map((gate) => {
      return { gate, limit: gate.limit(settings), isOfAccount: gate.isOfAccount === true };
    });
    this.#facts = {
      ...SETTLED,
      timeMs: 0,
      p: Number.NaN,
      acceptedMs: -Infinity,
      exitedMs: -Infinity,
      entriesToday: 0,
      openTrades: 0,
    };
    // the start and the end beside the ends of days
    this.#timesMs = new Float64Array(paths.dayPlaces.length + 2);
    this.#equityUsd = new Float64Array(paths.dayPlaces.length + 2);
  }

  run(): PassResult | PassRefused {
    const { timeline } = this.#paths;
    const account = this.#account;
    this.#record(timeline.firstMs - timeline.intervalMs, account.cashUsd);
    this.#judgeAll();
    this.#advance(timeline.lastStep);
    if (account.doubt !== '') return { needsEngine: account.doubt };
    const endMs = timeOfStep(timeline, Math.min(account.endedStep, timeline.lastStep));
    account.closeAll();
    if (this.#timesMs[this.#records - 1] === endMs) this.#records -= 1;
    this.#record(endMs, account.cashUsd);
    const { finished, openAtEnd } = this.#paths.scratch;
    return {
      options: this.#options,
      trades: finished.copy(),
      openAtEnd: openAtEnd.copy(),
      timesMs: this.#timesMs.slice(0, this.#records),
      equityUsd: this.#equityUsd.slice(0, this.#records),
      feesUsd: account.feesUsd,
      fundingUsd: account.fundingUsd,
      slippageUsd: account.slippageUsd,
      abortReason: account.abortReason,
    };
  }

  #record(timeMs: number, equityUsd: number): void {
    this.#timesMs[this.#records] = timeMs;
    this.#equityUsd[this.#records] = equityUsd;
    this.#records += 1;
  }

  /** Moves the account to a step, and marks it where days end on the way. */
  #advance(step: number): void {
    const { timeline, dayPlaces, markSteps } = this.#paths;
    const account = this.#account;
    const size = this.#size;
    while (this.#nextDay < dayPlaces.length && markSteps[dayPlaces[this.#nextDay]] <= step) {
      const place = dayPlaces[this.#nextDay];
      account.advance(markSteps[place]);
      if (account.endedStep !== NEVER) return;
      account.mark(place, size);
      this.#record(timeOfStep(timeline, markSteps[place]), size.equityUsd);
      this.#nextDay += 1;
    }
    account.advance(step);
  }

  /** Signals that cannot be taken, whatever they are, are passed over before the account has come to their instant. */
  #judgeAll(): void {
    const { step, instrument, place } = this.#paths;
    const { isMissed } = this.#options;
    const account = this.#account;
    const { freeStep } = account.held;
    let instant = -1;
    let markedPlace = -1;
    for (let signal = 0; signal < step.length; signal += 1) {
      if (step[signal] < this.#idleStep || freeStep[instrument[signal]] > step[signal]) continue;
      if (isMissed?.[signal] === 1) continue;
      if (step[signal] !== instant) {
        instant = step[signal];
        this.#advance(instant);
        if (account.doubt !== '' || account.abortReason !== '') return;
        this.#startInstant(instant);
      }
      if (!this.#passesGates(signal)) continue;
      if (place[signal] !== markedPlace) {
        markedPlace = place[signal];
        account.mark(markedPlace, this.#size);
      }
      this.#enter(signal);
    }
  }

  #startInstant(step: number): void {
    const timeMs = timeOfStep(this.#paths.timeline, step);
    this.#facts.timeMs = timeMs;
    const today = dayIndex(timeMs);
    if (today === this.#today) return;
    this.#today = today;
    this.#dayEndStep = stepAtOrAfter(this.#paths.timeline, (today + 1) * DAY_MS);
    this.#account.entriesToday = 0;
  }

  #passesGates(signal: number): boolean {
    const facts = this.#facts;
    const { settings } = this.#options;
    const { held, entriesToday } = this.#account;
    const slot = this.#paths.instrument[signal];
    facts.p = this.#paths.facts.p[signal];
    facts.acceptedMs = held.acceptedMs[slot];
    facts.exitedMs = held.exitedMs[slot];
    facts.entriesToday = entriesToday;
    facts.openTrades = held.count;
    for (const { gate, limit, isOfAccount } of this.#gates) {
      if (isWithin(gate, gate.measure(facts, settings), limit)) continue;
      if (isOfAccount) this.#idleStep = Math.min(this.#account.nextStep, this.#dayEndStep);
      return false;
    }
    return true;
  }

  /** Plan, size and way out of a signal that passed the gates. */
  #enter(signal: number): void {
    const paths = this.#paths;
    const { stops, targets, facts, rules } = paths;
    const pick = this.#picks[facts.strategy[signal]];
    const stopAt = paths.at(signal, pick.sl);
    if (stops.isAllowed[stopAt] === 0 || targets.isAllowed[paths.at(signal, pick.tp)] === 0) return;
    const size = this.#size;
    size.direction = facts.direction[signal];
    size.referencePrice = facts.referencePrice[signal];
    size.stopPrice = stops.price[stopAt];
    size.factor = this.#riskFactors[signal];
    sizeQuantity(size, rules[signal], this.#options.settings.sizing, null);
    if (!(size.qty > 0)) return;
    this.#resolve(signal, pick);
    this.#account.accept(signal, size, this.#fill);
  }

  /** Fill and exit, known from the decision on. */
  #resolve(signal: number, pick: ExitPick): void {
    const paths = this.#paths;
    const { targets, entryPrice, rules } = paths;
    const { direction, stopPrice, qty, leverage } = this.#size;
    const fill = this.#fill;
    const side = direction > 0 ? 'long' : 'short';
    const price = entryPrice[signal];
    const targetPrice = targets.price[paths.at(signal, pick.tp)];
    const protection = { stopPrice, targetPrice: Number.isNaN(targetPrice) ? null : targetPrice };
    fill.isFilled = !Number.isNaN(price) && !isBeyond(price, side, protection);
    if (!fill.isFilled) return write(fill.exit, 'end_of_data', { step: NEVER, price: Number.NaN });
    const filledPrice = entryFillPrice(direction, price, this.#options.venue.costs);
    fill.filledPrice = filledPrice;
    fill.entryPrice = (filledPrice * qty) / qty;
    fill.timeAt = paths.at(signal, pick.time);
    const loss = this.#loss;
    readStop(loss, paths, signal, pick.sl);
    const liquidation = liquidationOf({ side, entryPrice: fill.entryPrice, leverage }, rules[signal]);
    nearerLiquidation(loss, paths, signal, liquidation);
    readTarget(this.#target, paths, signal, pick.tp);
    return resolveExit(fill.exit, paths, signal, { loss, target: this.#target, time: pick.time });
  }
}
