import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { numbersOf, rowsOf, TABLES, textsOf, type Row, type Table } from '@donch/core';
import { readTable, TrialLedger } from '@donch/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentProblems } from './testing/document-problems.ts';
import { documentIn, donch } from './testing/run-donch.ts';
import { makeTinyProject, temporaryFolder } from './testing/tiny-project.ts';

const root = temporaryFolder('sweep');
const project = join(root.path, 'project');
/** Two entries, twelve exits, one of them through the engine. */
const GRID = `VOL_MULTIPLE: [1.2, 1.5]
SL_ATR_MULT: [1, 2]
FINAL_TP_ATR_MULT: [3, 4, null]
TRAIL_AFTER_TP1: [true, false]
`;
const SWEEP = ['sweep', '--grid', 'grid.yaml', '--set', 'TRAIL_START=entry', '--min-trades', '5'];
/** The same without a closer look at the best. */
const BOARD = [...SWEEP, '--robust-topk', '0'];

interface SweepDocument extends Record<string, unknown> {
  readonly runId: string;
  readonly best: readonly {
    readonly tag: string;
    readonly values: Readonly<Record<string, unknown>>;
    readonly trades: number;
    readonly meanR: number;
  }[];
  readonly kept: readonly { readonly tag: string; readonly runId: string; readonly folder: string }[];
  readonly selection: Readonly<Record<string, unknown>>;
}

async function run(args: readonly string[], cwd = project): Promise<SweepDocument> {
  const ended = await donch([...args, '--json'], { cwd });
  expect([ended.code, ended.code === 0 ? '' : ended.stderr]).toEqual([0, '']);
  return documentIn(ended) as SweepDocument;
}

async function refused(args: readonly string[]): Promise<string> {
  const ended = await donch(args, { cwd: project });
  expect(ended.code).toBe(EXIT.usage);
  return ended.stderr;
}

const results = (name: string, folder = project): string => join(folder, 'results', name);
const leaderboard = (folder = project): Promise<Table> =>
  readTable(results('leaderboard.parquet', folder), TABLES.leaderboard);
const trials = (folder = project): Row[] => rowsOf(new TrialLedger(results('', folder)).trials());

let swept: SweepDocument;

beforeAll(async () => {
  await makeTinyProject(project);
  writeFileSync(join(project, 'grid.yaml'), GRID);
  swept = await run(SWEEP);
});
afterAll(root.remove);

describe('donch sweep', () => {
  it('evaluates every combination, some of them through the engine too, and says so', async () => {
    expect(documentProblems('sweep', swept)).toEqual([]);
    expect(swept).toMatchObject({ cached: false, variants: 24, gridSize: 24, signalSets: 2, engineVariants: 12 });
    // three by lot, of those that do not need the engine anyway, and one of every set of signals
    expect([3, 4]).toContain(swept['checkedVariants']);
    const found = rowsOf(await readTable(results(join('runs', swept.runId, 'variants.parquet'))));
    const checked = found.filter((row) => row['is_checked'] === true);
    expect(checked).toHaveLength(Number(swept['checkedVariants']));
    expect(checked.every((row) => row['engine_reason'] === '')).toBe(true);
    const table = await leaderboard();
    expect(table.length).toBe(24);
    expect(new Set(textsOf(table, 'tag')).size).toBe(24);
    expect(Math.max(...numbersOf(table, 'trades'))).toBeGreaterThan(10);
    expect(new Set(numbersOf(table, 'vol_multiple'))).toEqual(new Set([1.2, 1.5]));
  });

  it('gives a variant the figures of its backtest, and the two are one trial', async () => {
    const before = trials().length;
    const [best] = swept.best;
    const settings = Object.entries({ TRAIL_START: 'entry', ...best.values });
    const sets = settings.flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const backtest = await run(['backtest', ...sets]);
    expect(backtest).toMatchObject({ trades: best.trades, meanR: best.meanR });
    const [{ tag, runId, folder }] = swept.kept;
    expect(tag).toBe(best.tag);
    const bytes = (id: string): Buffer => readFileSync(results(join('runs', id, 'trades.parquet')));
    expect(bytes(runId).equals(bytes(backtest.runId))).toBe(true);
    expect(readFileSync(join(folder, 'trades.csv'), 'utf8')).toBe(readFileSync(results('trades.csv'), 'utf8'));
    expect(trials()).toHaveLength(before);
  });

  it('puts leaderboard, trades and page where users look, under the names that they know', async () => {
    const known = readFileSync(results('leaderboard_guarded.csv'), 'utf8');
    expect(known).toBe(readFileSync(results('leaderboard.csv'), 'utf8'));
    expect(known.split('\n')[0]).toMatch(
      /^n,win_rate,profit_factor,avg_R,max_dd,cagr,mar,daily_sharpe,min_block_sharpe,tag,sl_atr,tp_atr,time_exit_h,partial,partial_ratio,tp1_atr,trail,trail_atr,/,
    );
    const [{ folder }] = swept.kept;
    expect(folder).toBe(results(join('variants', swept.best[0].tag)));
    expect(readFileSync(join(folder, 'trades.csv'), 'utf8').split('\n')).toHaveLength(swept.best[0].trades + 2);
    expect(existsSync(join(folder, 'equity.csv'))).toBe(true);
    expect(existsSync(join(folder, 'report.html'))).toBe(true);
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as { statistics: object };
    expect(report.statistics).toMatchObject({
      stress: { kind: 'stress', report: { run: { trades: swept.best[0].trades } } },
      selection: { kind: 'selection', verdict: { counts: { configurations: 24 } } },
    });
    expect(readFileSync(results('sweep.html'), 'utf8')).toContain(swept.best[0].tag);
  });

  it('marks what is no evidence and ranks it last', async () => {
    const folder = join(root.path, 'guarded');
    cpSync(project, folder, { recursive: true });
    const { best } = await run([...BOARD, '--min-trades', '34'], folder);
    const rows = rowsOf(await leaderboard(folder));
    const guarded = rows.map((row) => Number(row['guard'] !== ''));
    expect(guarded).toEqual(guarded.toSorted((a, b) => a - b));
    expect(rows.filter((row) => row['guard'] !== '').every((row) => Number(row['trades']) < 34)).toBe(true);
    expect(guarded.filter((value) => value === 1).length).toBeGreaterThan(0);
    expect(best.length).toBeGreaterThan(0);
    const factors = rows.filter((row) => row['guard'] === '').map((row) => Number(row['profit_factor']));
    expect(factors).toEqual(factors.toSorted((a, b) => b - a));
  });

  it('records every variant as a trial, and judges the best against all of them', () => {
    expect(trials()).toHaveLength(24);
    expect(swept.selection).toMatchObject({ trials: 24 });
    const { dsr, refusals } = swept.selection;
    expect(typeof dsr === 'number' || (refusals as readonly string[]).some((why) => why.startsWith('DSR'))).toBe(true);
  });

  it('refuses to judge a choice among one', async () => {
    const folder = join(root.path, 'single');
    cpSync(project, folder, { recursive: true });
    rmSync(results('', folder), { recursive: true });
    const { selection, variants, gridSize } = await run([...BOARD, '--single'], folder);
    expect([variants, gridSize]).toEqual([1, 24]);
    expect(selection).toMatchObject({ dsr: null, pbo: null, expectedMaxSharpe: null });
    expect((selection['refusals'] as readonly string[]).join(' ')).toMatch(/DSR.*PBO/s);
  });

  it('is found again, and computed again it has the same bytes on two threads', async () => {
    const before = readFileSync(results('leaderboard.parquet'));
    expect(await run(BOARD)).toMatchObject({ cached: true, runId: swept.runId });
    expect(await run([...BOARD, '--no-cache', '--workers', '2'])).toMatchObject({ cached: false, runId: swept.runId });
    expect(readFileSync(results('leaderboard.parquet')).equals(before)).toBe(true);
    expect(trials()).toHaveLength(24);
  });

  it('removes what a process left that was killed when it had finished the sweep', async () => {
    const partial = results(join('runs', `.partial-${swept.runId}`));
    const page = results(join('reports', swept.runId, '.report.html.999999999-1.tmp'));
    mkdirSync(join(partial, '.lock'), { recursive: true });
    for (const path of [join(partial, 'chunk-000000.parquet'), page]) writeFileSync(path, '');
    expect(await run(BOARD)).toMatchObject({ cached: true });
    expect([partial, page].filter((path) => existsSync(path))).toEqual([]);
  });

  it('draws variants by lot, the same ones for the same seed', async () => {
    const draw = ['--random', '6', '--robust-topk', '0'];
    const first = await run([...BOARD, ...draw, '--seed', '3']);
    expect(first).toMatchObject({ variants: 6, gridSize: 24 });
    const tags = async (): Promise<Set<string | null>> => new Set(textsOf(await leaderboard(), 'tag'));
    const drawn = await tags();
    expect(await run([...BOARD, ...draw, '--seed', '3'])).toMatchObject({ cached: true });
    await run([...BOARD, ...draw, '--seed', '4']);
    expect(await tags()).not.toEqual(drawn);
    await run(BOARD);
  });

  it('takes keys of --vary in place of those of the file, and keeps a variant that is asked for', async () => {
    const wanted = 'vol1.2-sl1-tp3-t12-trailon';
    const vary = ['--vary', 'VOL_MULTIPLE=1.2', '--vary', 'TIME_EXIT_HOURS=12,null'];
    const one = await run([...BOARD, ...vary, '--variant', wanted]);
    expect(one).toMatchObject({ variants: 24, signalSets: 1, kept: [{ tag: wanted }] });
    await run(BOARD);
  });

  it.each([
    ['an unknown key', ['--vary', 'SL_ATR_MUL=1,2'], /SL_ATR_MULT/],
    ['a key of the account', ['--vary', 'RISK_USD=1,2'], /cannot be swept/],
    ['a value out of range', ['--vary', 'SL_ATR_MULT=-1'], /SL_ATR_MULT/],
    ['a value twice', ['--vary', 'SL_ATR_MULT=2,2'], /twice/],
    ['a key twice', ['--vary', 'SL_ATR_MULT=1', '--vary', 'SL_ATR_MULT=2'], /twice/],
    ['a key without values', ['--vary', 'SL_ATR_MULT'], /KEY=value/],
    ['variants that contradict themselves', ['--vary', 'SL_ATR_MULT=0.3,2'], /variant sl0\.3.*MIN_STOP_ATR/s],
    ['an unknown variant', ['--variant', 'sl2-tp8-t71'], /did you mean sl2-tp8-t72/],
    ['one variant, drawn', ['--single', '--random', '3'], /one of them/],
    ['a grid that is not there', ['--grid', 'nowhere.yaml'], /nowhere\.yaml/],
    ['scores that no signal has', ['--set', 'META=required'], /META/],
  ])('refuses %s', async (_what, args, words) => {
    expect(await refused(['sweep', ...args])).toMatch(words);
  });
});
