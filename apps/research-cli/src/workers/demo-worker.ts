/** What a thread of `donch demo` does: makes the bars and settlements of one invented symbol. */
import type { Candles, FundingEvents } from '@donch/core';
import { syntheticMarket, type SyntheticMarket, type SyntheticMarketOptions } from '@donch/sim';
import { answer, type Answer } from './sent-error.ts';

export interface SymbolTask {
  readonly options: SyntheticMarketOptions;
  /** Number of the symbol. */
  readonly k: number;
}

export interface SymbolSeries {
  readonly candles: Candles;
  readonly funding: FundingEvents;
}

/** The market of this thread: its symbols share a factor, which is made once. */
let market: SyntheticMarket | null = null;

export function symbol({ options, k }: SymbolTask): Promise<Answer<SymbolSeries>> {
  return answer(() => {
    market ??= syntheticMarket(options);
    const candles = market.candles(k);
    return { candles, funding: market.funding(k, candles) };
  });
}
