import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { RunStore } from '@donch/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentProblems } from '../testing/document-problems.ts';
import { documentIn, donch } from '../testing/run-donch.ts';
import { makeTinyProject, temporaryFolder } from '../testing/tiny-project.ts';

const root = temporaryFolder('compare');
const cwd = join(root.path, 'project');
afterAll(() => root.remove());

interface TradeGroup {
  readonly trades: number;
  readonly totalR: number;
}

interface CompareDocument {
  readonly runs: readonly {
    readonly runId: string;
    readonly figures: { readonly trades: number; readonly meanR: number };
  }[];
  readonly differences: readonly { readonly group: string; readonly key: string; readonly values: readonly string[] }[];
  readonly pairs: readonly {
    readonly differenceR: number;
    readonly lowR: number | null;
    readonly weeks: number;
    readonly common: { readonly trades: number; readonly differenceR: number };
    readonly commonBase: TradeGroup;
    readonly onlyBase: TradeGroup;
    readonly onlyOther: TradeGroup;
    readonly hasOtherSetup: boolean;
  }[];
  readonly warnings: readonly string[];
  readonly files: readonly { readonly format: string; readonly path: string; readonly bytes: number }[];
}

async function compared(args: readonly string[]): Promise<CompareDocument> {
  const ended = await donch(['compare', ...args, '--json'], { cwd });
  expect([ended.code, ended.stderr]).toEqual([EXIT.ok, expect.any(String)]);
  const document = documentIn(ended);
  expect(documentProblems('compare', document)).toEqual([]);
  return document as unknown as CompareDocument;
}

async function runOf(args: readonly string[] = []): Promise<string> {
  return String(documentIn(await donch(['run', ...args, '--json'], { cwd }))['runId']);
}

let [base, longer, deeper, shorter] = ['', '', '', ''];

describe('donch compare', () => {
  beforeAll(async () => {
    await makeTinyProject(cwd);
    base = await runOf();
    longer = await runOf(['--set', 'TIME_EXIT_HOURS=12']);
    deeper = await runOf(['--set', 'DON_N_DAYS=4']);
    shorter = await runOf(['--end', '2025-02-10']);
  });

  it('names the one setting that differs, and splits the difference into common and other trades', async () => {
    const { runs, differences, pairs, warnings } = await compared([base, longer]);
    expect(runs.map(({ runId }) => runId)).toEqual([base, longer]);
    expect(differences.filter(({ group }) => group === 'setting')).toEqual([
      { group: 'setting', key: 'TIME_EXIT_HOURS', values: ['24', '12'] },
    ]);
    const [{ differenceR, common, onlyBase, onlyOther, commonBase, hasOtherSetup }] = pairs;
    expect(hasOtherSetup).toBe(false);
    expect(common.trades).toBeGreaterThan(0);
    expect(common.trades + onlyBase.trades).toBe(runs[0].figures.trades);
    expect(common.trades + onlyOther.trades).toBe(runs[1].figures.trades);
    expect(differenceR).toBeCloseTo(runs[1].figures.meanR - runs[0].figures.meanR, 12);
    expect((commonBase.totalR + onlyBase.totalR) / runs[0].figures.trades).toBeCloseTo(runs[0].figures.meanR, 12);
    expect(warnings).toEqual([expect.stringContaining('is a selection')]);
  });

  it('gives no interval over six weeks, with the weeks that there are', async () => {
    const [{ lowR, weeks }] = (await compared([base, longer])).pairs;
    expect(lowR).toBeNull();
    expect(weeks).toBeLessThan(12);
  });

  it('says that another set-up shares no signal, and that windows differ', async () => {
    const { pairs, warnings } = await compared([base, deeper, shorter]);
    expect(pairs[0]).toMatchObject({ hasOtherSetup: true, common: { trades: 0 } });
    expect(pairs[1].common.trades).toBeGreaterThan(0);
    expect(warnings[0]).toContain('windows (A 2025-01-06 to 2025-02-17, B 2025-01-06 to 2025-02-17, C ');
  });

  it('prints tables for people, in plain letters', async () => {
    const { code, stdout } = await donch(['compare', base, longer], { cwd });
    expect(code).toBe(EXIT.ok);
    for (const text of ['Figures, each of', 'TIME_EXIT_HOURS', 'B - A', 'A without B', 'is a selection'])
      expect(stdout).toContain(text);
    expect(stdout).not.toMatch(/NaN|undefined|[^\n -~]/);
  });

  it('writes the page and its drawings beside the reports, the same bytes again, and leaves the runs as they were', async () => {
    const { files } = await compared([base, longer, '--html']);
    const page = files[0].path;
    expect(page).toMatch(/results[\\/]reports[\\/]compare-[0-9a-f]{16}[\\/]report\.html$/);
    expect(files.map(({ format }) => format)).toEqual(['html', 'svg', 'svg', 'svg']);
    for (const { path, bytes } of files) expect(readFileSync(path)).toHaveLength(bytes);
    const text = readFileSync(page, 'utf8');
    expect(text.replaceAll(/<script[\s\S]*?<\/script>/g, '')).not.toMatch(/NaN|undefined/);
    await compared([base, longer, '--html']);
    expect(readFileSync(page, 'utf8')).toBe(text);
    for (const id of [base, longer])
      expect(new RunStore(join(cwd, 'results')).find(id, { verify: true }).kind).toBe('found');
    expect(readdirSync(join(cwd, 'results', 'reports'))).toHaveLength(1);
    expect(existsSync(join(cwd, 'results', 'report.html'))).toBe(false);
  });

  it('finds runs by latest and by the begin of an id or of its hash', async () => {
    const hash = longer.slice(-16);
    for (const name of [hash, hash.slice(0, 8), longer.slice(0, -4)])
      expect((await compared(['latest', name])).runs.map(({ runId }) => runId)).toEqual([shorter, longer]);
  });

  it.each([
    { args: () => [base, 'backtest-0000000000000000'], message: 'does not exist', code: 'no_run' },
    { args: () => [base, 'nosuchrun'], message: 'no run begins with "nosuchrun"', code: 'no_run' },
    { args: () => [base, 'bac'], message: 'no run begins with "bac"', code: 'no_run' },
    { args: () => [base, 'backtest-'], message: '4 runs begin with "backtest-"', code: 'ambiguous_run' },
    { args: () => [base, base], message: 'is named twice', code: 'bad_argument' },
    { args: () => [base, longer, deeper, shorter, base, base], message: '6 runs are named', code: 'bad_argument' },
    { args: () => [base, 'scout-'], message: 'runs begin with "scout-"', code: 'ambiguous_run' },
  ])('refuses $message ($code)', async ({ args, message, code }) => {
    const ended = await donch(['compare', ...args(), '--json'], { cwd });
    expect(ended.code).toBe(EXIT.usage);
    expect(ended.stderr + ended.stdout).toContain(message.replaceAll('"', ended.stdout.includes('\\"') ? '\\"' : '"'));
    expect(ended.stdout).toContain(code);
  });

  it('refuses a scan: it has no trades', async () => {
    const scan = new RunStore(join(cwd, 'results')).list().find(({ manifest }) => manifest.command === 'scout');
    const ended = await donch(['compare', base, scan?.id ?? ''], { cwd });
    expect([ended.code, ended.stderr]).toEqual([EXIT.usage, expect.stringContaining('it has no trades')]);
  });

  it('asks for a second run', async () => {
    const ended = await donch(['compare', base], { cwd });
    expect([ended.code, ended.stderr]).toEqual([EXIT.usage, expect.stringContaining('others')]);
  });
});
