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

  it.each([
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
