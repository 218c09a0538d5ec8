import { createPrng, DAY_MS } from '@donch/core';
import { TrialLedger, trialIdOf, type Trial, type TrialReturns } from '@donch/data';
import { kurtosis, mean, skewness, standardDeviation, type SelectionVerdict } from '@donch/stats';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/tiny-project.ts';
import { findRunTrial } from './run-trial.ts';
import { readSelection, type NoSelection, type ReadSelection, type SelectionRequest } from './selection.ts';

const root = temporaryFolder('selection');
afterAll(root.remove);

let folders = 0;
let results = '';
beforeEach(() => {
  folders += 1;
  results = `${root.path}/${folders}`;
});

const FIRST_MS = 20_000 * DAY_MS;
const DAYS = 200;
const WINDOW = { startMs: FIRST_MS, endMs: FIRST_MS + DAYS * DAY_MS };

/** Trial number k of a sweep: noise, with an edge for number 0. */
function trialOf(k: number, more: Partial<Trial> = {}, days = DAYS): Trial {
  const prng = createPrng(k, 'trial');
  const values = Float64Array.from({ length: days }, () => (prng.normal() + (k === 0 ? 0.2 : 0)) / 100);
  const trial: Trial = {
    kind: 'sweep',
    runId: 'sweep-1',
    evaluatedMs: 1_700_000_000_000 + k,
    specHash: 'spec',
    configHash: `config ${k}`,
    universeHash: 'universe',
    dataHash: 'data',
    ...WINDOW,
    parameters: null,
    configurations: 1,
    trades: 10,
    moments: momentsOf(values),
    returns: { firstDayMs: FIRST_MS, values },
    ...more,
  };
  return trial.returns === null ? trial : { ...trial, moments: momentsOf(trial.returns.values) };
}

function momentsOf(values: Float64Array): Trial['moments'] {
  return {
    days: values.length,
    mean: mean(values),
    sd: standardDeviation(values, 1),
    skew: skewness(values),
    kurtosis: kurtosis(values),
  };
}

const many = (from: number, to: number): Trial[] => Array.from({ length: to - from }, (_, k) => trialOf(from + k));
const record = (trials: readonly Trial[]): void => void new TrialLedger(results).recordMany(trials);

function read(chosen: Trial, more: Partial<SelectionRequest> = {}): ReadSelection {
  const found = ask(chosen, more);
  if (found.kind === 'none') throw new Error(found.why);
  return found;
}

function ask(chosen: Trial, more: Partial<SelectionRequest> = {}): ReadSelection | NoSelection {
  return readSelection({ resultsFolder: results, window: WINDOW, trialId: trialIdOf(chosen), seed: 1, ...more });
}

const varianceOf = ({ deflation: { spread } }: SelectionVerdict): number =>
  spread.kind === 'trial_spread' ? spread.sharpeVariance : Number.NaN;

describe('readSelection', () => {
  it('judges the chosen trial by all that the ledger knows of its window', () => {
    record(many(0, 30));
    const { verdict, leftOut, thresholds } = read(trialOf(0), { tags: new Map([[trialIdOf(trialOf(0)), 'sl2-tp4']]) });
    expect(verdict).toMatchObject({
      chosenTag: 'sl2-tp4',
      days: DAYS,
      firstDayMs: FIRST_MS,
      counts: { configurations: 30, ledger: 30, measured: 30, drawn: 30 },
    });
    expect([leftOut, thresholds]).toEqual([0, 0]);
    const sharpes = many(0, 30).map(({ moments }) => moments.mean / moments.sd);
    expect(varianceOf(verdict)).toBeCloseTo(standardDeviation(sharpes, 1) ** 2, 15);
    expect(verdict.overfitting.kind).toBe('overfitting');
  });

  it('counts configurations on overlapping windows in N, not in the spread', () => {
    record(many(0, 10));
    const alone = read(trialOf(0)).verdict;
    const later = { startMs: WINDOW.startMs + 100 * DAY_MS, endMs: WINDOW.endMs + 100 * DAY_MS };
    const never = { startMs: WINDOW.endMs, endMs: WINDOW.endMs + 100 * DAY_MS };
    record([
      ...many(50, 57).map((trial) => ({ ...trial, ...later })),
      // the same configuration on another window is none more
      { ...trialOf(3), ...later },
      ...many(60, 80).map((trial) => ({ ...trial, ...never })),
    ]);
    const { verdict } = read(trialOf(0));
    expect(verdict.counts).toEqual({ configurations: 17, ledger: 10, measured: 10, drawn: 10 });
    expect(varianceOf(verdict)).toBe(varianceOf(alone));
    const probability = ({ deflation: { dsr } }: SelectionVerdict): number =>
      dsr.kind === 'dsr' ? dsr.probability : Number.NaN;
    expect(probability(verdict)).toBeLessThan(probability(alone));
  });

  it('takes each configuration once, with its newest evaluation, and the chosen trial itself', () => {
    const again = (k: number): Trial => ({ ...trialOf(100 + k), configHash: `config ${k}`, dataHash: 'revised' });
    record(many(0, 10));
    record([again(0), again(5)]);
    const { verdict } = read(trialOf(0));
    expect(verdict.counts).toEqual({ configurations: 10, ledger: 10, measured: 10, drawn: 10 });
    const sharpes = [...many(0, 5), again(5), ...many(6, 10)].map(({ moments }) => moments.mean / moments.sd);
    expect(varianceOf(verdict)).toBeCloseTo(standardDeviation(sharpes, 1) ** 2, 15);
  });

  it('names searches for a threshold beside N', () => {
    const search = { kind: 'threshold', configurations: 40, configHash: 'search', returns: null } as const;
    record([
      ...many(0, 6),
      trialOf(7, { ...search, moments: { days: 0, mean: NaN, sd: NaN, skew: NaN, kurtosis: NaN } }),
    ]);
    expect(read(trialOf(0))).toMatchObject({ thresholds: 40, verdict: { counts: { configurations: 6 } } });
  });

  it('compares day by day, and leaves out what has other days', () => {
    const wider = trialOf(20, {}, DAYS + 5);
    const early = {
      ...wider,
      returns: { firstDayMs: FIRST_MS - 3 * DAY_MS, values: wider.returns?.values ?? new Float64Array(0) },
    };
    const short = trialOf(21, {}, DAYS - 1);
    record([...many(0, 8), early, short]);
    const { verdict, leftOut } = read(trialOf(0));
    expect(leftOut).toBe(1);
    expect(verdict.counts).toMatchObject({ configurations: 10, ledger: 10, measured: 9 });
  });

  it('does not let a choice on parts of the days see what was kept for its result', () => {
    // 2,100 trials: returns are kept of 2,000 drawn ones and of the best 200
    const short = { startMs: FIRST_MS, endMs: FIRST_MS + 60 * DAY_MS };
    const trials = Array.from({ length: 2_100 }, (_, k) => trialOf(k, short, 60));
    record(trials);
    const best = trials.reduce((found, trial) =>
      trial.moments.mean / trial.moments.sd > found.moments.mean / found.moments.sd ? trial : found,
    );
    const { verdict } = read(best, { window: short });
    expect(verdict.counts).toMatchObject({ configurations: 2_100, ledger: 2_100, drawn: 2_000 });
    expect(verdict.counts.measured).toBeGreaterThan(2_000);
    expect(verdict.counts.measured).toBeLessThan(2_030);
  });

  it('aligns benchmarks, and refuses the comparison with one that has a gap', () => {
    record(many(0, 8));
    const market: TrialReturns = {
      firstDayMs: FIRST_MS - 10 * DAY_MS,
      values: Float64Array.from({ length: DAYS + 20 }, (_, day) => (day === 10 ? 0.5 : 0)),
    };
    const young = { ...market, firstDayMs: FIRST_MS + DAY_MS };
    const { superiority } = read(trialOf(0), {
      benchmarks: [
        { name: 'buy and hold', returns: market },
        { name: 'young', returns: young },
      ],
    }).verdict;
    expect(superiority.map(({ benchmark, test }) => [benchmark, test.kind])).toEqual([
      ['no position', 'test'],
      ['buy and hold', 'test'],
      ['young', 'refused'],
    ]);
    // half of the capital gained on the first day of the window: only there does the benchmark differ from no position
    const [none, held] = superiority.map(({ test }) =>
      test.kind === 'test' ? test.realityCheck.statistic : Number.NaN,
    );
    expect(none - held).toBeCloseTo(0.5 / Math.sqrt(DAYS), 12);
  });

  it('takes the returns of a chosen trial whose own were not kept, but does not choose it on parts', () => {
    const unkept = trialOf(0, { returns: null });
    record([unkept, ...many(1, 8)]);
    expect(ask(unkept)).toEqual({ kind: 'none', why: 'its daily returns were not kept' });
    const { returns } = trialOf(0);
    const { verdict } = read(unkept, returns === null ? {} : { returns });
    expect(verdict.counts).toMatchObject({ measured: 8, drawn: 7 });
  });

  it('gives no verdict on what the ledger does not know', () => {
    expect(ask(trialOf(0))).toMatchObject({ kind: 'none', why: expect.stringContaining('does not know it') as string });
    record(many(0, 3));
    expect(ask(trialOf(9))).toMatchObject({ kind: 'none' });
    expect(ask(trialOf(0), { window: { ...WINDOW, endMs: WINDOW.endMs - 1 } })).toMatchObject({ kind: 'none' });
  });
});

describe('findRunTrial', () => {
  type ManifestPart = Parameters<typeof findRunTrial>[1]['manifest'];
  const manifest = {
    parameters: { start_ms: WINDOW.startMs, end_ms: WINDOW.endMs },
    inputs: { candles: 'data' },
    spec_hash: 'spec',
    universe_hash: 'universe',
  } as unknown as ManifestPart;
  const valuesOf = (k: number): Float64Array => trialOf(k).returns?.values ?? new Float64Array(0);

  it('finds a variant of a sweep that was run by itself', () => {
    record(many(0, 5));
    const found = findRunTrial(results, { id: 'backtest-1', manifest }, valuesOf(3));
    expect(found).toEqual({ trialId: trialIdOf(trialOf(3)), ...WINDOW });
  });

  it('takes the own trial of the run among equal ones', () => {
    const same = { returns: trialOf(3).returns };
    record([...many(0, 5), trialOf(8, { ...same, runId: 'backtest-1' }), trialOf(9, same)]);
    const found = findRunTrial(results, { id: 'backtest-1', manifest }, valuesOf(3));
    expect(found?.trialId).toBe(trialIdOf(trialOf(8)));
  });

  it.each([
    ['other returns', {}, 77],
    ['other data', { inputs: { candles: 'others' } }, 3],
    ['another strategy', { spec_hash: 'other' }, 3],
    ['another window', { parameters: { start_ms: 0, end_ms: WINDOW.endMs } }, 3],
    ['no window', { parameters: {} }, 3],
  ])('finds none for %s', (_, more, k) => {
    record(many(0, 5));
    expect(findRunTrial(results, { id: 'backtest-1', manifest: { ...manifest, ...more } }, valuesOf(k))).toBeNull();
  });
});
