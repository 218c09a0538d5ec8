import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StressReport } from '@donch/backtester';
import { Terminal, type CommandContext } from '@donch/cli';
import { numbersOf, resolveConfig, textsOf, type InstrumentId } from '@donch/core';
import { openStore, openStoreForWrite, readTable, RunStore, TrialLedger, type Run } from '@donch/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentIn, donch } from '../testing/run-donch.ts';
import { makeTinyProject, temporaryFolder } from '../testing/tiny-project.ts';
import { endResearchThreads } from '../workers/research-threads.ts';
import { stressOf } from './stress.ts';

const root = temporaryFolder('stress');
const cwd = join(root.path, 'project');
const resultsFolder = join(cwd, 'results');
const dataFolder = join(cwd, 'data');
const runs = new RunStore(resultsFolder);
let run: Run;
let report: StressReport;

const quiet = { stdout: () => {}, stderr: () => {}, drawsProgress: false };
const context: CommandContext = {
  terminal: new Terminal(
    { ...quiet, cwd, env: {}, signal: new AbortController().signal },
    { json: false, quiet: true },
  ),
  signal: new AbortController().signal,
  cwd,
  env: {},
  atEnd() {},
};

function stress(changes: Partial<Parameters<typeof stressOf>[0]> = {}): Promise<StressReport> {
  return stressOf({
    run,
    project: { resultsFolder, config: resolveConfig([]) },
    store: openStore(dataFolder),
    seed: 1,
    context,
    ...changes,
  });
}

const stressRuns = (): Run[] => runs.list().filter(({ manifest }) => manifest.command === 'stress');

beforeAll(async () => {
  await makeTinyProject(cwd);
  const { runId } = documentIn(await donch(['run', '--json'], { cwd }));
  const found = runs.find(String(runId));
  if (found.kind !== 'found') throw new Error('no run');
  run = found.run;
  report = await stress();
});
afterAll(async () => {
  await endResearchThreads(context);
  root.remove();
});

describe('a stored run under stress', () => {
  it('is itself at first', () => {
    const summary = JSON.parse(readFileSync(join(run.folder, 'summary.json'), 'utf8')) as Record<string, number>;
    const { trades, meanR, finalEquityUsd, profitFactor, drawdownFrac } = report.run;
    expect(trades).toBeGreaterThan(10);
    expect({ trades, meanR, finalEquityUsd, profitFactor, maxDrawdownFrac: -drawdownFrac }).toEqual({
      trades: summary['trades'],
      meanR: summary['meanR'],
      finalEquityUsd: summary['finalEquityUsd'],
      profitFactor: summary['profitFactor'],
      maxDrawdownFrac: summary['maxDrawdownFrac'],
    });
    expect(report.holding.reference?.instruments).toEqual(['bybit:BTCUSDT']);
    expect(report.holding.beta).not.toBeNaN();
  });

  it('is a run of its own, with the daily returns of everything it is compared with', async () => {
    const [stored] = stressRuns();
    expect(stored.manifest).toMatchObject({ inputs: { backtest: run.id }, seed: 1, summary: { backtest: run.id } });
    const daily = await readTable(join(stored.folder, 'daily_returns.csv'));
    expect([...daily.columns.keys()]).toEqual(['day', 'run', 'random_entries_mean', 'equal_weight', 'reference']);
    expect(Array.from(numbersOf(daily, 'run'))).toEqual(Array.from(report.runReturns));
  });

  it('is found again, every bit of it, and computed again for another seed', async () => {
    expect(await stress()).toStrictEqual(report);
    expect(stressRuns()).toHaveLength(1);
    expect(await stress({ useRuns: false })).toStrictEqual(report);
    const other = await stress({ seed: 2 });
    expect(stressRuns()).toHaveLength(2);
    expect(other.costs).toStrictEqual(report.costs);
    expect(other.randomEntries).not.toEqual(report.randomEntries);
  });

  it('is no new trial', () => {
    expect(new TrialLedger(resultsFolder).trials().length).toBe(1);
  });
});

describe('what cannot be stressed', () => {
  const copyOf = (name: string, file: string): Run => {
    const folder = join(root.path, name);
    cpSync(run.folder, folder, { recursive: true });
    rmSync(join(folder, file), { recursive: true });
    return { ...run, folder };
  };

  it.each([
    ['no strategies', 'strategies', /run_outdated.*does not keep its strategy tiny/],
    ['no settings', 'settings.json', /run_outdated.*under which settings/],
  ])('is a run that kept %s', async (name, file, expected) => {
    await expect(stress({ run: copyOf(name, file) }).catch(errorText)).resolves.toMatch(expected);
  });

  it('is a run of another kind', async () => {
    const [stored] = stressRuns();
    await expect(stress({ run: stored }).catch(errorText)).resolves.toMatch(/no_run/);
  });

  it('is a run whose bars have changed since', async () => {
    const trades = await readTable(join(run.folder, 'trades.parquet'));
    const [id] = textsOf(trades, 'instrument_id') as InstrumentId[];
    const [exitMs] = numbersOf(trades, 'exit_time');
    const store = openStoreForWrite(dataFolder);
    try {
      const { intervalMs, ...bars } = await store.candles.read(id, '15m', { fromMs: exitMs - 900_000, toMs: exitMs });
      const raised = (prices: Float64Array): Float64Array => prices.map((price) => 1.01 * price);
      const { open, high, low, close } = bars;
      const revised = { open: raised(open), high: raised(high), low: raised(low), close: raised(close) };
      await store.candles.merge(id, '15m', { ...bars, intervalMs, ...revised }, { onRevision: 'take_new' });
    } finally {
      await store.close();
    }
    await expect(stress().catch(errorText)).resolves.toMatch(
      /run_outdated: simulated again it ends with .*make the run again/,
    );
  });
});

function errorText(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  return `${String(code)}: ${message}`.replaceAll('\n', ' ');
}
