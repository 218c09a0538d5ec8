/**
 * Damaged files for property tests, and what must hold for every one of them: a DonchError or a report in which each line is
 * accounted for once, and no accepted bar that is unsound or does not stand in the file.
 */

import { gzipSync } from 'node:zlib';
import { bucketStartMs, DonchError, DonchErrors, formatCsvTime, MINUTE_MS, type Prng } from '@donch/core';
import type { ImportOptions } from './import-options.ts';
import {
  isoTime,
  NOW_MS,
  readSample,
  type ReadOutcome,
  sampleBybitRows,
  sampleCandles,
  sampleCsv,
  sampleLines,
  sampleParquet,
} from './sample-files.ts';

export const FUZZ_FORMATS = ['csv', 'gzip', 'json', 'parquet'] as const;
export type FuzzFormat = (typeof FUZZ_FORMATS)[number];

/** One damaged file. */
export interface FuzzCase {
  readonly name: string;
  readonly bytes: Buffer;
  /** Text before it was packed, when lines can be looked up in it. */
  readonly text: string | null;
  readonly options: ImportOptions;
}

/** A valid file with one to four damages. */
export function damagedFile(format: FuzzFormat, prng: Prng): FuzzCase {
  const options: ImportOptions = {
    mode: pick(prng, ['default', 'strict', 'repair']),
    conflicts: pick(prng, ['none', 'none', 'first', 'last']),
    allowPartial: prng.next() < 0.3,
    ...(prng.next() < 0.2 ? { interval: '5m' as const } : {}),
  };
  if (format === 'parquet') return { name: 'bybit-BTCUSDT.parquet', bytes: damagedParquet(prng), text: null, options };
  if (format === 'json') {
    const text = damagedText(sampleJson(prng), prng);
    return { name: 'bybit-BTCUSDT.json', bytes: Buffer.from(text), text: null, options };
  }
  const text = damagedText(sampleText(prng), prng);
  const plain = Buffer.from(text);
  if (format === 'csv')
    return {
      name: 'bybit-BTCUSDT.csv',
      bytes: prng.next() < 0.2 ? damagedBytes(plain, prng) : plain,
      text: null,
      options,
    };
  const packed = gzipSync(plain);
  const bytes = prng.next() < 0.7 ? damagedBytes(packed, prng) : packed;
  return { name: 'bybit-BTCUSDT.csv.gz', bytes, text: null, options };
}

const BARS_MAX = 60;

function sampleText(prng: Prng): string {
  const candles = sampleCandles(prng.below(BARS_MAX) + 1, pick(prng, [1, 5, 5, 60]) * MINUTE_MS, prng.below(1_000));
  const layout = prng.below(6);
  if (layout === 0) return `time,open,high,low,close,volume\n${sampleLines(candles, isoTime).join('\n')}\n`;
  if (layout === 1)
    return `date;open;high;low;close;volume\n${sampleLines(candles, dayMonth).join('\n').replaceAll(',', ';')}\n`;
  if (layout === 2) return `${sampleLines(candles).join('\n')}\n`;
  if (layout === 3) {
    const rows = sampleBybitRows(candles).map((row) => row.map((cell) => `"${cell}"`).join(','));
    return `startTime,openPrice,highPrice,lowPrice,closePrice,volume,turnover\n${rows.join('\n')}\n`;
  }
  if (layout === 4) return sampleCsv(candles).replaceAll('\n', '\r\n');
  return sampleCsv(candles);
}

function dayMonth(timeMs: number): string {
  const [date, clock] = formatCsvTime(timeMs).split(' ');
  return `${date.slice(8)}/${date.slice(5, 7)}/${date.slice(0, 4)} ${clock.slice(0, 5)}`;
}

function sampleJson(prng: Prng): string {
  const rows = sampleBybitRows(sampleCandles(prng.below(BARS_MAX) + 1, 5 * MINUTE_MS, prng.below(1_000)));
  const layout = prng.below(4);
  const answer = { retCode: 0, retMsg: 'OK', result: { category: 'linear', symbol: 'BTCUSDT', list: rows } };
  if (layout === 0) return JSON.stringify(answer);
  if (layout === 1) return JSON.stringify([answer], null, 1);
  if (layout === 2) return rows.map((row) => JSON.stringify(row)).join('\n');
  const names = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];
  return JSON.stringify(
    rows.map((row) => Object.fromEntries(names.map((name, k) => [name, Number(row[k])]))),
    null,
    2,
  );
}

function damagedParquet(prng: Prng): Buffer {
  const candles = sampleCandles(prng.below(BARS_MAX) + 1, 5 * MINUTE_MS, prng.below(1_000));
  if (prng.next() < 0.5) {
    const row = prng.below(candles.length);
    const column = pick(prng, ['open', 'high', 'low', 'close', 'volume'] as const);
    candles[column][row] = pick(prng, [Number.NaN, 0, -1, 1e300, 5e-324, candles[column][row] * 100]);
    if (prng.next() < 0.3)
      candles.openTimeMs[row] = pick(prng, [0, 1, candles.openTimeMs[0], candles.openTimeMs[row] + 7]);
  }
  const bytes = sampleParquet(candles, prng.next() < 0.1 ? { rename: { close: 'last' } } : {});
  return prng.next() < 0.5 ? damagedBytes(bytes, prng) : bytes;
}

const JUNK: readonly string[] = [
  ['', ' ', ',', ',,', '"', '""', "'", ';', '\t', '\r', '\n', '\n\n', '\r\n', '\u0000', '\ufeff', '-', '.', 'e'],
  ['NaN', 'null', 'inf', '-1', '0', '-0', '1e999', '1e-400', '9'.repeat(400), '0x10', '1_000', '12,5', '1970-01-01'],
  [
    '2025-02-30T00:00:00Z',
    '31/12/2025',
    '\ud800',
    '\u202e',
    '価格',
    '[',
    ']',
    '{',
    '}',
    ':',
    'true',
    '=1+1',
    '<script>',
    '%',
  ],
  ['timestamp,open,high,low,close,volume\n'],
].flat();

/** One to four changes of text: anything that editors, transfers and scripts do to files. */
function damagedText(original: string, prng: Prng): string {
  let text = original;
  for (let damages = 1 + prng.below(4); damages > 0; damages -= 1)
    text = TEXT_DAMAGES[prng.below(TEXT_DAMAGES.length)](text, prng);
  return text;
}

type TextDamage = (text: string, prng: Prng) => string;

const TEXT_DAMAGES: readonly TextDamage[] = [
  (text, prng) => text.slice(0, prng.below(text.length + 1)),
  (text, prng) => splice(text, prng.below(text.length + 1), 0, pick(prng, JUNK)),
  (text, prng) => splice(text, prng.below(text.length + 1), prng.below(12), pick(prng, JUNK)),
  (text, prng) => splice(text, prng.below(text.length + 1), prng.below(300), ''),
  (text, prng) => splice(text, prng.below(text.length + 1), 1, String.fromCharCode(prng.below(128))),
  (text, prng) => changeCell(text, prng, () => pick(prng, JUNK)),
  (text, prng) => changeCell(text, prng, (cell) => `${cell}${prng.below(10)}`),
  (text, prng) => changeCell(text, prng, (cell) => `-${cell}`),
  (text, prng) => changeCell(text, prng, (cell) => String(Number(cell) * pick(prng, [1e3, 1e-3, 100, 1e15, 1e300]))),
  (text, prng) => swapCells(text, prng),
  (text, prng) => changeLines(text, prng, (lines, at) => lines.splice(at, 0, lines[at])),
  (text, prng) => changeLines(text, prng, (lines, at) => lines.splice(at, 1)),
  (text, prng) => changeLines(text, prng, (lines, at) => lines.splice(at, 0, '')),
  (text, prng) => changeLines(text, prng, (lines, at) => lines.splice(at, 0, lines[0])),
  (text, prng) => changeLines(text, prng, (lines, at) => lines.push(...lines.splice(0, at))),
  (text) => text.split('\n').reverse().join('\n'),
  (text, prng) => text.replaceAll('\n', () => pick(prng, ['\n', '\r\n', '\n', '\r'])),
  (text) => text + text,
];

function splice(text: string, at: number, remove: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + remove);
}

function changeLines(text: string, prng: Prng, change: (lines: string[], at: number) => unknown): string {
  const lines = text.split('\n');
  change(lines, prng.below(lines.length));
  return lines.join('\n');
}

function changeCell(text: string, prng: Prng, change: (cell: string) => string): string {
  return changeLines(text, prng, (lines, at) => {
    const cells = lines[at].split(',');
    const column = prng.below(cells.length);
    cells[column] = change(cells[column]);
    lines[at] = cells.join(',');
  });
}

function swapCells(text: string, prng: Prng): string {
  return changeLines(text, prng, (lines, at) => {
    const cells = lines[at].split(',');
    const [a, b] = [prng.below(cells.length), prng.below(cells.length)];
    [cells[a], cells[b]] = [cells[b], cells[a]];
    lines[at] = cells.join(',');
  });
}

function damagedBytes(original: Buffer, prng: Prng): Buffer {
  const bytes = Buffer.from(original);
  if (prng.next() < 0.3) return bytes.subarray(0, prng.below(bytes.length + 1));
  for (let flips = 1 + prng.below(4); flips > 0; flips -= 1) bytes[prng.below(bytes.length)] ^= 1 << prng.below(8);
  return prng.next() < 0.1 ? Buffer.concat([bytes, bytes.subarray(0, prng.below(40))]) : bytes;
}

function pick<T>(prng: Prng, values: readonly T[]): T {
  return values[prng.below(values.length)];
}

/** Reads the file and checks everything that must hold; returns the broken rule, or null, and what came of the file. */
export async function checkDamagedFile({
  name,
  bytes,
  options,
}: FuzzCase): Promise<{ broken: string | null; isRead: boolean; accepted: number }> {
  const outcome = await readSample(bytes, { name, options });
  if (outcome.read === null) {
    const isKnown = outcome.error instanceof DonchError || outcome.error instanceof DonchErrors;
    return { broken: isKnown ? null : `foreign error: ${String(outcome.error)}`, isRead: false, accepted: 0 };
  }
  const broken = unsoundBar(outcome) ?? unaccountedLine(outcome) ?? inventedBar(outcome);
  return { broken, isRead: true, accepted: outcome.read.totals.accepted };
}

function unsoundBar({ read }: ReadOutcome): string | null {
  const candles = read?.candles;
  if (candles === null || candles === undefined) return null;
  const { openTimeMs, open, high, low, close, volume, turnover, intervalMs, length } = candles;
  for (let i = 0; i < length; i += 1) {
    const isTimeSound =
      bucketStartMs(openTimeMs[i], intervalMs) === openTimeMs[i] &&
      openTimeMs[i] + intervalMs <= NOW_MS &&
      openTimeMs[i] > Date.UTC(2009, 0) &&
      (i === 0 || openTimeMs[i] > openTimeMs[i - 1]);
    const prices = [open[i], high[i], low[i], close[i]];
    const isPriceSound =
      prices.every((price) => Number.isFinite(price) && price > 0) &&
      high[i] === Math.max(...prices) &&
      low[i] === Math.min(...prices);
    const isVolumeSound =
      volume[i] >= 0 && Number.isFinite(volume[i]) && !(turnover[i] < 0) && turnover[i] !== Infinity;
    if (!isTimeSound || !isPriceSound || !isVolumeSound)
      return `unsound bar ${i}: ${openTimeMs[i]} ${prices.join(' ')} ${volume[i]}`;
  }
  return null;
}

/** Every line is exactly one of: skipped, accepted, rejected, duplicate. Seen from the findings, not from the totals. */
function unaccountedLine({ read, findings, rejected }: ReadOutcome): string | null {
  if (read === null) return null;
  const { lines, headers, accepted } = read.totals;
  const seen = new Map<number, number>();
  const count = (line: number): void => void seen.set(line, (seen.get(line) ?? 0) + 1);
  for (const { line } of rejected) count(line);
  for (const { rule, line } of findings) {
    if (['blank_line', 'repeated_header', 'preamble_line', 'duplicate_identical'].includes(rule)) count(line);
  }
  for (let row = 0; row < accepted; row += 1) count(read.lineOf(row));
  const told = [...seen.values()].reduce((sum, times) => sum + times, 0);
  if (told + headers !== lines) return `${lines} lines, ${told} told`;
  // JSON rows may share a physical line; lines of text and rows of Parquet may not.
  const twice = [...seen].find(([, times]) => times > 1);
  const isByLine = !read.textOf(0).trimStart().startsWith('[') && !read.textOf(0).trimStart().startsWith('{');
  return isByLine && twice !== undefined ? `line ${twice[0]} told ${twice[1]} times` : null;
}

/** The values of an accepted bar stand in the text of its row. */
function inventedBar({ read }: ReadOutcome): string | null {
  const candles = read?.candles;
  if (read === null || candles === null || candles === undefined) return null;
  for (let row = 0; row < candles.length; row += 1) {
    const numbers = new Set(
      read
        .textOf(row)
        .split(/[,;\t|"=:{}[\]\s]+/)
        .map(Number),
    );
    for (const column of ['open', 'high', 'low', 'close', 'volume'] as const) {
      if (!numbers.has(candles[column][row]))
        return `${column} ${candles[column][row]} is not in "${read.textOf(row)}"`;
    }
  }
  return null;
}
