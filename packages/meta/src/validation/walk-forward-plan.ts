/** Walk-forward by calendar month: what could have been known at the start of each month, and nothing else. */
import { monthStartMs, nextMonthStartMs } from '@donch/core';
import { cpcvSplits } from '@donch/stats';
import type { Dataset } from '../dataset/dataset.ts';

export interface WalkForwardMonth {
  readonly fromMs: number;
  readonly toMs: number;
  /** Rows whose labels had ended before the month: for its model, its calibrator and its threshold. */
  readonly train: Int32Array;
  /** Rows decided in the month. */
  readonly test: Int32Array;
  /** Out-of-fold scores inside `train`: rows of the data set. */
  readonly inner: readonly { readonly train: Int32Array; readonly test: Int32Array }[];
}

export interface WalkForwardOptions {
  /** A month with fewer rows before it has no model. */
  readonly trainRowsMin: number;
  /** Folds inside the training rows. */
  readonly innerGroups: number;
  readonly embargoMs: number;
}

/** Months in order of time; only those with enough rows before them, of both classes. */
export function planWalkForward(dataset: Dataset, options: WalkForwardOptions): WalkForwardMonth[] {
  const { decisionTimeMs, labelEndMs, y } = dataset;
  const months: WalkForwardMonth[] = [];
  const last = decisionTimeMs.at(-1) ?? Number.NaN;
  for (let fromMs = monthStartMs(decisionTimeMs[0]); fromMs <= last; fromMs = nextMonthStartMs(fromMs)) {
    const toMs = nextMonthStartMs(fromMs);
    const rows = Array.from(decisionTimeMs, (_, row) => row);
    const test = Int32Array.from(rows.filter((row) => decisionTimeMs[row] >= fromMs && decisionTimeMs[row] < toMs));
    const train = Int32Array.from(rows.filter((row) => labelEndMs[row] < fromMs));
    const inner = innerFolds(dataset, train, options);
    const hasBoth = (part: Int32Array): boolean => part.some((row) => y[row] === 1) && part.some((row) => y[row] === 0);
    const isReady = train.length >= options.trainRowsMin && [train, ...inner.map((fold) => fold.train)].every(hasBoth);
    if (test.length > 0 && isReady) months.push({ fromMs, toMs, train, test, inner });
  }
  return months;
}

function innerFolds(
  { decisionTimeMs, labelEndMs }: Dataset,
  train: Int32Array,
  { innerGroups, embargoMs }: WalkForwardOptions,
): WalkForwardMonth['inner'] {
  const spans = {
    startMs: Float64Array.from(train, (row) => decisionTimeMs[row]),
    endMs: Float64Array.from(train, (row) => labelEndMs[row]),
  };
  return cpcvSplits(spans, { groups: innerGroups, testGroups: 1, embargoMs }).map((split) => ({
    train: split.train.map((at) => train[at]),
    test: split.test.map((at) => train[at]),
  }));
}
