/** What a month file will hold: stored rows, what the tail log adds, what is merged. Nothing is written here. */
import {
  daysFromCivil,
  DAY_MS,
  formatMonth,
  intervalMs,
  lowerBound,
  nextMonthStartMs,
  sliceCandles,
  symbolOf,
  type Candles,
} from '@donch/core';
import { allocateCandles } from './candle-memory.ts';
import { mergeCandles, type RevisedBar } from './candle-merge.ts';
import { fileIdentity, readCandleMonth, type CandleMonth, type TailMark } from './candle-month.ts';
import type { SeriesKey, StorePaths } from './store-paths.ts';
import type { TailIndex } from './tail-index.ts';

export interface MonthPlan {
  readonly month: string;
  readonly candles: Candles;
  readonly tailMark: TailMark | null;
  readonly isChanged: boolean;
  readonly added: number;
  readonly identical: number;
  readonly completed: number;
  /** Revisions by the merged rows. */
  readonly revised: readonly RevisedBar[];
  /** Revisions that the tail log brought; recorded when the month is written. */
  readonly revisedByTail: readonly RevisedBar[];
}

export interface IncomingMonth {
  readonly month: string;
  /** Left out: only the tail log is taken in. */
  readonly candles?: Candles;
}

export interface PlanInput {
  readonly paths: StorePaths;
  readonly key: SeriesKey;
  readonly tail: TailIndex;
  /** Up to which record the plan takes the tail log in; null = the log is empty. */
  readonly mark: TailMark | null;
  readonly incoming: IncomingMonth;
  readonly kept: 'old' | 'new';
}

/** Rows of the month after the merge. Throws what reading the month file throws. */
export async function planMonth({ paths, key, tail, mark, incoming, kept }: PlanInput): Promise<MonthPlan> {
  const { month } = incoming;
  const stored = await readStored(paths, key, month);
  const fromMs = monthStart(month);
  const open = tail.rows({
    symbol: symbolOf(key.instrumentId),
    intervalMs: intervalMs(key.interval),
    marks: new Map([[month, stored.tailMark]]),
    fromMs,
    toMs: nextMonthStartMs(fromMs),
    throughSeq: mark?.seq ?? -1,
  });
  const withTail = mergeCandles(stored.candles, open.candles, 'new');
  const rows = incoming.candles ?? allocateCandles(stored.candles.intervalMs, 0);
  const { candles, added, identical, completed, revised } = mergeCandles(withTail.candles, rows, kept);
  const takesRows = added + completed + (kept === 'new' ? revised.length : 0) > 0;
  const takesTail = withTail.added + withTail.completed + withTail.revised.length > 0;
  return {
    month,
    candles,
    tailMark: newerMark(stored.tailMark, mark),
    isChanged: takesRows || (incoming.candles === undefined && takesTail),
    added,
    identical,
    completed,
    revised,
    revisedByTail: [...open.revised, ...withTail.revised],
  };
}

async function readStored(
  paths: StorePaths,
  key: SeriesKey,
  month: string,
): Promise<Pick<CandleMonth, 'candles' | 'tailMark'>> {
  const path = paths.month(key, month);
  if (fileIdentity(path) !== null) return readCandleMonth(key, month, path);
  return { candles: allocateCandles(intervalMs(key.interval), 0), tailMark: null };
}

/** Marks of one log only grow; a mark of a log that is gone says nothing about the present one. */
function newerMark(stored: TailMark | null, mark: TailMark | null): TailMark | null {
  if (mark === null) return stored;
  return stored !== null && stored.logId === mark.logId && stored.seq > mark.seq ? stored : mark;
}

function monthStart(month: string): number {
  const [year, number] = month.split('-').map(Number);
  return daysFromCivil({ year, month: number, day: 1 }) * DAY_MS;
}

/** Views on the rows of each UTC month, ascending. */
export function splitByMonth(candles: Candles): Required<IncomingMonth>[] {
  const parts: Required<IncomingMonth>[] = [];
  let from = 0;
  while (from < candles.length) {
    const to = lowerBound(candles, nextMonthStartMs(candles.openTimeMs[from]));
    parts.push({ month: formatMonth(candles.openTimeMs[from]), candles: sliceCandles(candles, from, to) });
    from = to;
  }
  return parts;
}
