/** A market in memory: what tests of honesty work on. The research CLI reads instruments one at a time instead. */
import type { Candles, FundingEvents, InstrumentId, OpenInterestEvents } from '@donch/core';

export interface MarketData {
  /** Sorted by id. */
  readonly instruments: readonly InstrumentId[];
  candlesOf(instrumentId: InstrumentId): Candles;
  /** Null = not known. */
  fundingOf(instrumentId: InstrumentId): FundingEvents | null;
  /** Null or nobody to ask = not known. */
  openInterestOf?(instrumentId: InstrumentId): OpenInterestEvents | null;
  /** NaN = not known. */
  listedMsOf(instrumentId: InstrumentId): number;
}

/** The same market with other candles for some instruments. */
export function withCandles(
  market: MarketData,
  changed: (instrumentId: InstrumentId, candles: Candles) => Candles,
): MarketData {
  const cache = new Map<InstrumentId, Candles>();
  return {
    ...market,
    candlesOf(instrumentId) {
      let candles = cache.get(instrumentId);
      if (candles === undefined) {
        candles = changed(instrumentId, market.candlesOf(instrumentId));
        cache.set(instrumentId, candles);
      }
      return candles;
    },
  };
}
