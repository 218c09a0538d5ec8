/** Out-of-fold predictions as `donch train` writes them: margins by signal and path, with the outcomes of the signals. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { columnOf, DonchError, invariant, numbersOf, textsOf, type Table } from '@donch/core';
import { readTable, withIoErrors } from '@donch/data';
import type { ScoredRows } from '@donch/meta';
import { readManifest } from '@donch/model-store';
import type { JudgeOptions } from './ev-options.ts';
import type { SourceBundle, TradedRows } from './ev-source.ts';

export const OOS_NAME = 'oos_predictions.parquet';

const COLUMNS = ['signal_id', 'entry_ts', 'y_true', 'path', 'margin', 'pnl_R', 'label_end_ts'] as const;

/** Whether a table carries everything that our own predictions carry; then nothing has to be joined. */
export function isOwn(table: Table): boolean {
  return COLUMNS.every((name) => table.columns.has(name));
}

export interface OwnPredictions {
  readonly scored: ScoredRows;
  /** By row of `scored`. */
  readonly signalId: readonly string[];
}

/** The matrix of signals and paths. Throws `bad_predictions` with the row of a cell that cannot be used, `duplicate_predictions`. */
export function ownPredictions(table: Table, file: string): OwnPredictions {
  invariant(isOwn(table), 'the table has the columns of our own predictions');
  const cells = checkedCells(table, file);
  const rowOf = new Map<string, number>();
  const first: number[] = [];
  const row = cells.signalId.map((id, at) => {
    const known = rowOf.get(id);
    if (known !== undefined) return known;
    rowOf.set(id, first.length);
    first.push(at);
    return first.length - 1;
  });
  const paths = cells.path.reduce((most, path) => Math.max(most, path + 1), 1);
  const score = new Float64Array(first.length * paths).fill(Number.NaN);
  row.forEach((signal, at) => {
    const place = signal * paths + cells.path[at];
    if (!Number.isNaN(score[place])) throw doubled(cells, at, file);
    for (const name of OUTCOME)
      if (cells[name][at] !== cells[name][first[signal]])
        throw badCell({ file, at, found: `${name} is not that of row ${first[signal] + 1}, of the same signal` });
    score[place] = cells.margin[at];
  });
  const take = (values: ArrayLike<number>): Float64Array => Float64Array.from(first, (at) => values[at]);
  return {
    signalId: [...rowOf.keys()],
    scored: {
      decisionTimeMs: take(cells.entry_ts),
      labelEndMs: take(cells.label_end_ts),
      y: take(cells.y_true),
      pnlR: take(cells.pnl_R),
      paths,
      scoreKind: 'margin',
      score,
    },
  };
}

/** What every prediction of a signal says alike. */
const OUTCOME = ['entry_ts', 'label_end_ts', 'y_true', 'pnl_R'] as const;

interface Cells extends Readonly<Record<(typeof OUTCOME)[number] | 'path' | 'margin', Float64Array>> {
  readonly signalId: readonly string[];
}

/** More paths than a cross-validation has. */
const PATHS_MAX = 10_000;

function checkedCells(table: Table, file: string): Cells {
  const numbers = (name: string): Float64Array => {
    const { type } = columnOf(table, name);
    if (type === 'text') throw badCell({ file, at: 0, found: `${name} is text` });
    const values = numbersOf(table, name);
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) throw badCell({ file, at, found: `${name} is ${values[at]}` });
    return values;
  };
  const ids = textsOf(table, 'signal_id');
  const noId = ids.indexOf(null);
  if (noId >= 0) throw badCell({ file, at: noId, found: 'signal_id is empty' });
  const cells = {
    entry_ts: numbers('entry_ts'),
    label_end_ts: numbers('label_end_ts'),
    y_true: numbers('y_true'),
    pnl_R: numbers('pnl_R'),
    path: numbers('path'),
    margin: numbers('margin'),
  };
  const wrong: readonly (readonly [problem: string, holds: (at: number) => boolean])[] = [
    ['y_true is neither 0 nor 1', (at) => cells.y_true[at] === 0 || cells.y_true[at] === 1],
    [
      'path is no number of a path',
      (at) => cells.path[at] >= 0 && cells.path[at] < PATHS_MAX && cells.path[at] % 1 === 0,
    ],
    ['the label ends before the signal', (at) => cells.label_end_ts[at] >= cells.entry_ts[at]],
  ];
  for (const [found, holds] of wrong) {
    const at = ids.findIndex((_, row) => !holds(row));
    if (at >= 0) throw badCell({ file, at, found });
  }
  if (ids.length === 0) throw badCell({ file, at: 0, found: 'there is none' });
  // checked above: no id is null
  return { ...cells, signalId: ids as readonly string[] };
}

interface BadCell {
  readonly file: string;
  readonly at: number;
  readonly found: string;
}

const badCell = ({ file, at, found }: BadCell): DonchError =>
  new DonchError('bad_predictions', `row ${at + 1} of the predictions: ${found}`, {
    file,
    expected: 'out-of-fold predictions as donch train writes them',
    remedy: 'The file was changed after the training: take it from the bundle under models/.',
  });

const doubled = ({ signalId, path }: Cells, at: number, file: string): DonchError =>
  new DonchError(
    'duplicate_predictions',
    `row ${at + 1}: signal ${signalId[at]} has a prediction on path ${path[at]} already`,
    {
      file,
      expected: 'one per signal and path',
      remedy: 'The file was changed after the training: take it from the bundle under models/.',
    },
  );

/** The bundle in whose folder a file of predictions lies; null when there is none. Throws when the bundle cannot be read. */
export function bundleBeside(folder: string): SourceBundle | null {
  if (!existsSync(join(folder, 'manifest.json'))) return null;
  const { id } = readManifest(folder);
  return { id, folder: resolve(folder) };
}

/** How the training judged, from its `run_args.json`; what is not there is left out. Throws `bad_bundle` for a file that is no JSON. */
export function trainingJudge(folder: string): Partial<JudgeOptions> {
  const file = join(folder, 'run_args.json');
  if (!existsSync(file)) return {};
  const text = withIoErrors(file, 'read the arguments of the training', () => readFileSync(file, 'utf8'));
  const known: Record<string, unknown> = parseObject(text, file);
  const names = ['groups', 'embargoMs', 'minTrades', 'seed'] as const;
  return Object.fromEntries(names.flatMap((name) => (typeof known[name] === 'number' ? [[name, known[name]]] : [])));
}

function parseObject(text: string, file: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(text) as Record<string, unknown>) };
  } catch (cause) {
    throw new DonchError('bad_bundle', 'the file is not JSON', { file, expected: 'as donch train wrote it', cause });
  }
}

export interface TradesQuestion {
  readonly file: string;
  /** `--trades-id`. */
  readonly idColumn: string | undefined;
  /** `--trades` was given: what is missing is an error, not a reason to go without. */
  readonly isNamed: boolean;
}

/** The signals that were traded, by id; null when the file is not about them and nobody named it. Throws `no_such_column`, `low_coverage`. */
export async function tradedRows(
  { signalId }: OwnPredictions,
  { file, idColumn = 'signal_id', isNamed }: TradesQuestion,
): Promise<TradedRows | null> {
  if (!isNamed && !existsSync(file)) return null;
  const trades = await readTable(file);
  const ids = trades.columns.get(idColumn);
  if (ids?.type !== 'text') {
    if (!isNamed) return null;
    throw new DonchError('no_such_column', `the trades have no column "${idColumn}" with ids of signals`, {
      file,
      expected: `one of ${[...trades.columns.keys()].join(', ')}`,
      remedy: "name it: --trades-id <column>; donch's own results/trades.csv has signal_id",
    });
  }
  const wanted = new Set(ids.values);
  const rows = Int32Array.from(signalId.flatMap((id, row) => (wanted.has(id) ? [row] : [])));
  if (rows.length > 0) return { file, trades: trades.length, rows };
  if (!isNamed) return null;
  throw new DonchError('low_coverage', `none of ${trades.length} trades is of a signal that has a prediction`, {
    file,
    expected: 'trades of the signals that the model was trained on',
    remedy: 'Ids change with the set-up of the strategy: take the trades of the run that the training followed.',
  });
}
