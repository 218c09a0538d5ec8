import { createPrng, DAY_MS } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { annualSharpeRatio, sharpeRatio } from '../metrics/sharpe-ratio.ts';
import { kurtosis, mean, skewness } from '../moments.ts';
import { expectedMaxOfTrials } from '../sharpe/deflated-sharpe.ts';
import { judgeSelection } from './judge-selection.ts';
import type { SelectionInput } from './selection-input.ts';
import { NO_POSITION, type SelectionVerdict } from './selection-verdict.ts';

/** Columns of noise, 1 % a day; `edge` is added to the column of this number. */
function noise(
  seed: number,
  { trials, days, edge = 0 }: { trials: number; days: number; edge?: number },
): Float64Array[] {
  const prng = createPrng(seed, 'noise');
  return Array.from({ length: trials }, (_, k) =>
    Float64Array.from({ length: days }, () => 0.01 * (prng.normal() + (k === SKILLED ? edge : 0))),
  );
}

const SKILLED = 3;
const idOf = (k: number): string => `trial-${String(k).padStart(3, '0')}`;

function inputOf(columns: readonly Float64Array[], more: Partial<SelectionInput> = {}): SelectionInput {
  const sharpes = columns.map((column) => sharpeRatio(column));
  const best = sharpes.reduce((found, sharpe, k) => (sharpe > sharpes[found] ? k : found), 0);
  return {
    trials: columns.map((returns, k) => ({ id: idOf(k), tag: `variant ${k}`, returns, isDrawn: true })),
    chosenId: idOf(best),
    firstDayMs: 20_000 * DAY_MS,
    configurations: columns.length,
    ledger: {
      ids: columns.map((_, k) => idOf(k)),
      days: columns.map(({ length }) => length),
      sharpe: sharpes,
      skewness: columns.map((column) => skewness(column)),
      kurtosis: columns.map((column) => kurtosis(column)),
    },
    benchmarks: [],
    seed: 7,
    ...more,
  };
}

/** The figure, or a failure that shows the refusal. */
function accepted<Result extends { readonly kind: string }>(found: Result): Exclude<Result, { kind: 'refused' }> {
  if (found.kind === 'refused') throw new Error(`refused: ${JSON.stringify(found)}`);
  return found as Exclude<Result, { kind: 'refused' }>;
}

const overfittingOf = ({ overfitting }: SelectionVerdict): number => accepted(overfitting).result.pbo;

describe('judgeSelection', () => {
  it('believes the winner that has skill', () => {
    const columns = noise(11, { trials: 40, days: 360, edge: 0.3 });
    const verdict = judgeSelection(inputOf(columns));
    expect(verdict.chosenId).toBe(idOf(SKILLED));
    expect(accepted(verdict.deflation.dsr).probability).toBeGreaterThan(0.95);
    expect(overfittingOf(verdict)).toBeLessThan(0.1);
    const { plain, adjusted, tests } = accepted(verdict.multipleTests);
    expect(tests).toBe(40);
    expect(plain.chosenPValue).toBeLessThan(1e-4);
    for (const { findings, chosenPValue } of adjusted) {
      expect(findings).toBe(1);
      expect(chosenPValue).toBeLessThan(0.01);
    }
    for (const form of [verdict.walkForward.rolling, verdict.walkForward.expanding]) {
      const forward = accepted(form);
      expect(forward.steps.filter(({ chosenId }) => chosenId === idOf(SKILLED)).length).toBeGreaterThanOrEqual(6);
      expect(forward.outOfSample.annualSharpe).toBeGreaterThan(2);
      expect(accepted(forward.efficiency).ratio).toBeGreaterThan(0.5);
    }
    const paths = accepted(verdict.paths);
    expect(paths.sameChoiceFrac).toBeGreaterThan(0.9);
    expect(paths.lossFrac).toBe(0);
    const [{ benchmark, test }] = verdict.superiority;
    expect(benchmark).toBe(NO_POSITION);
    expect(accepted(test).bestId).toBe(idOf(SKILLED));
    expect(accepted(test).spa.consistent.pValue).toBeLessThan(0.01);
  });

  it('does not believe the winner of pure noise', () => {
    const verdicts = Array.from({ length: 20 }, (_, seed) =>
      judgeSelection(inputOf(noise(seed, { trials: 30, days: 200 }))),
    );
    // one side of 95 %: at most 1 of 20 is expected, and 4 or more have a chance below 2 %
    expect(verdicts.filter(({ deflation }) => accepted(deflation.dsr).probability > 0.95).length).toBeLessThanOrEqual(
      3,
    );
    expect(mean(verdicts.map(overfittingOf))).toBeGreaterThan(0.4);
    expect(mean(verdicts.map(overfittingOf))).toBeLessThan(0.6);
    const found = verdicts.filter(({ superiority }) => accepted(superiority[0].test).spa.consistent.pValue <= 0.05);
    expect(found.length).toBeLessThanOrEqual(3);
    const forward = verdicts.map(({ walkForward }) => accepted(walkForward.rolling));
    // in sample the best of 30 shines, out of sample nothing is left: 0 up to its error (20 x 133 days: 0.37 per year)
    expect(mean(forward.map(({ inSample }) => inSample.annualSharpe))).toBeGreaterThan(2.5);
    expect(Math.abs(mean(forward.map(({ outOfSample }) => outOfSample.annualSharpe)))).toBeLessThan(1.2);
  });

  it('counts configurations that left no returns', () => {
    const columns = noise(11, { trials: 40, days: 360, edge: 0.3 });
    const dsrOf = (configurations: number): number =>
      accepted(judgeSelection(inputOf(columns, { configurations })).deflation.dsr).probability;
    expect(dsrOf(1_000)).toBeLessThan(dsrOf(40));
    expect(dsrOf(1_000_000)).toBeLessThan(dsrOf(1_000));
  });

  it('says per year what the best of so many shows without skill, and how many years that takes', () => {
    const columns = noise(11, { trials: 40, days: 360, edge: 0.3 });
    const { deflation, sharpe } = judgeSelection(inputOf(columns, { configurations: 1_000 }));
    const { sharpeVariance } = accepted(deflation.spread);
    const { standardDeviations } = accepted(expectedMaxOfTrials(1_000));
    const { annualSharpe, trials } = accepted(deflation.expectedMax);
    expect(trials).toBe(1_000);
    expect(annualSharpe).toBeCloseTo(Math.sqrt(365 * sharpeVariance) * standardDeviations, 12);
    expect(annualSharpe).toBeCloseTo(accepted(deflation.dsr).benchmark * Math.sqrt(365), 12);
    const years = (standardDeviations / accepted(sharpe).annualSharpe) ** 2;
    expect(accepted(deflation.minBacktest).years).toBeCloseTo(years, 12);
  });

  it('is the same whatever the order of the trials', () => {
    const input = inputOf(noise(5, { trials: 12, days: 180 }), {
      benchmarks: [{ name: 'buy and hold', returns: noise(6, { trials: 1, days: 180 })[0] }],
    });
    const order = [7, 2, 11, 0, 5, 9, 1, 10, 3, 8, 6, 4];
    const pick = <Value>(values: ArrayLike<Value>): Value[] => order.map((k) => values[k]);
    const { ids, days, sharpe, skewness: skews, kurtosis: kurtoses } = input.ledger;
    const shuffled: SelectionInput = {
      ...input,
      trials: pick(input.trials),
      ledger: {
        ids: pick(ids),
        days: pick(days),
        sharpe: pick(sharpe),
        skewness: pick(skews),
        kurtosis: pick(kurtoses),
      },
    };
    expect(judgeSelection(shuffled)).toEqual(judgeSelection(input));
  });

  it('lets trials that were kept for their result be tested, but not chosen on parts of the days', () => {
    const columns = noise(11, { trials: 40, days: 360, edge: 0.3 });
    const input = inputOf(columns);
    const verdict = judgeSelection({
      ...input,
      trials: input.trials.map((trial, k) => ({ ...trial, isDrawn: k !== SKILLED })),
    });
    expect(verdict.counts).toEqual({ configurations: 40, ledger: 40, measured: 40, drawn: 39 });
    expect(accepted(verdict.walkForward.rolling).steps.map(({ chosenId }) => chosenId)).not.toContain(idOf(SKILLED));
    expect(accepted(verdict.paths).sameChoiceFrac).toBeNaN();
    expect(accepted(verdict.overfitting).result.trials).toBe(39);
    expect(accepted(verdict.superiority[0].test).bestId).toBe(idOf(SKILLED));
    expect(accepted(verdict.multipleTests).tests).toBe(40);
  });

  it('draws the logits around the median', () => {
    const { result, logits } = accepted(judgeSelection(inputOf(noise(2, { trials: 30, days: 200 }))).overfitting);
    const below = logits.counts
      .slice(0, Math.round(-logits.start / logits.width))
      .reduce((sum, count) => sum + count, 0);
    expect(below / result.combinations.logit.length).toBeCloseTo(result.pboStrict, 12);
  });

  describe('refuses', () => {
    const reasonsOf = ({ deflation, overfitting, multipleTests, walkForward, paths }: SelectionVerdict): unknown[] =>
      [
        deflation.spread,
        deflation.effective,
        deflation.dsr,
        deflation.dsrEffective,
        deflation.expectedMax,
        deflation.minBacktest,
        overfitting,
        multipleTests,
        walkForward.rolling,
        walkForward.expanding,
        paths,
      ].map((found) => (found.kind === 'refused' ? found.reason : found.kind));

    it('everything that needs a choice when there was one variant', () => {
      const verdict = judgeSelection(inputOf(noise(1, { trials: 1, days: 360 })));
      expect(new Set(reasonsOf(verdict))).toEqual(new Set(['too_few_trials']));
      // the one that there is can be judged alone, and compared
      expect(verdict.sharpe.kind).toBe('inference');
      expect(verdict.superiority[0].test.kind).toBe('test');
    });

    it('everything that is measured on days when there are too few', () => {
      const verdict = judgeSelection(inputOf(noise(1, { trials: 10, days: 15 })));
      expect(verdict.sharpe).toMatchObject({ kind: 'refused', reason: 'too_few_observations', found: 15, needed: 20 });
      expect(reasonsOf(verdict)).toEqual([
        'trial_spread',
        ...Array.from({ length: 3 }, () => 'too_few_observations'),
        'expected_max_sharpe',
        ...Array.from({ length: 2 }, () => 'too_few_observations'),
        // no test can find anything, and none does
        'multiple_tests',
        ...Array.from({ length: 3 }, () => 'too_few_observations'),
      ]);
      const { adjusted, withoutPsr } = accepted(verdict.multipleTests);
      expect(withoutPsr).toBe(10);
      expect(adjusted.map(({ findings }) => findings)).toEqual([0, 0, 0, 0]);
      expect(verdict.superiority[0].test).toMatchObject({ kind: 'refused', reason: 'too_few_blocks' });
    });

    it('the deflation of trials that do not differ', () => {
      const [column] = noise(1, { trials: 1, days: 360 });
      const { deflation } = judgeSelection(inputOf(Array.from({ length: 10 }, () => column)));
      expect(deflation.dsr).toMatchObject({ kind: 'refused', reason: 'trials_without_spread' });
      expect(deflation.expectedMax).toMatchObject({ kind: 'refused', reason: 'trials_without_spread' });
      expect(accepted(deflation.effective).byClusters).toBe(1);
      expect(deflation.dsrEffective).toMatchObject({ kind: 'refused', reason: 'too_few_trials' });
    });

    it('a benchmark with a missing day, and only that comparison', () => {
      const [gap] = noise(9, { trials: 1, days: 360 });
      gap[5] = Number.NaN;
      const { superiority } = judgeSelection(
        inputOf(noise(1, { trials: 5, days: 360 }), { benchmarks: [{ name: 'buy and hold', returns: gap }] }),
      );
      expect(superiority.map(({ test }) => test.kind)).toEqual(['test', 'refused']);
      expect(superiority[1].test).toMatchObject({ reason: 'missing_return' });
    });

    it('trials that never traded as choices, but counts them', () => {
      const columns = [...noise(1, { trials: 3, days: 360 }), new Float64Array(360), new Float64Array(360)];
      const verdict = judgeSelection(inputOf(columns, { configurations: 5 }));
      expect(accepted(verdict.deflation.spread)).toMatchObject({ trials: 5, measured: 3 });
      expect(accepted(verdict.deflation.effective)).toMatchObject({ trials: 5, measured: 3 });
      expect(accepted(verdict.multipleTests)).toMatchObject({ tests: 5, withoutPsr: 2 });
    });
  });

  it.each([
    ['the chosen trial is not among them', { chosenId: 'other' }, /chosen trial/],
    ['a benchmark is of other days', { benchmarks: [{ name: 'b', returns: new Float64Array(3) }] }, /same days/],
  ])('is a bug when %s', (_, wrong, message) => {
    expect(() => judgeSelection(inputOf(noise(1, { trials: 5, days: 60 }), wrong))).toThrow(message);
  });

  it('is a bug when a return is missing', () => {
    const columns = noise(1, { trials: 5, days: 60 });
    columns[2][10] = Number.NaN;
    expect(() => judgeSelection(inputOf(columns))).toThrow(/same days/);
  });

  it('compares with benchmarks day by day', () => {
    const columns = noise(4, { trials: 6, days: 240 });
    const market = noise(5, { trials: 1, days: 240 })[0].map((value) => value + 0.02);
    const { superiority } = judgeSelection(
      inputOf(columns, { benchmarks: [{ name: 'buy and hold', returns: market }] }),
    );
    const best = columns.reduce((found, column) => Math.max(found, annualSharpeRatio(column)), 0);
    expect(best).toBeGreaterThan(0);
    expect(accepted(superiority[1].test).spa.consistent.pValue).toBeGreaterThan(0.9);
  });
});
