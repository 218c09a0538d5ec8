/** Rows of a pass: of the few variants that are shown or checked. */
import type { Trade } from '@donch/core';
import { sizingChainOf } from '@donch/engine';
import { picksOf } from './exit-axes.ts';
import { settledBefore } from './funding-schedule.ts';
import type { PassResult } from './portfolio-pass.ts';
import type { SignalPaths } from './signal-paths.ts';
import { CAUSES, type PassTrades } from './trade-columns.ts';
import { stepAfterBooked, tradeOf, type FinishedTrade } from './trade-row.ts';

/** Rows of the finished or of the open trades of a pass, every field as the engine writes it. */
export function passRows(trades: PassTrades, { strategies, settings }: PassResult, paths: SignalPaths): Trade[] {
  const { axes, stops, targets, signals } = paths;
  const picks = picksOf(axes, strategies);
  return Array.from(trades.signal, (index, row) => {
    const signal = signals[index];
    const terms = strategies.findLast(({ strategyId }) => strategyId === signal.strategyId);
    const pick = picks.get(signal.strategyId);
    if (terms === undefined || pick === undefined) throw new RangeError(`no terms for strategy ${signal.strategyId}`);
    const targetPrice = targets.price[paths.at(index, pick.tp)];
    const protection = {
      stopPrice: stops.price[paths.at(index, pick.sl)],
      targetPrice: Number.isNaN(targetPrice) ? null : targetPrice,
    };
    const exit = { cause: CAUSES[trades.exitCause[row]], step: trades.exitStep[row] };
    const qty = trades.qty[row];
    const equityUsd = trades.equityAtDecisionUsd[row];
    return tradeOf(
      {
        index,
        sizing: sizingChainOf({ signal, protection, terms, settings, equityUsd, qty }),
        equityAtDecisionUsd: equityUsd,
        protection,
        entryQty: qty,
        entryFilledPrice: trades.entryFilledPrice[row],
        exitFilledPrice: trades.exitFilledPrice[row],
        feesUsd: trades.feesUsd[row],
        fundingUsd: trades.fundingUsd[row],
        fundingAssumed: isAssumed(paths, index, exit),
        slippageUsd: trades.slippageUsd[row],
        exit,
      },
      paths,
    );
  });
}

/** Whether part of the funding that was booked is assumed. */
function isAssumed(
  { instruments, instrument, step }: SignalPaths,
  signal: number,
  exit: FinishedTrade['exit'],
): boolean {
  const { funding } = instruments[instrument[signal]];
  const from = settledBefore(funding, step[signal] + 1);
  return funding.assumed.subarray(from, settledBefore(funding, stepAfterBooked(exit))).includes(1);
}
