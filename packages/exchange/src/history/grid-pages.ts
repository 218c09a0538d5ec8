/**
 * Rows that lie on a grid of time (candles, open interest), in windows of exact bounds. A row that is missing is asked for again, on
 * its own; only when several clean answers to that narrower question agree it is a gap of the venue.
 */
import { DonchError } from '@donch/core';
import type { Questions } from './question.ts';

/** Open time first, then the values. */
export type GridRow = readonly number[];

export interface GridSource {
  readonly path: string;
  /** Length of the grid's step. */
  readonly stepMs: number;
  /** Rows of one answer at most. */
  readonly limit: number;
  /** For messages, e.g. `BTCUSDT 5m`. */
  readonly what: string;
  /** Parameters of the question for [fromMs, toMs], both on the grid. */
  readonly paramsOf: (fromMs: number, toMs: number) => Readonly<Record<string, string | number>>;
  /** Rows of an answer; null = it is not an answer to this question. */
  readonly rowsOf: (result: Readonly<Record<string, unknown>>) => readonly GridRow[] | null;
  /** Time after its open at which a row is final. */
  readonly finalAfterMs: number;
}

/** Clean answers in a row that must say the same before it is believed that rows do not exist. */
const GAP_ANSWERS = 3;
const CONFLICTS_MAX = 6;

/** Final rows in [fromMs, toMs], ascending, each once. At most `limit` grid points. Throws what `Questions.ask` throws. */
export async function gridPage(questions: Questions, source: GridSource, window: Window): Promise<GridRow[]> {
  for (let attempt = 0; attempt < CONFLICTS_MAX; attempt += 1) {
    const rows = new Map<number, GridRow>();
    const isSame = await fill(questions, source, window, rows);
    if (isSame) return [...rows.values()].sort((a, b) => a[0] - b[0]);
  }
  throw new DonchError('no_answer', `${source.what}: answers to the same question differ`, {
    expected: 'the same rows every time',
    retryable: true,
  });
}

export interface Window {
  readonly fromMs: number;
  /** Last grid point. */
  readonly toMs: number;
}

/** Fills the window; false when two answers contradict each other. */
async function fill(
  questions: Questions,
  source: GridSource,
  window: Window,
  rows: Map<number, GridRow>,
): Promise<boolean> {
  let finalMs = await askInto(questions, source, window, rows);
  if (finalMs === null) return false;
  for (let missing = missingIn(source, window, rows, finalMs); missing !== null;) {
    const before = rows.size;
    let answers = 0;
    while (answers < GAP_ANSWERS && rows.size === before) {
      finalMs = await askInto(questions, source, missing, rows);
      if (finalMs === null) return false;
      answers += 1;
    }
    const fromMs = rows.size === before ? missing.toMs + source.stepMs : missing.fromMs;
    missing = missingIn(source, { fromMs, toMs: window.toMs }, rows, finalMs ?? 0);
  }
  return true;
}

/** First run of grid points without a row, up to what is final. */
function missingIn(
  { stepMs, finalAfterMs }: GridSource,
  { fromMs, toMs }: Window,
  rows: ReadonlyMap<number, GridRow>,
  finalMs: number,
): Window | null {
  const lastMs = Math.min(toMs, finalMs - finalAfterMs);
  for (let at = fromMs; at <= lastMs; at += stepMs) {
    if (rows.has(at)) continue;
    let end = at;
    while (end + stepMs <= lastMs && !rows.has(end + stepMs)) end += stepMs;
    return { fromMs: at, toMs: end };
  }
  return null;
}

/** Asks for a window and takes its final rows; returns the venue's time, or null when a row differs from what was answered before. */
async function askInto(
  questions: Questions,
  source: GridSource,
  window: Window,
  rows: Map<number, GridRow>,
): Promise<number | null> {
  const { answer, timeMs } = await askForRows(questions, source, window);
  for (const row of answer) {
    const [openMs] = row;
    if (openMs + source.finalAfterMs > timeMs) continue;
    const known = rows.get(openMs);
    if (known !== undefined && !isSameRow(known, row)) return null;
    rows.set(openMs, row);
  }
  return timeMs;
}

const SHAPE_ATTEMPTS = 8;

async function askForRows(
  questions: Questions,
  source: GridSource,
  { fromMs, toMs }: Window,
): Promise<{ readonly answer: readonly GridRow[]; readonly timeMs: number }> {
  let found = '';
  for (let attempt = 0; attempt < SHAPE_ATTEMPTS; attempt += 1) {
    const { result, timeMs } = await questions.ask(source.path, {
      ...source.paramsOf(fromMs, toMs),
      limit: source.limit,
    });
    const answer = source.rowsOf(result);
    if (answer === null) found = 'an answer to another question';
    else {
      const bad = answer.find((row) => !isOnGrid(row, source, { fromMs, toMs }));
      if (bad === undefined) return { answer, timeMs };
      found = `a row ${bad.join(', ')}`;
    }
  }
  throw new DonchError('no_answer', `${source.what}: ${found}`, {
    expected: `rows on the grid of ${source.stepMs} ms inside the window`,
    retryable: true,
  });
}

function isOnGrid(row: GridRow, { stepMs }: GridSource, { fromMs, toMs }: Window): boolean {
  const [openMs] = row;
  return row.every(Number.isFinite) && openMs % stepMs === 0 && openMs >= fromMs && openMs <= toMs;
}

function isSameRow(a: GridRow, b: GridRow): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}
