/** Candles in shared memory: every worker sees the same columns without a copy. */
import { CANDLE_COLUMNS, type CandleColumn, type Candles } from '@donch/core';

const BYTES_PER_VALUE = Float64Array.BYTES_PER_ELEMENT;

/** Zeroed candles whose columns follow each other in one SharedArrayBuffer. */
export function allocateCandles(intervalMs: number, length: number): Candles {
  const memory = new SharedArrayBuffer(length * CANDLE_COLUMNS.length * BYTES_PER_VALUE);
  const columns = CANDLE_COLUMNS.map((name, k): [CandleColumn, Float64Array] => [
    name,
    new Float64Array(memory, k * length * BYTES_PER_VALUE, length),
  ]);
  return { intervalMs, length, ...(Object.fromEntries(columns) as Record<CandleColumn, Float64Array>) };
}

/** Copies all rows of `source` to `target`, from its row `at` on. */
function copyRows(target: Candles, at: number, source: Candles): void {
  for (const name of CANDLE_COLUMNS) {
    const column = source[name];
    target[name].set(column.length === source.length ? column : column.subarray(0, source.length), at);
  }
}

/** All rows of several candles, which must follow each other, in new shared memory. */
export function joinCandles(intervalMs: number, parts: readonly Candles[]): Candles {
  const joined = allocateCandles(
    intervalMs,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    copyRows(joined, at, part);
    at += part.length;
  }
  return joined;
}
