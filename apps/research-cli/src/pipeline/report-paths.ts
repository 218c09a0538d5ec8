import { listenForInterrupt, type CommandContext } from '@donch/cli';
/** The candles around the trades of a run, read from the store and put into the few characters that a page holds for each. */
import {
  cellAt,
  columnOf,
  DonchError,
  intervalMs,
  numbersOf,
  rowAt,
  textsOf,
  type Candles,
  type InstrumentId,
  type Interval,
  type Table,
} from '@donch/core';
import type { Store } from '@donch/data';
import { encodePath, pathWindow, type EncodedPath, type PathWindow, type ReportInput } from '@donch/report';

export interface PathRequest {
  readonly store: Store;
  readonly trades: Table;
  /** By row of trades; NaN = not known. */
  readonly breakTimesMs: Float64Array;
  readonly interval: Interval;
  /** End of the run's window: no bar that closes at it or later is read, for a hold-out may begin there. */
  readonly endMs: number;
  readonly context: Pick<CommandContext, 'signal'>;
}

/** A page with all drawings stays below some megabytes: at 8 characters a candle these are 2.4 MB. */
const CANDLES_TOTAL = 300_000;
const CANDLES_MAX = 96;
const CANDLES_MIN = 30;

/** A path for every trade that the store has the traded candles of, within a total that keeps the page small. */
export async function readTradePaths(request: PathRequest): Promise<Pick<ReportInput, 'paths' | 'pathNote'>> {
  const { store, trades, breakTimesMs, interval, endMs, context } = request;
  const untilMs = endMs - intervalMs(interval);
  const candlesMax = Math.max(
    CANDLES_MIN,
    Math.min(CANDLES_MAX, Math.floor(CANDLES_TOTAL / Math.max(trades.length, 1))),
  );
  const windows = tradeWindows(trades, breakTimesMs, { baseMs: intervalMs(interval), candlesMax });
  const chosen = drawnRows(trades, Math.floor(CANDLES_TOTAL / candlesMax));
  const paths: (EncodedPath | null)[] = Array.from({ length: trades.length }, () => null);
  let missing = 0;
  for (const [id, rows] of rowsByInstrument(trades, chosen)) {
    await listenForInterrupt(context.signal);
    const candles = await readAround(store, { id, interval, untilMs, windows: rows.map((row) => windows[row]) });
    for (const row of rows) {
      paths[row] = candles !== null && isTraded(candles, trades, row) ? encodePath(candles, windows[row]) : null;
      if (paths[row] === null) missing += 1;
    }
  }
  return { paths, pathNote: noteOf({ candlesMax, missing, chosen: chosen.length, all: trades.length }) };
}

function tradeWindows(
  trades: Table,
  breakTimesMs: Float64Array,
  options: { readonly baseMs: number; readonly candlesMax: number },
): PathWindow[] {
  const [decisions, entries, exits] = ['decision_time', 'entry_time', 'exit_time'].map((name) =>
    numbersOf(trades, name),
  );
  return Array.from(entries, (entryTimeMs, row) =>
    pathWindow(
      { entryTimeMs, exitTimeMs: exits[row], decisionTimeMs: decisions[row], breakTimeMs: breakTimesMs[row] },
      options,
    ),
  );
}

/** Rows that are drawn: all, or the trades with the largest results where there are too many. */
function drawnRows(trades: Table, count: number): number[] {
  const rows = Array.from({ length: trades.length }, (_, row) => row);
  if (rows.length <= count) return rows;
  const pnlR = numbersOf(trades, 'pnl_r');
  return rows.sort((a, b) => Math.abs(pnlR[b]) - Math.abs(pnlR[a])).slice(0, count);
}

function rowsByInstrument(trades: Table, rows: readonly number[]): Map<InstrumentId, number[]> {
  const ids = textsOf(trades, 'instrument_id');
  const groups = new Map<InstrumentId, number[]>();
  for (const row of rows) {
    const id = ids[row] as InstrumentId;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  return groups;
}

interface Around {
  readonly id: InstrumentId;
  readonly interval: Interval;
  readonly untilMs: number;
  readonly windows: readonly PathWindow[];
}

/** Candles over all windows of an instrument; null when the store no longer has it. */
async function readAround(store: Store, { id, interval, untilMs, windows }: Around): Promise<Candles | null> {
  const fromMs = windows.reduce((min, window) => Math.min(min, window.fromMs), Number.POSITIVE_INFINITY);
  const lastMs = windows.reduce((max, window) => Math.max(max, window.toMs), Number.NEGATIVE_INFINITY);
  const toMs = Math.min(lastMs, untilMs);
  try {
    return await store.candles.read(id, interval, { fromMs, toMs });
  } catch (error) {
    if (error instanceof DonchError && error.code === 'no_candles') return null;
    throw error;
  }
}

/** True when the bar of the decision has the price that was traded: a revised store would draw another market. */
function isTraded(candles: Candles, trades: Table, row: number): boolean {
  const decided = numbersOf(trades, 'decision_time')[row];
  const bar = rowAt(candles, decided - candles.intervalMs);
  return bar >= 0 && candles.close[bar] === cellAt(columnOf(trades, 'reference_price'), row);
}

interface PathCounts {
  readonly candlesMax: number;
  readonly missing: number;
  readonly chosen: number;
  readonly all: number;
}

function noteOf({ candlesMax, missing, chosen, all }: PathCounts): string {
  const rule = `A drawing has at most ${candlesMax} candles, of the shortest usual interval with which the trade and its surroundings fit.`;
  const left = chosen === all ? '' : ` The ${chosen} trades with the largest results in R have one.`;
  const gone =
    missing === 0
      ? ''
      : ` ${missing} trades have none: the store has no candles of them, or other ones than were traded.`;
  return rule + left + gone;
}
