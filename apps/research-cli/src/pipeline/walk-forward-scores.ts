/** Walk-forward probabilities and thresholds: each month with the model, the calibrator and the p* of what had ended before it. */
import { createPrng } from '@donch/core';
import { chooseThreshold, evCurve, scoreMargin, type Dataset, type EvCurve } from '@donch/meta';
import { rocAuc } from '@donch/stats';
import type { FittedMonth } from './training-fits.ts';
import type { TrainingOptions } from './training-options.ts';

export interface MonthScores {
  readonly fromMs: number;
  readonly trainRows: number;
  /** Rows of the data set decided in the month. */
  readonly rows: Int32Array;
  /** Parallel to `rows`. */
  readonly raw: Float64Array;
  readonly probability: Float64Array;
  /** Threshold known at the start of the month; NaN = none. */
  readonly pstar: number;
}

/** Calibrates and thresholds every month on the out-of-fold scores of its own training rows. */
export function scoreMonths(
  dataset: Dataset,
  months: readonly FittedMonth[],
  options: TrainingOptions & { readonly embargoMs: number },
): MonthScores[] {
  return months.map(({ month, margin, innerMargin }, k) => {
    const at = <T>(column: ArrayLike<T>): T[] => Array.from(month.train, (row) => column[row]);
    const choice = chooseThreshold(
      {
        decisionTimeMs: at(dataset.decisionTimeMs),
        labelEndMs: at(dataset.labelEndMs),
        y: at(dataset.y),
        pnlR: at(dataset.pnlR),
        paths: 1,
        scoreKind: 'margin',
        score: innerMargin,
      },
      { ...options, prng: createPrng(options.seed, `month ${k}`) },
    );
    const scores = Array.from(margin, (value) => scoreMargin(value, choice.calibrator));
    return {
      fromMs: month.fromMs,
      trainRows: month.train.length,
      rows: month.test,
      raw: Float64Array.from(scores, ({ pRaw }) => pRaw),
      probability: Float64Array.from(scores, ({ p }) => p),
      pstar: options.pstar ?? (choice.kind === 'named' ? choice.pstar : Number.NaN),
    };
  });
}

/**
 * Gated against all, over the months that had a p*; null when none had one. A month without it takes nothing, and is not compared:
 * that would credit the model with the month.
 */
export function walkForwardEv(
  { decisionTimeMs, pnlR }: Dataset,
  scored: readonly MonthScores[],
  seed: number,
): { readonly all: EvCurve['all']; readonly gated: EvCurve['points'][number] } | null {
  const months = scored.filter(({ pstar }) => !Number.isNaN(pstar));
  if (months.length === 0) return null;
  const rows = months.flatMap((month) => [...month.rows]);
  const taken = months.flatMap(({ probability, pstar }) => Array.from(probability, (p) => (p >= pstar ? 1 : 0)));
  const { all, points } = evCurve(
    {
      decisionTimeMs: rows.map((row) => decisionTimeMs[row]),
      pnlR: rows.map((row) => pnlR[row]),
      paths: 1,
      probability: taken,
    },
    { thresholds: [0.5], groups: 1, prng: createPrng(seed, 'walk-forward') },
  );
  return { all, gated: points[0] };
}

/** Area under the ROC curve of a month. */
export const monthAuc = ({ y }: Dataset, { rows, probability }: MonthScores): number =>
  rocAuc({ y: Array.from(rows, (row) => y[row]), p: probability });
