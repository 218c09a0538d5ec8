import { readFileSync } from 'node:fs';
import { join } from 'node:path';
/** The golden set: 60 days of synthetic 5m bars (gaps, ties, both changes of daylight saving) with values of an independent implementation. */
import { CandleBuffer, type Candles } from '@donch/core';

const FOLDER = join(import.meta.dirname, '../test-data/golden-5m');

/** Columns of numbers by name; NaN where the file has nothing. */
export type NumberColumns = Readonly<Record<string, Float64Array>>;

/** Reads a CSV file of numbers with a header line; an empty field is NaN. */
export function readNumberCsv(path: string): NumberColumns {
  const lines = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  const names = (lines[0] ?? '').split(',');
  const columns = names.map(() => new Float64Array(lines.length - 1));
  for (let row = 1; row < lines.length; row += 1) {
    for (const [k, text] of lines[row].split(',').entries())
      columns[k][row - 1] = text === '' ? Number.NaN : Number(text);
  }
  return Object.fromEntries(names.map((name, k) => [name, columns[k]]));
}

/** A table of the golden set that ships with the repository, by file name. */
export function goldenTable(file: string): NumberColumns {
  return readNumberCsv(join(FOLDER, file));
}

/** The golden 5m bars of symbol AAA. */
export function goldenCandles(): Candles {
  return candlesFromColumns(goldenTable('ohlcv_5m_AAA.csv'), 300_000);
}

/** Candles from columns `time, open, high, low, close, volume`; turnover is NaN. */
export function candlesFromColumns(columns: NumberColumns, intervalMs: number): Candles {
  const { time, open, high, low, close, volume } = columns;
  const buffer = new CandleBuffer(intervalMs, time.length);
  for (let i = 0; i < time.length; i += 1) {
    buffer.append({
      openTimeMs: time[i],
      open: open[i],
      high: high[i],
      low: low[i],
      close: close[i],
      volume: volume[i],
      turnover: Number.NaN,
    });
  }
  return buffer;
}
