/** The figures of one variant of a sweep. */
import { equityStatistics, tradeStatistics, type EquityStatistics, type TradeStatistics } from '@donch/stats';
import type { PassResult } from './portfolio-pass.ts';

export interface VariantSummary {
  /** In R, net of all costs, finished trades only: the bits of `summarise`. */
  readonly tradesR: TradeStatistics;
  /**
   * Of the equity marked at the ends of days. Returns, growth and everything made of daily returns have the bits of `summarise`;
   * drawdowns and what is made of them are those of daily marks: never deeper than those of a run, which are marked at every bar.
   */
  readonly dailyEquity: EquityStatistics;
  readonly initialCapitalUsd: number;
  readonly finalEquityUsd: number;
  readonly feesUsd: number;
  /** > 0 received. */
  readonly fundingUsd: number;
  readonly slippageUsd: number;
  readonly openAtEnd: number;
  readonly abortReason: string;
}

/** Summary of a pass. */
export function summariseVariant(pass: PassResult): VariantSummary {
  const { trades, openAtEnd, timesMs, equityUsd, feesUsd, fundingUsd, slippageUsd, abortReason } = pass;
  return {
    tradesR: tradeStatistics(trades.pnlR),
    dailyEquity: equityStatistics(timesMs, equityUsd),
    initialCapitalUsd: equityUsd[0],
    finalEquityUsd: equityUsd[equityUsd.length - 1],
    feesUsd,
    fundingUsd,
    slippageUsd,
    openAtEnd: openAtEnd.length,
    abortReason,
  };
}
