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
import { FUNDING_LONG, FUNDING_MARK, FUNDING_SHORT, FUNDING_STEP, FUNDING_WIDTH } from './funding-schedule.ts';
import type { HeldColumns } from './held-columns.ts';
import { emptyExit, type Loss, type ResolvedExit } from './resolve-exit.ts';
import type { SignalPaths } from './signal-paths.ts';
import { NEVER, timeOfStep } from './timeline.ts';
import { CAUSES, type TradeColumns } from './trade-columns.ts';
import { exitTimeStep } from './trade-row.ts';

/** Share of the capital by which rounding may miss a guard. */
const GUARD_NOISE_FRAC = 1e-9;
/** Share of the capital that a running sum of results cannot be wrong by. */
const ROOM_FRAC = 0.01;

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
  /** Rows will be made of the trades. */
  readonly keepsRows: boolean;
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
  /** Sums over all trades, in the order of their ends. */
  feesUsd = 0;
  /** > 0 received. */
  fundingUsd = 0;
  slippageUsd = 0;
  readonly held: HeldColumns;
  readonly #keepsRows: boolean;
  readonly #paths: SignalPaths;
  readonly #finished: TradeColumns;
  readonly #openAtEnd: TradeColumns;
  readonly #costs: CostSettings;
  readonly #abortTradesMax: number;
  /** Equity at or below it might stop the run. */
  readonly #guardUsd: number;
  /** Above it nothing has to be summed up. */
  readonly #roomyUsd: number;
  /** Sum of `leastUsd`, kept up to date: rounding adds up. */
  #leastUsd = 0;
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
  /** Next step at which something happens. */
  nextStep = NEVER;

  constructor({ paths, settings: { initialCapitalUsd, guards }, costs, keepsRows }: PassAccountOptions) {
    this.#keepsRows = keepsRows;
    this.#paths = paths;
    this.#costs = costs;
    this.#abortTradesMax = guards.abortTradesMax;
    this.#guardUsd = (guards.abortEquityFrac + GUARD_NOISE_FRAC) * initialCapitalUsd;
    this.#roomyUsd = this.#guardUsd + ROOM_FRAC * initialCapitalUsd;
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
    this.nextStep = Math.min(this.nextStep, step[signal] + 1);
    addTied(tied, qty * referencePrice, leverage, stopRiskPerUnit(direction, referencePrice, stopPrice) * qty);
  }

  /** Everything up to and including a step, or up to the end of the run where that is earlier. */
  advance(step: number): void {
    while (this.nextStep <= step && this.endedStep === NEVER) this.#move(this.nextStep);
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
    const { slots, count, acting, isWorking } = this.held;
    acting.set(slots.subarray(0, count));
    for (let k = 0; k < count; k += 1) if (isWorking[acting[k]] === 0) this.#close(acting[k]);
  }

  /** One bar set by the book of "one instant": orders at the open, exits before entries; bars; ended instruments; funding. */
  #move(step: number): void {
    const { held } = this;
    const { acting, exitStep, exitCause, isWorking } = held;
    const count = this.#collect(step);
    let [leaving, entering, inside, ending] = [0, 0, 0, 0];
    for (let k = 0; k < count; k += 1) {
      const slot = acting[k];
      entering += isWorking[slot];
      if (exitStep[slot] !== step) continue;
      const cause = exitCause[slot];
      if (cause === BY_TIME) leaving += 1;
      else if (cause === BY_DELISTING) ending += 1;
      else if (cause !== BY_END_OF_DATA) inside += 1;
    }
    if (leaving > 0) this.#exitAtOpen(step, count);
    if (entering > 0) this.#enterAll(count);
    // the venue walks its positions backwards inside bars
    if (inside > 0)
      for (let k = count - 1; k >= 0; k -= 1)
        if (exitStep[acting[k]] === step && exitCause[acting[k]] < BY_DELISTING && exitCause[acting[k]] !== BY_TIME)
          this.#close(acting[k]);
    if (ending > 0)
      for (let k = 0; k < count; k += 1)
        if (exitStep[acting[k]] === step && exitCause[acting[k]] === BY_DELISTING) this.#close(acting[k]);
    this.#settle(step, count);
    this.#watchGuard();
    if (held.count === 0 && this.abortReason !== '') this.endedStep = step;
  }

  /** Writes the slots to which something happens at a step, and when something happens to another one; returns how many they are. */
  #collect(step: number): number {
    const { slots, count, acting, nextStep } = this.held;
    let found = 0;
    let earliest = NEVER;
    for (let k = 0; k < count; k += 1) {
      const slot = slots[k];
      const next = nextStep[slot];
      if (next === step) {
        acting[found] = slot;
        found += 1;
      } else if (next < earliest) earliest = next;
    }
    this.nextStep = earliest;
    return found;
  }

  /** Time exits, in the order in which they were decided. */
  #exitAtOpen(step: number, count: number): void {
    const { acting, exitStep, exitCause, timeAt } = this.held;
    const { decidedStep, hasOtherRules } = this.#paths.times;
    const leaving: number[] = [];
    for (let k = 0; k < count; k += 1)
      if (exitStep[acting[k]] === step && exitCause[acting[k]] === BY_TIME) leaving.push(acting[k]);
    if (leaving.length > 1) leaving.sort((a, b) => decidedStep[timeAt[a]] - decidedStep[timeAt[b]]);
    for (const slot of leaving) {
      if (hasOtherRules[timeAt[slot]] === 1)
        this.doubt = `the rules of ${this.#paths.instruments[slot].instrumentId} changed while it was held`;
      this.#close(slot);
    }
  }

  /** Entries in the order in which they were accepted; one that is refused leaves the list. */
  #enterAll(count: number): void {
    const { acting, isWorking, isFilled } = this.held;
    for (let k = 0; k < count; k += 1) {
      const slot = acting[k];
      if (isWorking[slot] === 0) continue;
      isWorking[slot] = 0;
      if (isFilled[slot] === 1) this.#enter(slot);
      else this.#forget(slot);
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
    held.feesUsd[slot] = feeUsd;
    held.slippageUsd[slot] = slippageUsdOf(filledPrice, entryPrice[signal], qty);
    held.fundingUsd[slot] = 0;
    held.leastUsd[slot] = unrealisedUsdOf(held.heldQty[slot], held.lossPrice[slot], held.entryPrice[slot]);
    this.#leastUsd += held.leastUsd[slot];
    this.#lookAhead(slot, firstFunding[signal]);
  }

  #lookAhead(slot: number, fundingAt: number): void {
    const { held } = this;
    const fundingStep = this.#paths.fundingRows[fundingAt + FUNDING_STEP];
    // what the end of the data closes has no step of its own
    const exitStep = held.exitCause[slot] === BY_END_OF_DATA ? NEVER : held.exitStep[slot];
    held.fundingAt[slot] = fundingAt;
    held.nextStep[slot] = fundingStep < exitStep ? fundingStep : exitStep;
  }

  /** An entry that never happened gives back slot, day count and busy window. */
  #forget(slot: number): void {
    const { held } = this;
    held.acceptedMs[slot] = -Infinity;
    held.remove(slot);
    this.entriesToday -= 1;
  }

  #close(slot: number): void {
    const { held } = this;
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
    this.#leastUsd -= held.leastUsd[slot];
    held.exitedMs[slot] = timeOfStep(timeline, exitTimeStep(exit));
    held.remove(slot);
    this.#closedTrades += 1;
    this.#write(exit.cause === 'end_of_data' ? this.#openAtEnd : this.#finished, slot, filledPrice);
    if (this.#closedTrades >= this.#abortTradesMax && this.abortReason === '')
      this.abortReason = `${this.#closedTrades} trades`;
  }

  #write(trades: TradeColumns, slot: number, exitFilledPrice: number): void {
    const { held } = this;
    const { timeline, step, facts } = this.#paths;
    const signal = held.signal[slot];
    const flat = this.#flat;
    flat.side = held.heldQty[slot] > 0 ? 'long' : 'short';
    flat.entryQty = held.qty[slot];
    flat.entryNotionalUsd = flat.entryQty * held.entryFilledPrice[slot];
    flat.exitNotionalUsd = flat.entryQty * exitFilledPrice;
    flat.feesUsd = held.feesUsd[slot];
    flat.fundingUsd = held.fundingUsd[slot];
    flat.referencePrice = facts.referencePrice[signal];
    flat.initialStopPrice = held.stopPrice[slot];
    if (this.#keepsRows) this.#writeRow(trades, slot, exitFilledPrice);
    trades.entryTimeMs[trades.length] = timeOfStep(timeline, step[signal]);
    trades.pnlR[trades.length] = pnlUsdOf(flat) / riskUsdOf(flat);
    trades.length += 1;
    this.feesUsd += flat.feesUsd;
    this.fundingUsd += flat.fundingUsd;
    this.slippageUsd += held.slippageUsd[slot];
  }

  #writeRow(trades: TradeColumns, slot: number, exitFilledPrice: number): void {
    const { held } = this;
    const row = trades.length;
    trades.signal[row] = held.signal[slot];
    trades.feesUsd[row] = held.feesUsd[slot];
    trades.fundingUsd[row] = held.fundingUsd[slot];
    trades.slippageUsd[row] = held.slippageUsd[slot];
    trades.qty[row] = held.qty[slot];
    trades.equityAtDecisionUsd[row] = held.equityAtDecisionUsd[slot];
    trades.entryFilledPrice[row] = held.entryFilledPrice[slot];
    trades.exitFilledPrice[row] = exitFilledPrice;
    trades.exitCause[row] = held.exitCause[slot];
    trades.exitStep[row] = held.exitStep[slot];
  }

  /** Funding of the step, and when something happens next. */
  #settle(step: number, count: number): void {
    const { acting, nextStep, fundingAt } = this.held;
    const { fundingRows } = this.#paths;
    for (let k = 0; k < count; k += 1) {
      const slot = acting[k];
      if (nextStep[slot] === step && fundingRows[fundingAt[slot] + FUNDING_STEP] === step) this.#fund(slot);
      invariant(nextStep[slot] > step, 'a held trade looks ahead');
      if (nextStep[slot] < this.nextStep) this.nextStep = nextStep[slot];
    }
  }

  #fund(slot: number): void {
    const { held } = this;
    const { fundingRows } = this.#paths;
    const at = held.fundingAt[slot];
    const frac = fundingRows[at + (held.heldQty[slot] > 0 ? FUNDING_LONG : FUNDING_SHORT)];
    const amountUsd = frac * held.qty[slot] * fundingRows[at + FUNDING_MARK];
    held.fundingUsd[slot] += amountUsd;
    this.cashUsd += amountUsd;
    this.#lookAhead(slot, at + FUNDING_WIDTH);
  }

  /** Until the next step no mark lies beyond a stop, so equity is at least what it would be with all of them hit. */
  #watchGuard(): void {
    const { slots, count, leastUsd } = this.held;
    if (count === 0) this.#leastUsd = 0;
    if (this.cashUsd + this.#leastUsd > this.#roomyUsd) return;
    let leastEquityUsd = this.cashUsd;
    for (let k = 0; k < count; k += 1) leastEquityUsd += leastUsd[slots[k]];
    if (!(leastEquityUsd > this.#guardUsd) && this.abortReason === '') this.doubt = 'equity comes near the abort guard';
  }
}
