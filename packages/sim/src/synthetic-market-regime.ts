/** The market regime that the planted effect depends on: MACD of ETHUSDT on 4h bars, as strategies gate by it. */
import { bucketStartMs, HOUR_MS, type Candles } from '@donch/core';

const REGIME_MS = 4 * HOUR_MS;
const FAST_BARS = 12;
const SLOW_BARS = 26;
const SIGNAL_BARS = 9;
/** First 4h bar with a histogram, counted from 0. */
const WARM_UP_BARS = SLOW_BARS + SIGNAL_BARS - 2;

const alphaOf = (bars: number): number => 2 / (bars + 1);

/**
 * By base bar: 1 when the histogram of MACD(12, 26, 9) on the last 4h bar closed by then is above 0, else 0 (also before there
 * is one). EMAs are seeded with the first value.
 */
export function regimeUpByBar(benchmark: Candles): Uint8Array {
  const up = new Uint8Array(benchmark.length);
  let fast = Number.NaN;
  let slow = Number.NaN;
  let signal = Number.NaN;
  let bars = 0;
  let state = 0;
  for (let i = 0; i < benchmark.length; i += 1) {
    const closeTimeMs = benchmark.openTimeMs[i] + benchmark.intervalMs;
    if (bucketStartMs(closeTimeMs, REGIME_MS) === closeTimeMs) {
      const close = benchmark.close[i];
      fast = bars === 0 ? close : fast + alphaOf(FAST_BARS) * (close - fast);
      slow = bars === 0 ? close : slow + alphaOf(SLOW_BARS) * (close - slow);
      signal = bars === 0 ? 0 : signal + alphaOf(SIGNAL_BARS) * (fast - slow - signal);
      state = bars >= WARM_UP_BARS && fast - slow > signal ? 1 : 0;
      bars += 1;
    }
    up[i] = state;
  }
  return up;
}
