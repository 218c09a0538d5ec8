/** The data set that ships inside the product: made on the spot, so that every command can be tried without a download. */
import { DAY_MS, daysFromCivil, MINUTE_MS } from '@donch/core';
import { syntheticMarket, type SyntheticMarket } from './synthetic-market.ts';

/**
 * 32 symbols of 5m bars over 280 days from 2025-01-01, with the planted effect at 0.2. Enough for about 200 trades of the
 * default strategy and 500 signals. The size of the effect was chosen so that the chain has something to
 * find; it says nothing about real markets. Always the same data on one Node version.
 */
export function demoMarket({ hasEffect }: { readonly hasEffect: boolean } = { hasEffect: true }): SyntheticMarket {
  return syntheticMarket({
    seed: 3,
    symbols: 32,
    startMs: daysFromCivil({ year: 2025, month: 1, day: 1 }) * DAY_MS,
    days: 280,
    intervalMs: 5 * MINUTE_MS,
    mode: 'realistic',
    effect: hasEffect ? 0.2 : 0,
  });
}
