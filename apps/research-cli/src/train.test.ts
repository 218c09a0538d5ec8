/** `donch train` as users run it, on a market that is small enough for a test. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { columnOf, numbersOf, rowsOf, textsOf, type Row } from '@donch/core';
import { readTable, TrialLedger } from '@donch/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentProblems } from './testing/document-problems.ts';
import { documentIn, donch } from './testing/run-donch.ts';
import { makeTinyProject, temporaryFolder } from './testing/tiny-project.ts';

const root = temporaryFolder('train');
const project = join(root.path, 'project');
/** Without most filters there are a hundred signals in six weeks. */
const MANY = ['VOL_MULTIPLE=1', 'RS_ENABLED=false', 'REGIME_FILTER_ENABLED=false'].flatMap((set) => ['--set', set]);

beforeAll(() => makeTinyProject(project));
afterAll(() => root.remove());

interface Trained {
  readonly runId: string;
  readonly cached: boolean;
  readonly bundle: string;
  readonly model: Readonly<Record<string, number | string | null>>;
}

async function train(...args: readonly string[]): Promise<Trained> {
  const ended = await donch(['train', ...MANY, ...args, '--json'], { cwd: project });
  expect([ended.code, ended.code === EXIT.ok ? '' : ended.stderr]).toEqual([EXIT.ok, '']);
  const document = documentIn(ended);
  expect(documentProblems('train', document)).toEqual([]);
  return document as unknown as Trained;
}

async function refused(...args: readonly string[]): Promise<readonly [number, string]> {
  const { code, stderr } = await donch(['train', ...args], { cwd: project });
  return [code, stderr];
}

const view = (name: string): string => join(project, 'results', 'meta_export', name);

describe('donch train', () => {
  it('learns from every signal with an outcome, stores the bundle and shows it', async () => {
    const { bundle, model, cached } = await train();
    expect(cached).toBe(false);
    expect(model['rows']).toBeGreaterThan(100);
    expect(model['parityMaxAbsDiff']).toBeLessThan(1e-9);
    expect(model['pstar']).toBeNull();
    expect(model['pstarNote']).not.toBe('');
    expect(existsSync(join(bundle, 'manifest.json'))).toBe(true);
    expect(readFileSync(view('pstar.txt'), 'utf8')).toBe('none\n');
    const oos = await readTable(view('oos_predictions.parquet'));
    // one prediction per signal and path
    expect(oos.length).toBe(5 * Number(model['rows']));
    expect(new Set(textsOf(oos, 'signal_id')).size).toBe(model['rows']);
    for (const name of ['entry_ts', 'symbol', 'y_true', 'y_proba', 'fold']) columnOf(oos, name);
    expect(numbersOf(oos, 'y_proba').every((p) => p >= 0 && p <= 1)).toBe(true);
    const header = readFileSync(view('metrics.csv'), 'utf8').split('\n', 1)[0];
    expect(header.startsWith('fold,pr_auc,brier,n_train,n_test')).toBe(true);
    expect(readFileSync(view('ev_curve.csv'), 'utf8').startsWith('threshold,n,ev_R')).toBe(true);
    expect(readFileSync(view('report.html'), 'utf8')).toContain('Tiny');
  });

  it('is found again, and computed again is the same bundle, on two threads as on one', async () => {
    const first = await train();
    expect(first.cached).toBe(true);
    const again = await train('--no-cache', '--workers', '2');
    expect([again.cached, again.bundle, again.model]).toEqual([false, first.bundle, first.model]);
  });

  it('is one trial of the ledger however often it is computed, and donch ev looks at the same', async () => {
    const searches = (): Row[] =>
      rowsOf(new TrialLedger(join(project, 'results')).trials({ kinds: ['threshold'] })).filter((row) =>
        String(row['parameters']).includes('"rows":"all"'),
      );
    const { runId, model } = await train();
    const [search, ...others] = searches();
    expect(others).toEqual([]);
    expect(search).toMatchObject({ run_id: runId, evaluations: 2, trades: model['rows'], days: 0, return_mean: null });
    const points = readFileSync(view('ev_curve.csv'), 'utf8').trim().split('\n').length - 1;
    expect(search['configurations']).toBeGreaterThanOrEqual(points);
    const { code } = await donch(['ev'], { cwd: project });
    expect(code).toBe(EXIT.ok);
    expect(searches()).toEqual([{ ...search, evaluations: 3 }]);
  });

  it("records the user's own threshold as such", async () => {
    const { model } = await train('--pstar', '0.60', '--outdir', 'results/mine');
    expect([model['pstar'], model['pstarSource']]).toEqual([0.6, 'user']);
    expect(Number(readFileSync(join(project, 'results', 'mine', 'pstar.txt'), 'utf8'))).toBe(0.6);
  });

  it.each([
    ['a smaller multiple has more successes', ['--mfe-k', '1'], 1],
    ['a larger multiple has fewer', ['--mfe-k', '3'], -1],
    ['a shorter horizon has fewer', ['--horizon-hours', '8'], -1],
  ] as const)('%s', async (_, flags, direction) => {
    const base = Number((await train()).model['baseRate']);
    expect(Math.sign(Number((await train(...flags)).model['baseRate']) - base)).toBe(direction);
  });

  it('learns from traded signals alone when it is told to', async () => {
    const all = await train();
    const traded = await donch(
      ['train', ...MANY, '--trades-csv', 'results/trades.csv', '--blocks', '3', '--k-test', '1', '--json'],
      { cwd: project },
    );
    // fewer trades than a model needs: the message counts them
    const trades =
      readFileSync(join(project, 'results', 'trades.csv'), 'utf8')
        .trim()
        .split('\n').length - 1;
    expect(traded.code).toBe(EXIT.data);
    expect(traded.stderr).toContain(`there are ${trades} signals with an outcome`);
    expect(Number(all.model['rows'])).toBeGreaterThan(trades);
  });

  it.each([
    [[...MANY, '--target', 'pnl_pos', '--r-threshold', '1.9'], EXIT.data, /pnl_pos holds for \d+ of \d+ signals/],
    [['--target', 'mfe'], EXIT.usage, /--target is "mfe".*\n?.*mfe_k, mfe_k_full/s],
    [['--pstar', '60'], EXIT.usage, /--pstar is "60"/],
    [['--k-test', '6'], EXIT.usage, /--k-test is 6 of 6 groups/],
    [['--embargo', '72'], EXIT.usage, /--embargo is "72"/],
    [['--sample-weights', 'some'], EXIT.usage, /--sample-weights is "some"/],
    [[], EXIT.data, /there are \d+ signals with an outcome/],
    [['--trades-csv', 'nowhere.csv'], EXIT.usage, /nowhere\.csv/],
  ])('refuses %j', async (flags, code, message) => {
    const [found, stderr] = await refused(...flags);
    expect(found).toBe(code);
    expect(stderr).toMatch(message);
  });
});
