import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { instrumentId } from '@donch/core';
import { openStoreForWrite, RunStore } from '@donch/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentProblems } from '../testing/document-problems.ts';
import { documentIn, donch } from '../testing/run-donch.ts';
import { makeTinyProject, temporaryFolder, TINY_STRATEGY, tinyMarket } from '../testing/tiny-project.ts';

const root = temporaryFolder('report');
const cwd = join(root.path, 'project');
afterAll(() => root.remove());

interface ReportDocument {
  readonly runId: string;
  readonly trades: number;
  readonly drawnTrades: number;
  readonly files: readonly { readonly format: string; readonly path: string; readonly bytes: number }[];
  readonly latest: string | null;
}

async function reported(args: readonly string[] = []): Promise<ReportDocument> {
  const ended = await donch(['report', ...args, '--json'], { cwd });
  expect([ended.code, ended.stderr]).toEqual([EXIT.ok, '']);
  const document = documentIn(ended);
  expect(documentProblems('report', document)).toEqual([]);
  return document as unknown as ReportDocument;
}

async function refused(args: readonly string[]): Promise<string> {
  const ended = await donch(['report', ...args], { cwd });
  expect(ended.code).toBe(EXIT.usage);
  return ended.stderr;
}

let figures: Record<string, number> = {};

describe('donch report', () => {
  beforeAll(async () => {
    await makeTinyProject(cwd);
    figures = documentIn(await donch(['run', '--json'], { cwd })) as Record<string, number>;
  });

  it('writes the page of the latest run where users look, and leaves the run as it was', async () => {
    const { runId, trades, drawnTrades, files, latest } = await reported();
    const page = join(cwd, 'results', 'reports', runId, 'report.html');
    expect([runId, files.map(({ path }) => path), latest]).toEqual([
      figures['runId'],
      [page],
      join(cwd, 'results', 'report.html'),
    ]);
    expect([trades, drawnTrades]).toEqual([figures['trades'], figures['trades']]);
    expect(readFileSync(join(cwd, 'results', 'report.html'))).toEqual(readFileSync(page));
    const { kind } = new RunStore(join(cwd, 'results')).find(runId, { verify: true });
    expect(kind).toBe('found');
    expect(readdirSync(join(cwd, 'results', 'runs', runId))).not.toContain('report.html');
  });

  it('is the same bytes when it is made again', async () => {
    const { latest } = await reported();
    const before = readFileSync(latest ?? '');
    await reported();
    expect(readFileSync(latest ?? '')).toEqual(before);
  });

  it('shows the figures of the run', async () => {
    const { files } = await reported(['--format', 'md', '--out', 'out']);
    const text = readFileSync(files[0].path, 'utf8').replaceAll('\\', '');
    const shown = (value: number, digits: number): string =>
      value
        .toFixed(digits)
        .replace('-', '\u2212')
        .replaceAll(/\B(?=(\d{3})+\.)/g, ',');
    expect(text).toContain(`| final equity | **${shown(figures['finalEquityUsd'], 2)}\u00a0USD** |`);
    expect(text).toContain(`| win rate | **${shown(figures['winRateFrac'] * 100, 1)}\u00a0%** |`);
    expect(text).toContain(`| profit factor | **${shown(figures['profitFactor'], 2)}** |`);
    expect(text).toContain(`| max drawdown | **${shown(figures['maxDrawdownFrac'] * 100, 1)}\u00a0%** |`);
    expect(text).toContain(`| finished trades | **${figures['trades']}** |`);
    expect(text).toContain(String(figures['survivorship']));
  });

  it('writes every format; Markdown links the charts beside it', async () => {
    const { files, latest } = await reported(['--format', 'html,md,svg,png', '--out', 'all']);
    expect(latest).toBeNull();
    const folder = join(cwd, 'all');
    const charts = readdirSync(join(folder, 'charts'));
    expect(files).toHaveLength(2 + charts.length);
    expect(charts.filter((name) => name.endsWith('.png'))).toHaveLength(charts.length / 2);
    const links = readFileSync(join(folder, 'report.md'), 'utf8').matchAll(/\]\((charts\/[^)]+)\)/g);
    const linked = Array.from(links, ([, path]) => path);
    expect(linked).toHaveLength(charts.length / 2);
    for (const path of linked) expect(existsSync(join(folder, path))).toBe(true);
  });

  it('makes pictures with their text and colours: a PNG of twice the size of the drawing', async () => {
    await reported(['--format', 'png', '--out', 'pictures']);
    const png = readFileSync(join(cwd, 'pictures', 'charts', 'equity-curve.png'));
    expect(png.subarray(0, 8)).toEqual(Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1_520, 592]);
    // without its text the picture is half as large
    expect(png.length).toBeGreaterThan(15_000);
  });

  it('writes one file under a name of the user', async () => {
    const { files } = await reported(['--out', String.raw`shared\my report.html`]);
    expect(files.map(({ path }) => path)).toEqual([join(cwd, 'shared', 'my report.html')]);
  });

  describe('with --run-all', () => {
    const variants = ['--variant-cols', 'pullback_type', 'entry_rule', 'don_break_len', 'regime_up'];
    const all = ['--run-all', '--returns-col', 'pnl_R', ...variants];
    interface Summary {
      readonly schema: string;
      readonly statistics: Record<string, never>;
      readonly sections: readonly { readonly id: string; readonly blocks: readonly { readonly id?: string }[] }[];
    }
    let made: ReportDocument;
    let summary: Summary;
    beforeAll(async () => {
      made = await reported([...all, '--out', 'complete']);
      summary = JSON.parse(readFileSync(join(cwd, 'complete', 'report.json'), 'utf8')) as Summary;
    });

    it('writes page, Markdown, JSON and drawings', () => {
      expect(new Set(made.files.map(({ format }) => format))).toEqual(new Set(['html', 'md', 'json', 'svg', 'png']));
      expect(readFileSync(join(cwd, 'complete', 'report.html'), 'utf8')).toContain('Under worse conditions');
    });

    it('has the simulated stress, the figures of the run in it, and benchmarks for the search', () => {
      const { stress, selection, robustness } = summary.statistics;
      expect(stress).toMatchObject({
        kind: 'stress',
        report: { run: { trades: figures['trades'], finalEquityUsd: figures['finalEquityUsd'] } },
      });
      expect(robustness).toMatchObject({ trades: figures['trades'] });
      expect(selection).toMatchObject({
        kind: 'selection',
        verdict: {
          chosenTag: 'this run',
          counts: { measured: 1 },
          overfitting: { kind: 'refused', reason: 'too_few_trials' },
          superiority: { length: 4 },
        },
      });
    });

    it('cuts the run by the columns of users and refuses PBO and DSR over them', () => {
      const page = readFileSync(join(cwd, 'complete', 'report.md'), 'utf8').replaceAll('\\', '');
      expect(page).toContain('PBO and DSR over these groups are refused: groups of one run are no trials.');
      const groups = summary.sections.find(({ id }) => id === 'variants')?.blocks.flatMap(({ id }) => id ?? []);
      expect(groups).toEqual(['variant-0', 'variant-1', 'variant-2', 'variant-3', 'variant-all']);
    });

    it('is the same bytes when it is made again', async () => {
      const before = readFileSync(join(cwd, 'complete', 'report.json'));
      await reported([...all, '--format', 'json', '--out', 'again']);
      expect(readFileSync(join(cwd, 'again', 'report.json'))).toEqual(before);
    });
  });

  it('without --run-all says what it has not simulated', async () => {
    const { files } = await reported(['--format', 'json', '--out', 'quick.json']);
    const found = JSON.parse(readFileSync(files[0].path, 'utf8')) as { statistics: { stress: object } };
    expect(found.statistics.stress).toEqual({
      kind: 'none',
      why: 'it takes a simulation; donch report --run-all makes it',
    });
  });

  describe('of trades from elsewhere', () => {
    const write = (name: string, lines: readonly string[]): void =>
      writeFileSync(join(cwd, name), `${lines.join('\n')}\n`);
    const day = (k: number): string => new Date(Date.UTC(2025, 0, 6) + k * 86_400_000).toISOString();

    it('has what the columns allow under the names of users, and refuses the rest with the reason', async () => {
      const rows = Array.from(
        { length: 120 },
        (_, k) =>
          `${day(k)},${day(k + 1)},${['AUSDT', 'BUSDT'][k % 2]},sl,${k % 3 === 0 ? 2.2 : -1},${['retest', 'mean'][k % 2]}`,
      );
      write('old.csv', [
        'entry_ts,exit_ts,symbol,exit_reason,pnl_R,pullback_type',
        ...rows,
        `${day(200)},,AUSDT,,,mean`,
      ]);
      const args = [
        '--trades-csv',
        'old.csv',
        '--variant-cols',
        'pullback_type',
        '--format',
        'md,json',
        '--out',
        'old',
      ];
      const ended = await donch(['report', ...args, '--json'], { cwd });
      expect([ended.code, ended.stderr]).toEqual([EXIT.ok, '1 of 121 trades have no pnl_R and are left out\n']);
      const document = documentIn(ended);
      expect(documentProblems('report', document)).toEqual([]);
      expect(document).toMatchObject({ runId: null, trades: 120, latest: null });
      const text = readFileSync(join(cwd, 'old', 'report.md'), 'utf8').replaceAll('\\', '');
      expect(text).toContain('| mean pnl_R | **+0.067\u00a0R** |');
      expect(text).toContain('| without AUSDT |');
      expect(text).toContain('PBO and DSR over these groups are refused');
      expect(text).toMatch(/\| DSR, PBO, walk-forward, CPCV, SPA \| they judge a choice among trials/);
      expect(text).not.toContain('| win rate | **0.0');
    });

    it.each([
      { name: 'no result in R', header: 'entry_ts,pnl', args: [], message: 'names "pnl_R"' },
      { name: 'no time', header: 'symbol,pnl_R', args: [], message: 'no column of the trades is known' },
      { name: 'no such group', header: 'entry_ts,symbol,pnl_R', args: ['--variant-cols', 'x'], message: 'names "x"' },
      { name: 'a run beside it', header: 'entry_ts,pnl_R', args: ['backtest-0'], message: 'both named' },
    ])('refuses $name', async ({ header, args, message }) => {
      write('bad.csv', [
        header,
        header
          .split(',')
          .map((name) => (name === 'entry_ts' ? day(0) : '1'))
          .join(','),
      ]);
      const ended = await donch(
        [
          'report',
          ...args.slice(0, 1).filter((arg) => !arg.startsWith('-')),
          '--trades-csv',
          'bad.csv',
          ...args.filter((arg) => !arg.startsWith('backtest')),
        ],
        { cwd },
      );
      expect(ended.code).not.toBe(EXIT.ok);
      expect(ended.stderr).toContain(message);
    });
  });

  it.each([
    { args: ['--variant-cols', 'regime_up', 'regime_up'], message: 'names "regime_up" twice' },
    { args: ['--returns-col', 'pnl'], message: 'no --variant-cols are named' },
    { args: ['--blocks', '6', '--k-test', '6'], message: '--blocks is 6' },
    { args: ['--embargo', 'x'], message: '--embargo is "x"' },
    { args: ['--format', 'pdf'], message: '--format names "pdf"' },
    { args: ['--format', 'html,md', '--out', 'a.html'], message: '--out is a file' },
    { args: ['--format', 'svg', '--out', 'a.html'], message: '--out is a file' },
    { args: ['backtest-0000000000000000'], message: 'does not exist' },
  ])('refuses $args', async ({ args, message }) => {
    expect(await refused(args)).toContain(message);
  });

  it('refuses a scan: it has no trades', async () => {
    const { runId } = documentIn(await donch(['scout', '--json'], { cwd }));
    expect(await refused([String(runId)])).toContain('it has no trades to report');
  });

  it('carries hostile names of strategies as text', async () => {
    const name = `<script>alert(1)</script> "x" 'y' &`;
    writeFileSync(
      join(cwd, 'strategies', 'hostile.yaml'),
      TINY_STRATEGY.replace('name: Tiny', `name: ${JSON.stringify(name)}`),
    );
    const run = documentIn(await donch(['run', '--strategy', 'strategies/hostile.yaml', '--json'], { cwd }));
    const { latest } = await reported([String(run['runId'])]);
    const page = readFileSync(latest ?? '', 'utf8');
    expect(page).toContain('<h1>&lt;script&gt;alert(1)&lt;/script&gt; &quot;x&quot; &#39;y&#39; &amp; (long)');
    expect(page.match(/<script/g)).toHaveLength(2);
  });

  it('publishes no older run in place of the latest', async () => {
    const { latest } = await reported([String(figures['runId'])]);
    expect(latest).toBeNull();
  });

  it('draws no trade on candles that were not traded, and says so', async () => {
    const market = tinyMarket();
    const store = openStoreForWrite(join(cwd, 'data'));
    for (const [k, { symbol }] of market.symbols.entries()) {
      const candles = market.candles(k);
      const close = candles.close.map((price) => price * 1.000_01);
      const high = candles.high.map((price) => price * 1.000_1);
      const revised = { ...candles, length: candles.length, intervalMs: candles.intervalMs, close, high };
      await store.candles.merge(instrumentId('bybit', symbol), '15m', revised, { onRevision: 'take_new' });
    }
    await store.close();
    const { drawnTrades, files } = await reported([String(figures['runId'])]);
    expect(drawnTrades).toBe(0);
    expect(readFileSync(files[0].path, 'utf8')).toContain(
      `${figures['trades']} trades have none: the store has no candles of them, or other ones than were traded.`,
    );
  });
});
