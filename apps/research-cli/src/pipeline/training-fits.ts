/** All fits of a training, on as many threads as there are: none depends on another, so their number changes nothing. */
import type { CommandContext } from '@donch/cli';
import {
  ONLY_SCORES,
  permutedOutcomes,
  planCpcv,
  planWalkForward,
  suspiciousFeatures,
  withFutureFeature,
  withSpoiltRows,
  PLANTED_FEATURE,
  type CpcvPlan,
  type Dataset,
  type FitResult,
  type FitTask,
  type GbdtParams,
  type SuspiciousFeature,
  type WalkForwardMonth,
} from '@donch/meta';
import { cpcvSplits, groupBounds } from '@donch/stats';
import type { fit as fitTask } from '../workers/fit-worker.ts';
import { TaskPool } from '../workers/task-pool.ts';
import type { TrainingOptions } from './training-options.ts';

export interface FitsInput {
  readonly dataset: Dataset;
  readonly params: GbdtParams;
  /** Null = all rows count the same. */
  readonly weight: Float64Array | null;
  readonly options: TrainingOptions;
  readonly embargoMs: number;
  /** Null = all cores. */
  readonly workers: number | null;
  readonly context: CommandContext;
}

export interface FittedMonth {
  readonly month: WalkForwardMonth;
  /** Parallel to `month.test`. */
  readonly margin: Float64Array;
  /** Out-of-fold margin of each training row, parallel to `month.train`. */
  readonly innerMargin: Float64Array;
}

/** Labels shuffled inside groups of time: one entry per shuffle. */
export interface PermutedFit {
  readonly y: Float64Array;
  readonly pnlR: Float64Array;
  /** Out-of-fold margin of each row. */
  readonly margin: Float64Array;
}

export interface Fits {
  readonly plan: CpcvPlan;
  /** By split. */
  readonly folds: readonly FitResult[];
  readonly final: FitResult;
  readonly months: readonly FittedMonth[];
  readonly permuted: readonly PermutedFit[];
  /** Features that order the outcomes too well, and whether the planted one was found. */
  readonly suspicious: readonly SuspiciousFeature[];
  readonly isPlantFound: boolean;
  /** Changing the rows of a test left the model of its training unchanged. */
  readonly isTestBlind: boolean;
}

/** Shuffles of the labels. */
const PERMUTATIONS = 20;
/** Groups of the shuffled fits: each is tested once. */
const PERMUTED_GROUPS = 4;
/** Folds inside the rows before a month. */
const INNER_GROUPS = 5;
/** A month with fewer labelled rows before it has no model. */
const MONTH_ROWS_MIN = 100;
/** Rows that are explained by their contributions. */
const SHAP_ROWS = 300;
/** Seed of the model that is deployed, as users know it. */
const FINAL_SEED = 1_337;

/** A fit, and who waits for it. */
interface Planned {
  readonly task: FitTask;
  take(result: FitResult): void;
}

/** Runs everything. Throws what a fit throws, `interrupted` after Ctrl-C. */
export async function runFits(input: FitsInput): Promise<Fits> {
  const { dataset, options, embargoMs, context, workers } = input;
  const plan = planCpcv(dataset, { ...options, embargoMs });
  const months = planWalkForward(dataset, { trainRowsMin: MONTH_ROWS_MIN, innerGroups: INNER_GROUPS, embargoMs });
  const folds: FitResult[] = Array.from({ length: plan.splits.length });
  let final: FitResult | null = null;
  const fittedMonths = months.map((month) => ({
    month,
    margin: new Float64Array(month.test.length),
    innerMargin: new Float64Array(month.train.length).fill(Number.NaN),
  }));
  const permuted = Array.from({ length: PERMUTATIONS }, (_, k) => permutedFit(input, k));
  let blindHash = '';
  const planned: Planned[] = [
    ...foldFits(input, plan, folds),
    { task: finalTask(input), take: (result) => (final = result) },
    ...fittedMonths.flatMap((fitted, k) => monthFits(input, fitted, k)),
    ...permuted.flatMap(({ fits }) => fits),
    { task: spoiltTask(input, plan), take: ({ modelHash }) => (blindHash = modelHash) },
  ];
  await run(planned, { workers, context });
  if (final === null) throw new Error('the final fit has run');
  const flagged = suspiciousFeatures(
    withFutureFeature(dataset.features, dataset.y, options.seed),
    dataset.y,
    options.groups,
  );
  return {
    plan,
    folds,
    final,
    months: fittedMonths,
    permuted: permuted.map(({ fitted }) => fitted),
    suspicious: flagged.filter(({ name }) => name !== PLANTED_FEATURE),
    isPlantFound: flagged.some(({ name }) => name === PLANTED_FEATURE),
    isTestBlind: blindHash === folds[0].modelHash,
  };
}

async function run(
  planned: readonly Planned[],
  { workers, context }: Pick<FitsInput, 'workers' | 'context'>,
): Promise<void> {
  const pool = new TaskPool('./fit-worker.ts', { workers, signal: context.signal });
  const progress = context.terminal.progress('training', planned.length, 'fits');
  try {
    await pool.each<typeof fitTask>(
      'fit',
      planned.map(({ task }) => task),
      (result, k) => {
        planned[k].take(result);
        progress.advance(1);
      },
    );
  } finally {
    progress.done();
    await pool.close();
  }
}

function baseTask({ dataset, params, weight }: FitsInput): Omit<FitTask, 'train' | 'test' | 'seed'> {
  return { features: dataset.features, y: dataset.y, weight, params, wants: ONLY_SCORES };
}

function foldFits(input: FitsInput, { splits }: CpcvPlan, folds: FitResult[]): Planned[] {
  return splits.map(({ train, test }, k) => ({
    task: {
      ...baseTask(input),
      train,
      test,
      seed: input.options.seed + k,
      wants: { ...ONLY_SCORES, learningCurve: true, permutationImportance: true },
    },
    take: (result) => (folds[k] = result),
  }));
}

function finalTask(input: FitsInput): FitTask {
  const all = Int32Array.from(input.dataset.y, (_, row) => row);
  return {
    ...baseTask(input),
    train: all,
    test: new Int32Array(),
    seed: FINAL_SEED,
    wants: { ...ONLY_SCORES, model: true, shapRows: SHAP_ROWS },
  };
}

/** The first split again with other rows in its test. */
function spoiltTask(input: FitsInput, { splits }: CpcvPlan): FitTask {
  const [{ train, test }] = splits;
  const { features, y } = withSpoiltRows(input.dataset, test, input.options.seed);
  return { ...baseTask(input), features, y, train, test: new Int32Array(), seed: input.options.seed };
}

function monthFits(input: FitsInput, { month, margin, innerMargin }: FittedMonth, k: number): Planned[] {
  const seed = input.options.seed + k;
  const placeOf = new Map(Array.from(month.train, (row, at) => [row, at]));
  return [
    {
      task: { ...baseTask(input), train: month.train, test: month.test, seed },
      take: (result) => margin.set(result.margin),
    },
    ...month.inner.map(({ train, test }): Planned => ({
      task: { ...baseTask(input), train, test, seed },
      take(result) {
        for (const [at, row] of test.entries()) innerMargin[placeOf.get(row) ?? -1] = result.margin[at];
      },
    })),
  ];
}

function permutedFit(input: FitsInput, k: number): { readonly fitted: PermutedFit; readonly fits: readonly Planned[] } {
  const { dataset, options, embargoMs } = input;
  const seed = options.seed + k;
  const { y, pnlR } = permutedOutcomes(dataset, { groups: options.groups, seed });
  const margin = new Float64Array(y.length).fill(Number.NaN);
  const splits = cpcvSplits(
    { startMs: dataset.decisionTimeMs, endMs: dataset.labelEndMs },
    { groups: PERMUTED_GROUPS, testGroups: 1, embargoMs },
  );
  const fits = splits.map(({ train, test }): Planned => ({
    task: { ...baseTask(input), y, train, test, seed },
    take(result) {
      for (const [at, row] of test.entries()) margin[row] = result.margin[at];
    },
  }));
  return { fitted: { y, pnlR, margin }, fits };
}

/** Bounds of the groups in which shuffled fits are tested. */
export const permutedBounds = (rows: number): number[] => groupBounds(rows, PERMUTED_GROUPS);
