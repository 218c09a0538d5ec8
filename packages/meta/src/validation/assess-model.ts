/** What out-of-fold scores say about a model: calibration, threshold, curve, and how good the probabilities are. */
import { createPrng } from '@donch/core';
import {
  averagePrecision,
  baseRate,
  brierScore,
  expectedCalibrationError,
  groupBounds,
  logLoss,
  rocAuc,
} from '@donch/stats';
import { sigmoid } from '../booster/booster.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { chooseCalibrator, type CalibratorChoice } from '../threshold/choose-calibrator.ts';
import { chooseThreshold, type ThresholdChoice } from '../threshold/choose-threshold.ts';
import { defaultThresholds, evCurve, type EvCurve } from '../threshold/ev-curve.ts';
import type { ScoredRows } from '../threshold/scored-rows.ts';
import { placeScores, scoreMatrix, type CpcvPlan, type PlacedScore } from './cpcv-fits.ts';

export interface AssessOptions {
  readonly groups: number;
  readonly embargoMs: number;
  readonly minTrades: number;
  readonly seed: number;
}

/** Out-of-fold figures of one fold (a split of the cross-validation) or one path, before and after calibration. */
export interface FoldMetrics {
  readonly scope: 'fold' | 'path';
  readonly index: number;
  readonly stage: 'raw' | 'calibrated';
  /** Area under precision and recall; compare it with the base rate. NaN with one class only, as the next. */
  readonly prAuc: number;
  readonly rocAuc: number;
  readonly brier: number;
  readonly logLoss: number;
  /** Expected calibration error, ten bins. */
  readonly ece: number;
  readonly baseRateFrac: number;
  /** NaN for a path: its parts have models of their own. */
  readonly trainRows: number;
  readonly testRows: number;
}

export interface Assessment {
  readonly placed: readonly PlacedScore[];
  readonly scored: ScoredRows;
  readonly calibration: CalibratorChoice;
  readonly threshold: ThresholdChoice;
  readonly curve: EvCurve;
  readonly metrics: readonly FoldMetrics[];
}

/** Judges the scores of all splits. `margins`: by split, parallel to its test rows. */
export function assessModel(
  dataset: Dataset,
  { plan, margins }: { readonly plan: CpcvPlan; readonly margins: readonly Float64Array[] },
  options: AssessOptions,
): Assessment {
  const bounds = groupBounds(dataset.y.length, options.groups);
  const placed = placeScores(plan, margins, bounds);
  const scored: ScoredRows = {
    decisionTimeMs: dataset.decisionTimeMs,
    labelEndMs: dataset.labelEndMs,
    y: dataset.y,
    pnlR: dataset.pnlR,
    paths: plan.paths,
    scoreKind: 'margin',
    score: scoreMatrix(placed, dataset.y.length, plan.paths),
  };
  const calibration = chooseCalibrator(scored, options);
  const { seed } = options;
  const threshold = chooseThreshold(scored, { ...options, prng: createPrng(seed, 'threshold') });
  const rows = { ...scored, probability: calibration.probability };
  const curve = evCurve(rows, {
    ...options,
    prng: createPrng(seed, 'curve'),
    thresholds: defaultThresholds(calibration.probability),
  });
  const metrics = metricsOf(dataset, { plan, placed, probability: calibration.probability, bounds });
  return { placed, scored, calibration, threshold, curve, metrics };
}

interface MetricsInput {
  readonly plan: CpcvPlan;
  readonly placed: readonly PlacedScore[];
  readonly probability: Float64Array;
  readonly bounds: readonly number[];
}

interface Prediction {
  readonly row: number;
  readonly raw: number;
  readonly calibrated: number;
}

/** Figures of every fold and every path. A path's are means over its groups: scores of different models are never pooled. */
function metricsOf({ y }: Dataset, { plan, placed, probability, bounds }: MetricsInput): FoldMetrics[] {
  const predictions = placed.map(({ row, path, margin, split }) => ({
    row,
    path,
    split,
    raw: sigmoid(margin),
    calibrated: probability[row * plan.paths + path],
  }));
  const stages = ['raw', 'calibrated'] as const;
  const folds = plan.splits.flatMap((split, index) =>
    stages.map((stage): FoldMetrics => {
      const own = predictions.filter((prediction) => prediction.split === index);
      return {
        scope: 'fold',
        index,
        stage,
        ...figures(y, own, stage),
        trainRows: split.train.length,
        testRows: own.length,
      };
    }),
  );
  const paths = Array.from({ length: plan.paths }, (_, path) =>
    stages.map((stage): FoldMetrics => {
      const own = predictions.filter((prediction) => prediction.path === path);
      const parts = bounds.slice(1).map((to, group) => own.filter(({ row }) => row >= bounds[group] && row < to));
      const mean = meanFigures(parts.filter((part) => part.length > 0).map((part) => figures(y, part, stage)));
      return { scope: 'path', index: path, stage, ...mean, trainRows: Number.NaN, testRows: own.length };
    }),
  ).flat();
  return [...folds, ...paths];
}

type Figures = Pick<FoldMetrics, 'prAuc' | 'rocAuc' | 'brier' | 'logLoss' | 'ece' | 'baseRateFrac'>;

function figures(y: ArrayLike<number>, predictions: readonly Prediction[], stage: 'raw' | 'calibrated'): Figures {
  const scored = { y: predictions.map(({ row }) => y[row]), p: predictions.map((prediction) => prediction[stage]) };
  return {
    prAuc: averagePrecision(scored),
    rocAuc: rocAuc(scored),
    brier: brierScore(scored),
    logLoss: logLoss(scored),
    ece: expectedCalibrationError(scored),
    baseRateFrac: baseRate(scored),
  };
}

/** Mean of each figure over the parts in which it exists. */
function meanFigures(parts: readonly Figures[]): Figures {
  const mean = (name: keyof Figures): number => {
    const known = parts.map((part) => part[name]).filter((value) => !Number.isNaN(value));
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    prAuc: mean('prAuc'),
    rocAuc: mean('rocAuc'),
    brier: mean('brier'),
    logLoss: mean('logLoss'),
    ece: mean('ece'),
    baseRateFrac: mean('baseRateFrac'),
  };
}
