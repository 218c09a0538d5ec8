import { CandleBuffer, createPrng, HOUR_MS, type Candles } from '@donch/core';

export interface RandomCandlesOptions {
  readonly seed: number;
  readonly length: number;
  /** Default 5 minutes. */
  readonly intervalMs?: number;
  /** Default 2024-01-01 00:00 UTC, a Monday. */
  readonly startMs?: number;
  /** Share of bars that are missing, at random places; default 0. */
  readonly gapFrac?: number;
}

/** Sub-steps of a bar: enough for highs and lows to differ from open and close. */
const SUBSTEPS = 6;
/** Standard deviation of the log price per hour. */
const HOURLY_SD = 0.01;

/** Seeded candles of a price walk with log-normal volume, for tests that need some input and no statement about markets. */
export function randomCandles(options: RandomCandlesOptions): Candles {
  const { seed, length, intervalMs = HOUR_MS / 12, startMs = Date.UTC(2024, 0, 1), gapFrac = 0 } = options;
  const prng = createPrng(seed, 'random candles');
  const buffer = new CandleBuffer(intervalMs, length);
  const stepSd = HOURLY_SD * Math.sqrt(intervalMs / HOUR_MS / SUBSTEPS);
  let price = 100;
  for (let bar = 0; buffer.length < length; bar += 1) {
    const open = price;
    let high = price;
    let low = price;
    for (let k = 0; k < SUBSTEPS; k += 1) {
      price *= Math.exp(stepSd * prng.normal());
      high = Math.max(high, price);
      low = Math.min(low, price);
    }
    const volume = Math.exp(8 + prng.normal());
    if (prng.next() < gapFrac) continue;
    buffer.append({
      openTimeMs: startMs + bar * intervalMs,
      open,
      high,
      low,
      close: price,
      volume,
      turnover: Number.NaN,
    });
  }
  return buffer;
}

/** Flat bars of one price each, one minute apart, volume 1: for indicators of the close. */
export function candlesOfCloses(closes: readonly number[]): Candles {
  const buffer = new CandleBuffer(60_000, closes.length);
  for (const [k, close] of closes.entries()) {
    buffer.append({
      openTimeMs: k * 60_000,
      open: close,
      high: close,
      low: close,
      close,
      volume: 1,
      turnover: Number.NaN,
    });
  }
  return buffer;
}
