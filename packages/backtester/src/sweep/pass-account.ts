/** The account of a pass: what is held, and everything that happens to it at the steps at which something happens. */
import { invariant } from '@donch/core';
import {
  addTied,
  pnlUsdOf,
  riskUsdOf,
  stopRiskPerUnit,
  unrealisedUsdOf,
  type EngineSettings,
  type EntrySize,
} from '@donch/engine';
import type { CostSettings } from '@donch/sim';
import { exitFillPrice, feeUsdOf, slippageUsdOf } from './fills.ts';
import type { HeldColumns } from './held-columns.ts';
import { emptyExit, type Loss, type ResolvedExit } from './resolve-exit.ts';
import type { SignalPaths } from './signal-paths.ts';
import { NEVER, timeOfStep } from './timeline.ts';
import { CAUSES, type TradeColumns } from './trade-columns.ts';
import { exitTimeStep } from './trade-row.ts';

/** Share of the capital by which rounding may miss a guard. */
const GUARD_NOISE_FRAC = 1e-9;

const BY_TIME = CAUSES.indexOf('time');
const BY_DELISTING = CAUSES.indexOf('delisted');
const BY_END_OF_DATA = CAUSES.indexOf('end_of_data');

/** Fill and way out of an accepted entry; written over for each. */
export interface PassFill {
  /** Whether the venue fills the entry. */
  isFilled: boolean;
  /** After slippage. */
  filledPrice: number;
  /** As the venue shows it as an average. */
  entryPrice: number;
  readonly loss: Pick<Loss, 'levelPrice'>;
  readonly exit: ResolvedExit;
  /** Place of the time exit in its table. */
  timeAt: number;
}

export interface PassAccountOptions {
  readonly paths: SignalPaths;
  readonly settings: Pick<EngineSettings, 'initialCapitalUsd' | 'guards'>;
  readonly costs: CostSettings;
}

export class PassAccount {
  cashUsd: number;
  entriesToday = 0;
  /** Which abort guard stopped entries; '' = none did. */
  abortReason = '';
  /** Step at which the run ended because a guard had stopped entries and nothing was held; `NEVER` = it did not. */
  endedStep = NEVER;
  /** Why exactness is in doubt; '' = it is not. */
  doubt = '';
  readonly held: HeldColumns;
  readonly #paths: SignalPaths;
  readonly #finished: TradeColumns;
  readonly #openAtEnd: TradeColumns;
  readonly #costs: CostSettings;
  readonly #abortTradesMax: number;
  /** Equity at or below it might stop the run. */
  readonly #guardUsd: number;
  readonly #exit = emptyExit();
  /** What the result of a trade is made of; overwritten for each. */
  readonly #flat = {
    side: 'long' as 'long' | 'short',
    entryNotionalUsd: 0,
    exitNotionalUsd: 0,
    feesUsd: 0,
    fundingUsd: 0,
    entryQty: 0,
    referencePrice: 0,
    initialStopPrice: 0,
  };
  #closedTrades = 0;
  #nextStep = NEVER;

  constructor({ paths, settings: { initialCapitalUsd, guards }, costs }: PassAccountOptions) {
    this.#paths = paths;
    this.#costs = costs;
    this.#abortTradesMax = guards.abortTradesMax;
    this.#guardUsd = (guards.abortEquityFrac + GUARD_NOISE_FRAC) * initialCapitalUsd;
    this.cashUsd = initialCapitalUsd;
    this.held = paths.scratch.held;
    this.#finished = paths.scratch.finished;
    this.#openAtEnd = paths.scratch.openAtEnd;
    this.held.clear();
    this.#finished.length = 0;
    this.#openAtEnd.length = 0;
    this.#watchGuard();
  }

  /** Reserves what an accepted entry needs, and adds it to what is tied up. */
  accept(signal: number, size: EntrySize, fill: PassFill): void {
    const { held } = this;
    const { step, instrument } = this.#paths;
    const slot = instrument[signal];
    const { qty, leverage, referencePrice, stopPrice, direction, tied } = size;
    const { isFilled, exit } = fill;
    held.slots[held.count] = slot;
    held.count += 1;
    held.signal[slot] = signal;
    held.isWorking[slot] = 1;
    held.isFilled[slot] = Number(isFilled);
    held.nextStep[slot] = step[signal] + 1;
    held.exitCause[slot] = CAUSES.indexOf(exit.cause);
    held.exitStep[slot] = exit.step;
    held.exitPrice[slot] = exit.price;
    held.timeAt[slot] = fill.timeAt;
    held.freeStep[slot] = isFilled ? (exit.cause === 'end_of_data' ? NEVER : exit.step) : step[signal] + 1;
    held.qty[slot] = qty;
    held.heldQty[slot] = direction * qty;
    held.leverage[slot] = leverage;
    held.equityAtDecisionUsd[slot] = size.equityUsd;
    held.stopPrice[slot] = stopPrice;
    held.entryFilledPrice[slot] = fill.filledPrice;
    held.entryPrice[slot] = fill.entryPrice;
    held.lossPrice[slot] = fill.loss.levelPrice;
    held.stopRiskUsd[slot] = stopRiskPerUnit(direction, fill.entryPrice, stopPrice) * qty;
    held.leastUsd[slot] = 0;
    held.acceptedMs[slot] = timeOfStep(this.#paths.timeline, step[signal]);
    this.entriesToday += 1;
    this.#nextStep = Math.min(this.#nextStep, step[signal] + 1);
    addTied(tied, qty * referencePrice, leverage, stopRiskPerUnit(direction, referencePrice, stopPrice) * qty);
  }

  /** Everything up to and including a step, or up to the end of the run where that is earlier. */
  advance(step: number): void {
    while (this.#nextStep <= step && this.endedStep === NEVER) this.#move(this.#nextStep);
  }

  /** Writes equity and what is tied up as marked at a place of `markSteps`, where no entry is on its way. */
  mark(place: number, size: Pick<EntrySize, 'equityUsd' | 'tied'>): void {
    const { slots, count, qty, heldQty, entryPrice, leverage, stopRiskUsd } = this.held;
    const { marks, instruments } = this.#paths;
    const { tied } = size;
    const first = place * instruments.length;
    let unrealised = 0;
    tied.notionalUsd = 0;
    tied.marginUsd = 0;
    tied.riskUsd = 0;
    for (let k = 0; k < count; k += 1) {
      const slot = slots[k];
      const markPrice = marks[first + slot];
      unrealised += unrealisedUsdOf(heldQty[slot], markPrice, entryPrice[slot]);
      addTied(tied, qty[slot] * markPrice, leverage[slot], stopRiskUsd[slot]);
    }
    size.equityUsd = this.cashUsd + unrealised;
  }

  /** Closes what the end of the data leaves open. */
  closeAll(): void {
    const { held } = this;
    for (let k = 0; k < held.count;)
      if (held.isWorking[held.slots[k]] === 0) this.#close(k);
      else k += 1;
  }

  /** One bar set by the book of "one instant": orders at the open, exits before entries; bars; ended instruments; funding. */
  #move(step: number): void {
    const { held } = this;
    const { slots, nextStep, exitStep, exitCause, isWorking } = held;
    let [leaving, entering, inside, ending] = [0, 0, 0, 0];
    for (let k = 0; k < held.count; k += 1) {
      const slot = slots[k];
      if (nextStep[slot] !== step) continue;
      if (isWorking[slot] === 1) entering += 1;
      if (exitStep[slot] !== step) continue;
      const cause = exitCause[slot];
      if (cause === BY_TIME) leaving += 1;
      else if (cause === BY_DELISTING) ending += 1;
      else if (cause !== BY_END_OF_DATA) inside += 1;
    }
    if (leaving > 0) this.#exitAtOpen(step);
    if (entering > 0) this.#enterAll(step);
    // the venue walks its positions backwards inside bars
    if (inside > 0)
      for (let k = held.count - 1; k >= 0; k -= 1)
        if (exitStep[slots[k]] === step && exitCause[slots[k]] < BY_DELISTING) this.#close(k);
    if (ending > 0)
      for (let k = 0; k < held.count;)
        if (exitStep[slots[k]] === step && exitCause[slots[k]] === BY_DELISTING) this.#close(k);
        else k += 1;
    this.#settle(step);
    this.#watchGuard();
    if (held.count === 0 && this.abortReason !== '') this.endedStep = step;
  }

  /** Time exits, in the order in which they were decided. */
  #exitAtOpen(step: number): void {
    const { held } = this;
    const { slots, exitStep, exitCause, timeAt } = held;
    const { decidedStep, hasOtherRules } = this.#paths.times;
    for (;;) {
      let first = -1;
      for (let k = 0; k < held.count; k += 1) {
        const slot = slots[k];
        if (exitStep[slot] !== step || exitCause[slot] !== BY_TIME) continue;
        if (first < 0 || decidedStep[timeAt[slot]] < decidedStep[timeAt[slots[first]]]) first = k;
      }
      if (first < 0) return;
      const slot = slots[first];
      if (hasOtherRules[timeAt[slot]] === 1)
        this.doubt = `the rules of ${this.#paths.instruments[slot].instrumentId} changed while it was held`;
      this.#close(first);
    }
  }

  /** Entries in the order in which they were accepted; one that is refused leaves the list. */
  #enterAll(step: number): void {
    const { held } = this;
    for (let k = 0; k < held.count;) {
      const slot = held.slots[k];
      if (held.isWorking[slot] === 0 || held.nextStep[slot] !== step) k += 1;
      else if (held.isFilled[slot] === 0) this.#forget(k);
      else {
        this.#enter(slot);
        k += 1;
      }
    }
  }

  #enter(slot: number): void {
    const { held } = this;
    const { entryPrice, firstFunding } = this.#paths;
    const signal = held.signal[slot];
    const filledPrice = held.entryFilledPrice[slot];
    const qty = held.qty[slot];
    const feeUsd = feeUsdOf(filledPrice, qty, this.#costs);
    this.cashUsd -= feeUsd;
    held.isWorking[slot] = 0;
    held.feesUsd[slot] = feeUsd;
    held.slippageUsd[slot] = slippageUsdOf(filledPrice, entryPrice[signal], qty);
    held.fundingUsd[slot] = 0;
    held.fundingAssumed[slot] = 0;
    held.leastUsd[slot] = unrealisedUsdOf(held.heldQty[slot], held.lossPrice[slot], held.entryPrice[slot]);
    this.#lookAhead(slot, firstFunding[signal]);
  }

  #lookAhead(slot: number, fundingAt: number): void {
    const { held } = this;
    const fundingStep = this.#paths.funding.steps[fundingAt];
    // what the end of the data closes has no step of its own
    const exitStep = held.exitCause[slot] === BY_END_OF_DATA ? NEVER : held.exitStep[slot];
    held.fundingAt[slot] = fundingAt;
    held.nextStep[slot] = fundingStep < exitStep ? fundingStep : exitStep;
  }

  /** An entry that never happened gives back slot, day count and busy window. */
  #forget(place: number): void {
    const { held } = this;
    held.acceptedMs[held.slots[place]] = -Infinity;
    held.remove(place);
    this.entriesToday -= 1;
  }

  #close(place: number): void {
    const { held } = this;
    const slot = held.slots[place];
    const exit = this.#exit;
    exit.cause = CAUSES[held.exitCause[slot]];
    exit.step = held.exitStep[slot];
    exit.price = held.exitPrice[slot];
    const qty = held.qty[slot];
    const { timeline, facts } = this.#paths;
    const direction = facts.direction[held.signal[slot]];
    const filledPrice = exitFillPrice(exit, direction, this.#costs);
    const feeUsd = feeUsdOf(filledPrice, qty, this.#costs);
    held.feesUsd[slot] += feeUsd;
    held.slippageUsd[slot] += slippageUsdOf(filledPrice, exit.price, qty);
    this.cashUsd -= feeUsd;
    this.cashUsd += direction * (filledPrice - held.entryPrice[slot]) * qty;
    held.exitedMs[slot] = timeOfStep(timeline, exitTimeStep(exit));
    held.remove(place);
    this.#closedTrades += 1;
    this.#write(exit.cause === 'end_of_data' ? this.#openAtEnd : this.#finished, slot, filledPrice);
    if (this.#closedTrades >= this.#abortTradesMax && this.abortReason === '')
      this.abortReason = `${this.#closedTrades} trades`;
  }

  #write(trades: TradeColumns, slot: number, exitFilledPrice: number): void {
    const { held } = this;
    const { timeline, step, facts } = this.#paths;
    const row = trades.length;
    const signal = held.signal[slot];
    trades.length += 1;
    trades.signal[row] = signal;
    trades.entryTimeMs[row] = timeOfStep(timeline, step[signal]);
    trades.feesUsd[row] = held.feesUsd[slot];
    trades.fundingUsd[row] = held.fundingUsd[slot];
    trades.fundingAssumed[row] = held.fundingAssumed[slot];
    trades.slippageUsd[row] = held.slippageUsd[slot];
    trades.qty[row] = held.qty[slot];
    trades.equityAtDecisionUsd[row] = held.equityAtDecisionUsd[slot];
    trades.entryFilledPrice[row] = held.entryFilledPrice[slot];
    trades.exitFilledPrice[row] = exitFilledPrice;
    trades.exitCause[row] = held.exitCause[slot];
    trades.exitStep[row] = held.exitStep[slot];
    const flat = this.#flat;
    flat.side = facts.direction[signal] > 0 ? 'long' : 'short';
    flat.entryQty = held.qty[slot];
    flat.entryNotionalUsd = flat.entryQty * held.entryFilledPrice[slot];
    flat.exitNotionalUsd = flat.entryQty * exitFilledPrice;
    flat.feesUsd = held.feesUsd[slot];
    flat.fundingUsd = held.fundingUsd[slot];
    flat.referencePrice = facts.referencePrice[signal];
    flat.initialStopPrice = held.stopPrice[slot];
    trades.pnlR[row] = pnlUsdOf(flat) / riskUsdOf(flat);
  }

  /** Funding of the step, and when something happens next. */
  #settle(step: number): void {
    const { slots, count, nextStep, fundingAt } = this.held;
    const { steps } = this.#paths.funding;
    let earliest = NEVER;
    for (let k = 0; k < count; k += 1) {
      const slot = slots[k];
      if (nextStep[slot] === step && steps[fundingAt[slot]] === step) this.#fund(slot);
      invariant(nextStep[slot] > step, 'a held trade looks ahead');
      if (nextStep[slot] < earliest) earliest = nextStep[slot];
    }
    this.#nextStep = earliest;
  }

  #fund(slot: number): void {
    const { held } = this;
    const { funding, facts } = this.#paths;
    const at = held.fundingAt[slot];
    const frac = (facts.direction[held.signal[slot]] > 0 ? funding.longFrac : funding.shortFrac)[at];
    const amountUsd = frac * held.qty[slot] * funding.markPrice[at];
    held.fundingUsd[slot] += amountUsd;
    held.fundingAssumed[slot] |= funding.assumed[at];
    this.cashUsd += amountUsd;
    this.#lookAhead(slot, at + 1);
  }

  /** Until the next step no mark lies beyond a stop, so equity is at least what it would be with all of them hit. */
  #watchGuard(): void {
    const { slots, count, leastUsd } = this.held;
    let leastEquityUsd = this.cashUsd;
    for (let k = 0; k < count; k += 1) leastEquityUsd += leastUsd[slots[k]];
    if (!(leastEquityUsd > this.#guardUsd) && this.abortReason === '') this.doubt = 'equity comes near the abort guard';
  }
}
