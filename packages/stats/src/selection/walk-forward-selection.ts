/** The choice among trials, repeated as time goes on: what would have been held without knowing what came. */
import { DAY_MS, invariant } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { SHARPE_OBSERVATIONS_MIN } from '../sharpe/sharpe-sample.ts';
import type { LabelSpans } from '../splits/purged-splits.ts';
import { walkForwardBlocks, walkForwardSplits } from '../splits/walk-forward.ts';
import { bestTrial, stretchFigures } from './best-trial.ts';
import type { MeasuredTrial } from './selection-input.ts';
import type {
  SelectionRefusalReason,
  SelectionWalkForward,
  StretchFigures,
  WalkForwardStep,
} from './selection-verdict.ts';

export interface WalkForwardSelectionOptions {
  readonly form: SelectionWalkForward['form'];
  readonly firstDayMs: number;
  readonly embargoDays: number;
  readonly trainDays: number;
  readonly testDays: number;
}

/** One step is no walk. */
const STEPS_MIN = 2;

/**
 * Days as rows whose return bears on as many days more as the embargo has: with these spans, purging keeps that many days free on either
 * side of a tested block.
 */
export function daySpans(days: number, embargoDays: number): LabelSpans {
  invariant(Number.isInteger(embargoDays) && embargoDays >= 0, 'an embargo is a number of days');
  return {
    startMs: Float64Array.from({ length: days }, (_, day) => day * DAY_MS),
    endMs: Float64Array.from({ length: days }, (_, day) => (day + embargoDays) * DAY_MS),
  };
}

/**
 * Chooses the best trial of the training days of each step and holds it over the test days; the last step may be shorter. Refused below
 * two trials, below two steps or 20 out-of-sample days, and when no trial has a Sharpe ratio where one is to be chosen.
 */
export function walkForwardSelection(
  trials: readonly MeasuredTrial[],
  options: WalkForwardSelectionOptions,
): SelectionWalkForward | Refusal<SelectionRefusalReason> {
  const { form, firstDayMs, embargoDays, trainDays, testDays } = options;
  invariant(trainDays >= SHARPE_OBSERVATIONS_MIN, `a choice rests on ${SHARPE_OBSERVATIONS_MIN} days or more`);
  if (!(trials.length >= 2)) return { kind: 'refused', reason: 'too_few_trials', found: trials.length, needed: 2 };
  const days = trials[0].returns.length;
  const firstRow = trainDays + embargoDays;
  const needed = firstRow + Math.max(STEPS_MIN * testDays, SHARPE_OBSERVATIONS_MIN);
  if (!(days >= needed)) return { kind: 'refused', reason: 'too_few_observations', found: days, needed };
  const blocks = walkForwardBlocks({ rows: days, firstRow, testRows: testDays, keepsPartial: true });
  const splits = walkForwardSplits(daySpans(days, embargoDays), blocks, form === 'rolling' ? trainDays : null);
  const returns = new Float64Array(days - firstRow);
  const steps: WalkForwardStep[] = [];
  for (const { train, test } of splits) {
    const best = bestTrial(trials, train);
    if (best < 0) break;
    const chosen = trials[best].returns.subarray(test[0], test[0] + test.length);
    returns.set(chosen, test[0] - firstRow);
    steps.push(stepOf(trials[best], { train, test, firstDayMs }));
  }
  if (steps.length < splits.length) {
    return { kind: 'refused', reason: 'no_spread', found: steps.length, needed: splits.length };
  }
  return {
    kind: 'walk_forward',
    form,
    trainDays,
    testDays,
    embargoDays,
    steps,
    distinctChosen: new Set(steps.map(({ chosenId }) => chosenId)).size,
    firstDayMs: firstDayMs + firstRow * DAY_MS,
    returns,
    equity: compounded(returns),
    ...comparison(steps, returns),
  };
}

interface StepDays {
  /** Consecutive days, as every training window of a walk-forward is. */
  readonly train: Int32Array;
  readonly test: Int32Array;
  readonly firstDayMs: number;
}

function stepOf({ id, tag, returns }: MeasuredTrial, { train, test, firstDayMs }: StepDays): WalkForwardStep {
  const timeOf = (day: number): number => firstDayMs + day * DAY_MS;
  return {
    chosenId: id,
    chosenTag: tag,
    trainFromMs: timeOf(train[0]),
    trainToMs: timeOf(train[0] + train.length),
    testFromMs: timeOf(test[0]),
    testToMs: timeOf(test[0] + test.length),
    inSample: stretchFigures(returns.subarray(train[0], train[0] + train.length)),
    outOfSample: stretchFigures(returns.subarray(test[0], test[0] + test.length)),
  };
}

function comparison(
  steps: readonly WalkForwardStep[],
  returns: Float64Array,
): Pick<SelectionWalkForward, 'inSample' | 'outOfSample' | 'efficiency'> {
  const outOfSample = stretchFigures(returns);
  const weighted = (figure: keyof StretchFigures): number => {
    let sum = 0;
    for (const { testFromMs, testToMs, inSample } of steps) sum += (testToMs - testFromMs) * inSample[figure];
    return sum / (DAY_MS * returns.length);
  };
  const inSample = { annualSharpe: weighted('annualSharpe'), annualReturnFrac: weighted('annualReturnFrac') };
  const efficiency: SelectionWalkForward['efficiency'] =
    inSample.annualReturnFrac > 0
      ? { kind: 'efficiency', ratio: outOfSample.annualReturnFrac / inSample.annualReturnFrac }
      : { kind: 'refused', reason: 'in_sample_not_positive', found: inSample.annualReturnFrac, needed: 0 };
  return { inSample, outOfSample, efficiency };
}

function compounded(returns: Float64Array): Float64Array {
  const equity = new Float64Array(returns.length + 1);
  equity[0] = 1;
  for (let day = 0; day < returns.length; day += 1) equity[day + 1] = equity[day] * (1 + returns[day]);
  return equity;
}
