/**
 * Every signal of a sweep traded alone under every variant: the R that `labelSignals` and a backtest of that one signal give, to the
 * bit. What depends on one setting alone (quantity, fill and stop; target; time exit) is worked out once per value; a variant is then
 * two comparisons and the arithmetic of a fill.
 */
import { directionOf, invariant, type Side, type StrategyId, type Trade } from '@donch/core';
import { pnlUsdOf, riskUsdOf, sizeEntry, type EngineSettings, type StrategyTerms } from '@donch/engine';
import { isBeyond, liquidationOf, type BarVenueOptions } from '@donch/sim';
import { standaloneRules, standaloneSettings, standaloneTerms } from '../standalone.ts';
import { picksOf, type ExitPick } from './exit-axes.ts';
import { settledBefore, type FundingSchedule } from './funding-schedule.ts';
import { exitFillPrice, HeldTrade, tradeOf } from './held-trade.ts';
import { emptyExit, emptyLoss, nearerLiquidation, resolveExit, stopLoss, type ResolvedExit } from './resolve-exit.ts';
import type { SignalPaths } from './signal-paths.ts';

export interface StandaloneOptions {
  readonly paths: SignalPaths;
  /** Terms of each variant. */
  readonly variants: readonly (readonly StrategyTerms[])[];
  /** Of the account: what an entry risks; its gates, caps and factors are left out. */
  readonly settings: EngineSettings;
  readonly venue: Pick<BarVenueOptions, 'costs' | 'rulesAt'>;
}

/** A stop of the signal in hand, and the position that comes with it. */
interface StopSide {
  /** Null = not tradable with this stop. */
  held: HeldTrade | null;
  readonly loss: ReturnType<typeof emptyLoss>;
  riskUsd: number;
  /** Funding booked after 0, 1, 2 .. settlements. */
  fundingUsd: Float64Array;
}

/** Exits of a variant for one strategy. */
interface Way {
  readonly pick: ExitPick;
  readonly loss: StopSide['loss'];
  readonly side: StopSide;
}

export class StandaloneOutcomes {
  readonly #options: StandaloneOptions;
  readonly #settings: EngineSettings;
  readonly #terms: ReadonlyMap<StrategyId, StrategyTerms>;
  readonly #ways: ReadonlyMap<StrategyId, readonly Way[]>;
  readonly #stops: readonly StopSide[];
  readonly #isTarget: Uint8Array;
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
    this.#stops = paths.axes.slAtrMults.map(() => ({
      held: null,
      loss: emptyLoss(),
      riskUsd: Number.NaN,
      fundingUsd: new Float64Array(16),
    }));
    this.#isTarget = new Uint8Array(paths.axes.tpAtrMults.length);
    const terms = variants.flat().map((strategy) => [strategy.strategyId, standaloneTerms(strategy)] as const);
    this.#terms = new Map(terms);
    const picks = variants.map((strategies) => picksOf(paths.axes, strategies));
    this.#ways = new Map([...this.#terms.keys()].map((id) => [id, picks.map((of) => this.#wayOf(of.get(id)))]));
  }

  #wayOf(pick: ExitPick | undefined): Way {
    invariant(pick !== undefined, 'every variant has the same strategies');
    const side = this.#stops[pick.sl];
    return { pick, side, loss: side.loss };
  }

  /** Writes the result of one signal under each variant, R; NaN = not tradable, or not closed before the data end. */
  evaluate(signal: number, pnlR: Float64Array): void {
    this.#prepare(signal);
    const ways = this.#waysOf(signal);
    for (let variant = 0; variant < ways.length; variant += 1) pnlR[variant] = this.#resultOf(signal, ways[variant]);
  }

  /** The trade of one signal under one variant, as the engine writes it; null where `evaluate` writes NaN. */
  tradeOf(signal: number, variant: number): Trade | null {
    this.#prepare(signal);
    const way = this.#waysOf(signal)[variant];
    const { held } = way.side;
    if (held === null || this.#isTarget[way.pick.tp] === 0) return null;
    const { paths, venue } = this.#options;
    const { targets, axes } = paths;
    const targetPrice = targets.price[signal * axes.tpAtrMults.length + way.pick.tp];
    const { stopPrice } = held.protection;
    const trade = new HeldTrade(
      {
        index: signal,
        signal: held.signal,
        protection: { stopPrice, targetPrice: Number.isNaN(targetPrice) ? null : targetPrice },
        qty: held.qtyPlanned,
        leverage: held.leverage,
        sizing: held.sizing,
        equityUsd: held.equityAtDecisionUsd,
      },
      paths.step[signal],
    );
    resolveExit(trade.exit, paths, signal, way);
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

  #resultOf(signal: number, way: Way): number {
    const { paths, venue } = this.#options;
    const { held, riskUsd, fundingUsd } = way.side;
    if (held === null || this.#isTarget[way.pick.tp] === 0) return Number.NaN;
    const exit: ResolvedExit = this.#exit;
    resolveExit(exit, paths, signal, way);
    if (exit.cause === 'end_of_data') return Number.NaN;
    const filled = exitFillPrice(exit, held.direction, venue.costs);
    const qty = held.entryQty;
    const flat = this.#flat;
    flat.side = held.side;
    flat.entryNotionalUsd = held.entryNotionalUsd;
    flat.exitNotionalUsd = qty * filled;
    flat.feesUsd = held.feesUsd + filled * qty * venue.costs.feeFrac;
    flat.fundingUsd = fundingUsd[settledBefore(this.#fundingOf(signal), exit.step) - held.nextFunding];
    return pnlUsdOf(flat) / riskUsd;
  }

  /** Positions and targets of one signal, one per value of its axis. */
  #prepare(signal: number): void {
    if (this.#prepared === signal) return;
    this.#prepared = signal;
    const { paths } = this.#options;
    const { targets, signals, entryPrice } = paths;
    const { side } = signals[signal];
    const nothing = -directionOf(side) * Infinity;
    for (let tp = 0; tp < this.#isTarget.length; tp += 1) {
      const at = signal * this.#isTarget.length + tp;
      const targetPrice = Number.isNaN(targets.price[at]) ? null : targets.price[at];
      const isBehind = isBeyond(entryPrice[signal], side, { stopPrice: nothing, targetPrice });
      this.#isTarget[tp] = Number(targets.isAllowed[at] === 1 && !isBehind);
    }
    this.#stops.forEach((stop, sl) => this.#prepareStop(signal, stop, sl));
  }

  #prepareStop(index: number, stop: StopSide, sl: number): void {
    const { paths, venue } = this.#options;
    const { stops, entryPrice, axes } = paths;
    const at = index * axes.slAtrMults.length + sl;
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
    const { qty, leverage, sizing } = sizeEntry({ signal, protection, rules, terms, settings, state });
    if (!(qty > 0)) return;
    const held = new HeldTrade({ index, signal, protection, qty, leverage, sizing, equityUsd }, paths.step[index]);
    held.enter(price, venue.costs);
    const entry = { side: held.side, entryPrice: held.plannedEntryPrice(price, venue.costs), leverage };
    stopLoss(stop.loss, paths, index, sl);
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
