/** One trade of the pass: what the engine's sizing and marks read of a trade, and its way out, which is known from the start. */
import {
  directionOf,
  type InstrumentId,
  type Protection,
  type Side,
  type Signal,
  type SizingChain,
  type StrategyId,
  type Trade,
  type TradeState,
} from '@donch/core';
import { entryPriceOf, pnlUsdOf, riskUsdOf, storedFeatures, tradeRow, type ExposedTrade } from '@donch/engine';
import { marketFillPrice, type CostSettings } from '@donch/sim';
import { extremeBefore } from './envelope.ts';
import { settledBefore, type FundingSchedule } from './funding-schedule.ts';
import { emptyExit, exitSlippage, type ResolvedExit } from './resolve-exit.ts';
import type { SignalPaths } from './signal-paths.ts';
import { NEVER, timeOfStep } from './timeline.ts';

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

export class HeldTrade implements ExposedTrade {
  readonly index: number;
  readonly signal: Signal;
  readonly instrumentId: InstrumentId;
  readonly strategyId: StrategyId;
  readonly side: Side;
  readonly direction: 1 | -1;
  readonly decisionTimeMs: number;
  readonly referencePrice: number;
  readonly initialStopPrice: number;
  readonly protection: Protection;
  readonly leverage: number;
  readonly qtyPlanned: number;
  readonly sizing: SizingChain;
  readonly equityAtDecisionUsd: number;
  /** What gates say of a trade that is in the way. */
  readonly state: TradeState = 'open';
  entryWorking = true;
  qtyOpen = 0;
  entryQty = 0;
  entryNotionalUsd = 0;
  exitQty = 0;
  exitNotionalUsd = 0;
  feesUsd = 0;
  fundingUsd = 0;
  fundingAssumed = false;
  slippageUsd = 0;
  markPrice: number;
  /** After slippage. */
  entryFilledPrice = Number.NaN;
  exitFilledPrice = Number.NaN;
  /** Whether the venue fills the entry. */
  isFilled = false;
  readonly exit = emptyExit();
  /** Beyond it no mark can lie while the position is held. */
  lossPrice = Number.NaN;
  /** Step at which its time exit was decided: orders trade in the order in which they were sent. */
  exitDecidedStep = NEVER;
  /** Least result that a mark can show while it is held, before costs. */
  leastUsd = 0;
  /** Next entry of its instrument's funding, and its step. */
  nextFunding = 0;
  fundingStep = NEVER;
  /** Next step at which something happens to it. */
  nextStep: number;

  constructor({ index, signal, protection, qty, leverage, sizing, equityUsd }: AcceptedTrade, step: number) {
    this.index = index;
    this.signal = signal;
    this.instrumentId = signal.instrumentId;
    this.strategyId = signal.strategyId;
    this.side = signal.side;
    this.direction = directionOf(signal.side);
    this.decisionTimeMs = signal.decisionTimeMs;
    this.referencePrice = signal.referencePrice;
    this.initialStopPrice = protection.stopPrice;
    this.protection = protection;
    this.leverage = leverage;
    this.qtyPlanned = qty;
    this.sizing = sizing;
    this.equityAtDecisionUsd = equityUsd;
    this.markPrice = signal.referencePrice;
    this.nextStep = step + 1;
  }

  /** Average price that the venue will show for an entry at a price before slippage. */
  plannedEntryPrice(price: number, { slippageFrac }: CostSettings): number {
    const qty = this.qtyPlanned;
    return (fillPrice(this.direction > 0, price, slippageFrac) * qty) / qty;
  }

  /** Books the entry at a price before slippage; returns the fee. */
  enter(price: number, costs: CostSettings): number {
    const { qtyPlanned: qty } = this;
    const filled = fillPrice(this.direction > 0, price, costs.slippageFrac);
    this.entryFilledPrice = filled;
    const feeUsd = filled * qty * costs.feeFrac;
    this.entryWorking = false;
    this.entryQty = qty;
    this.qtyOpen = qty;
    this.entryNotionalUsd = qty * filled;
    this.feesUsd += feeUsd;
    this.slippageUsd += Math.abs(filled - price) * qty;
    this.markPrice = filled;
    this.leastUsd = this.direction * qty * (this.lossPrice - entryPriceOf(this));
    return feeUsd;
  }

  /** Books the exit; returns the fee. */
  leave(costs: CostSettings): number {
    const { qtyOpen: qty, exit } = this;
    const filled = exitFillPrice(exit, this.direction, costs);
    const feeUsd = filled * qty * costs.feeFrac;
    this.feesUsd += feeUsd;
    this.slippageUsd += Math.abs(filled - exit.price) * qty;
    this.exitQty = qty;
    this.exitNotionalUsd = qty * filled;
    this.exitFilledPrice = filled;
    this.qtyOpen = 0;
    return feeUsd;
  }

  /** Books the entry of the schedule that is next; returns the amount. */
  fund(schedule: FundingSchedule): number {
    const at = this.nextFunding;
    const frac = this.direction > 0 ? schedule.longFrac[at] : schedule.shortFrac[at];
    const amountUsd = frac * this.entryQty * schedule.markPrice[at];
    this.fundingUsd += amountUsd;
    this.fundingAssumed ||= schedule.assumed[at] === 1;
    this.#lookAhead(schedule, at + 1);
    return amountUsd;
  }

  /** Funding counts from the bar set in which the entry was filled. */
  startFunding(schedule: FundingSchedule, step: number): void {
    this.#lookAhead(schedule, settledBefore(schedule, step));
  }

  #lookAhead({ steps }: FundingSchedule, nextFunding: number): void {
    this.nextFunding = nextFunding;
    this.fundingStep = nextFunding < steps.length ? steps[nextFunding] : NEVER;
    // what the end of the data closes has no step of its own
    const exitStep = this.exit.cause === 'end_of_data' ? NEVER : this.exit.step;
    this.nextStep = Math.min(this.fundingStep, exitStep);
  }

  get pnlUsd(): number {
    return pnlUsdOf(this);
  }

  get pnlR(): number {
    return this.pnlUsd / riskUsdOf(this);
  }

  /** Step of the exit as trades count it: fills at an open belong to the instant before. */
  get exitTimeStep(): number {
    return this.exit.cause === 'time' ? this.exit.step - 1 : this.exit.step;
  }
}

/** Price of an exit after slippage. */
export function exitFillPrice({ cause, price }: ResolvedExit, direction: 1 | -1, costs: CostSettings): number {
  const slippageFrac = exitSlippage(cause, costs);
  return slippageFrac === null ? price : fillPrice(direction < 0, price, slippageFrac);
}

function fillPrice(isBuy: boolean, price: number, slippageFrac: number): number {
  return marketFillPrice({ side: isBuy ? 'buy' : 'sell', price, qty: 0, barVolume: Number.NaN, slippageFrac }, 0);
}

/** The row of a finished trade: every field as the engine writes it. */
export function tradeOf(trade: HeldTrade, paths: SignalPaths): Trade {
  const { signal, direction, exit } = trade;
  // bars that closed before the exit count; at the end of the data nothing traded inside the last one
  const before = exit.cause === 'end_of_data' ? exit.step + 1 : exit.step;
  const extreme = (kind: 'best' | 'worst', sign: number): number => {
    const prices = [trade.exitFilledPrice, extremeBefore(paths.extremes(trade.index, kind), before)];
    return prices.reduce((most, price) => (sign * price > sign * most ? price : most), trade.entryFilledPrice);
  };
  return tradeRow(
    {
      tradeId: signal.signalId,
      strategyId: signal.strategyId,
      instrumentId: signal.instrumentId,
      side: signal.side,
      decisionTimeMs: signal.decisionTimeMs,
      referencePrice: signal.referencePrice,
      atr: signal.atr,
      levelPrice: signal.levelPrice,
      sizing: trade.sizing,
      equityAtDecisionUsd: trade.equityAtDecisionUsd,
      p: Number.isNaN(signal.p) ? null : signal.p,
      features: storedFeatures(signal.features),
      entryTimeMs: signal.decisionTimeMs,
      entryQty: trade.entryQty,
      entryNotionalUsd: trade.entryNotionalUsd,
      exitQty: trade.exitQty,
      exitNotionalUsd: trade.exitNotionalUsd,
      feesUsd: trade.feesUsd,
      fundingUsd: trade.fundingUsd,
      fundingAssumed: trade.fundingAssumed,
      slippageUsd: trade.slippageUsd,
      protection: trade.protection,
      initialStopPrice: trade.initialStopPrice,
      firstTarget: null,
      bestPrice: extreme('best', direction),
      worstPrice: extreme('worst', -direction),
    },
    { cause: exit.cause, timeMs: timeOfStep(paths.timeline, trade.exitTimeStep) },
  );
}
