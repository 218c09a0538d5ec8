import { CandleBuffer, HOUR_MS, type BarSet } from '@donch/core';
import {
  TEST_INTERVAL_MS,
  TEST_START_MS,
  testInstrument,
  testRules,
  venueContract,
  type VenueUnderTest,
} from '@donch/testkit';
import { expect, it } from 'vitest';
import { PaperVenue } from './paper-venue.ts';

const ID = testInstrument('AAA');

/** Every price is one bar from the last price to it. */
function paperUnderTest(): VenueUnderTest & { readonly venue: PaperVenue } {
  let lost: 'present' | 'absent' | null = null;
  const venue = new PaperVenue({
    costs: {
      feeFrac: 0.00055,
      slippageFrac: 0.0003,
      stopSlippageFrac: 0.0005,
      impactFrac: 0,
      assumedFundingFrac: 0.0001,
    },
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
  });
  const candles = new CandleBuffer(TEST_INTERVAL_MS);
  const instruments = [ID];
  let price = 100;
  let openTimeMs = TEST_START_MS;
  return {
    venue,
    instrumentId: ID,
    tickSize: 0.01,
    qtyStep: 0.001,
    qty: 2,
    price: () => price,
    nowMs: () => openTimeMs,
    trade: (prices) => {
      for (const close of prices) {
        const [high, low] = [Math.max(price, close), Math.min(price, close)];
        candles.append({ openTimeMs, open: price, high, low, close, volume: 1e6, turnover: Number.NaN });
        openTimeMs += TEST_INTERVAL_MS;
        const barSet: BarSet = {
          closeTimeMs: openTimeMs,
          instruments,
          candles: [candles],
          rows: Int32Array.of(candles.length - 1),
        };
        venue.trade(barSet);
        price = close;
      }
    },
    loseAnswers: (order) => {
      lost = order;
    },
  };
}

venueContract('the paper venue', { create: paperUnderTest });

it('books funding of what is held in its ledger', async () => {
  const under = paperUnderTest();
  await under.venue.submit({
    clientOrderId: 'd-0123456789abcdef01234567-en-0' as never,
    tradeId: '0123456789abcdef01234567' as never,
    instrumentId: ID,
    strategyId: 'paper' as never,
    leg: 'entry',
    side: 'buy',
    type: 'market',
    qty: 2,
    limitPrice: null,
    reduceOnly: false,
    leverage: 1,
    protection: { stopPrice: 50, targetPrice: null },
    referencePrice: 100,
    decidedMs: under.nowMs(),
    expiresMs: null,
  });
  await under.trade(Array.from({ length: (9 * HOUR_MS) / TEST_INTERVAL_MS }, () => 100));
  const { fills, funding } = await under.venue.executions(0);
  expect(fills.length).toBe(1);
  expect(funding).toMatchObject([{ kind: 'funding', assumed: true, amountUsd: -0.0001 * 2 * 100 }]);
  expect((await under.venue.executions(funding[0].timeMs + 1)).funding).toEqual([]);
});
