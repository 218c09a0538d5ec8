import { createPrng, DAY_MS } from '@donch/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupBounds } from '../splits/purged-splits.ts';
import type { MeasuredTrial } from './selection-input.ts';
import { selectionPaths } from './selection-paths.ts';
import type { SelectionPaths, SelectionWalkForward } from './selection-verdict.ts';
import { walkForwardSelection } from './walk-forward-selection.ts';

const trialsOf = (columns: readonly Float64Array[]): MeasuredTrial[] =>
  columns.map((returns, k) => ({ id: `t${k}`, tag: `variant ${k}`, returns, isDrawn: true }));

function columnsOf(seed: number, trials: number, days: number): Float64Array[] {
  const prng = createPrng(seed, 'columns');
  return Array.from({ length: trials }, () => Float64Array.from({ length: days }, () => prng.normal() / 100));
}

const WALK = { firstDayMs: 1_000 * DAY_MS, embargoDays: 2, trainDays: 30, testDays: 10 } as const;

function walked(found: ReturnType<typeof walkForwardSelection>): SelectionWalkForward {
  if (found.kind === 'refused') throw new Error(JSON.stringify(found));
  return found;
}

describe('walkForwardSelection', () => {
  /** Alternating days around a mean, so that every stretch of an even length has that mean. */
  const wave = (means: readonly number[]): Float64Array =>
    Float64Array.from(means, (center, day) => center + (day % 2 === 0 ? 0.01 : -0.01));
  const turn = 62;
  const days = 102;
  const firstHalf = wave(Array.from({ length: days }, (_, day) => (day < turn ? 0.004 : -0.002)));
  const secondHalf = wave(Array.from({ length: days }, (_, day) => (day < turn ? -0.004 : 0.006)));

  it('holds the best trial of the days before over the next days', () => {
    const found = walked(walkForwardSelection(trialsOf([firstHalf, secondHalf]), { ...WALK, form: 'rolling' }));
    // 30 days to choose, 2 free, seven steps of 10; the second trial is ahead once 14 or more of the 30 days lie behind the turn
    expect(found.steps.map(({ chosenId }) => chosenId)).toEqual(['t0', 't0', 't0', 't0', 't0', 't1', 't1']);
    expect(found.distinctChosen).toBe(2);
    const at = (day: number): number => (1_000 + day) * DAY_MS;
    expect(found.steps[1]).toMatchObject({
      trainFromMs: at(10),
      trainToMs: at(40),
      testFromMs: at(42),
      testToMs: at(52),
    });
    expect(found.firstDayMs).toBe(at(32));
    expect([...found.returns]).toEqual([...firstHalf.slice(32, 82), ...secondHalf.slice(82)]);
    expect(found.equity[0]).toBe(1);
    expect(found.equity[70]).toBeCloseTo(
      found.returns.reduce((growth, value) => growth * (1 + value), 1),
      12,
    );
  });

  it('measures what is left of the in-sample return', () => {
    const found = walked(walkForwardSelection(trialsOf([firstHalf, secondHalf]), { ...WALK, form: 'rolling' }));
    // trained on days 0-29, 10-39, 20-49, 30-59 all before the turn, 40-69: 22 before and 8 after, 50-79: 12 and 18, 60-89: 2 and 28
    const trained = [
      0.004,
      0.004,
      0.004,
      0.004,
      (22 * 0.004 - 8 * 0.002) / 30,
      (18 * 0.006 - 12 * 0.004) / 30,
      (28 * 0.006 - 2 * 0.004) / 30,
    ];
    const inSample = trained.reduce((sum, value) => sum + value, 0) / 7;
    const outOfSample = (30 * 0.004 - 20 * 0.002 + 20 * 0.006) / 70;
    expect(found.inSample.annualReturnFrac).toBeCloseTo(inSample * 365, 10);
    expect(found.outOfSample.annualReturnFrac).toBeCloseTo(outOfSample * 365, 10);
    const ratio = 'ratio' in found.efficiency ? found.efficiency.ratio : Number.NaN;
    expect(ratio).toBeCloseTo(outOfSample / inSample, 10);
  });

  it('takes the first of trials that are the same', () => {
    const found = walked(
      walkForwardSelection(trialsOf([firstHalf, firstHalf, firstHalf]), { ...WALK, form: 'rolling' }),
    );
    expect(new Set(found.steps.map(({ chosenId }) => chosenId))).toEqual(new Set(['t0']));
  });

  it('remembers everything when it expands', () => {
    const found = walked(walkForwardSelection(trialsOf([firstHalf, secondHalf]), { ...WALK, form: 'expanding' }));
    expect(found.steps.map(({ trainFromMs }) => trainFromMs)).toEqual(Array.from({ length: 7 }, () => WALK.firstDayMs));
    expect(found.steps.map(({ chosenId }) => chosenId)).toEqual(Array.from({ length: 7 }, () => 't0'));
  });

  it('refuses the efficiency where nothing was earned in sample', () => {
    const losing = [firstHalf, secondHalf].map((column) => column.map((value) => value - 0.02));
    const found = walked(walkForwardSelection(trialsOf(losing), { ...WALK, form: 'rolling' }));
    expect(found.efficiency).toMatchObject({ kind: 'refused', reason: 'in_sample_not_positive' });
  });

  it('does not know the embargo or what comes after it', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 32, max: 101 }), (seed, from) => {
        const columns = columnsOf(seed, 5, 102);
        const others = columnsOf(seed + 1, 5, 102);
        // from the end of a training window on everything is different
        const changed = columns.map((column, k) =>
          column.map((value, day) => (day < from - 2 ? value : others[k][day])),
        );
        for (const form of ['rolling', 'expanding'] as const) {
          const before = walked(walkForwardSelection(trialsOf(columns), { ...WALK, form }));
          const after = walked(walkForwardSelection(trialsOf(changed), { ...WALK, form }));
          const known = before.steps.filter(({ testFromMs }) => testFromMs <= (1_000 + from) * DAY_MS).length;
          expect(after.steps.slice(0, known).map(({ chosenId }) => chosenId)).toEqual(
            before.steps.slice(0, known).map(({ chosenId }) => chosenId),
          );
        }
      }),
      { seed: 20_261_121, numRuns: 20 },
    );
  });

  it.each([
    ['one trial', columnsOf(1, 1, 102), { reason: 'too_few_trials', found: 1, needed: 2 }],
    ['days for one step only', columnsOf(1, 3, 51), { reason: 'too_few_observations', found: 51, needed: 52 }],
    [
      'no trial with a Sharpe ratio',
      [new Float64Array(102).fill(0.01), new Float64Array(102).fill(0.02)],
      { reason: 'no_spread', found: 0, needed: 7 },
    ],
  ])('refuses %s', (_, columns, refusal) => {
    expect(walkForwardSelection(trialsOf(columns), { ...WALK, form: 'rolling' })).toEqual({
      kind: 'refused',
      ...refusal,
    });
  });
});

const CPCV = { groups: 6, testGroups: 2, embargoDays: 3, chosenId: 't0' } as const;

function paths(found: ReturnType<typeof selectionPaths>): SelectionPaths {
  if (found.kind === 'refused') throw new Error(JSON.stringify(found));
  return found;
}

describe('selectionPaths', () => {
  it('has a whole history on every path, made of what trials earned on their days', () => {
    const columns = columnsOf(3, 8, 200);
    const found = paths(selectionPaths(trialsOf(columns), CPCV));
    expect(found.splits).toBe(15);
    expect(found.returns).toHaveLength(5);
    const bounds = groupBounds(200, 6);
    for (const path of found.returns) {
      for (let group = 0; group < 6; group += 1) {
        const [from, to] = [bounds[group], bounds[group + 1]];
        const piece = path.slice(from, to).join();
        expect(columns.filter((column) => column.slice(from, to).join() === piece)).toHaveLength(1);
      }
    }
  });

  it('has 220 choices and 55 paths with 12 groups, 3 of them tested', () => {
    const found = paths(selectionPaths(trialsOf(columnsOf(3, 4, 200)), { ...CPCV, groups: 12, testGroups: 3 }));
    expect(found).toMatchObject({ splits: 220 });
    expect(found.sharpe).toHaveLength(55);
  });

  it('loses on every path with trials that shine in one group each: a choice never sees the tested days', () => {
    const bounds = groupBounds(200, 6);
    const prng = createPrng(8, 'jitter');
    const wonders = Array.from({ length: 6 }, (_, k) =>
      Float64Array.from({ length: 200 }, (__, day) => {
        const shines = day >= bounds[k] && day < bounds[k + 1];
        return (shines ? 0.05 : -0.005) + prng.normal() / 1_000;
      }),
    );
    const found = paths(selectionPaths(trialsOf(wonders), CPCV));
    expect(found.lossFrac).toBe(1);
    expect(found.medianSharpe).toBeLessThan(-10);
    expect(found.lowSharpe).toBeLessThanOrEqual(found.medianSharpe);
  });

  it('does not choose on the days next to a tested block', () => {
    // shines on the three days on either side of the border, loses elsewhere; without those days it is the worse one
    const border = groupBounds(240, 2)[1];
    const plain = columnsOf(4, 1, 240)[0].map((value) => value - 0.01);
    const shining = plain.map((value, day) => (day >= border - 3 && day < border + 3 ? 1 : value - 0.01));
    const options = { groups: 2, testGroups: 1, chosenId: 't1' } as const;
    expect(paths(selectionPaths(trialsOf([plain, shining]), { ...options, embargoDays: 3 })).sameChoiceFrac).toBe(0);
    expect(paths(selectionPaths(trialsOf([plain, shining]), { ...options, embargoDays: 0 })).sameChoiceFrac).toBe(1);
  });

  it.each([
    ['one trial', columnsOf(1, 1, 200), { reason: 'too_few_trials', found: 1, needed: 2 }],
    ['too few days', columnsOf(1, 3, 47), { reason: 'too_few_observations', found: 47, needed: 48 }],
    [
      'trials without a Sharpe ratio',
      [new Float64Array(200).fill(0.01), new Float64Array(200).fill(0.02)],
      { reason: 'no_spread', found: 0, needed: 15 },
    ],
    [
      'paths on which nothing was ever held',
      [new Float64Array(200), new Float64Array(200)],
      { reason: 'no_spread', found: 0, needed: 5 },
    ],
  ])('refuses %s', (_, columns, refusal) => {
    expect(selectionPaths(trialsOf(columns), CPCV)).toEqual({ kind: 'refused', ...refusal });
  });
});
