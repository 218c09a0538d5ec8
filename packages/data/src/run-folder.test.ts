import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DonchError, TABLES, tableFromRows } from '@donch/core';
import { afterAll, describe, expect, it } from 'vitest';
import { RunStore, publishRun, type FinishedRun } from './run-folder.ts';
import { parseManifest, runIdOf, type RunIdentity } from './run-manifest.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-run-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
function freshResults(): string {
  folders += 1;
  return join(root, String(folders), 'results');
}

const IDENTITY: RunIdentity = {
  command: 'backtest',
  inputs: { candles: 'abc' },
  parameters: { start: '2025-01-01', flags: ['no-rs'] },
  spec_hash: 'spec',
  config_hash: 'config',
  universe_hash: null,
  seed: 7,
  source_hash: 'source',
  donch_version: '0.1.0',
  node_version: 'v24.21.0',
};

const EQUITY = tableFromRows('equity', TABLES.equity.columns, [
  {
    time: Date.UTC(2025, 0, 1),
    equity_usd: 1_000,
    cash_usd: 1_000,
    unrealised_usd: 0,
    open_positions: 0,
    gross_notional_usd: 0,
    open_risk_usd: 0,
  },
]);

function makeRun(results: string, text = 'hello', identity = IDENTITY): FinishedRun {
  const draft = new RunStore(results).start(identity);
  draft.writeTable('equity.parquet', EQUITY, TABLES.equity);
  draft.writeFile('charts/a.txt', text);
  return draft.finish({ trades: 3 });
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof DonchError ? error.code : String(error);
  }
}

describe('the id of a run', () => {
  it('is the same for the same identity, whatever the order of its members', () => {
    const shuffled = Object.fromEntries(Object.entries(IDENTITY).reverse()) as unknown as RunIdentity;
    expect(runIdOf(shuffled)).toBe(runIdOf(IDENTITY));
    expect(runIdOf(IDENTITY)).toMatch(/^backtest-[0-9a-f]{16}$/);
  });

  it('changes with every member', () => {
    const changes: Partial<RunIdentity>[] = [
      { command: 'sweep' },
      { inputs: { candles: 'abd' } },
      { parameters: {} },
      { spec_hash: 'x' },
      { config_hash: 'x' },
      { universe_hash: 'x' },
      { seed: 8 },
      { source_hash: 'x' },
      { donch_version: 'x' },
      { node_version: 'x' },
    ];
    expect(changes.map((change) => Object.keys(change)[0]).sort()).toEqual(Object.keys(IDENTITY).sort());
    const ids = new Set([IDENTITY, ...changes.map((change) => ({ ...IDENTITY, ...change }))].map(runIdOf));
    expect(ids.size).toBe(changes.length + 1);
  });

  it('needs an identity of plain JSON', () => {
    expect(codeOf(() => runIdOf({ ...IDENTITY, parameters: { x: Number.NaN } }))).toBe('bad_run');
    expect(codeOf(() => runIdOf({ ...IDENTITY, command: '../x' }))).toBe('bad_run');
  });
});

describe('a finished run', () => {
  it('is found by its identity, with all its files', () => {
    const results = freshResults();
    const { run, outcome } = makeRun(results);
    expect(outcome).toBe('new');
    const found = new RunStore(results).find(IDENTITY, { verify: true });
    expect(found).toEqual({ kind: 'found', run });
    expect(run.manifest.files.map((file) => file.path)).toEqual(['charts/a.txt', 'equity.parquet']);
    expect(readdirSync(join(results, 'runs'))).toEqual([run.id]);
    expect(readdirSync(run.folder).sort()).toEqual(['charts', 'equity.parquet', 'manifest.json', 'timing.json']);
  });

  it('is not there before it is finished, and leaves nothing when it is given up', () => {
    const results = freshResults();
    const store = new RunStore(results);
    const draft = store.start(IDENTITY);
    draft.writeFile('a.txt', 'x');
    expect([store.find(IDENTITY).kind, store.list()]).toEqual(['none', []]);
    draft.abandon();
    expect(readdirSync(join(results, 'runs'))).toEqual([]);
  });

  it('computed again is the same, byte for byte', () => {
    const results = freshResults();
    const first = makeRun(results);
    const manifest = readFileSync(join(first.run.folder, 'manifest.json'));
    const second = makeRun(results);
    expect(second).toMatchObject({ outcome: 'identical', differing: [], movedTo: null });
    expect(readFileSync(join(second.run.folder, 'manifest.json'))).toEqual(manifest);
    expect(readdirSync(join(results, 'runs'))).toEqual([first.run.id]);
  });

  it('computed again with other bytes is said, and both are kept', () => {
    const results = freshResults();
    const first = makeRun(results, 'one');
    const second = makeRun(results, 'two');
    expect(second).toMatchObject({ outcome: 'different', differing: ['charts/a.txt'] });
    expect(readFileSync(join(first.run.folder, 'charts/a.txt'), 'utf8')).toBe('two');
    expect(readFileSync(join(second.movedTo ?? '', 'charts/a.txt'), 'utf8')).toBe('one');
  });

  it('is listed, newest first, and pointed to by "latest"', () => {
    const results = freshResults();
    const store = new RunStore(results);
    expect([store.list(), store.latest()]).toEqual([[], null]);
    const ids = [1, 2, 3].map((seed) => {
      const { run } = makeRun(results, 'x', { ...IDENTITY, seed });
      utimesSync(join(run.folder, 'manifest.json'), 1_000 + seed, 1_000 + seed);
      return run.id;
    });
    expect(store.list().map((run) => run.id)).toEqual(ids.toReversed());
    store.setLatest(ids[1]);
    expect([store.latest(), readFileSync(join(results, 'latest'), 'utf8')]).toEqual([ids[1], `${ids[1]}\n`]);
  });

  it('is copied to the places users know', () => {
    const results = freshResults();
    const { run } = makeRun(results);
    const target = join(results, '..', 'signals', 'equity.parquet');
    publishRun(run, [{ file: 'equity.parquet', target }]);
    expect(readFileSync(target)).toEqual(readFileSync(join(run.folder, 'equity.parquet')));
    expect(codeOf(() => publishRun(run, [{ file: 'absent.csv', target }]))).toBe('no_such_file');
  });
});

describe('a damaged run', () => {
  it.each<[string, (folder: string) => void, boolean]>([
    ['without its manifest', (folder) => unlinkSync(join(folder, 'manifest.json')), false],
    ['without a file', (folder) => unlinkSync(join(folder, 'equity.parquet')), false],
    ['with a shorter file', (folder) => truncateSync(join(folder, 'equity.parquet'), 10), false],
    ['with a changed file', (folder) => writeFileSync(join(folder, 'charts/a.txt'), 'jello'), true],
    ['with half a manifest', (folder) => truncateSync(join(folder, 'manifest.json'), 100), false],
  ])('%s is moved aside and can be computed again', (_, damage, verify) => {
    const results = freshResults();
    const { run } = makeRun(results);
    damage(run.folder);
    const store = new RunStore(results);
    const found = store.find(IDENTITY, { verify });
    expect(found.kind).toBe('damaged');
    expect(existsSync(run.folder)).toBe(false);
    expect(store.list()).toEqual([]);
    expect(makeRun(results).outcome).toBe('new');
    expect(readdirSync(join(results, 'runs')).sort()).toEqual([run.id, `${run.id}.damaged-1`]);
  });

  it('is noticed at every changed byte of its manifest', () => {
    const { run } = makeRun(freshResults());
    const bytes = readFileSync(join(run.folder, 'manifest.json'));
    for (let k = 0; k < bytes.length; k += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[k] ^= 1 << (k % 7);
      const text = new TextDecoder().decode(damaged);
      const problem = codeOf(() => {
        // White space may change; what the manifest says may not.
        expect(parseManifest(text, 'm')).toEqual(run.manifest);
      });
      expect(`byte ${k}: ${problem}`).toMatch(/run_damaged|newer_schema|none/);
    }
  });

  it('that a newer program made is refused, not moved', () => {
    const results = freshResults();
    const { run } = makeRun(results);
    const path = join(run.folder, 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"schema_version": 1', '"schema_version": 2'));
    expect(codeOf(() => new RunStore(results).find(IDENTITY))).toBe('newer_schema');
    expect(existsSync(run.folder)).toBe(true);
  });

  it('cannot point out of its folder', () => {
    const { run } = makeRun(freshResults());
    for (const path of ['../x', '/etc/passwd', 'a/../../x', 'C:/x', 'a\\b', '']) {
      const manifest = { ...run.manifest, files: [{ ...run.manifest.files[0], path }] };
      expect(codeOf(() => parseManifest(JSON.stringify(manifest), 'm'))).toBe('run_damaged');
    }
  });
});

describe('what a killed run left', () => {
  it('is removed by the next start, and that of a running process is not', () => {
    const results = freshResults();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const stale = join(results, 'runs', `.draft-${pid}-1`);
    const living = join(results, 'runs', `.draft-${process.ppid}-1`);
    for (const folder of [stale, living]) mkdirSync(folder, { recursive: true });
    makeRun(results);
    expect([existsSync(stale), existsSync(living)]).toEqual([false, true]);
  });
});
