/** The figures of one run: what the terminal shows, what `--json` carries, what a report starts from. */
import { createPrng, numbersOf, type Trade } from '@donch/core';
import {
  clusterBootstrap,
  equityStatistics,
  exposureOf,
  tradeStatistics,
  type ClusterInterval,
  type EquityStatistics,
  type Exposure,
  type Refusal,
  type TradeStatistics,
} from '@donch/stats';
import type { BacktestResult } from './run-backtest.ts';

export interface RunSummary {
  /** In R, net of all costs, finished trades only. */
  readonly tradesR: TradeStatistics;
  /** Interval of the mean R: whole weeks resampled, never single trades. */
  readonly meanR: ClusterInterval | Refusal;
  /** Marked-to-market equity; positions open at the end count. */
  readonly equity: EquityStatistics;
  readonly exposure: Exposure;
  readonly initialCapitalUsd: number;
  readonly finalEquityUsd: number;
  readonly feesUsd: number;
  /** > 0 received. */
  readonly fundingUsd: number;
  /** Trades part of whose funding was assumed because the rates are not known. */
  readonly fundingAssumedTrades: number;
  readonly slippageUsd: number;
  readonly openAtEnd: number;
  readonly participationWarnings: number;
  readonly doubtfulExits: BacktestResult['doubtfulExits'];
  readonly abortReason: string;
  readonly startMs: number;
  readonly endMs: number;
}

const sumOf = (trades: readonly Trade[], value: (trade: Trade) => number): number =>
  trades.reduce((sum, trade) => sum + value(trade), 0);

/** Summary of a backtest; `seed` drives the resampling and nothing else. */
export function summarise(result: BacktestResult, seed: number): RunSummary {
  const { trades, openAtEnd, equity } = result;
  const times = numbersOf(equity, 'time');
  const values = numbersOf(equity, 'equity_usd');
  const pnl = trades.map(({ pnlR }) => pnlR);
  const all = [...trades, ...openAtEnd];
  const startMs = times[0];
  const endMs = times[times.length - 1];
  return {
    tradesR: tradeStatistics(pnl),
    meanR: clusterBootstrap({ entryTimeMs: trades.map(({ entryTimeMs }) => entryTimeMs), pnl }, 'mean', {
      prng: createPrng(seed, 'bootstrap'),
    }),
    equity: equityStatistics(times, values),
    exposure: exposureOf(
      { fromMs: all.map(({ entryTimeMs }) => entryTimeMs), toMs: all.map(({ exitTimeMs }) => exitTimeMs) },
      startMs,
      endMs,
    ),
    initialCapitalUsd: values[0],
    finalEquityUsd: values[values.length - 1],
    feesUsd: sumOf(all, ({ feesUsd }) => feesUsd),
    fundingUsd: sumOf(all, ({ fundingUsd }) => fundingUsd),
    fundingAssumedTrades: all.filter(({ fundingAssumed }) => fundingAssumed).length,
    slippageUsd: sumOf(all, ({ slippageUsd }) => slippageUsd),
    openAtEnd: openAtEnd.length,
    participationWarnings: result.participationWarnings,
    doubtfulExits: result.doubtfulExits,
    abortReason: result.abortReason,
    startMs,
    endMs,
  };
}
