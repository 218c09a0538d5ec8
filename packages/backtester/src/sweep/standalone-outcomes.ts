/**
 * Every signal of a sweep traded alone under every variant: the R that `labelSignals` and a backtest of that one signal give, to the
 * bit. A result depends on the stop and on what ended the position, so there are few of them: they are worked out once per pair of
 * values, and a variant only has to say which of them is its own.
 */
import { directionOf, invariant, type Side, type StrategyId, type Trade } from '@donch/core';
import { entryPriceOf, pnlUsdOf, riskUsdOf, sizeEntry, type EngineSettings, type StrategyTerms } from '@donch/engine';
import { isBeyond, liquidationOf, type BarVenueOptions } from '@donch/sim';
import { standaloneRules, standaloneSettings, standaloneTerms } from '../standalone.ts';
import { picksOf, type ExitPick } from './exit-axes.ts';
import { exitFillPrice, feeUsdOf } from './fills.ts';
import { settledBefore, type FundingSchedule } from './funding-schedule.ts';
import { HeldTrade } from './held-trade.ts';
import {
  emptyExit,
  emptyLoss,
  emptyTouch,
  endOf,
  nearerLiquidation,
  readStop,
  readTarget,
  resolveExit,
  wayOut,
  write,
  type Loss,
  type Touch,
} from './resolve-exit.ts';
import type { SignalPaths } from './signal-paths.ts';
import { NEVER } from './timeline.ts';
import { tradeOf } from './trade-row.ts';

export interface StandaloneOptions {
  readonly paths: SignalPaths;
  /** Terms of each variant. */
  readonly variants: readonly (readonly StrategyTerms[])[];
  /** Of the account: what an entry risks; its gates, caps and factors are left out. */
  readonly settings: EngineSettings;
  readonly venue: Pick<BarVenueOptions, 'costs' | 'rulesAt'>;
}

/** A stop of the signal in hand, the position that comes with it, and its results. */
interface StopSide {
  /** Null = not tradable with this stop. */
  held: HeldTrade | null;
  readonly loss: Loss;
  riskUsd: number;
  /** Funding booked after 0, 1, 2 .. settlements. */
  fundingUsd: Float64Array;
  /** R by what ends the position. */
  lossR: number;
  endR: number;
  /** By place on the axis. */
  readonly targetR: Float64Array;
  readonly timeR: Float64Array;
}

/** A target of the signal in hand. */
interface TargetSide {
  isTradable: boolean;
  readonly touch: Touch;
}

/** Exits of a variant for one strategy. */
interface Way {
  readonly pick: ExitPick;
  readonly stop: StopSide;
  readonly target: TargetSide;
}

export class StandaloneOutcomes {
  readonly #options: StandaloneOptions;
  readonly #settings: EngineSettings;
  readonly #terms: ReadonlyMap<StrategyId, StrategyTerms>;
  readonly #ways: ReadonlyMap<StrategyId, readonly Way[]>;
  readonly #stops: readonly StopSide[];
  readonly #targets: readonly TargetSide[];
  readonly #exit = emptyExit();
  /** What a result is made of; overwritten for each. */
  readonly #flat = {
    side: 'long' as Side,
    entryNotionalUsd: 0,
    exitNotionalUsd: 0,
    feesUsd: 0,
    fundingUsd: 0,
  };
  /** The signal that stops and targets were prepared for. */
  #prepared = -1;

  /** Only variants for which `needsEngine` has nothing to say. */
  constructor(options: StandaloneOptions) {
    const { paths, variants, settings } = options;
    this.#options = options;
    this.#settings = standaloneSettings(settings);
    const { slAtrMults, tpAtrMults, timeExitHours } = paths.axes;
    this.#stops = slAtrMults.map(() => ({
      held: null,
      loss: emptyLoss(),
      riskUsd: Number.NaN,
      fundingUsd: new Float64Array(16),
      lossR: Number.NaN,
      endR: Number.NaN,
      targetR: new Float64Array(tpAtrMults.length),
      timeR: new Float64Array(timeExitHours.length),
    }));
    this.#targets = tpAtrMults.map(() => ({ isTradable: false, touch: emptyTouch() }));
    const terms = variants.flat().map((strategy) => [strategy.strategyId, standaloneTerms(strategy)] as const);
    this.#terms = new Map(terms);
    const picks = variants.map((strategies) => picksOf(paths.axes, strategies));
    this.#ways = new Map([...this.#terms.keys()].map((id) => [id, picks.map((of) => this.#wayOf(of.get(id)))]));
  }

  #wayOf(pick: ExitPick | undefined): Way {
    invariant(pick !== undefined, 'every variant has the same strategies');
    return { pick, stop: this.#stops[pick.sl], target: this.#targets[pick.tp] };
  }

  /** Writes the result of one signal under each variant, R; NaN = not tradable, or not closed before the data end. */
  evaluate(signal: number, pnlR: Float64Array): void {
    this.#prepare(signal);
    const { times } = this.#options.paths;
    const ways = this.#waysOf(signal);
    const signals = this.#options.paths.signals.length;
    for (let variant = 0; variant < ways.length; variant += 1) {
      const { pick, stop, target } = ways[variant];
      pnlR[variant] =
        stop.held === null || !target.isTradable
          ? Number.NaN
          : resultOf(stop, pick, wayOut(stop.loss, target.touch, times.step[pick.time * signals + signal]));
    }
  }

  /** The trade of one signal under one variant, as the engine writes it; null where `evaluate` writes NaN. */
  tradeOf(signal: number, variant: number): Trade | null {
    this.#prepare(signal);
    const { pick, stop, target } = this.#waysOf(signal)[variant];
    const { held } = stop;
    if (held === null || !target.isTradable) return null;
    const { paths, venue } = this.#options;
    const { targets } = paths;
    const targetPrice = targets.price[paths.at(signal, pick.tp)];
    const { stopPrice } = held.protection;
    const trade = new HeldTrade({
      index: signal,
      signal: held.signal,
      protection: { stopPrice, targetPrice: Number.isNaN(targetPrice) ? null : targetPrice },
      qty: held.qtyPlanned,
      leverage: held.leverage,
      sizing: held.sizing,
      equityUsd: held.equityAtDecisionUsd,
    });
    resolveExit(trade.exit, paths, signal, { loss: stop.loss, target: target.touch, time: pick.time });
    if (trade.exit.cause === 'end_of_data') return null;
    trade.enter(paths.entryPrice[signal], venue.costs);
    const funding = this.#fundingOf(signal);
    trade.startFunding(funding, paths.step[signal] + 1);
    while (trade.nextFunding < settledBefore(funding, trade.exit.step)) trade.fund(funding);
    trade.leave(venue.costs);
    return tradeOf(trade, paths);
  }

  #waysOf(signal: number): readonly Way[] {
    const ways = this.#ways.get(this.#options.paths.signals[signal].strategyId);
    invariant(ways !== undefined, 'every signal belongs to a strategy of the variants');
    return ways;
  }

  #fundingOf(signal: number): FundingSchedule {
    const { instruments, instrument } = this.#options.paths;
    return instruments[instrument[signal]].funding;
  }

  /** R of a position that leaves by the exit in hand. */
  #rOf({ held, riskUsd, fundingUsd }: StopSide): number {
    const exit = this.#exit;
    if (held === null || exit.cause === 'end_of_data') return Number.NaN;
    const { costs } = this.#options.venue;
    const filled = exitFillPrice(exit, held.direction, costs);
    const qty = held.entryQty;
    const flat = this.#flat;
    flat.side = held.side;
    flat.entryNotionalUsd = held.entryNotionalUsd;
    flat.exitNotionalUsd = qty * filled;
    flat.feesUsd = held.feesUsd + feeUsdOf(filled, qty, costs);
    flat.fundingUsd = fundingUsd[settledBefore(this.#fundingOf(held.index), exit.step) - held.nextFunding];
    return pnlUsdOf(flat) / riskUsd;
  }

  /** Positions, targets and results of one signal, one per value of its axis. */
  #prepare(signal: number): void {
    if (this.#prepared === signal) return;
    this.#prepared = signal;
    const { paths } = this.#options;
    const { targets, signals, entryPrice } = paths;
    const { side } = signals[signal];
    const nothing = -directionOf(side) * Infinity;
    this.#targets.forEach((target, tp) => {
      const at = paths.at(signal, tp);
      const targetPrice = Number.isNaN(targets.price[at]) ? null : targets.price[at];
      const isBehind = isBeyond(entryPrice[signal], side, { stopPrice: nothing, targetPrice });
      target.isTradable = targets.isAllowed[at] === 1 && !isBehind;
      readTarget(target.touch, paths, signal, tp);
    });
    this.#stops.forEach((stop, sl) => {
      this.#prepareStop(signal, stop, sl);
      if (stop.held !== null) this.#prepareResults(signal, stop);
    });
  }

  /** All results of one stop; what comes after its loss cannot happen. */
  #prepareResults(signal: number, stop: StopSide): void {
    const { paths } = this.#options;
    const { loss, targetR, timeR } = stop;
    const exit = this.#exit;
    if (loss.step !== NEVER) {
      write(exit, loss.isLiquidation ? 'liquidation' : 'sl', loss);
      stop.lossR = this.#rOf(stop);
    }
    this.#targets.forEach(({ touch }, tp) => {
      if (touch.step === NEVER || touch.step > loss.step) return;
      write(exit, 'tp', touch);
      targetR[tp] = this.#rOf(stop);
    });
    const { step, price } = paths.times;
    for (let time = 0; time < timeR.length; time += 1) {
      const at = paths.at(signal, time);
      if (step[at] === NEVER || step[at] > loss.step) continue;
      write(exit, 'time', { step: step[at], price: price[at] });
      timeR[time] = this.#rOf(stop);
    }
    if (loss.step !== NEVER) return;
    endOf(exit, paths, signal);
    stop.endR = this.#rOf(stop);
  }

  #prepareStop(index: number, stop: StopSide, sl: number): void {
    const { paths, venue } = this.#options;
    const { stops, entryPrice } = paths;
    const at = paths.at(index, sl);
    const price = entryPrice[index];
    const protection = { stopPrice: stops.price[at], targetPrice: null };
    stop.held = null;
    if (stops.isAllowed[at] === 0 || Number.isNaN(price)) return;
    if (isBeyond(price, paths.signals[index].side, protection)) return;
    const signal = { ...paths.signals[index], riskScale: 1 };
    const terms = this.#terms.get(signal.strategyId);
    invariant(terms !== undefined, 'every signal belongs to a strategy of the variants');
    const settings = this.#settings;
    const equityUsd = settings.initialCapitalUsd;
    const rules = standaloneRules(signal, settings, venue.rulesAt)(signal.instrumentId, signal.decisionTimeMs);
    const state = { walletUsd: null, equityUsd, trades: [] };
    const { qty, leverage, sizing } = sizeEntry({ signal, protection, rules, terms, settings, state }, null);
    if (!(qty > 0)) return;
    const held = new HeldTrade({ index, signal, protection, qty, leverage, sizing, equityUsd });
    held.enter(price, venue.costs);
    const entry = { side: held.side, entryPrice: entryPriceOf(held), leverage };
    readStop(stop.loss, paths, index, sl);
    nearerLiquidation(stop.loss, paths, index, liquidationOf(entry, rules));
    stop.held = held;
    stop.riskUsd = riskUsdOf(held);
    this.#prepareFunding(stop, held);
  }

  /** Sums in the order in which they are booked; as far as any exit of this stop can come. */
  #prepareFunding(stop: StopSide, held: HeldTrade): void {
    const { paths } = this.#options;
    const funding = this.#fundingOf(held.index);
    held.startFunding(funding, paths.step[held.index] + 1);
    const first = held.nextFunding;
    const lastStep = Math.min(stop.loss.step, paths.latestExitStep(held.index));
    const count = Math.max(0, settledBefore(funding, lastStep) - first);
    if (stop.fundingUsd.length <= count) stop.fundingUsd = new Float64Array(2 * count + 1);
    stop.fundingUsd[0] = 0;
    for (let k = 1; k <= count; k += 1) {
      held.fund(funding);
      stop.fundingUsd[k] = held.fundingUsd;
    }
    held.nextFunding = first;
  }
}

function resultOf({ lossR, endR, targetR, timeR }: StopSide, pick: ExitPick, way: ReturnType<typeof wayOut>): number {
  switch (way) {
    case 'loss':
      return lossR;
    case 'target':
      return targetR[pick.tp];
    case 'time':
      return timeR[pick.time];
    case 'end':
      return endR;
  }
}
