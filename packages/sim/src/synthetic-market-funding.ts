/** Funding settlements of a synthetic symbol: a base rate, a premium that follows the last days' return, and noise. */
import { clamp, DAY_MS, HOUR_MS, lowerBound, type Candles, type FundingEvents } from '@donch/core';
import { NormalStream } from './synthetic-market-random.ts';
import type { SyntheticSymbol } from './synthetic-market-symbols.ts';

/** Interest component per 8 h, as on the large venues. */
const BASE_RATE_8H = 0.0001;
/** Premium per 8 h after a rise of two standard deviations over PREMIUM_MS is about three quarters of this. */
const PREMIUM_8H = 0.0003;
const PREMIUM_MS = 2 * DAY_MS;
const NOISE_8H = 0.00004;
/** Cap of one settlement. */
const RATE_MAX = 0.0075;

/**
 * Settlements at the symbol's funding times inside its life; each uses only bars that have closed by then. `market` gives the
 * random stream. Rates are rounded to 1e-8.
 */
export function syntheticFunding(
  symbol: SyntheticSymbol,
  candles: Candles,
  market: { readonly seed: number; readonly stream: string },
): FundingEvents {
  const { fundingMs } = symbol;
  const firstMs = candles.openTimeMs[0];
  const endMs = candles.openTimeMs[candles.length - 1] + candles.intervalMs;
  const first = Math.floor(firstMs / fundingMs) + 1;
  const count = Math.max(0, Math.floor(endMs / fundingMs) - first + 1);
  const timeMs = new Float64Array(count);
  const rate = new Float64Array(count);
  const noise = new Float64Array(count);
  new NormalStream(market.seed, `${market.stream} funding`).draw(noise);
  const share = fundingMs / (8 * HOUR_MS);
  const windowSd = symbol.ownDaySd * Math.sqrt(PREMIUM_MS / DAY_MS);
  for (let n = 0; n < count; n += 1) {
    timeMs[n] = (first + n) * fundingMs;
    const last = lowerBound(candles, timeMs[n]) - 1;
    const from = Math.max(0, lowerBound(candles, timeMs[n] - PREMIUM_MS) - 1);
    const rise = Math.log(candles.close[last] / candles.close[from]);
    const rate8h = BASE_RATE_8H + PREMIUM_8H * Math.tanh(rise / (2 * windowSd)) + NOISE_8H * noise[n];
    rate[n] = Math.round(clamp(rate8h * share, -RATE_MAX, RATE_MAX) * 1e8) / 1e8;
  }
  return { timeMs, rate };
}
