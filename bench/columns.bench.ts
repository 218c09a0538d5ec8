/** Why history is columns and not rows: the mean true range over a year of 5-minute bars of ten symbols, both ways. */

import { type Bar, barAt, CandleBuffer, type Candles, createPrng } from '@donch/core';
import { type BenchReport, compare } from './harness.ts';

const BARS = 1_000_000;
const INTERVAL_MS = 300_000;

/** Columns slower than rows would overturn the design; the ratio was 0.14 to 0.15 when this was written. */
const LIMIT = 1;

export function run(): Promise<BenchReport> {
  const candles = randomWalk();
  const bars = Array.from({ length: BARS }, (_, i) => barAt(candles, i));
  return compare({
    name: 'columns',
    candidate: () => trueRangeOfColumns(candles),
    reference: () => trueRangeOfRows(bars),
    limit: LIMIT,
  });
}

function trueRangeOfColumns({ length, high, low, close }: Candles): number {
  let sum = 0;
  for (let i = 1; i < length; i++) sum += Math.max(high[i], close[i - 1]) - Math.min(low[i], close[i - 1]);
  return sum / (length - 1);
}

function trueRangeOfRows(bars: readonly Bar[]): number {
  let sum = 0;
  for (let i = 1; i < bars.length; i++) {
    sum += Math.max(bars[i].high, bars[i - 1].close) - Math.min(bars[i].low, bars[i - 1].close);
  }
  return sum / (bars.length - 1);
}

function randomWalk(): Candles {
  const prng = createPrng(1, 'bench/columns');
  const buffer = new CandleBuffer(INTERVAL_MS, BARS);
  let close = 100;
  for (let i = 0; i < BARS; i++) {
    const open = close;
    close = open * Math.exp(0.001 * prng.normal());
    const [high, low] = [Math.max(open, close) * 1.0005, Math.min(open, close) * 0.9995];
    buffer.append({ openTimeMs: i * INTERVAL_MS, open, high, low, close, volume: 1, turnover: Number.NaN });
  }
  return buffer;
}
