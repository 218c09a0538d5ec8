/** The bar venue with a market of its own, for the venue contract and for whatever wraps a bar venue. */
import { CandleBuffer, type BarSet } from '@donch/core';
import { BarVenue, type BarVenueOptions } from '@donch/sim';
import { TEST_INTERVAL_MS, TEST_START_MS, testInstrument, testRules } from './trading-fixtures.ts';
import type { VenueUnderTest } from './venue-bench.ts';

/** Every price of `trade` is one bar from the last price to it; market orders trade at its open. */
export function barVenueUnderTest(
  changes: Partial<BarVenueOptions> = {},
): VenueUnderTest & { readonly venue: BarVenue } {
  const instrumentId = testInstrument('AAA');
  let lost: 'present' | 'absent' | null = null;
  const venue = new BarVenue(
    {
      costs: { feeFrac: 0.00055, slippageFrac: 0.0003, stopSlippageFrac: 0.0005, impactFrac: 0, assumedFundingFrac: 0 },
      rulesAt: () => testRules(),
      fundingOf: () => null,
      entryFill: 'next_open',
      disturbance: {
        prng: { next: () => (lost === 'present' ? 0.4 : 0.6), below: () => 0, normal: () => 0 },
        get unknownFrac() {
          return lost === null ? 0 : 1;
        },
        rejectFrac: 0,
        delayFrac: 0,
        splitFrac: 0,
        missingStopFrac: 0,
        protectionRefusedFrac: 0,
      },
      ...changes,
    },
    true,
  );
  const candles = new CandleBuffer(TEST_INTERVAL_MS);
  const instruments = [instrumentId];
  let price = 100;
  let openTimeMs = TEST_START_MS;
  const tradeBar = (close: number): void => {
    const high = Math.max(price, close);
    const low = Math.min(price, close);
    candles.append({ openTimeMs, open: price, high, low, close, volume: 1e6, turnover: Number.NaN });
    openTimeMs += TEST_INTERVAL_MS;
    const rows = Int32Array.of(candles.length - 1);
    const barSet: BarSet = { closeTimeMs: openTimeMs, instruments, candles: [candles], rows };
    venue.openBars(barSet);
    venue.tradeBars(barSet);
    venue.settle(openTimeMs);
    price = close;
  };
  return {
    venue,
    instrumentId,
    tickSize: 0.01,
    qtyStep: 0.001,
    qty: 2,
    price: () => price,
    nowMs: () => openTimeMs,
    trade: (prices) => {
      for (const next of prices) tradeBar(next);
    },
    loseAnswers: (order) => {
      lost = order;
    },
  };
}
