/** Garbage in place of the future: if anything at or before t changes, it had looked ahead. */
import { lowerBound, type Candles, type Prng } from '@donch/core';

/** Spread of the factor on a garbage price, log scale: wild, and still a price. */
const PRICE_LOG_SD = 0.3;
const VOLUME_FACTOR_MAX = 20;
const EVENT_LOG_SD = 2;

/** A copy whose bars that close after `timeMs` are garbage: valid bars (low <= open, close <= high), finite, wildly wrong. */
export function poisonAfter(candles: Candles, timeMs: number, prng: Prng): Candles {
  const first = lowerBound(candles, timeMs - candles.intervalMs + 1);
  const copy = copyOf(candles);
  for (let i = first; i < candles.length; i += 1) {
    const prices = [0, 0, 0, 0].map(() => candles.close[i] * Math.exp(PRICE_LOG_SD * prng.normal()));
    copy.open[i] = prices[0];
    copy.close[i] = prices[1];
    copy.high[i] = Math.max(...prices);
    copy.low[i] = Math.min(...prices);
    copy.volume[i] = candles.volume[i] * VOLUME_FACTOR_MAX * prng.next();
    copy.turnover[i] = candles.turnover[i] * VOLUME_FACTOR_MAX * prng.next();
  }
  return copy;
}

/** Values of events (same sign, wildly wrong) in place of those later than `timeMs`. */
export function poisonEventsAfter(
  times: Float64Array,
  values: Float64Array,
  { timeMs, prng }: { readonly timeMs: number; readonly prng: Prng },
): Float64Array {
  return values.map((value, k) => (times[k] > timeMs ? value * Math.exp(EVENT_LOG_SD * prng.normal()) : value));
}

/** A copy with other closes in some rows: the far end of the bar's range. Open, high and low stay. */
export function withMovedCloses(candles: Candles, rows: Iterable<number>): Candles {
  const copy = copyOf(candles);
  for (const row of rows) {
    const middle = (candles.high[row] + candles.low[row]) / 2;
    copy.close[row] = candles.close[row] >= middle ? candles.low[row] : candles.high[row];
  }
  return copy;
}

function copyOf(candles: Candles): Candles {
  const { intervalMs, length } = candles;
  return {
    intervalMs,
    length,
    openTimeMs: candles.openTimeMs.slice(0, length),
    open: candles.open.slice(0, length),
    high: candles.high.slice(0, length),
    low: candles.low.slice(0, length),
    close: candles.close.slice(0, length),
    volume: candles.volume.slice(0, length),
    turnover: candles.turnover.slice(0, length),
  };
}
