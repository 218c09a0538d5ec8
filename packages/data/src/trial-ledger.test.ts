import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { createPrng, DAY_MS, numbersOf, rowsOf, TABLES, textsOf, type Row, type Table } from '@donch/core';
import * as fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { numberedTrial } from './ledger-kill-writer.ts';
import { trialIdOf, type Trial } from './ledger-record.ts';
import { BEST_MAX, SAMPLE_MAX } from './ledger-selection.ts';
import { checkTable } from './table-check.ts';
import { TrialLedger } from './trial-ledger.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-ledger-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
let results = '';
beforeEach(() => {
  results = newFolder();
});

function newFolder(): string {
  folders += 1;
  return join(root, String(folders));
}

const journalOf = (folder: string): string => join(folder, 'ledger', 'trials.log');
const trialsOf = (folder: string): Table => new TrialLedger(folder).trials();
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);
const trials = (from: number, to: number): Trial[] => numbers(from, to).map((k) => numberedTrial('a', k));

/** Which of the numbered trials stand in the ledger. */
function recorded(folder: string, series = 'a'): number[] {
  const table = trialsOf(folder);
  const parameters = textsOf(table, 'parameters');
  const runs = textsOf(table, 'run_id');
  return parameters.flatMap((text, row) =>
    runs[row] === `sweep-${series}` ? [(JSON.parse(String(text)) as { k: number }).k] : [],
  );
}

describe('a ledger of trials', () => {
  it('is empty before the first trial, and reading makes no file', () => {
    expect(trialsOf(results).length).toBe(0);
    expect(() => statSync(results)).toThrow('ENOENT');
  });

  it('holds what was recorded, as TABLES.ledger says', () => {
    new TrialLedger(results).recordMany(trials(0, 3));
    const table = trialsOf(results);
    checkTable(table, TABLES.ledger);
    const { moments, evaluatedMs, startMs, endMs } = numberedTrial('a', 1);
    expect(rowsOf(table)[1]).toMatchObject({
      trial_id: trialIdOf(numberedTrial('a', 1)),
      time: evaluatedMs,
      kind: 'sweep',
      start_time: startMs,
      end_time: endMs,
      evaluations: 1,
      trades: 1,
      days: moments.days,
      return_mean: moments.mean,
      return_sd: moments.sd,
      return_skew: moments.skew,
      return_kurtosis: moments.kurtosis,
      parameters: '{"k":1}',
    });
  });

  it('counts a repeat, whoever makes it and when, as no new trial', () => {
    const ledger = new TrialLedger(results);
    expect(ledger.recordMany(trials(0, 3))).toEqual({ added: 3, repeated: 0, changed: 0, tornBytes: 0 });
    const later = { ...numberedTrial('a', 1), runId: 'backtest-0', kind: 'backtest', evaluatedMs: 9e12 } as const;
    expect(new TrialLedger(results).recordMany([later, later])).toMatchObject({ added: 0, repeated: 2 });
    expect([...numbersOf(ledger.trials(), 'evaluations')]).toEqual([1, 3, 1]);
    expect(textsOf(ledger.trials(), 'run_id')).toEqual(['sweep-a', 'sweep-a', 'sweep-a']);
  });

  it('takes another result of a trial in place of the old one, returns too', () => {
    const ledger = new TrialLedger(results);
    ledger.recordMany(trials(0, 2));
    const old = numberedTrial('a', 0);
    const values = new Float64Array(old.moments.days).fill(0.5);
    const other = { ...old, trades: 77, returns: { firstDayMs: 0, values } };
    expect(ledger.record(other)).toMatchObject({ added: 0, repeated: 0, changed: 1 });
    expect([...numbersOf(ledger.trials(), 'trades')]).toEqual([77, 1]);
    expect(ledger.returnsOf([trialIdOf(old)]).get(trialIdOf(old))).toEqual({ firstDayMs: 0, values });
  });

  it.each<[string, Partial<Trial>, boolean]>([
    ['another strategy', { specHash: 'x' }, true],
    ['other settings', { configHash: 'x' }, true],
    ['other symbols', { universeHash: 'x' }, true],
    ['other data', { dataHash: 'x' }, true],
    ['another start', { startMs: 1 }, true],
    ['another end', { endMs: 9e14 }, true],
    ['other parameters', { parameters: { k: 2 } }, true],
    ['one more parameter', { parameters: { b: 1, k: 1 } }, true],
    ['no parameters', { parameters: null }, true],
    ['another time', { evaluatedMs: 5 }, false],
    ['another run', { runId: 'x' }, false],
    ['another kind of command', { kind: 'backtest' }, false],
  ])('tells trials apart by what is evaluated: %s', (_, change, isOther) => {
    const one = numberedTrial('a', 1);
    expect(trialIdOf({ ...one, ...change }) !== trialIdOf(one)).toBe(isOther);
  });

  it('knows a configuration again on another window of data', () => {
    const one = numberedTrial('a', 1);
    new TrialLedger(results).recordMany([one, { ...one, endMs: one.endMs + DAY_MS, dataHash: 'more' }]);
    expect(new Set(textsOf(trialsOf(results), 'configuration_id')).size).toBe(1);
    expect(new Set(textsOf(trialsOf(results), 'trial_id')).size).toBe(2);
  });

  it('filters by window and kind', () => {
    const ledger = new TrialLedger(results);
    const one = numberedTrial('a', 1);
    const { startMs, endMs } = one;
    const longer = { ...one, endMs: endMs + DAY_MS };
    const behind = { ...one, startMs: endMs, endMs: endMs + DAY_MS, kind: 'backtest' as const };
    ledger.recordMany([one, longer, behind]);
    const count = (...args: Parameters<typeof ledger.trials>): number => ledger.trials(...args).length;
    expect(count({ window: { startMs, endMs } })).toBe(1);
    expect(count({ window: { startMs, endMs }, match: 'overlapping' })).toBe(2);
    expect(count({ kinds: ['backtest'] })).toBe(1);
    expect(count({ kinds: ['sweep'], window: { startMs: endMs, endMs: endMs + 1 }, match: 'overlapping' })).toBe(1);
  });

  it('refuses the ledger of a newer program', () => {
    new TrialLedger(results).record(numberedTrial('a', 0));
    const text = '{"type":"ledger","schema_version":2}';
    appendFileSync(journalOf(results), `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`);
    expect(() => trialsOf(results)).toThrow(expect.objectContaining({ code: 'newer_schema' }));
  });

  const anyMoment = fc.oneof(
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.constantFrom(Number.NaN, 0, 5e-324, 1.7976931348623157e308),
  );
  const anyTrial = fc.record({
    kind: fc.constantFrom<Trial['kind']>('backtest', 'sweep', 'threshold'),
    runId: fc.string({ unit: 'binary' }),
    evaluatedMs: fc.integer({ min: 0, max: 4e12 }),
    specHash: fc.string(),
    configHash: fc.string(),
    universeHash: fc.option(fc.string()),
    dataHash: fc.string(),
    startMs: fc.integer({ min: 0, max: 1e12 }),
    endMs: fc.integer({ min: 1e12 + 1, max: 4e12 }),
    parameters: fc.option(fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string(), fc.boolean()))),
    configurations: fc.integer({ min: 1, max: 1e9 }),
    trades: fc.integer({ min: 0, max: 1e9 }),
    moments: fc.record({ days: fc.constant(3), mean: anyMoment, sd: anyMoment, skew: anyMoment, kurtosis: anyMoment }),
    returns: fc.option(
      fc.record({
        firstDayMs: fc.integer({ min: 0, max: 4e12 }),
        values: fc.float64Array({ minLength: 3, maxLength: 3 }),
      }),
    ),
  });

  it('gives back every trial as it was recorded (property)', () => {
    fc.assert(
      fc.property(fc.array(anyTrial, { maxLength: 8 }), (list) => {
        const folder = newFolder();
        new TrialLedger(folder).recordMany(list);
        const ledger = new TrialLedger(folder);
        const rows = new Map(rowsOf(ledger.trials()).map((row) => [row['trial_id'], row]));
        const last = new Map(list.map((trial) => [trialIdOf(trial), trial]));
        expect(rows.size).toBe(last.size);
        for (const [id, trial] of last) expect(rows.get(id)).toMatchObject(resultCells(trial));
        const returns = [...last].flatMap(([id, trial]) =>
          trial.returns === null ? [] : [[id, trial.returns] as const],
        );
        expect(ledger.returnsOf([...last.keys()])).toEqual(new Map(returns));
      }),
      { seed: 7, numRuns: 25 },
    );
  });

  it('holds the same in whatever order and batches trials come', () => {
    const all = trials(0, 60).map((trial, k) => ({ ...trial, endMs: trial.endMs + (k % 3) * DAY_MS }));
    const reference = newFolder();
    new TrialLedger(reference).recordMany(all);
    const shuffled = all.toReversed();
    for (let at = 0; at < shuffled.length; at += 7) new TrialLedger(results).recordMany(shuffled.slice(at, at + 7));
    expect(rowsOf(trialsOf(results))).toEqual(rowsOf(trialsOf(reference)));
    expect(returnFiles(results)).toEqual(returnFiles(reference));
  });
});

function resultCells({ moments, trades, configurations, universeHash, runId }: Trial): Row {
  const cell = (value: number): number | null => (Number.isNaN(value) ? null : value + 0);
  return {
    run_id: runId,
    universe_hash: universeHash,
    trades,
    configurations,
    return_mean: cell(moments.mean),
    return_sd: cell(moments.sd),
    return_skew: cell(moments.skew),
    return_kurtosis: cell(moments.kurtosis),
  };
}

function returnFiles(folder: string): [string, string][] {
  const files = join(folder, 'ledger', 'returns');
  return readdirSync(files)
    .sort()
    .map((name) => [name, readFileSync(join(files, name)).toString('base64')]);
}

describe('daily returns of a ledger', () => {
  const short = (k: number): Trial => numberedTrial('a', k, 2);
  const sharpe = ({ moments }: Trial): number => moments.mean / moments.sd;

  it('are kept of the best and of a sample, the same in whatever order trials come', () => {
    const all = numbers(0, SAMPLE_MAX + 1_000).map(short);
    const ledger = new TrialLedger(results);
    ledger.recordMany(all);
    const best = all.toSorted((a, b) => sharpe(b) - sharpe(a)).slice(0, BEST_MAX);
    const ids = all.map(trialIdOf);
    const kept = ledger.returnsOf(ids);
    expect(best.every((trial) => kept.has(trialIdOf(trial)))).toBe(true);
    expect(kept.size).toBeGreaterThanOrEqual(SAMPLE_MAX);
    expect(kept.size).toBeLessThan(SAMPLE_MAX + BEST_MAX);
    const other = newFolder();
    for (let at = all.length; at > 0; at -= 750)
      new TrialLedger(other).recordMany(all.slice(Math.max(0, at - 750), at));
    expect(returnFiles(other)).toEqual(returnFiles(results));
    // a sample of 2 of 3: each third of the numbers has about its share
    const inFirst = numbers(0, 1_000).filter((k) => kept.has(ids[k])).length;
    expect(inFirst).toBeGreaterThan(600);
    expect(inFirst).toBeLessThan(760);
  });

  it('of whole windows go when the folder becomes too large, the oldest first, and the trials stay', () => {
    const inWindow = (k: number): Trial => ({ ...short(k), endMs: (30_000 + k) * DAY_MS });
    const ledger = new TrialLedger(results, { returnsBytesMax: 500 });
    for (const k of numbers(0, 10)) ledger.record(inWindow(k));
    const kept = numbers(0, 10).filter((k) => ledger.returnsOf([trialIdOf(inWindow(k))]).size > 0);
    expect(kept).toEqual(numbers(10 - kept.length, 10));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(10);
    expect(ledger.trials().length).toBe(10);
  });

  it('that are damaged are told, not read', () => {
    const ledger = new TrialLedger(results);
    ledger.recordMany(trials(0, 3));
    const [[name]] = returnFiles(results);
    const path = join(results, 'ledger', 'returns', name);
    const bytes = readFileSync(path);
    for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
      const bad = Uint8Array.from(bytes);
      bad[at] ^= 1;
      writeFileSync(path, bad);
      expect(() => ledger.returnsOf([trialIdOf(numberedTrial('a', 0))])).toThrow(
        expect.objectContaining({ code: 'ledger_damaged' }),
      );
    }
  });
});

/** All returns are kept as long as there are no more trials than the sample takes. */
const PER_WRITER_MAX = SAMPLE_MAX / 20 - 20;

describe('a ledger whose writer was killed', () => {
  it('cut off anywhere holds the whole entries before the cut, tells of the rest, and goes on', () => {
    new TrialLedger(results).recordMany(trials(0, 4));
    const whole = readFileSync(journalOf(results));
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
    for (let length = whole.length; length >= 0; length -= 97) {
      writeFileSync(journalOf(results), whole.subarray(0, length));
      const lines = ends.filter((end) => end <= length).length;
      const kept = Math.max(0, lines - 1);
      expect(recorded(results)).toEqual(numbers(0, kept));
      const report = new TrialLedger(results).recordMany(trials(0, 4));
      expect(report).toEqual({
        added: 4 - kept,
        repeated: kept,
        changed: 0,
        tornBytes: length - (lines === 0 ? 0 : ends[lines - 1]),
      });
      expect(recorded(results)).toEqual([0, 1, 2, 3]);
    }
  });

  it('is damaged when an entry differs that is not the last', () => {
    new TrialLedger(results).recordMany(trials(0, 4));
    const bytes = readFileSync(journalOf(results));
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(journalOf(results), bytes);
    expect(() => trialsOf(results)).toThrow(expect.objectContaining({ code: 'journal_damaged' }));
    expect(() => new TrialLedger(results).record(numberedTrial('a', 9))).toThrow(
      expect.objectContaining({ code: 'journal_damaged' }),
    );
    expect(readFileSync(journalOf(results)).equals(bytes)).toBe(true);
  });

  it(
    'at 20 random instants loses nothing that was finished, and the next writer goes on',
    { timeout: 60_000 },
    async () => {
      const prng = createPrng(3, 'ledger kill');
      let [next, before] = [0, 0];
      for (let kill = 0; kill < 20; kill += 1) {
        const batch = 1 + prng.below(20);
        const writer = start([results, 'a', String(next), String(next + PER_WRITER_MAX), String(batch)]);
        if (prng.next() < 0.8) await writer.firstOutput;
        await sleep(prng.next() * 60);
        await writer.kill();
        const finished = (writer.last() ?? next - 1) + 1;
        const found = recorded(results);
        expect(found).toEqual(numbers(0, found.length));
        expect(found.length).toBeGreaterThanOrEqual(finished);
        expect(found.length).toBeLessThanOrEqual(Math.max(before, finished + batch));
        const ids = numbers(next, finished).map((k) => trialIdOf(numberedTrial('a', k)));
        expect(new TrialLedger(results).returnsOf(ids).size).toBe(ids.length);
        // as a sweep goes on: behind what it knows to be recorded; what it did not know of is a repeat
        [next, before] = [finished, found.length];
      }
      expect(next).toBeGreaterThan(20);
      new TrialLedger(results).recordMany(trials(next, before + 1));
      expect(recorded(results)).toEqual(numbers(0, before + 1));
      const ids = trials(0, before + 1).map(trialIdOf);
      expect(new TrialLedger(results).returnsOf(ids).size).toBe(ids.length);
    },
  );

  it('takes the trials of processes that write at once, all of them', { timeout: 60_000 }, async () => {
    const series = ['a', 'b', 'c'];
    const writers = series.map((name) => start([results, name, '0', '60', '3']));
    await Promise.all(writers.map(({ ended }) => ended));
    for (const name of series) expect(recorded(results, name)).toEqual(numbers(0, 60));
    const ids = series.flatMap((name) => numbers(0, 60).map((k) => trialIdOf(numberedTrial(name, k))));
    expect(new TrialLedger(results).returnsOf(ids).size).toBe(180);
  });
});

interface Writer {
  readonly firstOutput: Promise<unknown>;
  readonly ended: Promise<unknown>;
  /** Number of the last trial that was reported as finished. */
  last(): number | undefined;
  kill(): Promise<void>;
}

function start(args: readonly string[]): Writer {
  const script = join(import.meta.dirname, 'ledger-kill-writer.ts');
  const child: ChildProcess = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const ended = new Promise((resolve) => child.once('close', resolve));
  const firstOutput = new Promise<void>((resolve) => {
    child.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
      resolve();
    });
    child.once('close', () => resolve());
  });
  return {
    firstOutput,
    ended,
    last: () => {
      const line = output
        .slice(0, output.lastIndexOf('\n') + 1)
        .trim()
        .split('\n')
        .at(-1);
      return line === undefined || line === '' ? undefined : Number(line);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
