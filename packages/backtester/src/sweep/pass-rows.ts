/** Rows of a pass: of the few variants that are shown or checked. */
import { invariant, type Trade } from '@donch/core';
import { sizingChainOf } from '@donch/engine';
import { picksOf } from './exit-axes.ts';
import { settledBefore } from './funding-schedule.ts';
import { passPortfolio, type PassOptions, type PassResult } from './portfolio-pass.ts';
import type { SignalPaths } from './signal-paths.ts';
import { CAUSES, type TradeColumns } from './trade-columns.ts';
import { stepAfterBooked, tradeOf, type FinishedTrade } from './trade-row.ts';

/** Rows of finished trades and of those that the end of the data closed, every field as the engine writes it. */
export interface PassRows {
  readonly trades: readonly Trade[];
  readonly openAtEnd: readonly Trade[];
}

/** Rows of a pass, which is done once more for them. */
export function passRows({ options }: PassResult, paths: SignalPaths): PassRows {
  const again = passPortfolio({ ...options, paths, keepsRows: true });
  invariant(!('needsEngine' in again), 'a pass over the same columns does the same');
  const { finished, openAtEnd } = paths.scratch;
  return { trades: rowsOf(finished, options), openAtEnd: rowsOf(openAtEnd, options) };
}

function rowsOf(trades: TradeColumns, { paths, strategies, settings }: PassOptions): Trade[] {
  const { axes, stops, targets, signals } = paths;
  const picks = picksOf(axes, strategies);
  return Array.from(trades.signal.subarray(0, trades.length), (index, row) => {
    const signal = signals[index];
    const terms = strategies.findLast(({ strategyId }) => strategyId === signal.strategyId);
    const pick = picks.get(signal.strategyId);
    invariant(terms !== undefined && pick !== undefined, 'every signal belongs to a strategy of the variant');
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
