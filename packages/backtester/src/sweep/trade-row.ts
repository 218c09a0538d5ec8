/** The row of a finished trade from what a pass knows of it: every field as the engine writes it. */
import type { Protection, SizingChain, Trade } from '@donch/core';
import { storedFeatures, tradeRow } from '@donch/engine';
import { extremeBefore } from './envelope.ts';
import type { ResolvedExit } from './resolve-exit.ts';
import type { SignalPaths } from './signal-paths.ts';
import { timeOfStep } from './timeline.ts';

export interface FinishedTrade {
  /** Place of its signal in the paths. */
  readonly index: number;
  readonly sizing: SizingChain;
  readonly equityAtDecisionUsd: number;
  readonly protection: Protection;
  readonly entryQty: number;
  /** After slippage. */
  readonly entryFilledPrice: number;
  readonly exitFilledPrice: number;
  readonly feesUsd: number;
  readonly fundingUsd: number;
  readonly fundingAssumed: boolean;
  readonly slippageUsd: number;
  readonly exit: Readonly<Pick<ResolvedExit, 'cause' | 'step'>>;
}

/** The row of a finished trade. */
export function tradeOf(trade: FinishedTrade, paths: SignalPaths): Trade {
  const { exit, entryQty, entryFilledPrice, exitFilledPrice, ...booked } = trade;
  const signal = paths.signals[trade.index];
  const direction = paths.facts.direction[trade.index];
  const before = stepAfterBooked(exit);
  const extreme = (kind: 'best' | 'worst', sign: number): number => {
    const prices = [exitFilledPrice, extremeBefore(paths.extremes(trade.index, kind), before)];
    return prices.reduce((most, price) => (sign * price > sign * most ? price : most), entryFilledPrice);
  };
  return tradeRow(
    {
      ...booked,
      tradeId: signal.signalId,
      strategyId: signal.strategyId,
      instrumentId: signal.instrumentId,
      side: signal.side,
      decisionTimeMs: signal.decisionTimeMs,
      referencePrice: signal.referencePrice,
      atr: signal.atr,
      levelPrice: signal.levelPrice,
      p: Number.isNaN(signal.p) ? null : signal.p,
      features: storedFeatures(signal.features),
      entryTimeMs: signal.decisionTimeMs,
      entryQty,
      entryNotionalUsd: entryQty * entryFilledPrice,
      exitQty: entryQty,
      exitNotionalUsd: entryQty * exitFilledPrice,
      initialStopPrice: trade.protection.stopPrice,
      firstTarget: null,
      bestPrice: extreme('best', direction),
      worstPrice: extreme('worst', -direction),
    },
    { cause: exit.cause, timeMs: timeOfStep(paths.timeline, exitTimeStep(exit)) },
  );
}

/** Bars that closed before the exit count; at the end of the data nothing traded inside the last one. */
export function stepAfterBooked({ cause, step }: FinishedTrade['exit']): number {
  return cause === 'end_of_data' ? step + 1 : step;
}

/** Step of an exit as trades count it: fills at an open belong to the instant before. */
export function exitTimeStep({ cause, step }: Pick<ResolvedExit, 'cause' | 'step'>): number {
  return cause === 'time' ? step - 1 : step;
}
