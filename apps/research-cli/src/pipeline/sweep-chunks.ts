/**
 * The evaluation of a sweep in chunks of variants: each is on the disk when it is finished, so that a sweep that was interrupted or
 * killed goes on where it was, with the same bytes at the end. Memory holds the figures of all variants and the returns of one chunk.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SweepVariant } from '@donch/backtester';
import type { CommandContext } from '@donch/cli';
import {
  concatTables,
  createPrng,
  DAY_MS,
  DonchError,
  invariant,
  numbersOf,
  TableBuilder,
  textsOf,
  type ColumnShape,
  type Prng,
  type Table,
} from '@donch/core';
import { lockStore, readTable, writeTable, type StoreLock, type TrialReturns } from '@donch/data';
import { CHUNK_SHAPES, type chunk as chunkWork, type ChunkChecks, type ChunkTask } from '../workers/sweep-worker.ts';
import { TaskPool } from '../workers/task-pool.ts';
import type { SweepGroup } from './sweep-groups.ts';

export interface Evaluation {
  readonly groups: readonly SweepGroup[];
  readonly seed: number;
  /** Of a folder that belongs to exactly this sweep: what is found there is taken for granted. */
  readonly folder: string;
  /** True: what is found there is computed again. */
  readonly isFresh: boolean;
  readonly workers: number | null;
  readonly context: CommandContext;
}

/** Variants of one chunk: enough for the way of the signals to be looked at once, few enough to lose when a machine goes down. */
const CHUNK_SIZE = 64;
/** Of all variants, so many go through the engine as well. */
const CHECKED_FRAC = 0.03;
const CHECKED_MIN = 3;
const CHECKED_MAX = 24;

/** Forgets what a process that was killed after its sweep was finished could not remove. Another one at work there is let alone. */
export function forgetFinished(folder: string): void {
  if (!existsSync(folder)) return;
  try {
    const lock = lockStore(folder);
    rmSync(folder, { recursive: true, force: true });
    lock.release();
  } catch (error) {
    if (!(error instanceof DonchError && error.code === 'store_locked')) throw error;
  }
}

/** The evaluated variants of a sweep. */
export class EvaluatedSweep {
  /** One row per variant, in the order of groups and variants: `CHUNK_SHAPES`. */
  readonly rows: Table;
  readonly #chunks: readonly Chunk[];
  readonly #folder: string;
  readonly #lock: StoreLock;

  constructor(chunks: readonly Chunk[], rows: readonly Table[], lock: StoreLock) {
    this.rows = concatTables('variants', CHUNK_SHAPES, rows);
    this.#chunks = chunks;
    this.#folder = lock.folder;
    this.#lock = lock;
  }

  /** Daily returns of these variants, chunk by chunk. */
  async returnsOf(ids: ReadonlySet<string>): Promise<Map<string, TrialReturns>> {
    const found = new Map<string, TrialReturns>();
    for (const { returnsPath, variants } of this.#chunks)
      if (variants.some(({ id }) => ids.has(id)))
        for (const [id, returns] of await readReturns(returnsPath, ids)) found.set(id, returns);
    return found;
  }

  /** Forgets what was kept for an interruption. */
  remove(): void {
    for (const { rowsPath, returnsPath } of this.#chunks) for (const path of [rowsPath, returnsPath]) rmSync(path);
    this.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Another process may go on with it. */
  close(): void {
    this.#lock.release();
  }
}

interface Chunk {
  readonly rowsPath: string;
  readonly returnsPath: string;
  readonly group: SweepGroup;
  readonly variants: readonly SweepVariant[];
  readonly checks: ChunkChecks;
}

/** Evaluates all variants, or those that are left. Throws `sweep_differs` when the engine's second opinion is another one. */
export async function evaluateSweep(evaluation: Evaluation): Promise<EvaluatedSweep> {
  const { folder, isFresh, context } = evaluation;
  const lock = lockStore(folder);
  try {
    const chunks = chunksOf(evaluation);
    const rows: (Table | null)[] = [];
    for (const chunk of chunks) rows.push(isFresh ? null : await finishedRows(chunk, context));
    await evaluateMissing(evaluation, chunks, rows);
    const complete = rows.filter((table) => table !== null);
    invariant(complete.length === chunks.length, 'every chunk is evaluated');
    return new EvaluatedSweep(chunks, complete, lock);
  } catch (error) {
    const isDoubtful = error instanceof DonchError && error.code === 'sweep_differs';
    // nothing to go on with, or nothing that can be trusted
    if (isDoubtful || !readdirSync(folder).some((name) => name.endsWith('.parquet')))
      rmSync(folder, { recursive: true, force: true });
    lock.release();
    throw error;
  }
}

function chunksOf({ groups, folder, seed }: Evaluation): Chunk[] {
  const total = groups.reduce((sum, { variants }) => sum + variants.length, 0);
  const checked = checkedPlaces(total, seed);
  const chunks: Chunk[] = [];
  let first = 0;
  for (const group of groups) {
    for (let from = 0; from < group.variants.length; from += CHUNK_SIZE) {
      const variants = group.variants.slice(from, from + CHUNK_SIZE);
      const name = `chunk-${String(chunks.length).padStart(6, '0')}`;
      chunks.push({
        rowsPath: join(folder, `${name}.parquet`),
        returnsPath: join(folder, `${name}.returns.parquet`),
        group,
        variants,
        checks: {
          count: variants.filter((_, place) => checked.has(first + place)).length,
          order: shuffled(variants.length, createPrng(seed, `sweep checks ${name}`)),
        },
      });
      first += variants.length;
    }
  }
  return chunks.length > CHECKED_MAX ? chunks : chunks.map(checkedOnce);
}

/** A few chunks are all looked at: the lot may have fallen on variants that need the engine anyway. */
function checkedOnce(chunk: Chunk): Chunk {
  return { ...chunk, checks: { ...chunk.checks, count: Math.max(1, chunk.checks.count) } };
}

function shuffled(count: number, prng: Prng): number[] {
  const places = Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = prng.below(last + 1);
    [places[last], places[other]] = [places[other], places[last]];
  }
  return places;
}

/** A sample without replacement. */
function checkedPlaces(total: number, seed: number): ReadonlySet<number> {
  const count = Math.min(total, CHECKED_MAX, Math.max(CHECKED_MIN, Math.ceil(total * CHECKED_FRAC)));
  const prng = createPrng(seed, 'sweep checks');
  const places = new Set<number>();
  while (places.size < count) places.add(prng.below(total));
  return places;
}

/** Rows of a chunk that an earlier process finished; null = it has to be evaluated. Damage is told and mended. */
async function finishedRows(
  { rowsPath, returnsPath, variants }: Chunk,
  { terminal }: CommandContext,
): Promise<Table | null> {
  if (!existsSync(rowsPath)) return null;
  try {
    const rows = await readTable(rowsPath);
    const returns = await readTable(returnsPath);
    const ids = textsOf(rows, 'variant_id');
    const days = numbersOf(rows, 'days').reduce((sum, count) => sum + count, 0);
    if (ids.length === variants.length && ids.every((id, k) => id === variants[k].id) && returns.length === days)
      return rows;
    terminal.warn(`${rowsPath} holds other variants than it should: it is computed again`);
  } catch (error) {
    if (!(error instanceof DonchError)) throw error;
    terminal.warn(`${error.message}; it is computed again`);
  }
  return null;
}

async function evaluateMissing(
  evaluation: Evaluation,
  chunks: readonly Chunk[],
  rows: (Table | null)[],
): Promise<void> {
  const { context, workers, seed } = evaluation;
  const missing = chunks.flatMap((_, k) => (rows[k] === null ? [k] : []));
  const count = (places: readonly number[]): number => places.reduce((sum, k) => sum + chunks[k].variants.length, 0);
  const total = count([...chunks.keys()]);
  if (missing.length === 0) return;
  if (missing.length < chunks.length)
    context.terminal.info(`${total - count(missing)} of ${total} variants were evaluated before the interruption`);
  const pool = new TaskPool('./sweep-worker.ts', { workers, signal: context.signal });
  const progress = context.terminal.progress('evaluating', count(missing), 'variants');
  try {
    const tasks = missing.map((k): ChunkTask => {
      const { group, variants, checks } = chunks[k];
      return { ...group.market, groupHash: group.hash, variants, checks, seed };
    });
    await pool.each<typeof chunkWork>('chunk', tasks, (result, task) => {
      const place = missing[task];
      if (result.difference !== '') throw differs(result.difference);
      writeChunk(chunks[place], result.rows, result.returns);
      rows[place] = result.rows;
      progress.advance(chunks[place].variants.length);
    });
  } finally {
    progress.done();
    await pool.close();
  }
}

function differs(found: string): DonchError {
  return new DonchError('sweep_differs', `the engine came to another result than the sweep: variant ${found}`, {
    expected: 'the same bits',
    remedy: 'None of its figures can be trusted: please report it, with the command.',
  });
}

const RETURN_SHAPES: readonly ColumnShape[] = [
  { name: 'variant_id', type: 'text' },
  { name: 'time', type: 'time' },
  { name: 'return', type: 'float' },
];

/** The rows come last: they say that the chunk is complete. */
function writeChunk({ rowsPath, returnsPath, variants }: Chunk, rows: Table, returns: readonly TrialReturns[]): void {
  writeTable(returnsPath, returnsTable(variants.map(({ id }, k) => [id, returns[k]])));
  writeTable(rowsPath, rows);
}

/** Daily returns, one row per variant and day: start of the day, fraction. */
export function returnsTable(series: readonly (readonly [id: string, returns: TrialReturns])[]): Table {
  const builder = new TableBuilder(
    'returns',
    RETURN_SHAPES,
    Math.max(
      1,
      series.reduce((sum, [, { values }]) => sum + values.length, 0),
    ),
  );
  for (const [id, { firstDayMs, values }] of series)
    for (let day = 0; day < values.length; day += 1) builder.appendCells([id, firstDayMs + day * DAY_MS, values[day]]);
  return builder.finish();
}

/** Daily returns of these variants in a file of `returnsTable`. */
export async function readReturns(path: string, wanted: ReadonlySet<string>): Promise<Map<string, TrialReturns>> {
  const table = await readTable(path);
  const ids = textsOf(table, 'variant_id');
  const [times, values] = [numbersOf(table, 'time'), numbersOf(table, 'return')];
  const found = new Map<string, TrialReturns>();
  for (let from = 0, to = 0; from < table.length; from = to) {
    const id = ids[from] ?? '';
    while (to < table.length && ids[to] === id) to += 1;
    if (wanted.has(id)) found.set(id, { firstDayMs: times[from], values: values.slice(from, to) });
  }
  return found;
}
