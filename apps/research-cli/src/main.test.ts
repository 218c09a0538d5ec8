import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { numbersOf, TABLES, textsOf } from '@donch/core';
import { readTable } from '@donch/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentName } from './cli/documents.ts';
import { documentProblems } from './testing/document-problems.ts';
import { documentIn, donch, endOf, launchDonch, startDonch } from './testing/run-donch.ts';
import { temporaryFolder, TINY_DAYS, writeTinyFiles, writeTinyProject } from './testing/tiny-project.ts';

// The whole way of a user, each command as its own process through the launcher.

const root = temporaryFolder('e2e');
const project = join(root.path, 'project');
const files = join(root.path, 'downloads');

afterAll(() => root.remove());

type Start = typeof launchDonch;

/** Runs a command with --json through the launcher; its document has the form that docs/CLI.md promises. */
function run(
  name: DocumentName,
  args: readonly string[] = [],
  code: number = EXIT.ok,
): Promise<Record<string, unknown>> {
  return checked(launchDonch, { name, args, code });
}

/** The same in this process, which is faster: for what the launcher has shown before. */
function quick(
  name: DocumentName,
  args: readonly string[] = [],
  code: number = EXIT.ok,
): Promise<Record<string, unknown>> {
  return checked(donch, { name, args, code });
}

interface Asked {
  readonly name: DocumentName;
  readonly args: readonly string[];
  readonly code: number;
}

async function checked(start: Start, { name, args, code }: Asked): Promise<Record<string, unknown>> {
  const ended = await start([...name.split(' '), ...args, '--json'], { cwd: project });
  expect(ended.stderr).not.toMatch(/\n {4}at |This is a bug/);
  const problem = ended.code === code ? '' : ended.stderr;
  expect([ended.code, problem]).toEqual([code, '']);
  const document = documentIn(ended);
  expect(documentProblems(name, document)).toEqual([]);
  expect(document['ok']).toBe(code === EXIT.ok);
  return document;
}

const headerOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n', 1)[0].split(',');

describe('from files to an answer', () => {
  beforeAll(async () => {
    mkdirSync(project);
    await run('init');
    writeTinyProject(project);
    writeTinyFiles(files);
    await run('import', [join(files, 'candles'), '--interval', '15m']);
    await quick('import', [join(files, 'funding'), '--kind', 'funding']);
  });

  it('the store holds what the files hold', async () => {
    const status = (await run('data status')) as {
      series: { rows: number; coverageFrac: number; fundingEvents: number }[];
    };
    expect(status.series).toHaveLength(6);
    expect(Math.max(...status.series.map(({ rows }) => rows))).toBe(TINY_DAYS * 96);
    for (const { fundingEvents } of status.series) expect(fundingEvents).toBeGreaterThan(20);
    const { storeHash, verified } = await run('data certificate', ['--verify']);
    expect([storeHash, verified]).toEqual([(status as { storeHash?: string }).storeHash, true]);
  });

  it('a file that is nothing is refused with exit code 3, and the others are taken', async () => {
    const refused = await run(
      'import',
      [join(files, 'candles', 'BTCUSDT.csv.gz'), join(project, 'config.yaml')],
      EXIT.data,
    );
    expect(refused['refusedFiles']).toBe(1);
    const plan = await quick('import', [join(files, 'candles'), '--dry-run']);
    expect(plan['plan']).toHaveLength(6);
  });

  it('a run leaves its files where users look for them, under the names that they read', async () => {
    const first = await run('run');
    const again = await run('run');
    expect([first['cached'], again['cached']]).toEqual([false, true]);
    expect({ ...again, cached: false }).toEqual(first);
    expect(first['trades']).toBeGreaterThan(10);

    expect(headerOf(join(project, 'results', 'trades.csv')).slice(0, 10)).toEqual([
      'trade_id',
      'symbol',
      'entry_ts',
      'exit_ts',
      'entry',
      'exit',
      'qty',
      'side',
      'sl',
      'tp',
    ]);
    expect(headerOf(join(project, 'results', 'trades.csv'))).toEqual(
      expect.arrayContaining([
        'exit_reason',
        'atr_at_entry',
        'regime_up',
        'rs_pct',
        'pullback_type',
        'entry_rule',
        'don_break_len',
        'fees',
        'pnl',
        'pnl_R',
        'mae_over_atr',
        'mfe_over_atr',
        'markov_prob_up_4h',
        'trend_regime_1d',
        'vol_regime_1d',
        'vol_prob_low_1d',
        'regime_1d',
        'signal_id',
      ]),
    );
    expect(headerOf(join(project, 'results', 'equity.csv'))).toEqual(['timestamp', 'equity']);
    expect(headerOf(join(project, 'results', 'trades_aggregated.csv'))).toEqual([
      'symbol',
      'pullback_type',
      'entry_rule',
      'don_break_len',
      'regime_up',
      'trades',
      'win_rate_pct',
      'profit_factor',
      'avg_pnl',
      'median_pnl',
      'avg_pnl_R',
      'median_pnl_R',
    ]);
    const signals = await readTable(join(project, 'signals', 'signals.parquet'));
    expect([...signals.columns.keys()]).toEqual(
      expect.arrayContaining([
        'timestamp',
        'symbol',
        'entry',
        'atr',
        'don_break_len',
        'don_break_level',
        'pullback_type',
        'entry_rule',
        'rs_pct',
        'atr_1h',
        'rsi_1h',
        'adx_1h',
        'vol_mult',
        'atr_pct',
        'don_dist_atr',
        'eth_macd_hist_4h',
        'signal_id',
      ]),
    );
    expect(signals.length).toBe(first['signals']);
  });

  it('the figures fit the files', async () => {
    const { trades, finalEquityUsd, meanR, runId } = await quick('run');
    const folder = join(project, 'results', 'runs', String(runId));
    const table = await readTable(join(folder, 'trades.parquet'), TABLES.trades);
    const pnlR = numbersOf(table, 'pnl_r');
    expect(table.length).toBe(trades);
    expect(pnlR.reduce((sum, value) => sum + value, 0) / pnlR.length).toBeCloseTo(Number(meanR), 12);
    const equity = numbersOf(await readTable(join(folder, 'equity.parquet'), TABLES.equity), 'equity_usd');
    expect([equity[0], equity.at(-1)]).toEqual([1_000, finalEquityUsd]);
    expect(new Set(textsOf(table, 'signal_id')).size).toBe(trades);
    const labels = await readTable(join(folder, 'labels.parquet'), TABLES.labels);
    const labelled = new Set(textsOf(labels, 'signal_id'));
    expect(labels.length).toBeGreaterThan(Number(trades));
    expect(textsOf(table, 'signal_id').filter((id) => !labelled.has(id))).toEqual([]);
    const gates = textsOf(await readTable(join(folder, 'gate_profile.parquet'), TABLES.gate_profile), 'gate');
    expect(gates).toEqual(expect.arrayContaining(['rs_percentile_min', 'regime', 'volume']));
  });

  it('scout and backtest are the two halves of run', async () => {
    const scan = await run('scout');
    const whole = await quick('run');
    const half = await run('backtest');
    expect([scan['cached'], half['cached'], half['runId']]).toEqual([true, true, whole['runId']]);
    const own = new Set(['runId', 'cached', 'survivorship', 'command', 'model', 'gated']);
    const figures = Object.fromEntries(Object.entries(whole).filter(([name]) => !own.has(name)));
    expect([whole['model'], whole['gated']]).toEqual([null, null]);
    for (const path of ['signals/signals.parquet', `results/runs/${String(scan['runId'])}/signals.parquet`]) {
      expect(await quick('backtest', ['--signals', path])).toMatchObject(figures);
    }
  });

  it('why tells the set-ups, the standing at any time, and what the others did', async () => {
    await quick('run');
    const now = await run('why', ['ETHUSDT']);
    expect(now).toMatchObject({ symbol: 'ETHUSDT', standing: [{ strategyId: 'tiny' }], funnel: [{ symbols: 6 }] });
    const { setups } = now as { setups: { timeMs: number; event: string }[][] };
    const [{ timeMs }] = setups[0];
    const then = await quick('why', ['ethusdt', new Date(timeMs).toISOString()]);
    expect(then).toMatchObject({
      timeMs,
      standing: [{ timeMs, phase: 'broken' }],
      funnel: [{ decision_time: timeMs }],
    });
    const people = await donch(['why', 'ETHUSDT'], { cwd: project });
    expect(people.stdout).toContain('ETHUSDT  tiny at ');
  });

  it('list, export and config know the run', async () => {
    const { runId } = await quick('run');
    expect(await run('list')).toMatchObject({ latest: runId });
    await run('export', ['instruments', '--out', 'instruments.parquet']);
    for (const what of ['trades', 'equity', 'signals', 'labels', 'decisions', 'funnel', 'gates', 'aggregated']) {
      const { rows, path } = await quick('export', [what, '--out', String.raw`out\${what}.csv`]);
      expect(rows).toBeGreaterThan(0);
      expect(existsSync(String(path))).toBe(true);
    }
    const config = await run('config', ['--all']);
    expect((config['keys'] as unknown[]).length).toBeGreaterThan(100);
  });

  it('exported candles can be imported again and give the same store', async () => {
    await quick('export', ['candles', 'BTCUSDT', '--out', join(root.path, 'back', 'BTCUSDT.csv')]);
    await quick('import', [join(root.path, 'back')]);
    const before = await quick('data certificate', ['--symbols', 'BTCUSDT']);
    const other = join(root.path, 'other');
    writeTinyProject(other);
    const imported = await donch(['import', join(root.path, 'back'), '--interval', '15m'], { cwd: other });
    expect(imported.code).toBe(EXIT.ok);
    const after = documentIn(await donch(['data', 'certificate', '--json'], { cwd: other }));
    expect(after['storeHash']).toBe(before['storeHash']);
  });

  it('the honesty test finds nothing, and names what is planted', async () => {
    expect((await run('lookahead', ['--cuts', '1', '--sample', '2']))['leaks']).toEqual([]);
    const { leaks } = await quick('lookahead', ['--cuts', '1', '--sample', '2', '--plant', 'htf_open'], EXIT.finding);
    expect(leaks).not.toEqual([]);
  });

  it('doctor is content, and is not when the strategy is broken', async () => {
    await run('doctor');
    const broken = await donch(['doctor', '--json', '--set', 'STRATEGY_SPEC_PATH=nowhere.yaml'], {
      cwd: project,
    });
    expect(broken.code).toBe(EXIT.finding);
    expect(documentIn(broken)['checks']).toContainEqual(
      expect.objectContaining({ name: 'strategy', result: 'failure' }),
    );
  });

  it('upkeep of a store without a tail log has nothing to do', async () => {
    expect(await run('data compact')).toMatchObject({ logs: [{ instruments: 0, months: 0 }] });
    expect(await run('data repair')).toMatchObject({ logs: [{ damaged: false }] });
  });
});

describe('processes', () => {
  it('two runs at once both end well, with one result', async () => {
    const args = ['run', '--json', '--set', 'RISK_USD=13'];
    const both = await Promise.all([launchDonch(args, { cwd: project }), launchDonch(args, { cwd: project })]);
    expect(both.map(({ code }) => code)).toEqual([EXIT.ok, EXIT.ok]);
    const [a, b] = both.map((ended) => documentIn(ended));
    expect({ ...a, cached: false }).toEqual({ ...b, cached: false });
    expect(
      readdirSync(join(project, 'results', 'runs')).filter((name) => !/^(scout|backtest)-[0-9a-f]{16}$/.test(name)),
    ).toEqual([]);
  });

  it('Ctrl-C ends a running command with exit code 130 and gives its lock back', async () => {
    const cwd = join(root.path, 'demo');
    mkdirSync(cwd);
    const child = startDonch(['demo', '--json'], { cwd });
    const ended = endOf(child);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    // Windows has no such signal: there the process is ended from outside
    if (process.platform === 'win32') return;
    expect(code).toBe(EXIT.interrupted);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'interrupted' } });
    const lock = join(cwd, 'donch-demo', 'data', '.lock');
    expect(existsSync(lock) ? readdirSync(lock) : []).toEqual([]);
  });

  it('a reader that has seen enough is no error', async () => {
    const child = startDonch(['config', '--all'], { cwd: project });
    child.stdout?.destroy();
    const { code, stderr } = await endOf(child);
    expect([code, stderr]).toEqual([EXIT.ok, '']);
  });
});
