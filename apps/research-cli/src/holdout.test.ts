import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '@donch/cli';
import { DAY_MS, MINUTE_MS, numbersOf, rowsOf, type Candles } from '@donch/core';
import { openStore, readHoldoutLooks, readTable, RunStore, TrialLedger, writeTable } from '@donch/data';
import { dailyReturns, inferSharpe } from '@donch/stats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTradePaths } from './pipeline/report-paths.ts';
import { documentProblems } from './testing/document-problems.ts';
import { documentIn, donch, endOf, startDonch, type Ended } from './testing/run-donch.ts';
import { makeTinyProject, temporaryFolder, TINY_DAYS } from './testing/tiny-project.ts';

const root = temporaryFolder('holdout');
const START_MS = 20_094 * DAY_MS;
/** 14 days before the end of the data. */
const HOLDOUT = '2025-02-03';
const HOLDOUT_MS = Date.UTC(2025, 1, 3);
const BAR_MS = 15 * MINUTE_MS;
const END_MS = START_MS + TINY_DAYS * DAY_MS;
const SET = ['--set', `HOLDOUT_START=${HOLDOUT}`];

const folderOf = (name: string): string => join(root.path, name);
const call = (name: string, ...args: readonly string[]): Promise<Ended> => donch(args, { cwd: folderOf(name) });

async function document(name: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const ended = await call(name, ...args, '--json');
  expect([ended.code, ended.code === 0 ? '' : ended.stderr]).toEqual([0, '']);
  return documentIn(ended);
}

/** The code of the error that a command ends with. */
async function refusal(name: string, ...args: readonly string[]): Promise<unknown> {
  const ended = await call(name, ...args, '--json');
  expect(ended.code).toBe(EXIT.usage);
  return (documentIn(ended)['error'] as Record<string, unknown>)['code'];
}

const ledgerOf = (name: string): TrialLedger => new TrialLedger(join(folderOf(name), 'results'));
const trialIds = (name: string): unknown[] => rowsOf(ledgerOf(name).trials()).map((row) => row['trial_id']);
const looks = (name: string): number => readHoldoutLooks(join(folderOf(name), 'results')).length;

/** Bars that nobody would trade on: from the hold-out on every other one triples the price. */
function garbageFrom(candles: Candles): Candles {
  const scaled = (values: Float64Array): Float64Array =>
    values.map((value, row) => (candles.openTimeMs[row] >= HOLDOUT_MS && row % 2 === 1 ? 3 * value : value));
  return {
    ...candles,
    open: scaled(candles.open),
    high: scaled(candles.high),
    low: scaled(candles.low),
    close: scaled(candles.close),
    volume: scaled(candles.volume),
  };
}

/** Files of a run and their hashes; the manifest names the data, so it differs. */
function filesOf(name: string, id: unknown): unknown {
  const found = new RunStore(join(folderOf(name), 'results')).find(String(id));
  return found.kind === 'found' ? found.run.manifest.files : found;
}

beforeAll(async () => {
  await makeTinyProject(folderOf('plain'));
  await makeTinyProject(folderOf('garbage'), garbageFrom);
  cpSync(folderOf('plain'), folderOf('end'), { recursive: true });
  cpSync(folderOf('plain'), folderOf('opened'), { recursive: true });
});
afterAll(root.remove);

describe('behind the start of the hold-out', () => {
  it('nothing changes a byte of a scan or a backtest', async () => {
    for (const command of ['scout', 'run']) {
      const [plain, garbage] = [await document('plain', command, ...SET), await document('garbage', command, ...SET)];
      expect(garbage['signals']).toBe(plain['signals']);
      expect(Number(plain['signals'])).toBeGreaterThan(0);
      expect(filesOf('garbage', garbage['runId'])).toEqual(filesOf('plain', plain['runId']));
      expect(plain['runId']).not.toBe(garbage['runId']);
    }
    // the bars would have been seen
    const [plain, garbage] = [await document('plain', 'run'), await document('garbage', 'run')];
    expect(filesOf('garbage', garbage['runId'])).not.toEqual(filesOf('plain', plain['runId']));
    rmSync(join(folderOf('plain'), 'results'), { recursive: true });
    rmSync(join(folderOf('garbage'), 'results'), { recursive: true });
  });

  it('nothing changes a figure of a sweep', async () => {
    const board = async (name: string, ...args: readonly string[]): Promise<string> => {
      await document(name, 'sweep', '--robust-topk', '0', ...args);
      const path = join(folderOf(name), 'results');
      const text = readFileSync(join(path, 'leaderboard.csv'), 'utf8');
      rmSync(path, { recursive: true });
      // ids of trials name the data
      return text.replaceAll(/\b[0-9a-f]{24}\b/g, 'id');
    };
    const plain = await board('plain', ...SET);
    expect(plain.split('\n').length).toBeGreaterThan(8);
    expect(await board('garbage', ...SET)).toBe(plain);
    expect(await board('garbage')).not.toBe(await board('plain'));
  });

  it('nothing is drawn by a report, not even of trades that end right before it', async () => {
    const { runId } = await document('plain', 'run', ...SET);
    const found = await readTable(join(folderOf('plain'), 'results', 'runs', String(runId), 'trades.parquet'));
    const exits = new Float64Array(found.length).fill(HOLDOUT_MS - 2 * BAR_MS);
    const trades = { ...found, columns: new Map(found.columns).set('exit_time', { type: 'time', values: exits }) };
    const drawn = async (name: string, endMs: number): Promise<unknown> =>
      readTradePaths({
        store: openStore(join(folderOf(name), 'data')),
        trades,
        breakTimesMs: new Float64Array(found.length).fill(Number.NaN),
        interval: '15m',
        endMs,
        context: { signal: new AbortController().signal },
      });
    expect(await drawn('garbage', HOLDOUT_MS)).toEqual(await drawn('plain', HOLDOUT_MS));
    expect(await drawn('garbage', END_MS)).not.toEqual(await drawn('plain', END_MS));
  });

  it('nothing is compared by the look-ahead test, and the window ends before it', async () => {
    const ARGS = ['lookahead', '--cuts', '3', '--sample', '6', ...SET];
    const [plain, garbage] = [await document('plain', ...ARGS), await document('garbage', ...ARGS)];
    expect(garbage).toEqual(plain);
    expect(Math.max(...(plain['cutsMs'] as number[]))).toBeLessThan(HOLDOUT_MS);
  });

  it('signals of a file are left out, and refused when there are no others', async () => {
    await document('end', 'scout');
    const signals = await readTable(join(folderOf('end'), 'signals', 'signals.parquet'));
    writeTable(join(folderOf('plain'), 'all.parquet'), signals);
    const run = await document('plain', 'backtest', '--signals', 'all.parquet', ...SET);
    expect(run['signals']).toBe(numbersOf(signals, 'timestamp').filter((timeMs) => timeMs < HOLDOUT_MS).length);
    expect(Number(run['signals'])).toBeLessThan(signals.length);
    expect(await refusal('plain', 'backtest', '--signals', 'all.parquet', '--set', 'HOLDOUT_START=2025-01-07')).toBe(
      'in_holdout',
    );
  });
});

describe('a window and the hold-out', () => {
  it('are the same trial and the same scan as with END_DATE in its place', async () => {
    rmSync(join(folderOf('end'), 'results'), { recursive: true });
    rmSync(join(folderOf('plain'), 'results'), { recursive: true });
    const held = await document('plain', 'run', ...SET);
    const ended = await document('end', 'run', '--end', HOLDOUT);
    expect(trialIds('plain')).toEqual(trialIds('end'));
    expect(trialIds('plain')).toHaveLength(1);
    const figures = (found: Record<string, unknown>): unknown => ({ ...found, runId: '' });
    expect(figures(held)).toEqual(figures(ended));
    const scouts = ['plain', 'end'].map((name) =>
      new RunStore(join(folderOf(name), 'results')).list().find(({ manifest }) => manifest.command === 'scout'),
    );
    expect(scouts[0]?.id).toBe(scouts[1]?.id);
    // a hold-out that cuts nothing off is no other run at all
    const same = await document('end', 'run', '--end', HOLDOUT, '--set', 'HOLDOUT_START=2025-02-10');
    expect([same['runId'], same['cached']]).toEqual([ended['runId'], true]);
  });

  it('end where the hold-out begins, and a later END_DATE is told not to be reached', async () => {
    const ended = await call('plain', 'scout', '--end', '2025-02-10', '--quiet', ...SET);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/2025-02-03 00:00 UTC.*2025-02-10/);
    const { runId } = await document('plain', 'scout', '--end', '2025-02-10', ...SET);
    const found = new RunStore(join(folderOf('plain'), 'results')).find(String(runId));
    expect(found).toMatchObject({ kind: 'found', run: { manifest: { summary: { end_ms: HOLDOUT_MS } } } });
    expect((await call('plain', 'scout', '--end', '2025-02-01', ...SET)).stderr).not.toContain('hold-out');
  });

  it('that begins in it is refused, by every command that computes', async () => {
    const late = ['--start', HOLDOUT, ...SET];
    for (const args of [['run'], ['scout'], ['backtest'], ['train'], ['apply-meta'], ['lookahead']])
      expect([args, await refusal('plain', ...args, ...late)]).toEqual([args, 'in_holdout']);
    expect(await refusal('plain', 'run', '--set', 'HOLDOUT_START=soon')).toBe('bad_time');
  });
});

describe('donch holdout', () => {
  const opened = (...args: readonly string[]): Promise<Record<string, unknown>> =>
    document('opened', 'holdout', '--open', ...SET, ...args);

  it('looks at nothing without --open, and says how often it was opened', async () => {
    expect(await refusal('opened', 'holdout')).toBe('no_holdout');
    expect(await refusal('opened', 'holdout', ...SET)).toBe('holdout_closed');
    expect(await refusal('opened', 'holdout', ...SET, '--end', '2025-02-01')).toBe('bad_time');
    const { stdout, stderr } = await call('opened', 'holdout', ...SET);
    expect(stdout).toMatch(
      /^hold-out 2025-02-03 00:00 to 2025-02-\d\d \d\d:\d\d UTC: not opened yet\nconfiguration [0-9a-f]{24}\n$/,
    );
    expect(stderr).toContain('--open');
    expect(existsSync(join(folderOf('opened'), 'results'))).toBe(false);
  });

  it('sets the figures before and in the hold-out side by side, and is on record in log and ledger', async () => {
    const before = await document('opened', 'run', ...SET);
    const latest = readFileSync(join(folderOf('opened'), 'results', 'trades.csv'));
    const signals = readFileSync(join(folderOf('opened'), 'signals', 'signals.parquet'));
    const found = await opened('--reason', 'final choice');
    expect(documentProblems('holdout', found)).toEqual([]);
    const inSample = found['inSample'] as Record<string, unknown>;
    const held = found['holdout'] as Record<string, unknown>;
    expect(inSample['runId']).toBe(before['runId']);
    expect(Number(held['trades'])).toBeGreaterThan(0);
    // the first row of equity is the close before the first decision
    expect(held['startMs']).toBe(HOLDOUT_MS - BAR_MS);
    expect(inSample['endMs']).toBe(HOLDOUT_MS - BAR_MS);
    // the same window, traded without any hold-out
    const same = await document('end', 'run', '--start', HOLDOUT);
    for (const name of ['trades', 'meanR', 'profitFactor', 'finalEquityUsd', 'maxDrawdownFrac'])
      expect([name, held[name]]).toEqual([name, same[name]]);
    expect(held['runId']).not.toBe(same['runId']);
    const store = new RunStore(join(folderOf('opened'), 'results'));
    const run = store.find(String(held['runId']));
    expect(run).toMatchObject({ kind: 'found', run: { manifest: { parameters: { holdout: true } } } });
    // what users look at is as it was
    expect(store.latest()).toBe(before['runId']);
    expect(readFileSync(join(folderOf('opened'), 'results', 'trades.csv'))).toEqual(latest);
    expect(readFileSync(join(folderOf('opened'), 'signals', 'signals.parquet'))).toEqual(signals);
    const [look] = readHoldoutLooks(join(folderOf('opened'), 'results'));
    expect(look).toMatchObject({
      start_time: HOLDOUT_MS,
      run_id: before['runId'],
      reason: 'final choice',
      trial_id: found['trialId'],
      configuration_id: found['configurationId'],
    });
    expect(Math.abs(look.end_time - END_MS)).toBeLessThan(3_600_000);
    const trial = rowsOf(ledgerOf('opened').trials()).find((row) => row['trial_id'] === found['trialId']);
    expect(trial).toMatchObject({
      run_id: held['runId'],
      configuration_id: found['configurationId'],
      kind: 'backtest',
    });
    expect(found).toMatchObject({
      looks: 1,
      configurations: 1,
      otherConfigurations: 0,
      triedConfigurations: 1,
      isRepeat: false,
      sharpe: null,
      psr: null,
      luckSharpe: null,
    });
    expect(found['sharpeNote']).toContain('at least 20 are needed');
  });

  it('counts a repeat as a look at the same configuration, another one as one more of k', async () => {
    expect(await opened()).toMatchObject({ looks: 2, configurations: 1, isRepeat: true, triedConfigurations: 1 });
    const other = await opened('--set', 'SL_ATR_MULT=2.5');
    expect(other).toMatchObject({ looks: 3, configurations: 2, isRepeat: false, triedConfigurations: 2 });
    expect(await document('opened', 'trials', ...SET)).toMatchObject({
      holdout: { startMs: HOLDOUT_MS, looks: 3, configurations: 2, otherConfigurations: 0 },
    });
    // moved inside, it has been looked at all the same
    expect(await document('opened', 'trials', '--set', 'HOLDOUT_START=2025-02-10')).toMatchObject({
      holdout: { looks: 3, configurations: 2 },
    });
    const { checks } = (await document('opened', 'doctor', ...SET)) as { checks: readonly Record<string, unknown>[] };
    expect(checks.find(({ name }) => name === 'hold-out')).toMatchObject({ result: 'ok' });
    const { latest } = await document('opened', 'report', ...SET);
    expect(readFileSync(String(latest), 'utf8')).toContain('opened 3 times with 2 different configurations');
  });

  it('with enough days gives PSR, and what the best of k would show by luck', async () => {
    const EARLY = ['--set', 'HOLDOUT_START=2025-01-22'];
    const found = await document('opened', 'holdout', '--open', ...EARLY);
    const { runId } = found['holdout'] as Record<string, unknown>;
    const equity = await readTable(join(folderOf('opened'), 'results', 'runs', String(runId), 'equity.parquet'));
    const { returns } = dailyReturns(numbersOf(equity, 'time'), numbersOf(equity, 'equity_usd'));
    const expected = inferSharpe(returns);
    if (expected.kind === 'refused' || expected.psr.kind === 'refused')
      throw new Error('the tiny market has a Sharpe ratio');
    // two configurations were run in sample on what is now the begin of the hold-out
    expect(found).toMatchObject({ days: returns.length, looks: 4, otherConfigurations: 2, triedConfigurations: 2 });
    expect(found['sharpe']).toBeCloseTo(expected.annualSharpe, 12);
    expect(found['psr']).toBeCloseTo(expected.psr.probability, 12);
    expect(found['luckSharpe']).toBeCloseTo(Math.sqrt(365 / (returns.length - 1)) / Math.sqrt(Math.PI), 6);
    expect(Number(found['psrAgainstLuck'])).toBeLessThan(Number(found['psr']));
    expect((found['warnings'] as string[]).some((line) => line.includes('not untouched'))).toBe(true);
  });

  it('tests the configuration of a stored run, whatever the settings are now', async () => {
    const run = await document(
      'opened',
      'run',
      '--set',
      'SL_ATR_MULT=2.5',
      '--set',
      'RISK_USD=20',
      '--seed',
      '7',
      ...SET,
    );
    const found = await opened(String(run['runId']));
    expect(found['inSample']).toMatchObject({ runId: run['runId'] });
    const figures = (look: Record<string, unknown>): object => ({ ...(look['holdout'] as object), runId: '' });
    // the run has its own copy of the strategy
    const strategy = join(folderOf('opened'), 'strategies', 'tiny.yaml');
    const text = readFileSync(strategy, 'utf8');
    writeFileSync(strategy, text.replace('name: Tiny', 'name: Other').replace('length_days: 3', 'length_days: 4'));
    const later = await opened(String(run['runId']));
    writeFileSync(strategy, text);
    expect(later).toMatchObject({ configurationId: found['configurationId'], isRepeat: true });
    expect(figures(later)).toEqual(figures(found));
    const direct = await opened('--set', 'SL_ATR_MULT=2.5', '--set', 'RISK_USD=20', '--seed', '7');
    expect(direct).toMatchObject({ configurationId: found['configurationId'], isRepeat: true });
    expect(figures(direct)).toEqual(figures(found));
  });

  it('refuses runs that it cannot test, and keeps them out of the log', async () => {
    const before = looks('opened');
    const runs = new RunStore(join(folderOf('opened'), 'results')).list();
    const scout = runs.find(({ manifest }) => manifest.command === 'scout');
    const held = runs.find(({ manifest }) => manifest.parameters['holdout'] === true);
    const whole = await document('opened', 'run');
    const plain = await document('opened', 'run', ...SET);
    const open = ['holdout', '--open', ...SET];
    for (const id of [scout?.id, held?.id, whole['runId']])
      expect(await refusal('opened', ...open, String(id))).toBe('holdout_run');
    expect(await refusal('opened', ...open, String(plain['runId']), '--symbols', 'BTCUSDT,ETHUSDT')).toBe(
      'holdout_run',
    );
    expect(await refusal('opened', ...open, String(plain['runId']), '--signals', 'x.parquet')).toBe('bad_argument');
    expect(looks('opened')).toBe(before);
  });

  it(
    'has the look on record before it computes: one that is killed counts, and can be repeated',
    { timeout: 60_000 },
    async () => {
      const before = looks('opened');
      const args = ['holdout', '--open', ...SET, '--set', 'SL_ATR_MULT=3'];
      const child = startDonch(args, { cwd: folderOf('opened') });
      const ended = endOf(child);
      while (looks('opened') === before && child.exitCode === null) await sleep(5);
      child.kill('SIGKILL');
      await ended;
      expect(looks('opened')).toBe(before + 1);
      expect(await opened('--set', 'SL_ATR_MULT=3')).toMatchObject({ looks: before + 2, isRepeat: true });
    },
  );

  it('counts no look when the part before the hold-out fails', async () => {
    const before = looks('opened');
    const { code } = await call('opened', 'holdout', '--open', ...SET, '--set', 'META=required');
    expect([code, looks('opened')]).toEqual([EXIT.usage, before]);
  });

  it('refuses to go on when the log is damaged', async () => {
    const log = join(folderOf('opened'), 'results', 'ledger', 'holdout.log');
    const bytes = readFileSync(log);
    const bad = Uint8Array.from(bytes);
    bad[bytes.length >> 1] ^= 1;
    writeFileSync(log, bad);
    for (const args of [['holdout', '--open'], ['trials']]) {
      const { code, stderr } = await call('opened', ...args, ...SET);
      expect([args, code, stderr]).toEqual([args, EXIT.data, expect.stringContaining('holdout.log')]);
    }
    expect((await call('opened', 'doctor', ...SET)).code).toBe(EXIT.finding);
    expect(Uint8Array.from(readFileSync(log))).toEqual(bad);
    writeFileSync(log, bytes);
  });
});
