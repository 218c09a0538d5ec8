/** What choosing among trials costs: the statistics of a search, put together. */
import { createPrng, invariant } from '@donch/core';
import { histogram } from '../metrics/histogram.ts';
import { overfittingProbability } from '../pbo/overfitting-probability.ts';
import { inferSharpe } from '../sharpe/sharpe-inference.ts';
import { SHARPE_OBSERVATIONS_MIN } from '../sharpe/sharpe-sample.ts';
import { testSuperiority } from '../spa/superiority.ts';
import { deflateChoice } from './deflate-choice.ts';
import { findSurvivors } from './find-survivors.ts';
import type { MeasuredTrial, SelectionInput, SelectionOptions } from './selection-input.ts';
import { selectionPaths } from './selection-paths.ts';
import { type BenchmarkTest, NO_POSITION, type SelectionVerdict } from './selection-verdict.ts';
import { walkForwardSelection } from './walk-forward-selection.ts';

/** The verdict on the winner of a search, and on the search. The order of the trials leaves no trace; the same seed gives the same figures. */
export function judgeSelection(input: SelectionInput): SelectionVerdict {
  const trials = input.trials.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const drawn = trials.filter(({ isDrawn }) => isDrawn);
  const chosen = checkedChoice(trials, input);
  const days = chosen.returns.length;
  const sharpe = inferSharpe(chosen.returns);
  const { firstDayMs, chosenId } = input;
  const options = settled(input.options ?? {}, days);
  const forward = { ...options, firstDayMs };
  return {
    chosenId,
    chosenTag: chosen.tag,
    firstDayMs,
    days,
    counts: {
      configurations: input.configurations,
      ledger: input.ledger.ids.length,
      measured: trials.length,
      drawn: drawn.length,
    },
    sharpe,
    deflation: deflateChoice(sharpe, drawn, input),
    overfitting: overfitting(drawn, options.pboBlocks),
    multipleTests: findSurvivors(input.ledger, chosenId),
    walkForward: {
      rolling: walkForwardSelection(drawn, { ...forward, form: 'rolling' }),
      expanding: walkForwardSelection(drawn, { ...forward, form: 'expanding' }),
    },
    paths: selectionPaths(drawn, {
      groups: options.cpcvGroups,
      testGroups: options.cpcvTestGroups,
      embargoDays: options.embargoDays,
      chosenId,
    }),
    superiority: superiority(trials, input, options.blockDays),
  };
}

function checkedChoice(
  trials: readonly MeasuredTrial[],
  { chosenId, benchmarks, ledger }: SelectionInput,
): MeasuredTrial {
  const chosen = trials.find(({ id }) => id === chosenId);
  invariant(chosen !== undefined, 'the chosen trial is among the measured ones');
  invariant(new Set(trials.map(({ id }) => id)).size === trials.length, 'every trial is there once');
  const days = chosen.returns.length;
  const isWhole = (returns: Float64Array): boolean => returns.length === days && returns.every(Number.isFinite);
  invariant(
    trials.every(({ returns }) => isWhole(returns)),
    'all trials have a return on each of the same days',
  );
  invariant(
    benchmarks.every(({ returns }) => returns.length === days),
    'benchmarks are of the same days',
  );
  const columns = [ledger.days, ledger.sharpe, ledger.skewness, ledger.kurtosis];
  invariant(
    columns.every(({ length }) => length === ledger.ids.length),
    'every trial of the ledger has its moments',
  );
  return chosen;
}

/** Shares of the days for training and for a step of the walk-forward: two thirds of the days are then out of sample, in eight steps. */
const TRAIN_PART = 3;
const TEST_PART = 12;

function settled(options: SelectionOptions, days: number): Required<SelectionOptions> {
  return {
    cpcvGroups: 12,
    cpcvTestGroups: 3,
    embargoDays: 1,
    pboBlocks: 16,
    trainDays: Math.max(SHARPE_OBSERVATIONS_MIN, Math.floor(days / TRAIN_PART)),
    testDays: Math.max(1, Math.floor(days / TEST_PART)),
    // what a stationary bootstrap needs grows with the cube root (H. White, D. Politis 2004), and seven days of a year hold a week
    blockDays: Math.max(1, Math.round(Math.cbrt(days))),
    ...options,
  };
}

/** Bins of the logits: eight between a rank of one half and one of 98 %. */
const LOGIT_WIDTH = 0.5;

function overfitting(drawn: readonly MeasuredTrial[], blocks: number): SelectionVerdict['overfitting'] {
  const result = overfittingProbability(
    drawn.map(({ returns }) => returns),
    { blocks },
  );
  if (result.kind === 'refused') return result;
  return { kind: 'overfitting', result, logits: histogram(result.combinations.logit, LOGIT_WIDTH) };
}

function superiority(
  trials: readonly MeasuredTrial[],
  { benchmarks, seed }: SelectionInput,
  blockDays: number,
): BenchmarkTest[] {
  const days = trials[0].returns.length;
  return [{ name: NO_POSITION, returns: new Float64Array(days) }, ...benchmarks].map(({ name, returns: base }) => {
    const test = testSuperiority(
      trials.map(({ returns }) => returns.map((value, day) => value - base[day])),
      { rule: { kind: 'stationary', blockLength: blockDays }, prng: createPrng(seed, `superiority over ${name}`) },
    );
    return {
      benchmark: name,
      blockDays,
      test: test.kind === 'refused' ? test : { ...test, bestId: trials[test.bestModel].id },
    };
  });
}
