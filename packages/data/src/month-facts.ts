/** What a certificate says about one month of candles: computed from its rows once, kept by the identity of the file. */
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DonchError, type Candles } from '@donch/core';
import { z } from 'zod';
import { writeFileAtomic } from './atomic-file.ts';
import { candlesHash } from './candle-month.ts';
import { errorCode } from './platform.ts';
import type { SeriesKey } from './store-paths.ts';

/** `[fromMs, toMs)` and the number of bars in it. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bars: number;
}

export interface MonthFacts {
  /** `2025-01` */
  readonly month: string;
  readonly rows: number;
  readonly contentHash: string;
  /** Null while only the hash was asked for. */
  readonly detail: MonthDetail | null;
}

export interface MonthDetail {
  readonly firstMs: number;
  readonly lastMs: number;
  /** Missing bars between rows of the month. */
  readonly gaps: readonly Stretch[];
  /** Bars without volume. */
  readonly zeroBars: number;
  /** Runs of bars without volume: the long ones, and those that touch the month's first or last row. */
  readonly zeroRuns: readonly Stretch[];
  /** Rows that do not open after the row before them. */
  readonly duplicates: number;
}

/** Runs of fewer bars without volume are ordinary in thin markets. */
export const ZERO_RUN_BARS_MIN = 12;

/** Facts of a month's rows. */
export function factsOf(month: string, candles: Candles): MonthFacts {
  const { openTimeMs, length } = candles;
  const detail = {
    firstMs: openTimeMs[0],
    lastMs: openTimeMs[length - 1],
    ...findGaps(candles),
    ...findZeroRuns(candles),
  };
  return { month, rows: length, contentHash: candlesHash(candles), detail };
}

function findGaps({ openTimeMs, intervalMs, length }: Candles): Pick<MonthDetail, 'gaps' | 'duplicates'> {
  const gaps: Stretch[] = [];
  let duplicates = 0;
  for (let i = 1; i < length; i += 1) {
    const fromMs = openTimeMs[i - 1] + intervalMs;
    const toMs = openTimeMs[i];
    if (toMs > fromMs) gaps.push({ fromMs, toMs, bars: Math.round((toMs - fromMs) / intervalMs) });
    if (!(toMs > openTimeMs[i - 1])) duplicates += 1;
  }
  return { gaps, duplicates };
}

function findZeroRuns({ openTimeMs, volume, intervalMs, length }: Candles): Pick<MonthDetail, 'zeroBars' | 'zeroRuns'> {
  const zeroRuns: Stretch[] = [];
  let zeroBars = 0;
  let start = -1;
  for (let i = 0; i <= length; i += 1) {
    const isZero = i < length && volume[i] === 0;
    const continues = isZero && start >= 0 && openTimeMs[i] === openTimeMs[i - 1] + intervalMs;
    if (start >= 0 && !continues) {
      const bars = i - start;
      const isEdge = start === 0 || i === length;
      if (isEdge || bars >= ZERO_RUN_BARS_MIN) {
        zeroRuns.push({ fromMs: openTimeMs[start], toMs: openTimeMs[i - 1] + intervalMs, bars });
      }
      start = -1;
    }
    if (isZero) zeroBars += 1;
    if (isZero && start < 0) start = i;
  }
  return { zeroBars, zeroRuns };
}

/** Facts with the identity of the file they came from. */
export interface IdentifiedFacts extends MonthFacts {
  readonly identity: string;
}

const STRETCH = z.object({ fromMs: z.number(), toMs: z.number(), bars: z.int() });
const CACHE = z.object({
  format: z.literal(1),
  instrument: z.string(),
  interval: z.string(),
  months: z.array(
    z.object({
      month: z.string(),
      identity: z.string(),
      rows: z.int(),
      contentHash: z.string(),
      detail: z
        .object({
          firstMs: z.number(),
          lastMs: z.number(),
          gaps: z.array(STRETCH),
          zeroBars: z.int(),
          zeroRuns: z.array(STRETCH),
          duplicates: z.int(),
        })
        .nullable(),
    }),
  ),
});

/** Facts that were kept; none when the file is missing, damaged or of another series: they are computed again. */
export function readFacts(path: string, key: SeriesKey): IdentifiedFacts[] {
  const text = readText(path);
  const json = text.slice(9);
  if (text === '' || crc32(json) !== Number.parseInt(text.slice(0, 8), 16)) return [];
  const parsed = CACHE.safeParse(JSON.parse(json));
  if (!parsed.success) return [];
  const { instrument, interval, months } = parsed.data;
  return instrument === key.instrumentId && interval === key.interval ? months : [];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === undefined) throw cause;
    return '';
  }
}

/** Keeps facts, best effort: they can be computed again at any time. */
export function writeFacts(path: string, key: SeriesKey, months: readonly IdentifiedFacts[]): void {
  const json = JSON.stringify({ format: 1, instrument: key.instrumentId, interval: key.interval, months });
  try {
    writeFileAtomic(path, `${crc32(json).toString(16).padStart(8, '0')} ${json}`, { durable: false });
  } catch (cause) {
    // A full disk or a missing right: the next certificate takes longer.
    if (!(cause instanceof DonchError)) throw cause;
  }
}
