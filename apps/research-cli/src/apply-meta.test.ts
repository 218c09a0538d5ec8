import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, Terminal, type CliIo } from '@donch/cli';
import {
  columnOf,
  DAY_MS,
  MINUTE_MS,
  numbersOf,
  signalsFromTable,
  symbolOf,
  tableFromRows,
  TABLES,
  takeRows,
  textsOf,
  type Column,
  type InstrumentId,
  type Row,
  type Table,
} from '@donch/core';
import { readTable, TrialLedger, writeTable } from '@donch/data';
import { scoreFeatures } from '@donch/meta';
import { loadBundle, readManifest } from '@donch/model-store';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { walkForwardOf } from './pipeline/apply-meta-options.ts';
import { applyMeta as applyToTraded } from './pipeline/apply-meta.ts';
import { setUpResearch, tradeSignals } from './pipeline/research.ts';
import { documentProblems } from './testing/document-problems.ts';
import { documentIn, donch, type Ended } from './testing/run-donch.ts';
import { makeTinyProject, temporaryFolder } from './testing/tiny-project.ts';
import { NO_PSTAR, saveWalkForwardBundle, signalsOfRun, type PredictionOf } from './testing/walk-forward-bundle.ts';

const root = temporaryFolder('apply-meta');
const project = join(root.path, 'project');
/** 2025-02-01: the tiny market has signals in January and in February. */
const FEBRUARY_MS = 20_120 * DAY_MS;
let signals: Table;
let plain: Record<string, unknown>;

beforeAll(async () => {
  await makeTinyProject(project);
  plain = documentIn(await donch(['run', '--json'], { cwd: project }));
  signals = await signalsOfRun(project);
});
afterAll(root.remove);

/** A probability that has nothing to do with time or symbol. */
const pOf = (row: number): number => 0.3 + ((row * 37) % 41) / 100;

/** February has a model, and a p* of 0.5. */
const february: PredictionOf = ({ row, decisionTimeMs }) =>
  decisionTimeMs < FEBRUARY_MS ? null : { p: pOf(row), pstar: 0.5 };

let copies = 0;

/** A project of its own. */
function copyOfProject(): string {
  copies += 1;
  const copy = join(root.path, `copy-${copies}`);
  cpSync(project, copy, { recursive: true });
  return copy;
}

const applyMeta = (cwd: string, ...args: readonly string[]): Promise<Ended> => donch(['apply-meta', ...args], { cwd });

interface Run {
  readonly runId: string;
  readonly signals: number;
  readonly trades: number;
  readonly finalEquityUsd: number;
  readonly watermark: string;
}

interface Document {
  readonly watermark: string;
  readonly pstar: number | null;
  readonly pstarSource: string;
  readonly pstarNote: string;
  readonly scored: number;
  readonly taken: number;
  readonly reasons: readonly { readonly verdict: string; readonly signals: number }[];
  readonly months: readonly unknown[];
  readonly notes: readonly string[];
  readonly file: string | null;
  readonly rebacktest: {
    readonly gated: Run | null;
    readonly gatedNote: string;
    readonly baseline: Run;
    readonly whole: Run | null;
    readonly ev: Readonly<Record<string, number | null>>;
    readonly notes: readonly string[];
  } | null;
}

async function applied(cwd: string, ...args: readonly string[]): Promise<Document> {
  const ended = await applyMeta(cwd, ...args, '--json');
  expect([ended.code, ended.code === EXIT.ok ? '' : ended.stderr]).toEqual([EXIT.ok, '']);
  const document = documentIn(ended);
  expect(documentProblems('apply-meta', document)).toEqual([]);
  return document as unknown as Document;
}

const countsOf = ({ reasons }: Document): Record<string, number> =>
  Object.fromEntries(reasons.filter(({ signals: count }) => count > 0).map(({ verdict, signals: n }) => [verdict, n]));

const runFolder = (cwd: string, run: Run | null): string => join(cwd, 'results', 'runs', run?.runId ?? 'none');
const tradesOf = (cwd: string, run: Run | null): Promise<Table> =>
  readTable(join(runFolder(cwd, run), 'trades.parquet'), TABLES.trades);

const januarySignals = (): number =>
  numbersOf(signals, 'decision_time').filter((timeMs) => timeMs < FEBRUARY_MS).length;

/** What a trade is on its own, whatever the account does with it. */
const OWN_COLUMNS = [
  'entry_time',
  'exit_time',
  'entry_price',
  'exit_price',
  'exit_reason',
  'initial_stop_price',
  'pnl_r',
];

function ownFacts(trades: Table): Map<string, unknown> {
  return new Map(
    textsOf(trades, 'signal_id').map((id, row) => [
      String(id),
      OWN_COLUMNS.map((name) => columnOf(trades, name).values[row]),
    ]),
  );
}

describe('walk-forward predictions', () => {
  it('keep what reaches the p* of its month, and tell why the rest is not kept', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: february, pstar: 0.6 });
    const document = await applied(cwd);
    const kept = Array.from({ length: signals.length }, (_, row) => row).filter(
      (row) => numbersOf(signals, 'decision_time')[row] >= FEBRUARY_MS && pOf(row) >= 0.5,
    );
    const scored = signals.length - januarySignals();
    expect(kept.length).toBeGreaterThan(3);
    expect(countsOf(document)).toEqual({
      taken: kept.length,
      below: scored - kept.length,
      before_model: januarySignals(),
    });
    expect(document).toMatchObject({
      pstar: null,
      pstarLow: 0.5,
      pstarHigh: 0.5,
      pstarSource: 'months',
      watermark: '',
    });
    expect(document.months).toEqual([{ fromMs: FEBRUARY_MS, signals: scored, taken: kept.length, pstar: 0.5 }]);
    const file = join(cwd, 'signals', 'signals_pwf.parquet');
    expect(document.file).toBe(file);
    const [table, input] = [await readTable(file), await readTable(join(cwd, 'signals', 'signals.parquet'))];
    expect([...table.columns.keys()]).toEqual([...input.columns.keys()]);
    expect(textsOf(table, 'signal_id')).toEqual(kept.map((row) => textsOf(signals, 'signal_id')[row]));
    expect([...numbersOf(table, 'meta_p')]).toEqual(kept.map(pOf));
  });

  it('kept signals are traded as they would have been, beside all signals of the same time', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: february, pstar: null });
    const before = readFileSync(join(cwd, 'results', 'trades.csv'), 'utf8');
    const { rebacktest } = await applied(cwd, '--rebt');
    const { gated, baseline, whole, ev } = rebacktest ?? {};
    expect(whole?.runId).toBe(plain['runId']);
    expect(baseline?.signals).toBe(signals.length - januarySignals());
    expect(new Set([gated?.runId, baseline?.runId, whole?.runId]).size).toBe(3);
    const [kept, all] = [await tradesOf(cwd, gated ?? null), ownFacts(await tradesOf(cwd, baseline ?? null))];
    expect(kept.length).toBeGreaterThan(2);
    for (const p of numbersOf(kept, 'p')) expect(p).toBeGreaterThanOrEqual(0.5);
    const shared = [...ownFacts(kept)].filter(([id]) => all.has(id));
    expect(shared.length).toBeGreaterThan(2);
    for (const [id, facts] of shared) expect(facts).toEqual(all.get(id));
    // both begin with the first month that has a model
    for (const run of [gated, baseline]) {
      const equity = await readTable(join(runFolder(cwd, run ?? null), 'equity.parquet'), TABLES.equity);
      expect(numbersOf(equity, 'time')[0]).toBe(FEBRUARY_MS - 15 * MINUTE_MS);
    }
    // the tiny market has fewer weeks than an interval needs
    expect(ev).toMatchObject({ signals: baseline?.signals, taken: gated?.signals, differenceLowR: null });
    expect(ev?.['takenR']).toBeCloseTo(Number(ev?.['allR']) + Number(ev?.['differenceR']), 12);
    // the familiar places keep showing the plain backtest
    expect(readFileSync(join(cwd, 'results', 'trades.csv'), 'utf8')).toBe(before);
    expect(readFileSync(join(cwd, 'results', 'latest'), 'utf8').trim()).toContain(String(plain['runId']));
    const gatedFile = await readTable(join(cwd, 'results', 'trades_gated.csv'));
    expect(new Set(textsOf(gatedFile, 'signal_id'))).toEqual(new Set(textsOf(kept, 'signal_id')));
    const decisions = await readTable(join(runFolder(cwd, gated ?? null), 'decisions.parquet'), TABLES.decisions);
    const gates = textsOf(decisions, 'gate');
    const judged = Array.from(gates.keys()).filter((row) => gates[row] === 'meta');
    expect(judged).toHaveLength(gated?.signals ?? -1);
    for (const row of judged) expect(numbersOf(decisions, 'threshold')[row]).toBe(0.5);
    const gate = await readTable(join(runFolder(cwd, gated ?? null), 'gate.parquet'));
    expect(gate.length).toBe(signals.length);
  });

  it('a month without a p* is on neither side of the comparison', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, {
      predict: ({ row, decisionTimeMs }) => ({ p: pOf(row), pstar: decisionTimeMs < FEBRUARY_MS ? null : 0.5 }),
      pstar: null,
    });
    const document = await applied(cwd, '--rebt');
    const ofFebruary = signals.length - januarySignals();
    expect(countsOf(document)['no_threshold']).toBe(januarySignals());
    expect(document.months).toHaveLength(2);
    expect(document.rebacktest?.baseline.signals).toBe(ofFebruary);
    expect(document.rebacktest?.ev['signals']).toBe(ofFebruary);
    // both are trials: the gated one is marked as such, the baseline is one of part of the signals
    const marks = textsOf(new TrialLedger(join(cwd, 'results')).trials(), 'parameters').map((text) =>
      text === null ? '' : Object.keys(JSON.parse(text) as object).join(),
    );
    expect(new Set(marks)).toEqual(new Set(['', 'signals', 'gate,signals']));
    expect(marks).toHaveLength(3);
  });

  it('other commands apply a bundle to the signals that they have traded', async () => {
    const cwd = copyOfProject();
    const { folder } = await saveWalkForwardBundle(cwd, { predict: february, pstar: null });
    const { rebacktest } = await applied(cwd, '--rebt');
    const io: CliIo = {
      stdout: () => {},
      stderr: () => {},
      drawsProgress: false,
      cwd,
      env: {},
      signal: new AbortController().signal,
    };
    const terminal = new Terminal(io, { json: true, quiet: true });
    const setup = await setUpResearch({}, { ...io, terminal, atEnd: onTestFinished });
    const again = await applyToTraded(setup, await tradeSignals(setup, undefined), {
      ...walkForwardOf(folder),
      out: null,
    });
    expect([again.rebacktest?.gated?.run.id, again.rebacktest?.baseline.run.id]).toEqual([
      rebacktest?.gated?.runId,
      rebacktest?.baseline.runId,
    ]);
  });

  it('a p* below every p gives the trades of the plain backtest', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: ({ row }) => ({ p: pOf(row), pstar: null }), pstar: null });
    const args = ['--rebt', '--pstar', '0.01', '--set', 'ENTRY_PRIORITY=hash'];
    const { rebacktest } = await applied(cwd, ...args);
    expect(rebacktest?.whole).toBeNull();
    const [gated, baseline] = [
      await tradesOf(cwd, rebacktest?.gated ?? null),
      await tradesOf(cwd, rebacktest?.baseline ?? null),
    ];
    expect(gated.length).toBe(plain['trades']);
    const withoutP = ({ columns }: Table): [string, Column][] => [...columns].filter(([name]) => name !== 'p');
    expect(withoutP(gated)).toEqual(withoutP(baseline));
    expect(rebacktest?.gated?.finalEquityUsd).toBe(rebacktest?.baseline.finalEquityUsd);
    expect(rebacktest?.ev['differenceR']).toBe(0);
  });

  it('p sizes the gated trades where the settings say so', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: february, pstar: null });
    const { rebacktest } = await applied(cwd, '--rebt', '--set', 'WINPROB_SIZING_ENABLED=true');
    const gated = await tradesOf(cwd, rebacktest?.gated ?? null);
    const [p, factor] = [numbersOf(gated, 'p'), numbersOf(gated, 'mult_probability')];
    expect(new Set(factor).size).toBeGreaterThan(1);
    for (const [row, value] of p.entries())
      expect(factor[row]).toBeCloseTo(0.7 + (Math.max(0, Math.min(value, 0.9) - 0.55) / 0.35) * 0.6, 12);
    const baseline = numbersOf(await tradesOf(cwd, rebacktest?.baseline ?? null), 'mult_probability');
    expect(new Set(baseline)).toEqual(new Set([0.7]));
    expect(rebacktest?.notes.join()).toContain('x 0.7');
  });

  it('months without a p* take nothing: the baseline stands alone, with the reason', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: ({ row }) => ({ p: pOf(row), pstar: null }), pstar: null });
    const document = await applied(cwd, '--rebt');
    expect(countsOf(document)).toEqual({ no_threshold: signals.length });
    expect(document).toMatchObject({ pstarSource: 'none', file: null });
    expect(document.pstarNote).toContain(NO_PSTAR);
    expect(document.rebacktest).toMatchObject({ gated: null, baseline: { runId: plain['runId'] }, whole: null });
    expect(document.rebacktest?.gatedNote).toContain(NO_PSTAR);
    expect(existsSync(join(cwd, 'results', 'trades_gated.csv'))).toBe(false);
    const { stdout } = await applyMeta(cwd, '--rebt');
    expect(stdout).toContain('no gated run: there is no p*');
    expect(stdout).toContain(NO_PSTAR);
  });

  it('a training that had no month with a model leaves the plain backtest alone', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: () => null, pstar: 0.6 });
    const document = await applied(cwd, '--rebt');
    expect(countsOf(document)).toEqual({ before_model: signals.length });
    expect(document).toMatchObject({ file: null, pstarNote: 'no signal has a probability', months: [] });
    expect(document.rebacktest).toMatchObject({ compared: 'all', gated: null, baseline: { runId: plain['runId'] } });
    expect((await applyMeta(cwd, '--rebt', '--pstar', '0.5')).stdout).toContain(
      'no gated run: no signal has a probability',
    );
  });

  it('META_PROB_THRESHOLD holds for all months, and what it stands in place of is told', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: february, pstar: null });
    const document = await applied(cwd, '--set', 'META_PROB_THRESHOLD=0.6');
    expect(document).toMatchObject({ pstar: 0.6, pstarSource: 'setting' });
    expect(document.pstarNote).toContain('0.5000');
    expect(document.file).toBe(join(cwd, 'signals', 'signals_p060.parquet'));
  });

  it('a gate that the settings require does not stand in the way of the baseline', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: february, pstar: null });
    const settings = ['--set', 'META=required', '--set', 'META_PROB_THRESHOLD=0.5'];
    const { rebacktest } = await applied(cwd, '--rebt', ...settings);
    expect(rebacktest?.baseline.trades).toBeGreaterThan(0);
    const refused = await donch(['backtest', ...settings], { cwd });
    expect(refused.code).toBe(EXIT.usage);
    expect(refused.stderr).toContain('none of 48 signals has a probability');
    expect(refused.stderr).toContain('donch apply-meta --rebt');
  });

  it('predictions of other signals, and bundles of other set-ups, are refused', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, {
      predict: ({ row, decisionTimeMs }) => (row % 3 === 0 ? february({ row, decisionTimeMs }) : null),
      pstar: null,
    });
    const refused = await applyMeta(cwd);
    expect(refused.code).toBe(EXIT.data);
    expect(refused.stderr).toMatch(
      /of 23 signals of the months with a model have a walk-forward prediction; expected at least 75 %/,
    );
    expect(countsOf(await applied(cwd, '--min-coverage', '0.2'))['no_prediction']).toBeGreaterThan(10);
    const other = await applyMeta(cwd, '--set', 'DON_N_DAYS=4');
    expect([other.code, other.stderr]).toEqual([EXIT.data, expect.stringContaining('the set-up here is')]);
    const fewer = await applyMeta(cwd, '--symbols', 'ETHUSDT,BTCUSDT', '--min-coverage', '0');
    expect(fewer.stderr).toContain('the universe here is');
  });

  it('a file of the bundle that was changed is refused', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: february, pstar: null });
    const file = join(cwd, 'results', 'meta_export', 'walk_forward.parquet');
    writeFileSync(file, readFileSync(file).subarray(0, -1));
    const refused = await applyMeta(cwd);
    expect([refused.code, refused.stderr]).toEqual([EXIT.data, expect.stringContaining('SHA-256')]);
  });

  it('without a bundle the message says how to come by one', async () => {
    const refused = await applyMeta(project);
    expect([refused.code, refused.stderr]).toEqual([EXIT.usage, expect.stringContaining('results/meta_export')]);
  });
});

describe('the model of a bundle', () => {
  const END_MS = FEBRUARY_MS + 3 * DAY_MS;

  it('scores what came after its training, as a live bot would', async () => {
    const cwd = copyOfProject();
    const { folder } = await saveWalkForwardBundle(cwd, { predict: february, pstar: 0.4, labelEndMs: END_MS });
    const document = await applied(cwd, '--bundle', '--start', '2025-02-01', '--out', String.raw`out\kept.csv`);
    const { manifest, model } = await loadBundle(folder, { registry: readManifest(folder).manifest.features });
    expect(manifest.training.labelEndMs).toBe(END_MS);
    const kept = signalsFromTable(signals).flatMap(({ decisionTimeMs, features, signalId }, row) => {
      if (decisionTimeMs < FEBRUARY_MS) return [];
      const isSeen = decisionTimeMs <= END_MS;
      const p = isSeen ? pOf(row) : scoreFeatures(model, features).p;
      return p >= (isSeen ? 0.5 : 0.4) ? [{ signalId, p }] : [];
    });
    expect(kept.length).toBeGreaterThan(3);
    const table = await readTable(join(cwd, 'out', 'kept.csv'));
    expect(textsOf(table, 'signal_id')).toEqual(kept.map(({ signalId }) => signalId));
    expect([...numbersOf(table, 'meta_p')]).toEqual(kept.map(({ p }) => p));
    expect(document).toMatchObject({ kind: 'model', watermark: '', pstarLow: 0.4, pstarHigh: 0.5 });
    expect(table.columns.has('in_sample')).toBe(false);
  });

  it('does not judge what it has learned, unless everything is marked', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: february, pstar: 0.4, labelEndMs: END_MS });
    const refused = await applyMeta(cwd, '--bundle');
    expect(refused.code).toBe(EXIT.data);
    expect(refused.stderr).toContain(`${januarySignals()} of them have no out-of-fold prediction`);
    expect(refused.stderr).toContain('--start 2025-02-01T00:00Z');

    const document = await applied(cwd, '--bundle', '--in-sample', '--rebt');
    expect(document.watermark).toMatch(/^IN SAMPLE/);
    expect(document.rebacktest?.gated?.watermark).toBe(document.watermark);
    expect(document.rebacktest?.baseline.watermark).toBe('');
    expect(document.file).toBe(join(cwd, 'signals', 'signals_p040_in_sample.parquet'));
    const table = await readTable(document.file ?? '');
    const times = numbersOf(table, 'timestamp');
    expect([...numbersOf(table, 'in_sample')]).toEqual([...times].map((timeMs) => (timeMs <= END_MS ? 1 : 0)));
    expect(
      readdirSync(join(cwd, 'results'))
        .filter((name) => name.includes('_gated'))
        .toSorted((a, b) => (a < b ? -1 : 1)),
    ).toEqual(['equity_gated_in_sample.csv', 'trades_gated_in_sample.csv']);
    const { stdout, stderr } = await applyMeta(cwd, '--in-sample', '--rebt');
    const lines = stdout.trim().split('\n');
    expect([lines[0], lines.at(-1)]).toEqual([document.watermark, document.watermark]);
    expect(stdout).toContain('gated, IN SAMPLE');
    expect(stderr).toContain(`warning: ${document.watermark}`);
    const { runId } = document.rebacktest?.gated ?? {};
    await donch(['report', String(runId), '--out', 'page.md', '--format', 'md'], { cwd });
    const page = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.md'));
    expect(readFileSync(join(cwd, page ?? ''), 'utf8')).toContain('IN SAMPLE');
  });

  it('a bundle without a p* keeps nothing, and says why', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: () => null, pstar: null, labelEndMs: FEBRUARY_MS });
    const document = await applied(cwd, '--bundle', '--start', '2025-02-02', '--rebt');
    expect(document).toMatchObject({ taken: 0, pstarSource: 'none', file: null, rebacktest: { gated: null } });
    expect(document.pstarNote).toBe(`the bundle has no p*: ${NO_PSTAR}`);
  });
});

describe('predictions of a file', () => {
  /** As an earlier system wrote them: symbol and open time of the trigger bar. */
  function foreign(rows: readonly number[]): Table {
    const [ids, times] = [textsOf(signals, 'instrument_id'), numbersOf(signals, 'decision_time')];
    return tableFromRows(
      'oos_predictions',
      [
        { name: 'entry_ts', type: 'time' },
        { name: 'symbol', type: 'text' },
        { name: 'y_proba', type: 'float' },
      ],
      rows.map((row): Row => ({
        entry_ts: times[row] - 15 * MINUTE_MS,
        symbol: symbolOf(ids[row] as InstrumentId),
        y_proba: pOf(row),
      })),
    );
  }
  const everyRow = (): number[] => Array.from({ length: signals.length }, (_, row) => row);

  it('are joined by symbol and time, traded again, and told', async () => {
    const cwd = copyOfProject();
    writeTable(join(cwd, 'old.csv'), foreign(everyRow()));
    const args = ['--pred', 'old.csv', '--pstar', '0.5', '--pred-label', 'open', '--rebt'];
    const { stderr } = await applyMeta(cwd, ...args);
    expect(stderr).toContain('48 of 48 signals have a prediction (100.0 %), joined by symbol and time');
    const document = await applied(cwd, ...args);
    expect(document.taken).toBe(everyRow().filter((row) => pOf(row) >= 0.5).length);
    expect(document.rebacktest).toMatchObject({ baseline: { runId: plain['runId'] }, whole: null });
    const unclear = await applyMeta(cwd, '--pred', 'old.csv', '--pstar', '0.5');
    expect(unclear.stderr).toContain('--pred-label open');
    const noThreshold = await applyMeta(cwd, '--pred', 'old.csv', '--pred-label', 'open');
    expect([noThreshold.code, noThreshold.stderr]).toEqual([EXIT.usage, expect.stringContaining('--pstar 0.60')]);
  });

  it('a low coverage is refused with what to look at, and can be allowed', async () => {
    const cwd = copyOfProject();
    writeTable(join(cwd, 'old.parquet'), foreign(everyRow().filter((row) => row % 2 === 0)));
    const args = ['--pred', 'old.parquet', '--pstar', '0.5', '--pred-label', 'open'];
    const refused = await applyMeta(cwd, ...args);
    expect(refused.code).toBe(EXIT.data);
    expect(refused.stderr).toContain('24 of 48 signals have a prediction (50.0 %)');
    expect(refused.stderr).toContain('--min-coverage');
    expect(countsOf(await applied(cwd, ...args, '--min-coverage', '0.5'))['no_prediction']).toBe(24);
  });

  it('gate any table of signals, which keeps its columns', async () => {
    const cwd = copyOfProject();
    writeTable(join(cwd, 'old.csv'), foreign(everyRow()));
    const table = foreign(everyRow());
    const own = new Map([...table.columns].filter(([name]) => name !== 'y_proba'));
    const note = { type: 'text', values: everyRow().map((row) => `note ${row}`) } as const;
    writeTable(join(cwd, 'mine.csv'), { ...table, columns: new Map([...own, ['note', note]]) });
    // both stamp opens: as far as these two are concerned, the times are the same
    const document = await applied(
      cwd,
      '--signals',
      'mine.csv',
      '--pred',
      'old.csv',
      '--pstar',
      '0.6',
      '--pred-label',
      'close',
    );
    const kept = everyRow().filter((row) => pOf(row) >= 0.6);
    const written = await readTable(document.file ?? '');
    expect([...written.columns.keys()]).toEqual(['entry_ts', 'symbol', 'note', 'meta_p']);
    expect(textsOf(written, 'note')).toEqual(kept.map((row) => `note ${row}`));
    expect(takeRows(foreign(everyRow()), kept).columns.get('y_proba')?.values).toEqual(numbersOf(written, 'meta_p'));
  });

  it('the walk-forward predictions of a bundle are its own wherever they are named', async () => {
    const cwd = copyOfProject();
    await saveWalkForwardBundle(cwd, { predict: february, pstar: null });
    const file = join('results', 'meta_export', 'walk_forward.parquet');
    const [byFlag, bySetting, byDefault] = [
      await applied(cwd, '--pred', file),
      await applied(cwd, '--set', `META_PRED_PATH=${file}`),
      await applied(cwd),
    ];
    expect(byFlag).toEqual(byDefault);
    expect(bySetting).toEqual(byDefault);
  });

  it.each([
    [['--pred', 'x.csv', '--bundle'], 'one of them'],
    [['--pstar', '1.5'], '--pstar is "1.5"'],
    [['--min-coverage', '75'], 'a number from 0 to 1'],
    [['--pred', 'x.csv', '--out', 'x.csv'], 'cannot be a file that is read'],
    [['--dedup', 'average'], 'mean, median, max, min, first, last'],
  ])('%j is refused', async (args, message) => {
    const refused = await applyMeta(project, ...args);
    expect([refused.code, refused.stderr]).toEqual([EXIT.usage, expect.stringContaining(message)]);
  });
});
