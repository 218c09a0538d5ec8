import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { numbersOf, rowsOf, textsOf, type Row } from '@donch/core';
import { readTable, RunStore, TrialLedger } from '@donch/data';
import { dailyReturns, kurtosis, mean, skewness, standardDeviation } from '@donch/stats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRun } from './pipeline/find-run.ts';
import { findRunTrial } from './pipeline/run-trial.ts';
import { documentProblems } from './testing/document-problems.ts';
import { documentIn, donch } from './testing/run-donch.ts';
import { makeTinyProject, temporaryFolder, writeTinyProject } from './testing/tiny-project.ts';

const root = temporaryFolder('trials');
const project = join(root.path, 'project');
let runId = '';

async function run(...args: readonly string[]): Promise<Record<string, unknown>> {
  const ended = await donch([...args, '--json'], { cwd: project });
  expect([ended.code, ended.code === 0 ? '' : ended.stderr]).toEqual([0, '']);
  return documentIn(ended);
}

const ledger = (): TrialLedger => new TrialLedger(join(project, 'results'));
const rows = (): Row[] => rowsOf(ledger().trials());
const timeless = (row: Row): Row => ({ ...row, time: 0 });

beforeAll(async () => {
  await makeTinyProject(project);
  runId = String((await run('run'))['runId']);
});
afterAll(root.remove);

describe('the trials of backtests', () => {
  it('stand in the ledger with the moments of their daily returns', async () => {
    const equity = await readTable(join(project, 'results', 'runs', runId, 'equity.parquet'));
    const { returns, dayStartMs } = dailyReturns(numbersOf(equity, 'time'), numbersOf(equity, 'equity_usd'));
    const trades = await readTable(join(project, 'results', 'runs', runId, 'trades.parquet'));
    expect(trades.length).toBeGreaterThan(0);
    const found = rows();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      run_id: runId,
      kind: 'backtest',
      configurations: 1,
      evaluations: 1,
      trades: trades.length,
      days: returns.length,
      return_mean: mean(returns),
      return_sd: standardDeviation(returns, 1),
      return_skew: skewness(returns),
      return_kurtosis: kurtosis(returns),
      parameters: null,
    });
    const id = String(found[0]['trial_id']);
    expect(ledger().returnsOf([id]).get(id)).toEqual({ firstDayMs: dayStartMs[0], values: returns });
  });

  it('found again are no new ones, computed again are counted as repeats', async () => {
    const before = rows();
    expect(await run('run')).toMatchObject({ cached: true });
    expect(rows()).toEqual(before);
    expect(await run('run', '--no-cache')).toMatchObject({ cached: false });
    expect(rows()).toEqual([{ ...before[0], evaluations: 2 }]);
  });

  it('with other settings are others; on another window the configuration is the same', async () => {
    const [first] = rows();
    await run('run', '--set', 'SL_ATR_MULT=2.5');
    await run('run', '--set', 'START_DATE=2025-01-20');
    const found = rows().filter((row) => row['trial_id'] !== first['trial_id']);
    expect(found).toHaveLength(2);
    const same = found.filter((row) => row['configuration_id'] === first['configuration_id']);
    expect(same).toHaveLength(1);
    expect(same[0]['start_time']).toBe(Date.UTC(2025, 0, 20));
    expect(same[0]['end_time']).toBe(first['end_time']);
  });

  it('of signals of a file are named by the signals', async () => {
    const before = rows().length;
    await run('backtest', '--signals', 'signals/signals.parquet');
    const added = rows().slice(before);
    expect(added).toHaveLength(1);
    expect(added[0]['parameters']).toMatch(/^\{"signals":"[0-9a-f]{64}"\}$/);
  });

  it('are found from their finished runs', async () => {
    const results = join(project, 'results');
    for (const row of rows()) {
      const found = findRun(new RunStore(results), String(row['run_id']));
      const equity = await readTable(join(found.folder, 'equity.parquet'));
      const { returns } = dailyReturns(numbersOf(equity, 'time'), numbersOf(equity, 'equity_usd'));
      const { trial_id: trialId, start_time: startMs, end_time: endMs } = row;
      expect(findRunTrial(results, found, returns)).toEqual({ trialId, startMs, endMs });
    }
  });

  it('that are older than the ledger are recorded when their runs are found', async () => {
    const before = rows().map((row) => ({ ...timeless(row), evaluations: 1 }));
    const kept = join(root.path, 'ledger');
    cpSync(join(project, 'results', 'ledger'), kept, { recursive: true });
    rmSync(join(project, 'results', 'ledger'), { recursive: true });
    expect(await run('run')).toMatchObject({ cached: true });
    expect(rows().map(timeless)).toEqual(before.slice(0, 1));
    const files = join(project, 'results', 'ledger', 'returns');
    expect(readdirSync(files)).toHaveLength(1);
    rmSync(join(project, 'results', 'ledger'), { recursive: true });
    cpSync(kept, join(project, 'results', 'ledger'), { recursive: true });
    expect(new Set(textsOf(ledger().trials(), 'kind'))).toEqual(new Set(['backtest']));
  });
});

describe('donch trials', () => {
  it('tells how many configurations have been looked at, by window, and the best', async () => {
    const document = await run('trials');
    expect(documentProblems('trials', document)).toEqual([]);
    const all = rows();
    const sharpe = (row: Row): number => (Number(row['return_mean']) / Number(row['return_sd'])) * Math.sqrt(365);
    const whole = all.filter((row) => row['start_time'] === all[0]['start_time']);
    const best = whole.toSorted((a, b) => sharpe(b) - sharpe(a))[0];
    expect(document).toMatchObject({
      trials: all.length,
      configurations: all.length - 1,
      evaluations: all.length + 1,
      thresholdSearches: 0,
      thresholds: 0,
    });
    const windows = document['windows'] as Record<string, unknown>[];
    expect(windows).toHaveLength(2);
    const shown = windows.find(({ startMs }) => startMs === all[0]['start_time']);
    expect(shown).toMatchObject({
      trials: whole.length,
      overlapping: all.length - 1,
      days: all[0]['days'],
      bestTrialId: best['trial_id'],
    });
    expect(shown?.['bestSharpe']).toBeCloseTo(sharpe(best), 9);
    const { stdout } = await donch(['trials', '--limit', '1'], { cwd: project });
    expect(stdout).toContain(`${all.length} trials of ${all.length - 1} configurations`);
    expect(stdout).toContain('1 older ones (--limit 2)');
  });

  it('says what to do when there is none', async () => {
    const empty = join(root.path, 'empty');
    mkdirSync(empty);
    writeTinyProject(empty);
    const { stdout, code } = await donch(['trials'], { cwd: empty });
    expect([stdout, code]).toEqual(['no trial yet: donch run makes one\n', 0]);
    expect(existsSync(join(empty, 'results', 'ledger'))).toBe(false);
  });

  it('tells a ledger that is damaged, and so does the next run: nothing goes uncounted', async () => {
    const path = join(project, 'results', 'ledger', 'trials.log');
    const bytes = readFileSync(path);
    const bad = Uint8Array.from(bytes);
    bad[bytes.length >> 1] ^= 1;
    writeFileSync(path, bad);
    for (const args of [['trials'], ['run', '--set', 'SL_ATR_MULT=2.7']]) {
      const { code, stderr } = await donch(args, { cwd: project });
      expect([code, stderr]).toEqual([
        EXIT.data,
        expect.stringMatching(/trials\.log, line \d+: a record does not have the checksum/),
      ]);
    }
    writeFileSync(path, bytes);
  });
});
