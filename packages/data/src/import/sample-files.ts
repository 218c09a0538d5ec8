/** Market files made up for tests: bars that keep every rule, in the layouts that the importer reads. */

import {
  CandleBuffer,
  type Candles,
  createPrng,
  floorToStep,
  formatCsvTime,
  HOUR_MS,
  MINUTE_MS,
  sliceCandles,
} from '@donch/core';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readFileName } from './file-name.ts';
import { FindingLog, type FindingSink, type RejectedRow } from './finding-log.ts';
import { type ImportOptions, resolveOptions } from './import-options.ts';
import { sourceOf } from './load-source.ts';
import { type ReadFile, readSource } from './read-file.ts';
import type { Finding } from './rules.ts';

/** 2025-03-01 00:00 UTC, first open of the samples. */
export const START_MS = 1_740_787_200_000;

/** An instant long after every sample. */
export const NOW_MS = START_MS + 1_000 * 24 * HOUR_MS;

/** Bars of a random walk without gaps, prices with two decimals, volumes with three, turnover that fits. */
export function sampleCandles(bars: number, intervalMs = 5 * MINUTE_MS, seed = 1): Candles {
  const prng = createPrng(seed, 'sample-files');
  const buffer = new CandleBuffer(intervalMs, Math.max(1, bars));
  const cents = (price: number): number => Math.round(price * 100) / 100;
  let close = 100;
  for (let i = 0; i < bars; i += 1) {
    const open = close;
    close = cents(Math.max(1, open * Math.exp(0.003 * prng.normal())));
    const high = cents(Math.max(open, close) + Math.abs(prng.normal()) * 0.1);
    const low = cents(Math.min(open, close) - Math.abs(prng.normal()) * 0.1);
    const volume = floorToStep(10 + prng.next() * 100, 0.001);
    const turnover = floorToStep((volume * (open + high + low + close)) / 4, 0.0001);
    buffer.append({ openTimeMs: START_MS + i * intervalMs, open, high, low, close, volume, turnover });
  }
  return sliceCandles(buffer, 0, bars);
}

/** `timestamp,open,high,low,close,volume` with a line end behind every line. */
export function sampleCsv(candles: Candles): string {
  return `timestamp,open,high,low,close,volume\n${sampleLines(candles).join('\n')}\n`;
}

/** The data lines of `sampleCsv`, without line ends. */
export function sampleLines(candles: Candles, time: (timeMs: number) => string = String): string[] {
  const { openTimeMs, open, high, low, close, volume } = candles;
  return Array.from({ length: candles.length }, (_, i) =>
    [time(openTimeMs[i]), open[i], high[i], low[i], close[i], volume[i]].join(','),
  );
}

/** Rows of Bybit's kline answer, newest first. */
export function sampleBybitRows(candles: Candles): string[][] {
  const { openTimeMs, open, high, low, close, volume, turnover } = candles;
  const columns = [openTimeMs, open, high, low, close, volume, turnover];
  return Array.from({ length: candles.length }, (_, i) => columns.map((column) => String(column[i]))).reverse();
}

export interface ParquetVariant {
  /** Other names for columns. */
  readonly rename?: Readonly<Record<string, string>>;
  readonly withTurnover?: boolean;
  /** Timestamps in microseconds without a zone, as pandas writes naive ones; the clock then is this far ahead of UTC. */
  readonly naiveOffsetMs?: number;
}

/** A Parquet file with the columns of `sampleCsv` as pandas would write it: nullable, not one of our own sealed files. */
export function sampleParquet(
  candles: Candles,
  { rename = {}, withTurnover = false, naiveOffsetMs }: ParquetVariant = {},
): Buffer {
  const names = ['open', 'high', 'low', 'close', 'volume', ...(withTurnover ? ['turnover' as const] : [])] as const;
  const logical = { type: 'TIMESTAMP', isAdjustedToUTC: naiveOffsetMs === undefined, unit: 'MICROS' } as const;
  const timeName = rename['timestamp'] ?? 'timestamp';
  const micros = Array.from(candles.openTimeMs, (timeMs) => BigInt(timeMs + (naiveOffsetMs ?? 0)) * 1_000n);
  const numbers = names.map((name) => ({
    name: rename[name] ?? name,
    data: Array.from(candles[name], (value) => (Number.isNaN(value) ? null : value)),
  }));
  const schema = [
    { name: 'root', num_children: numbers.length + 1 },
    { name: timeName, type: 'INT64' as const, logical_type: logical, repetition_type: 'OPTIONAL' as const },
    ...numbers.map(({ name }) => ({ name, type: 'DOUBLE' as const, repetition_type: 'OPTIONAL' as const })),
  ];
  return Buffer.from(parquetWriteBuffer({ schema, columnData: [{ name: timeName, data: micros }, ...numbers] }));
}

/** ISO text with a zone, as the samples of text times use it. */
export const isoTime = (timeMs: number): string => formatCsvTime(timeMs).replace(' ', 'T').replace('+00:00', 'Z');

/** What reading one file gave. */
export interface ReadOutcome {
  readonly read: ReadFile | null;
  /** What `readSource` threw. */
  readonly error: unknown;
  readonly log: FindingLog;
  readonly findings: readonly Finding[];
  readonly rejected: readonly RejectedRow[];
}

export interface ReadRequest {
  readonly options?: ImportOptions;
  readonly name?: string;
  readonly nowMs?: number;
}

/** Reads bytes or text as a file of BTCUSDT on Bybit. */
export async function readSample(
  content: string | Buffer,
  { options = {}, name = 'bybit-BTCUSDT.csv', nowMs = NOW_MS }: ReadRequest = {},
): Promise<ReadOutcome> {
  const findings: Finding[] = [];
  const rejected: RejectedRow[] = [];
  const sink: FindingSink = { finding: (finding) => findings.push(finding), rejected: (row) => rejected.push(row) };
  const log = new FindingLog(sink);
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  try {
    const source = await sourceOf(name, bytes);
    const read = await readSource(source, { options: resolveOptions(options), name: readFileName(name), nowMs, log });
    return { read, error: null, log, findings, rejected };
  } catch (error) {
    return { read: null, error, log, findings, rejected };
  }
}
