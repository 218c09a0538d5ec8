/** The choice among trials, repeated on most groups of days and tried on the others: a distribution instead of one history. */
import { invariant, medianOf, quantileOf } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { annualSharpeRatio } from '../metrics/sharpe-ratio.ts';
import { SHARPE_OBSERVATIONS_MIN } from '../sharpe/sharpe-sample.ts';
import { cpcvSplits, groupBounds, pathCount } from '../splits/purged-splits.ts';
import { bestTrial } from './best-trial.ts';
import type { MeasuredTrial } from './selection-input.ts';
import type { SelectionPaths, SelectionRefusalReason } from './selection-verdict.ts';
import { daySpans } from './walk-forward-selection.ts';

export interface SelectionPathsOptions {
  readonly groups: number;
  readonly testGroups: number;
  readonly embargoDays: number;
  /** Whose choices are counted. */
  readonly chosenId: string;
}

/** Quantile of the paths that is shown as the bad end. */
const LOW = 0.05;

/**
 * Chooses the best trial of the training days of every split, with the embargo on either side of a tested block, and holds it on the
 * tested groups; the j-th time that a group is tested is path j. Refused below two trials, when a split would leave fewer than 20 days to
 * choose on, and when no trial, or no path, has a Sharpe ratio.
 */
export function selectionPaths(
  trials: readonly MeasuredTrial[],
  { groups, testGroups, embargoDays, chosenId }: SelectionPathsOptions,
): SelectionPaths | Refusal<SelectionRefusalReason> {
  invariant(testGroups >= 1 && testGroups < groups, 'some groups are tested, the others train');
  if (!(trials.length >= 2)) return { kind: 'refused', reason: 'too_few_trials', found: trials.length, needed: 2 };
  const days = trials[0].returns.length;
  const needed = daysNeeded({ groups, testGroups, embargoDays });
  if (!(days >= needed)) return { kind: 'refused', reason: 'too_few_observations', found: days, needed };
  const bounds = groupBounds(days, groups);
  const splits = cpcvSplits(daySpans(days, embargoDays), { groups, testGroups, embargoMs: 0 });
  const returns = Array.from({ length: pathCount(groups, testGroups) }, () => new Float64Array(days));
  const choices: string[] = [];
  for (const { train, testGroups: tested, pathIds } of splits) {
    const best = bestTrial(trials, train);
    if (best < 0) continue;
    choices.push(trials[best].id);
    for (const [k, group] of tested.entries()) {
      const [from, to] = [bounds[group], bounds[group + 1]];
      returns[pathIds[k]].set(trials[best].returns.subarray(from, to), from);
    }
  }
  if (choices.length < splits.length) return noSpread(choices.length, splits.length);
  const sharpe = Float64Array.from(returns, (path) => annualSharpeRatio(path));
  const measured = sharpe.filter((value) => !Number.isNaN(value)).length;
  if (measured < sharpe.length) return noSpread(measured, sharpe.length);
  const same = choices.filter((id) => id === chosenId).length;
  return {
    kind: 'paths',
    groups,
    testGroups,
    embargoDays,
    splits: splits.length,
    returns,
    sharpe,
    medianSharpe: medianOf(sharpe),
    lowSharpe: quantileOf(sharpe, LOW),
    lossFrac: sharpe.filter((value) => value < 0).length / sharpe.length,
    sameChoiceFrac: trials.some(({ id }) => id === chosenId) ? same / choices.length : Number.NaN,
    distinctChosen: new Set(choices).size,
  };
}

function noSpread(found: number, needed: number): Refusal<'no_spread'> {
  return { kind: 'refused', reason: 'no_spread', found, needed };
}

/** Least number of days with which every split leaves enough to choose on: the larger groups tested, and none of them neighbours. */
function daysNeeded({ groups, testGroups, embargoDays }: Omit<SelectionPathsOptions, 'chosenId'>): number {
  const left = (days: number): number => days - testGroups * (Math.ceil(days / groups) + 2 * embargoDays);
  let days = groups;
  while (left(days) < SHARPE_OBSERVATIONS_MIN) days += 1;
  return days;
}
