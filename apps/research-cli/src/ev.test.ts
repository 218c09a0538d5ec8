import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  createPrng,
  MINUTE_MS,
  rowsOf,
  sortTable,
  symbolOf,
  tableFromRows,
  takeRows,
  type Row,
  type Table,
} from '@donch/core';
import { readTable, TrialLedger, writeTable } from '@donch/data';
import { formatThreshold } from '@donch/meta';
import { loadBundle, readManifest } from '@donch/model-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentProblems } from './testing/document-problems.ts';
import { JUDGE, madeModel, saveMadeBundle, type MadeModel } from './testing/made-bundle.ts';
import { documentIn, donch, type Ended } from './testing/run-donch.ts';
import { temporaryFolder, writeTinyProject } from './testing/tiny-project.ts';

const root = temporaryFolder('ev');
const project = join(root.path, 'project');
const blindProject = join(root.path, 'blind');
let good: MadeModel;
let goodId = '';

beforeAll(() => {
  writeTinyProject(project);
  writeTinyProject(blindProject);
  good = madeModel({ rows: 900, effectR: 0.8, seed: 3 });
  goodId = saveMadeBundle(project, good).id;
  saveMadeBundle(blindProject, madeModel({ rows: 600, effectR: 0, seed: 4 }));
});
afterAll(root.remove);

/** A project of its own, with the bundle in it. */
function copyOf(folder: string, name: string): string {
  const copy = join(root.path, name);
  cpSync(folder, copy, { recursive: true });
  return copy;
}

const ev = (cwd: string, ...args: readonly string[]): Promise<Ended> => donch(['ev', ...args], { cwd });

interface Judged {
  readonly rows: number;
  readonly chosenPstar: number | null;
  readonly reason: string | null;
  readonly improvementR: number;
  readonly improvementLowR: number;
  readonly inSampleImprovementR: number;
  readonly groups: readonly { readonly pstar: number | null }[];
  readonly points: readonly { readonly threshold: number; readonly n: number; readonly evR: number | null }[];
  readonly atPstar: { readonly pathEvR: readonly number[]; readonly groupEvR: readonly number[] } | null;
}

interface EvDocument {
  readonly bundle: string | null;
  readonly pstar: number | null;
  readonly pstarSource: string;
  readonly notes: readonly string[];
  readonly all: Judged;
  readonly traded: Judged | null;
  readonly files: readonly string[];
  readonly written: {
    readonly id: string;
    readonly folder: string;
    readonly isNew: boolean;
    readonly shownAt: string | null;
  } | null;
}

async function evDocument(cwd: string, ...args: readonly string[]): Promise<EvDocument> {
  const ended = await ev(cwd, ...args, '--json');
  expect(ended.stderr).not.toContain('error');
  expect(ended.code, ended.stderr).toBe(0);
  const document = documentIn(ended);
  expect(documentProblems('ev', document)).toEqual([]);
  return document as unknown as EvDocument;
}

interface Refused {
  readonly exit: number;
  readonly code: string;
  readonly text: string;
}

/** A command line that must fail. */
async function refusal(cwd: string, ...args: readonly string[]): Promise<Refused> {
  const ended = await ev(cwd, ...args, '--json');
  const { error } = documentIn(ended) as { readonly error: { readonly code: string } };
  return { exit: ended.code, code: error.code, text: JSON.stringify(error) };
}

/** Some of the signals as trades, under old names. */
function tradesTable({ dataset }: MadeModel, rows: readonly number[]): Table {
  return tableFromRows(
    'trades',
    [
      { name: 'trade_id', type: 'int' },
      { name: 'symbol', type: 'text' },
      { name: 'entry_ts', type: 'time' },
      { name: 'exit_ts', type: 'time' },
      { name: 'pnl_R', type: 'float' },
      { name: 'signal_id', type: 'text' },
    ],
    rows.map((row, k): Row => ({
      trade_id: k,
      symbol: symbolOf(dataset.instrumentId[row]),
      entry_ts: dataset.decisionTimeMs[row],
      exit_ts: dataset.labelEndMs[row],
      pnl_R: dataset.pnlR[row],
      signal_id: dataset.signalId[row],
    })),
  );
}

const everyRow = ({ dataset }: MadeModel): number[] => [...dataset.y.keys()];
const without = (table: Table, ...names: readonly string[]): Table => ({
  ...table,
  columns: new Map([...table.columns].filter(([name]) => !names.includes(name))),
});

describe('the predictions of the newest bundle', () => {
  it('give the curve and the p* of the training again, to the byte', async () => {
    const document = await evDocument(project);
    const { threshold } = good.assessment;
    expect(document).toMatchObject({ bundle: goodId, pstarSource: 'chosen', traded: null, written: null, ...JUDGE });
    expect(threshold.kind === 'named' && threshold.pstar).toBe(document.pstar);
    const view = join(project, 'results', 'meta_export', 'ev_curve.csv');
    expect(readFileSync(join(project, 'results', 'ev_curve.csv'), 'utf8')).toBe(readFileSync(view, 'utf8'));
    expect(document.all.rows).toBe(900);
    expect(document.all.improvementLowR).toBeGreaterThan(0);
    expect(document.all.atPstar?.pathEvR).toHaveLength(5);
    expect(document.all.atPstar?.groupEvR).toHaveLength(6);
  });

  it('are searched for a threshold, which the trial ledger counts once', async () => {
    const cwd = copyOf(project, 'counted');
    const trials = (): Row[] => rowsOf(new TrialLedger(join(cwd, 'results')).trials());
    const before = new Set(trials().map((row) => row['trial_id']));
    const grid = ['--grid', '0.2,0.4,0.6,0.8'];
    const { all } = await evDocument(cwd, ...grid);
    await evDocument(cwd, ...grid);
    const [search, ...others] = trials().filter((row) => !before.has(row['trial_id']));
    expect(others).toEqual([]);
    expect(search).toMatchObject({ kind: 'threshold', run_id: goodId, evaluations: 2, trades: 900, days: 0 });
    const { thresholds } = good.assessment.threshold;
    expect(thresholds).toBeGreaterThan(5);
    expect(search['configurations']).toBe(thresholds + all.points.length);
  });

  it('do not depend on the order of rows, nor on where they lie', async () => {
    const first = await evDocument(project, '--out', join(root.path, 'a.csv'));
    const table = await readTable(join(project, 'results', 'meta_export', 'oos_predictions.parquet'));
    const prng = createPrng(1, 'order');
    const order = everyRow(good).flatMap((row) => [0, 1, 2, 3, 4].map((path) => row * 5 + path));
    order.sort(() => prng.next() - 0.5);
    const shuffled = join(root.path, 'shuffled.csv');
    writeTable(shuffled, takeRows(table, order));
    const flags = ['--groups', '6', '--embargo', '24h', '--min-trades', '100', '--seed', '5'];
    const second = await evDocument(project, '--pred', shuffled, ...flags, '--out', join(root.path, 'b.csv'));
    expect(second.all).toEqual(first.all);
    expect(second.bundle).toBeNull();
    expect(readFileSync(join(root.path, 'b.csv'))).toEqual(readFileSync(join(root.path, 'a.csv')));
    expect(readFileSync(join(root.path, 'a.svg'), 'utf8')).toContain('of p &gt;= threshold');
  });

  it('are shown for the traded signals beside all of them', async () => {
    const copy = copyOf(project, 'traded');
    const rows = everyRow(good).filter((row) => row % 3 !== 0);
    writeTable(join(copy, 'results', 'trades.csv'), tradesTable(good, rows));
    const { all, traded, pstar, notes } = await evDocument(copy);
    expect([all.rows, traded?.rows]).toEqual([900, 600]);
    expect(notes.join('\n')).toContain('600 of the signals were traded');
    expect(all.chosenPstar).toBe(pstar);
    const { columns } = await readTable(join(copy, 'results', 'ev_curve.csv'));
    expect([...columns.keys()].slice(0, 3)).toEqual(['threshold', 'n', 'ev_R']);
    expect(columns.get('traded_n')?.values).toEqual(Float64Array.from(traded?.points ?? [], ({ n }) => n));
    const [everything] = traded?.points.filter(({ threshold }) => threshold <= 0.3) ?? [];
    expect(everything.n).toBeLessThanOrEqual(600);
  });

  it('take a grid with dots, and the p* of the user as one more threshold', async () => {
    const { all, pstarSource } = await evDocument(project, '--grid', '0.30,0.40,...,0.65', '--pstar', '0.55');
    expect(all.points.map(({ threshold }) => threshold)).toEqual([0.3, 0.4, 0.5, 0.55, 0.6, 0.65]);
    expect(pstarSource).toBe('user');
  });

  it('name no p* where there is nothing to find, and say why', async () => {
    const { pstar, pstarSource, all } = await evDocument(blindProject);
    expect([pstar, pstarSource, all.chosenPstar, all.atPstar]).toEqual([null, 'none', null, null]);
    expect(all.reason).toMatch(/\w/);
  });
});

describe('predictions of donch named by the old command line', () => {
  const named = ['--pred', 'results/meta_export/oos_predictions.parquet', '--proba-col', 'y_proba', '--dedup', 'mean'];

  it('are known again; nothing is merged', async () => {
    const copy = copyOf(project, 'named');
    writeTable(join(copy, 'results', 'trades.csv'), tradesTable(good, everyRow(good)));
    const first = await evDocument(copy, '--min-trades', '150');
    const columns = [
      '--pred-ts',
      'entry_ts',
      '--trades-ts',
      'entry_ts',
      '--pred-sym',
      'symbol',
      '--trades-sym',
      'symbol',
    ];
    const places = ['--trades', 'results\\trades.csv', '--out', 'results\\meta_export\\ev_curve.csv'];
    const second = await evDocument(copy, ...named, ...columns, ...places, '--min-trades', '150');
    const same = { files: [], notes: [] };
    expect({ ...second, ...same }).toEqual({ ...first, ...same });
    expect(second.notes.join('\n')).toContain('--dedup');
  });

  it('with trades of other signals, or without ids, are refused', async () => {
    const strangers = join(root.path, 'strangers.csv');
    const ids = { type: 'text', values: Array.from({ length: 4 }, (_, k) => `other${k}`) } as const;
    const trades = tradesTable(good, [0, 1, 2, 3]);
    writeTable(strangers, { ...trades, columns: new Map([...trades.columns, ['signal_id', ids]]) });
    expect(await refusal(project, ...named, '--trades', strangers)).toMatchObject({ code: 'low_coverage' });
    const bare = join(root.path, 'no-ids.csv');
    writeTable(bare, without(trades, 'signal_id'));
    expect(await refusal(project, ...named, '--trades', bare)).toMatchObject({ code: 'no_such_column' });
  });

  const damaged: readonly (readonly [string, string, number, string])[] = [
    ['a margin that is no number', 'margin', Number.NaN, 'bad_predictions'],
    ['a label that is no class', 'y_true', 2, 'bad_predictions'],
    ['another outcome on one path', 'pnl_R', 7, 'bad_predictions'],
    ['a path twice', 'path', 1, 'duplicate_predictions'],
    ['a label that ends before it begins', 'label_end_ts', 0, 'bad_predictions'],
  ];
  it.each(damaged)('with %s are refused', async (_, name, value, code) => {
    const table = await readTable(join(project, 'results', 'meta_export', 'oos_predictions.parquet'));
    const column = table.columns.get(name);
    if (column === undefined || column.type === 'text') throw new Error(`no column ${name}`);
    const values = column.values.slice();
    values[0] = value;
    const file = join(root.path, 'damaged.parquet');
    writeTable(file, { ...table, columns: new Map([...table.columns, [name, { ...column, values }]]) });
    expect(await refusal(project, '--pred', file)).toMatchObject({ exit: 3, code });
  });
});

describe('--out', () => {
  it('may write the curve of the shown bundle anew, which still loads', async () => {
    const copy = copyOf(project, 'out');
    const shown = join(copy, 'results', 'meta_export');
    const { files } = await evDocument(copy, '--grid', '0.4,0.5', '--out', 'results/meta_export/ev_curve.csv');
    expect(files).toEqual([join(shown, 'ev_curve.csv'), join(shown, 'ev_curve.svg')]);
    const { id, notes } = await loadBundle(shown, { registry: readManifest(shown).manifest.features });
    expect([id, notes.length]).toEqual([goodId, 1]);
  });

  it.each([
    { what: 'another part of a bundle', out: 'results/meta_export/oos_predictions.parquet' },
    { what: 'a stored bundle', out: 'models/whatever/ev_curve.csv' },
  ])('is never $what', async ({ out }) => {
    expect(await refusal(project, '--out', out)).toMatchObject({ exit: 2, code: 'bad_path' });
  });
});

describe('--write', () => {
  const bytesIn = (folder: string): Map<string, string> =>
    new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));

  it("records the user's own p* in a new version, and the old one stays", async () => {
    const copy = copyOf(project, 'write');
    const shown = join(copy, 'results', 'meta_export');
    const old = bytesIn(join(copy, 'models', goodId));
    const { written } = await evDocument(copy, '--pstar', '0.57', '--write');
    expect(written).toMatchObject({ isNew: true, shownAt: shown });
    const { manifest, pstar, id } = await loadBundle(shown, { registry: readManifest(shown).manifest.features });
    expect([id, pstar]).toEqual([written?.id, 0.57]);
    expect(id).not.toBe(goodId);
    expect(manifest.pstar).toMatchObject({ value: formatThreshold(0.57), source: 'user' });
    expect(manifest.pstar.note).toContain(goodId);
    expect(bytesIn(join(copy, 'models', goodId))).toEqual(old);
    const changed = [...bytesIn(shown)].filter(([name, bytes]) => old.get(name) !== bytes).map(([name]) => name);
    expect(changed.sort()).toEqual(['ev_curve.csv', 'manifest.json', 'pstar.txt', 'report.html']);
    expect(readFileSync(join(shown, 'report.html'), 'utf8')).toContain('p* of this bundle is 0.5700 (your own)');
  });

  it('writes the chosen p* over that of the user, once', async () => {
    const copy = copyOf(project, 'write-back');
    await evDocument(copy, '--pstar', '0.57', '--write');
    const first = await evDocument(copy, '--write');
    const second = await evDocument(copy, '--write');
    const { threshold } = good.assessment;
    expect(first.written?.isNew).toBe(true);
    expect(readManifest(join(copy, 'results', 'meta_export')).manifest.pstar).toMatchObject({
      source: 'chosen',
      value: threshold.kind === 'named' && formatThreshold(threshold.pstar),
    });
    expect(second.written).toMatchObject({ isNew: false, id: first.written?.id });
    expect(readdirSync(join(copy, 'models'))).toHaveLength(3);
  });

  it('changes nothing without a p*', async () => {
    const before = bytesIn(join(blindProject, 'results', 'meta_export'));
    expect(await refusal(blindProject, '--write')).toMatchObject({ exit: 2, code: 'no_threshold' });
    expect(bytesIn(join(blindProject, 'results', 'meta_export'))).toEqual(before);
    expect(readdirSync(join(blindProject, 'models'))).toHaveLength(1);
  });

  it('refuses a threshold on the probabilities of another calibrator', async () => {
    const other = join(root.path, 'calibrator');
    writeTinyProject(other);
    const { threshold } = good.assessment;
    const calibrator = { kind: 'platt', a: -2, b: 0.5 } as const;
    saveMadeBundle(other, { ...good, assessment: { ...good.assessment, threshold: { ...threshold, calibrator } } });
    const { code, text } = await refusal(other, '--pstar', '0.57', '--write');
    expect([code, text]).toEqual(['bad_argument', expect.stringContaining('calibrator')]);
    expect(readdirSync(join(other, 'models'))).toHaveLength(1);
  });

  it('refuses to replace a bundle that is stored nowhere else', async () => {
    const copy = copyOf(project, 'lost');
    const shown = join(copy, 'results', 'meta_export');
    rmSync(join(copy, 'models', goodId), { recursive: true });
    expect(await refusal(copy, '--pstar', '0.57', '--write')).toMatchObject({ exit: 2, code: 'no_bundle' });
    expect(readManifest(shown).id).toBe(goodId);
  });

  it('leaves a stored bundle that the settings point to where it is', async () => {
    const copy = copyOf(project, 'stored');
    const pointed = `WINPROB_ARTIFACT_DIR=models/${goodId}`;
    const { written } = await evDocument(copy, '--pstar', '0.57', '--write', '--set', pointed);
    expect(written).toMatchObject({ isNew: true, shownAt: null });
    for (const folder of [join(copy, 'models', goodId), join(copy, 'results', 'meta_export')])
      expect(readManifest(folder).id).toBe(goodId);
  });
});

describe('predictions of a file', () => {
  const folder = join(root.path, 'files');
  const trades = join(folder, 'trades.csv');
  const pred = join(folder, 'pred.csv');

  /** One prediction per trade under old names, `paths` of them per trade, stamped `shiftMs` before it. */
  function predictionsTable({ assessment, dataset }: MadeModel, paths: number): Table {
    const { calibration, scored } = assessment;
    const rows = everyRow(good).flatMap((row) => Array.from({ length: paths }, (_, path) => [row, path] as const));
    return tableFromRows(
      'predictions',
      [
        { name: 'entry_ts', type: 'time' },
        { name: 'symbol', type: 'text' },
        { name: 'y_true', type: 'int' },
        { name: 'y_proba', type: 'float' },
        { name: 'fold', type: 'int' },
      ],
      rows.map(([row, path]): Row => ({
        entry_ts: dataset.decisionTimeMs[row],
        symbol: symbolOf(dataset.instrumentId[row]),
        y_true: dataset.y[row],
        y_proba: calibration.probability[row * scored.paths + path],
        fold: path,
      })),
    );
  }

  beforeAll(() => {
    writeTable(trades, without(tradesTable(good, everyRow(good)), 'signal_id'));
    writeTable(pred, predictionsTable(good, 1));
  });

  const files = ['--pred', pred, '--trades', trades, '--pred-label', 'close'];

  it('are joined to the trades and judged on their own scale', async () => {
    const document = await evDocument(folder, ...files, '--out', join(folder, 'ev.csv'));
    expect(document).toMatchObject({ bundle: null, pstarSource: 'chosen', groups: 6, minTrades: 150, traded: null });
    expect(document.all).toMatchObject({ rows: 900, paths: 1, calibrator: 'none' });
    expect(document.notes.join('\n')).toContain('900 of 900 trades have a prediction (100.0 %)');
    const point = document.all.points.find(({ threshold }) => threshold === 0.5);
    const { probability } = good.assessment.calibration;
    const taken = everyRow(good).filter((row) => probability[row * 5] >= 0.5);
    expect(point?.n).toBe(taken.length);
    expect(point?.evR).toBeCloseTo(taken.reduce((sum, row) => sum + good.dataset.pnlR[row], 0) / taken.length, 12);
  });

  it('give the same bytes in any order of rows', async () => {
    const other = join(folder, 'sorted.csv');
    writeTable(other, sortTable(await readTable(pred), ['symbol', 'y_proba']));
    await evDocument(folder, ...files, '--out', join(folder, 'one.csv'));
    await evDocument(folder, '--pred', other, ...files.slice(2), '--out', join(folder, 'two.csv'));
    expect(readFileSync(join(folder, 'two.csv'))).toEqual(readFileSync(join(folder, 'one.csv')));
  });

  it('with several per trade ask for --dedup, with their count', async () => {
    const several = join(folder, 'several.csv');
    writeTable(several, predictionsTable(good, 5));
    const { code, text } = await refusal(folder, '--pred', several, ...files.slice(2));
    expect(code).toBe('duplicate_predictions');
    expect(text).toContain('3,600 more than one each');
    expect(text).toContain('--dedup mean|median|max|min|first|last');
    const merged = await evDocument(
      folder,
      '--pred',
      several,
      ...files.slice(2),
      '--dedup',
      'mean',
      '--out',
      join(folder, 'm.csv'),
    );
    expect(merged.all.rows).toBe(900);
  });

  it('that fit few trades are refused with the coverage', async () => {
    const few = join(folder, 'few.csv');
    writeTable(few, takeRows(predictionsTable(good, 1), everyRow(good).slice(0, 500)));
    const { code, text } = await refusal(folder, '--pred', few, ...files.slice(2));
    expect([code, text]).toEqual(['low_coverage', expect.stringContaining('500 of 900 trades')]);
    const { all } = await evDocument(
      folder,
      '--pred',
      few,
      ...files.slice(2),
      '--min-coverage',
      '0.5',
      '--out',
      join(folder, 'f.csv'),
    );
    expect(all.rows).toBe(500);
  });

  it('stamped with the open of their bar are refused with the flag that shifts them', async () => {
    const early = join(folder, 'early.csv');
    const table = predictionsTable(good, 1);
    const times = good.dataset.decisionTimeMs.map((timeMs) => timeMs - 5 * MINUTE_MS);
    writeTable(early, {
      ...table,
      columns: new Map([...table.columns, ['entry_ts', { type: 'time', values: times }]]),
    });
    const flags = ['--pred', early, '--trades', trades, '--set', 'TIMEFRAME=5m', '--out', join(folder, 'e.csv')];
    const { code, text } = await refusal(folder, ...flags, '--pred-label', 'close');
    expect([code, text]).toEqual(['low_coverage', expect.stringContaining('--pred-label open')]);
    const { all } = await evDocument(folder, ...flags, '--pred-label', 'open');
    expect(all.rows).toBe(900);
  });

  it('with trades that do not tell their exit use the horizon, and say so', async () => {
    const open = join(folder, 'open.csv');
    writeTable(open, without(tradesTable(good, everyRow(good)), 'signal_id', 'exit_ts'));
    const { notes } = await evDocument(
      folder,
      '--pred',
      pred,
      '--trades',
      open,
      '--pred-label',
      'close',
      '--horizon',
      '48h',
      '--out',
      join(folder, 'o.csv'),
    );
    expect(notes.join('\n')).toContain('2d long (--horizon)');
  });

  it('with trades without a result name the columns that there are', async () => {
    const bare = join(folder, 'bare.csv');
    writeTable(bare, without(tradesTable(good, everyRow(good)), 'pnl_R'));
    const { code, text } = await refusal(folder, '--pred', pred, '--trades', bare);
    expect([code, text]).toEqual(['columns_unclear', expect.stringContaining('entry_ts, exit_ts, signal_id')]);
  });

  it('are never written into a bundle', async () => {
    const { code, text } = await refusal(project, ...files, '--write');
    expect([code, text]).toEqual(['bad_argument', expect.stringContaining('--write')]);
  });
});

describe('flags', () => {
  it.each([
    { args: ['--grid', '0.5,0.4'], found: 'do not ascend' },
    { args: ['--grid', '0.5,1.4'], found: '"1.4"' },
    { args: ['--grid', '0.3,...,0.9'], found: 'dots' },
    { args: ['--grid', ''], found: '--grid' },
    { args: ['--dedup', 'meen'], found: 'did you mean mean?' },
    { args: ['--min-trades', '0'], found: '--min-trades' },
    { args: ['--min-coverage', '75'], found: '--min-coverage' },
    { args: ['--pstar', '60'], found: '--pstar' },
    { args: ['--groups', '1'], found: '--groups' },
    { args: ['--tol', '10'], found: '--tol' },
    { args: ['--out', 'curve.txt'], found: 'curve.txt' },
  ])('$args are refused', async ({ args, found }) => {
    const ended = await ev(project, ...args);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain(found);
    expect(existsSync(join(project, 'curve.txt'))).toBe(false);
  });

  it('without a bundle say what to do', async () => {
    const empty = join(root.path, 'no-bundle');
    writeTinyProject(empty);
    expect(await refusal(empty)).toMatchObject({ exit: 2, code: 'no_bundle' });
  });
});
