/**
 * Bars per second of the synthetic market: 12 martingale symbols x 60 days of 5m bars (ten sub-steps each), against drawing
 * the same number of normals with the general generator and turning them into prices: the least that a naive version does
 * (neither volume nor clustering volatility nor extremes between the steps). The ratio was 0.71 to 0.84 when this was written.
 */

import { createPrng, MINUTE_MS } from '@donch/core';
import { syntheticMarket } from '@donch/sim';
import { compare } from './harness.ts';

const SYMBOLS = 12;
const DAYS = 60;
const STEPS = 10;
const BARS = DAYS * 288;

export const run = () => compare({ name: 'synthetic-market', candidate: martingales, reference: naive, limit: 1 });

function martingales(): number {
  const options = { seed: 1, symbols: SYMBOLS, startMs: 0, days: DAYS, intervalMs: 5 * MINUTE_MS } as const;
  const market = syntheticMarket({ ...options, mode: 'martingale' });
  let sum = 0;
  for (let k = 0; k < SYMBOLS; k += 1) sum += market.candles(k).close[BARS - 1];
  return sum;
}

function naive(): number {
  const sd = 0.04 / Math.sqrt(288 * STEPS);
  let sum = 0;
  for (let k = 0; k < SYMBOLS; k += 1) {
    const prng = createPrng(1, `symbol ${k}`);
    const [open, high, low, close] = [0, 1, 2, 3].map(() => new Float64Array(BARS));
    let price = 100;
    for (let i = 0; i < BARS; i += 1) {
      open[i] = price;
      high[i] = price;
      low[i] = price;
      for (let j = 0; j < STEPS; j += 1) {
        price *= Math.exp(sd * prng.normal() - 0.5 * sd * sd);
        high[i] = Math.max(high[i], price);
        low[i] = Math.min(low[i], price);
      }
      close[i] = price;
    }
    sum += price;
  }
  return sum;
}
