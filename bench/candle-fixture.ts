/** Candles in a store and, for comparison, as plain typed arrays in files; what the candle benchmarks read. */

import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANDLE_COLUMNS, CandleBuffer, MINUTE_MS, type Candles, createPrng, instrumentId } from '@donch/core';
import { openStoreForWrite } from '@donch/data';

/** A year of 5-minute bars each: 6 MB, the size of a real series. */
const BARS = 105_120;
export const SYMBOLS = ['AAAUSDT', 'BBBUSDT', 'CCCUSDT', 'DDDUSDT'];
const STEP_MS = 5 * MINUTE_MS;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Touches every value once, as a scan does. */
export function scan(candles: Candles): number {
  let sum = 0;
  for (const name of CANDLE_COLUMNS) {
    const column = candles[name];
    for (let i = 0; i < candles.length; i += 1) sum += column[i];
  }
  return sum;
}

/** Columns read from a plain file: the least that reading can cost. */
export function rawCandles(path: string): Candles {
  const memory = new SharedArrayBuffer(BARS * CANDLE_COLUMNS.length * BYTES);
  const fd = openSync(path, 'r');
  readSync(fd, new Uint8Array(memory), 0, memory.byteLength, 0);
  closeSync(fd);
  const column = (k: number): Float64Array => new Float64Array(memory, k * BARS * BYTES, BARS);
  return {
    intervalMs: STEP_MS,
    length: BARS,
    openTimeMs: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
    turnover: column(6),
  };
}

/** Makes `<folder>/data` (a store) and `<folder>/<symbol>` (raw columns). */
export async function fillFolder(folder: string): Promise<void> {
  const writer = openStoreForWrite(join(folder, 'data'));
  for (const symbol of SYMBOLS) {
    const candles = randomBars(symbol);
    await writer.candles.merge(instrumentId('bench', symbol), '5m', candles, { onRevision: 'error' });
    const columns = CANDLE_COLUMNS.map((name) => new Uint8Array(candles[name].slice(0, BARS).buffer));
    writeFileSync(join(folder, symbol), Buffer.concat(columns));
  }
  await writer.close();
}

function randomBars(symbol: string): Candles {
  const prng = createPrng(1, symbol);
  const candles = new CandleBuffer(STEP_MS, BARS);
  let close = 100;
  for (let i = 0; i < BARS; i += 1) {
    const open = close;
    close = Math.round(open * (1 + prng.normal() * 0.002) * 1_000) / 1_000;
    const volume = prng.below(100_000) / 10;
    candles.append({
      openTimeMs: Date.UTC(2024, 0, 1) + i * STEP_MS,
      open,
      high: Math.max(open, close),
      low: Math.min(open, close),
      close,
      volume,
      turnover: volume * close,
    });
  }
  return candles;
}
