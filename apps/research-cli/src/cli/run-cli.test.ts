import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { donchVersion, EXIT } from '@donch/cli';
import { instrumentId } from '@donch/core';
import { lockStore, openStoreForWrite } from '@donch/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentIn, donch, type Ended } from '../testing/run-donch.ts';
import { makeTinyProject, temporaryFolder, TINY_STRATEGY, writeTinyProject } from '../testing/tiny-project.ts';
import { DOCUMENTS } from './documents.ts';

const root = temporaryFolder('run-cli');
const project = join(root.path, 'project');

beforeAll(() => makeTinyProject(project));
afterAll(() => root.remove());

interface Failure {
  readonly exitCode: number;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly problems: readonly {
      readonly code: string;
      readonly found: string;
      readonly file: string | null;
      readonly line: number | null;
      readonly expected: string | null;
      readonly remedy: string | null;
    }[];
  };
}

/** The failure that a command line ends with; the message on the terminal is the one in the document, and no stack is shown. */
async function failure(args: readonly string[], cwd = project): Promise<Failure> {
  // behind the command's name: a flag without its value would swallow it at the end
  const words = args[0] === 'data' ? 2 : 1;
  const ended = await donch([...args.slice(0, words), '--json', ...args.slice(words)], { cwd });
  const document = documentIn(ended) as unknown as Failure & { ok: boolean };
  expect(document.ok).toBe(false);
  expect(document.exitCode).toBe(ended.code);
  expect(ended.stderr).toContain(document.error.message);
  expectNoStack(ended);
  return document;
}

function expectNoStack({ stdout, stderr }: Ended): void {
  expect(`${stdout}${stderr}`).not.toMatch(/\n {4}at |This is a bug/);
}

/** A project of its own whose files a test spoils. */
function spoiledProject(files: Readonly<Record<string, string>>): string {
  const folder = join(root.path, `spoiled-${(spoiled += 1)}`);
  writeTinyProject(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
let spoiled = 0;

describe('help and version', () => {
  it('prints the version', async () => {
    expect(await donch(['--version'], { cwd: root.path })).toEqual({
      code: 0,
      stdout: `${donchVersion()}\n`,
      stderr: '',
    });
  });

  it('lists every command', async () => {
    const { code, stdout } = await donch(['--help'], { cwd: root.path });
    expect(code).toBe(EXIT.ok);
    for (const name of Object.keys(DOCUMENTS)) expect(stdout).toMatch(new RegExp(`^  ${name.split(' ')[0]} `, 'm'));
  });

  it.each(Object.keys(DOCUMENTS))('explains %s with examples, outside of any project', async (name) => {
    const { code, stdout } = await donch([...name.split(' '), '--help'], { cwd: root.path });
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain(`Usage: donch ${name}`);
    expect(stdout).toMatch(/^Examples:\n {2}donch /m);
    expect(stdout).toContain('--json');
  });

  it('without a command shows what there is and counts as a wrong use', async () => {
    const { code, stdout, stderr } = await donch([], { cwd: root.path });
    expect([code, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toContain('Usage: donch');
  });
});

describe('a wrong command line', () => {
  it.each([
    ['an unknown command', ['rnu']],
    ['an unknown flag', ['run', '--sybols', 'X']],
    ['a flag without its value', ['run', '--start']],
    ['a word that is not among the choices', ['lookahead', '--plant', 'nothing']],
    ['a missing argument', ['why']],
    ['an argument too many', ['scout', 'BTCUSDT']],
    ['an unknown part of data', ['data', 'sttus']],
  ])('%s ends with exit code 2', async (_, args) => {
    const { error, exitCode } = await failure(args);
    expect([error.code, exitCode]).toEqual(['bad_argument', EXIT.usage]);
  });

  it.each([
    [['run', '--seed', '-1'], 'bad_argument'],
    [['run', '--workers', 'many'], 'bad_config'],
    [['run', '--workers', '0'], 'bad_config'],
    [['run', '--set', 'SL_ATR_MULT'], 'bad_argument'],
    [['run', '--set', 'SL_ATR_MLUT=2'], 'bad_config'],
    [['run', '--set', 'RISK_EQUITY_PCT=1'], 'bad_config'],
    [['run', '--start', 'last week'], 'bad_time'],
    [['run', '--start', '2030-01-01'], 'bad_time'],
    [['run', '--start', '2025-02-02', '--end', '2025-02-01'], 'bad_time'],
    [['run', '--symbols', 'NOPEUSDT'], 'unknown_symbol'],
    [['run', '--symbols', ''], 'bad_path'],
    [['run', '--symbols', 'missing.txt'], 'no_such_file'],
    [['run', '--strategy', 'missing.yaml'], 'no_strategy_file'],
    [['run', '--strategy', 'strategies'], 'not_a_file'],
    [['run', '--config', 'missing.yaml'], 'no_such_file'],
    [['run', '--strategy', 'strategies/tiny.yaml', '--strategy', 'strategies/tiny.yaml'], 'bad_strategy'],
    [['backtest', '--signals', 'missing.parquet'], 'no_such_file'],
    [['backtest', '--signals', 'config.yaml'], 'unknown_format'],
    [['why', 'NOPEUSDT'], 'unknown_symbol'],
    [['why', 'BTCUSDT', 'noon'], 'bad_time'],
    [['why', 'BTCUSDT', '--run', 'x'], 'no_run'],
    [['why', 'BTCUSDT', '--run', 'backtest-0123456789abcdef'], 'no_run'],
    [['why', 'BTCUSDT', '--last', '0'], 'bad_argument'],
    [['list', '--limit', 'x'], 'bad_argument'],
    [['export', 'candles'], 'bad_argument'],
    [['export', 'candles', '--out', 'x.csv'], 'bad_argument'],
    [['export', 'candles', 'NOPEUSDT', '--out', 'x.csv'], 'unknown_symbol'],
    [['export', 'candles', 'BTCUSDT', '--out', 'x.txt'], 'unknown_format'],
    [['export', 'candles', 'BTCUSDT', '--out', 'x.csv', '--start', '2025-02-01', '--end', '2025-02-01'], 'bad_time'],
    [['export', 'trades', '--out', 'x.csv'], 'no_run'],
    [['data', 'status', '--interval', '7m'], 'bad_argument'],
    [['data', 'status', '--venue', 'nowhere'], 'no_candles'],
    [['lookahead', '--cuts', '0'], 'bad_argument'],
    [['null-test', '--seeds', '0'], 'bad_argument'],
    [['null-test', '--grid', 'grid.yaml'], 'bad_argument'],
    [['null-test', '--sweep', '--vary', 'SL_ATR_MULT=2'], 'bad_argument'],
    [['null-test', '--sweep', '--plant', 'same_bar_trail'], 'bad_argument'],
    [['null-test', '--sweep', '--grid', 'nowhere.yaml'], 'no_such_file'],
    [['null-test', '--strategy', 'a.yaml', '--strategy', 'b.yaml'], 'bad_argument'],
    [['demo', '--dir', '.'], 'not_a_demo'],
    [['import', 'nowhere', '--strict', '--repair'], 'bad_argument'],
    [['import', 'nowhere'], 'no_such_file'],
  ])('%j is refused as %s', async (args, code) => {
    const { error, exitCode } = await failure(args);
    expect(error.code).toBe(code);
    expect([EXIT.usage, EXIT.data]).toContain(exitCode);
  });

  it('names the nearest symbol, the strategies that there are, and the right spelling of a key', async () => {
    const symbol = await failure(['run', '--symbols', 'btcusdt']);
    expect(symbol.error.problems[0].expected).toBe('"BTCUSDT"');
    const strategy = await failure(['run', '--strategy', 'tniy.yaml']);
    expect(strategy.error.problems[0].remedy).toContain('tiny.yaml');
    const key = await failure(['run', '--set', 'SL_ATR_MLUT=2']);
    expect(key.error.problems[0].remedy).toContain('SL_ATR_MULT');
  });
});

describe('files of the project', () => {
  it('outside of a project says how to make one', async () => {
    const { error } = await failure(['run'], root.path);
    expect(error).toMatchObject({
      code: 'no_project',
      problems: [{ remedy: expect.stringContaining('donch init') as string }],
    });
  });

  it('reports all problems of config.yaml at once, each with its line', async () => {
    const cwd = spoiledProject({ 'config.yaml': 'RISK_USD: -1\nNONSENSE: 2\nRISK_EQUITY_PCT: 1\nTIMEFRAME: 15m\n' });
    const { error } = await failure(['run'], cwd);
    expect(error.code).toBe('bad_config');
    expect(error.problems.map(({ line }) => line)).toEqual([1, 2, 3]);
    for (const { file } of error.problems) expect(file).toBe(join(cwd, 'config.yaml'));
  });

  it.each([
    ['config.yaml', '- a list\n', 'bad_config'],
    ['config.yaml', 'A: [1\n', 'bad_yaml'],
    ['config.yaml', 'schema_version: 99\n', 'newer_schema'],
    ['config.yaml', 'schema_version: old\n', 'newer_schema'],
    ['strategies/tiny.yaml', 'strategy: {name: x, side: sideways}\n', 'bad_strategy'],
    ['strategies/tiny.yaml', 'name: old\nparams: {}\n', 'old_dialect'],
    ['strategies/tiny.yaml', '\u0000', 'bad_strategy'],
    ['strategies/tiny.yaml', 'strategy: {', 'bad_yaml'],
    ['symbols.txt', 'BTCUSDT\nNOPEUSDT\n', 'unknown_symbol'],
    ['symbols.txt', 'BTC USDT\n', 'unknown_symbol'],
  ])('%s with %j is refused as %s', async (name, text, code) => {
    const cwd = spoiledProject({ [name]: text });
    const writer = openStoreForWrite(join(cwd, 'data'));
    const { candles } = await import('../testing/tiny-project.ts').then((tiny) => ({
      candles: tiny.tinyMarket().candles(0),
    }));
    await writer.candles.merge(instrumentId('bybit', 'BTCUSDT'), '15m', candles, { onRevision: 'error' });
    await writer.close();
    const { error } = await failure(['run'], cwd);
    expect(error.code).toBe(code);
    expect(error.problems[0].file).toBe(join(cwd, ...name.split('/')));
  });

  it('a folder in the place of config.yaml is no file', async () => {
    const cwd = join(root.path, 'folder-config');
    mkdirSync(join(cwd, 'config.yaml'), { recursive: true });
    expect((await failure(['run'], cwd)).error.code).toBe('not_a_file');
  });

  it('without candles says how to get some', async () => {
    const { error, exitCode } = await failure(['run'], spoiledProject({}));
    expect([error.code, exitCode]).toEqual(['no_candles', EXIT.data]);
    expect(error.problems[0].remedy).toContain('donch import');
  });

  it('with candles of another interval says which there are', async () => {
    const { error } = await failure(['run', '--set', 'TIMEFRAME=5m']);
    expect(error.problems[0].expected).toContain('15m');
  });

  it('a regime symbol without candles stops the run with both ways out', async () => {
    const { error } = await failure(['run', '--set', 'REGIME_ASSET=XRPUSDT']);
    expect(error.code).toBe('no_candles');
    expect(error.problems[0].remedy).toMatch(/import.*--no-regime/);
  });

  it('settings from .env and the environment hold, the environment first; strangers are named', async () => {
    const cwd = spoiledProject({ '.env': 'DONCH_RISK_USD=11\nDONCH_MAX_OPEN=3\nDONCH_COLOUR=red\n' });
    const ended = await donch(['config', '--json'], {
      cwd,
      env: { DONCH_RISK_USD: '12', DONCH_FIXED_RISK_CASH: '12' },
    });
    const keys = documentIn(ended)['keys'] as { key: string; value: unknown; layer: string; written: string }[];
    expect(keys.find(({ key }) => key === 'RISK_USD')).toMatchObject({ value: 12, layer: 'environment' });
    expect(keys.find(({ key }) => key === 'MAX_OPEN')).toMatchObject({ value: 3, layer: 'environment' });
    expect(ended.stderr).toContain('DONCH_COLOUR');
  });

  it('is found from a folder below it, and by --config from anywhere', async () => {
    const below = await donch(['config', '--json'], { cwd: join(project, 'strategies') });
    const named = await donch(['config', '--json', '--config', join(project, 'config.yaml')], { cwd: root.path });
    expect(documentIn(named)['configHash']).toBe(documentIn(below)['configHash']);
  });

  it('reads paths with either separator', async () => {
    const ended = await donch(['config', '--json', '--strategy', String.raw`strategies\tiny.yaml`], { cwd: project });
    expect(documentIn(ended)).toMatchObject({ ok: true, strategies: [{ strategyId: 'tiny' }] });
  });
});

describe('init', () => {
  it('makes a project and keeps what is there', async () => {
    const cwd = root.path;
    const first = documentIn(await donch(['init', String.raw`made\here`, '--json'], { cwd }));
    expect(first['made']).toEqual(
      expect.arrayContaining(['config.yaml', 'symbols.txt', 'strategies/donch_pullback_long.yaml']),
    );
    const config = join(root.path, 'made', 'here', 'config.yaml');
    writeFileSync(config, 'RISK_USD: 12 # mine\n');
    const second = documentIn(await donch(['init', 'made/here', '--json'], { cwd }));
    expect([second['made'], second['kept']]).toEqual([[], first['made']]);
    expect(readFileSync(config, 'utf8')).toBe('RISK_USD: 12 # mine\n');
  });

  it('writes no key that the strategy file owns', async () => {
    await donch(['init', 'fresh'], { cwd: root.path });
    const ended = await donch(['config', '--json'], { cwd: join(root.path, 'fresh') });
    const { notes, keys } = documentIn(ended) as { notes: { kind: string }[]; keys: { layer: string }[] };
    expect(notes.filter(({ kind }) => kind === 'override')).toEqual([]);
    expect(keys.some(({ layer }) => layer === 'config')).toBe(true);
    expect(keys.some(({ layer }) => layer === 'strategy')).toBe(true);
  });
});

describe('other processes', () => {
  it('an import waits for nobody: the lock of another writer ends it with exit code 5', async () => {
    const lock = lockStore(join(project, 'data'));
    try {
      const { error, exitCode } = await failure(['import', 'config.yaml']);
      expect([error.code, exitCode]).toEqual(['store_locked', EXIT.resource]);
      const doctor = documentIn(await donch(['doctor', '--json'], { cwd: project }));
      expect(doctor['checks']).toContainEqual(expect.objectContaining({ name: 'store lock', result: 'warning' }));
    } finally {
      lock.release();
    }
  });

  it('Ctrl-C before the work has begun ends with exit code 130', async () => {
    const controller = new AbortController();
    controller.abort();
    const ended = await donch(['run', '--json'], { cwd: project, signal: controller.signal });
    expect(ended.code).toBe(EXIT.interrupted);
    expect(documentIn(ended)).toMatchObject({ ok: false, error: { code: 'interrupted' } });
  });

  it('Ctrl-C in the middle of a scan leaves no run, no draft and no lock', async () => {
    const cwd = join(root.path, 'interrupted');
    await makeTinyProject(cwd);
    const controller = new AbortController();
    const running = donch(['run', '--json'], { cwd, signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    expect((await running).code).toBe(EXIT.interrupted);
    expect(existsSync(join(cwd, 'results', 'trades.csv'))).toBe(false);
    const listed = documentIn(await donch(['list', '--json'], { cwd }));
    expect(listed['runs']).toEqual([]);
    rmSync(cwd, { recursive: true });
  });
});

describe('a strategy file with overrides', () => {
  it('announces what differs from the file, and where each value comes from', async () => {
    const ended = await donch(['config', '--json', '--set', 'SL_ATR_MULT=3'], { cwd: project });
    const { keys, notes } = documentIn(ended) as {
      keys: { key: string; value: unknown; layer: string; line: number | null }[];
      notes: { kind: string; text: string }[];
    };
    expect(keys.find(({ key }) => key === 'SL_ATR_MULT')).toMatchObject({ value: 3, layer: 'flag', line: null });
    const line = TINY_STRATEGY.split('\n').findIndex((text) => text.startsWith('exits')) + 1;
    expect(keys.find(({ key }) => key === 'TIME_EXIT_HOURS')).toMatchObject({ value: 24, layer: 'strategy', line });
    expect(keys.find(({ key }) => key === 'RISK_USD')).toMatchObject({ layer: 'config', line: 5 });
    expect(notes).toContainEqual({ kind: 'override', text: expect.stringContaining('SL_ATR_MULT = 3') as string });
  });
});
