/** A position on a signal that is traded alone, from its entry to its way out. */
import { directionOf, type Protection, type Side, type Signal, type SizingChain } from '@donch/core';
import type { CostSettings } from '@donch/sim';
import { entryFillPrice, exitFillPrice, feeUsdOf, slippageUsdOf } from './fills.ts';
import { settledBefore, type FundingSchedule } from './funding-schedule.ts';
import { emptyExit } from './resolve-exit.ts';
import type { FinishedTrade } from './trade-row.ts';

export interface AcceptedTrade {
  /** Place in the paths. */
  readonly index: number;
  readonly signal: Signal;
  readonly protection: Protection;
  readonly qty: number;
  readonly leverage: number;
  readonly sizing: SizingChain;
  readonly equityUsd: number;
}

export class HeldTrade implements FinishedTrade {
  readonly index: number;
  readonly signal: Signal;
  readonly side: Side;
  readonly direction: 1 | -1;
  readonly referencePrice: number;
  readonly initialStopPrice: number;
  readonly protection: Protection;
  readonly leverage: number;
  readonly qtyPlanned: number;
  readonly sizing: SizingChain;
  readonly equityAtDecisionUsd: number;
  entryQty = 0;
  entryNotionalUsd = 0;
  feesUsd = 0;
  fundingUsd = 0;
  fundingAssumed = false;
  slippageUsd = 0;
  /** After slippage. */
  entryFilledPrice = Number.NaN;
  exitFilledPrice = Number.NaN;
  readonly exit = emptyExit();
  /** Next entry of its instrument's funding. */
  nextFunding = 0;

  constructor({ index, signal, protection, qty, leverage, sizing, equityUsd }: AcceptedTrade) {
    this.index = index;
    this.signal = signal;
    this.side = signal.side;
    this.direction = directionOf(signal.side);
    this.referencePrice = signal.referencePrice;
    this.initialStopPrice = protection.stopPrice;
    this.protection = protection;
    this.leverage = leverage;
    this.qtyPlanned = qty;
    this.sizing = sizing;
    this.equityAtDecisionUsd = equityUsd;
  }

  /** Books the entry at a price before slippage. */
  enter(price: number, costs: CostSettings): void {
    const { qtyPlanned: qty } = this;
    const filled = entryFillPrice(this.direction, price, costs);
    this.entryFilledPrice = filled;
    this.entryQty = qty;
    this.entryNotionalUsd = qty * filled;
    this.feesUsd += feeUsdOf(filled, qty, costs);
    this.slippageUsd += slippageUsdOf(filled, price, qty);
  }

  /** Books the exit. */
  leave(costs: CostSettings): void {
    const { entryQty: qty, exit } = this;
    const filled = exitFillPrice(exit, this.direction, costs);
    this.feesUsd += feeUsdOf(filled, qty, costs);
    this.slippageUsd += slippageUsdOf(filled, exit.price, qty);
    this.exitFilledPrice = filled;
  }

  /** Books the entry of the schedule that is next. */
  fund(schedule: FundingSchedule): void {
    const at = this.nextFunding;
    const frac = this.direction > 0 ? schedule.longFrac[at] : schedule.shortFrac[at];
    this.fundingUsd += frac * this.entryQty * schedule.markPrice[at];
    this.fundingAssumed ||= schedule.assumed[at] === 1;
    this.nextFunding = at + 1;
  }

  /** Funding counts from the bar set in which the entry was filled. */
  startFunding(schedule: FundingSchedule, step: number): void {
    this.nextFunding = settledBefore(schedule, step);
  }
}
