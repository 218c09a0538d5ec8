/** The input of the model page, from a training. */
import { HOUR_MS } from '@donch/core';
import { sigmoid, type BundleManifest, type EvCurve } from '@donch/meta';
import type { FeatureImportance, ModelReportInput } from '@donch/report';
import { mean, reliabilityBins } from '@donch/stats';
import type { Training } from './bundle-content.ts';
import { banded } from './ev-table.ts';
import { warningsOf } from './model-figures.ts';
import type { Fits } from './training-fits.ts';
import { horizonMsOf } from './training-options.ts';
import { monthAuc } from './walk-forward-scores.ts';

export function modelReportInput(
  training: Training,
  importance: readonly FeatureImportance[],
  manifest: Pick<BundleManifest, 'pstar' | 'label'>,
): ModelReportInput {
  const { built, fits, params, options, strategy, evidence } = training;
  const { dataset } = built;
  const { assessment, permuted } = evidence;
  return {
    strategy: strategy.name,
    side: strategy.side,
    target: targetText(training),
    rows: dataset.y.length,
    unlabelledSignals: built.unlabelledSignals,
    instruments: new Set(dataset.instrumentId).size,
    fromMs: dataset.decisionTimeMs[0],
    toMs: dataset.decisionTimeMs[dataset.y.length - 1],
    baseRateFrac: manifest.label.baseRateFrac,
    parameters: Object.entries({
      ...params,
      seed: options.seed,
      groups: options.groups,
      testGroups: options.testGroups,
    }).map(([name, value]): readonly [string, string] => [
      name,
      Array.isArray(value) && value.length === 0 ? 'none' : String(value),
    ]),
    metrics: assessment.metrics,
    calibration: calibrationOf(training),
    precisionRecall: precisionRecallOf(training),
    ev: evOf(assessment.curve),
    threshold: thresholdOf(training, manifest),
    walkForward: walkForwardOf(training),
    importance,
    learningCurve: meanCurve(fits),
    probes: {
      permutations: permuted.permutations,
      permutedAuc: permuted.auc,
      permutedAucSe: permuted.aucSe,
      permutedNamed: permuted.named,
      isPlantFound: fits.isPlantFound,
      isTestBlind: fits.isTestBlind,
      suspicious: fits.suspicious,
    },
    warnings: warningsOf(fits, permuted),
  };
}

function targetText({ options, strategy }: Training): string {
  const horizon = `within ${horizonMsOf(options, strategy.exits.timeExitHours) / HOUR_MS} h`;
  const texts = {
    mfe_k: `+${options.mfeK} ATR from the signal's price before the stop, ${horizon}`,
    mfe_k_full: `+${options.mfeK} ATR from the signal's price ${horizon}, the stop ignored: follows volatility`,
    pnl_pos: `a result of ${options.rThreshold} R or more`,
    hit_tp: 'the final target is reached',
    triple_barrier: `the final target before the stop, ${horizon}`,
  };
  return texts[options.target];
}

function calibrationOf({ built, evidence }: Training): ModelReportInput['calibration'] {
  const { scored, calibration, threshold } = evidence.assessment;
  const { y } = built.dataset;
  const predicted = Array.from(scored.score, (_, at) => at).filter((at) => !Number.isNaN(scored.score[at]));
  const labels = predicted.map((at) => y[Math.floor(at / scored.paths)]);
  const points = (p: readonly number[]) =>
    reliabilityBins({ y: labels, p }).map(({ meanP, frequency, rows }) => ({ meanP, frequency, rows }));
  return {
    kind: threshold.calibrator.kind,
    logLoss: calibration.logLoss,
    before: points(predicted.map((at) => sigmoid(scored.score[at]))),
    after: points(predicted.map((at) => calibration.probability[at])),
  };
}

const CURVE_POINTS_MAX = 200;

/** Per path; scores of different models stand on one scale after calibration. */
function precisionRecallOf({ built, evidence }: Training): ModelReportInput['precisionRecall'] {
  const { scored, calibration } = evidence.assessment;
  const { y } = built.dataset;
  return Array.from({ length: scored.paths }, (_, path) => {
    const rows = Array.from(y, (_label, row) => row).filter(
      (row) => !Number.isNaN(calibration.probability[row * scored.paths + path]),
    );
    const p = (row: number): number => calibration.probability[row * scored.paths + path];
    rows.sort((a, b) => p(b) - p(a));
    const positives = rows.filter((row) => y[row] === 1).length;
    let hits = 0;
    const points = rows.flatMap((row, k) => {
      hits += y[row];
      // rows of one score enter together
      return k + 1 < rows.length && p(rows[k + 1]) === p(row)
        ? []
        : [{ recall: hits / positives, precision: hits / (k + 1) }];
    });
    const step = Math.max(1, Math.ceil(points.length / CURVE_POINTS_MAX));
    return points.filter((_point, k) => k % step === 0 || k === points.length - 1);
  });
}

function evOf({ all, points }: EvCurve): ModelReportInput['ev'] {
  return {
    all: banded(all.ev, all.evR),
    points: points.map((point) => ({
      threshold: point.threshold,
      n: point.n,
      coverageFrac: point.coverageFrac,
      totalR: point.totalR,
      winRateFrac: point.winRateFrac,
      ev: banded(point.ev, point.evR),
      improvement: banded(point.improvement, point.evR - all.evR),
    })),
  };
}

function thresholdOf({ evidence }: Training, { pstar }: Pick<BundleManifest, 'pstar'>): ModelReportInput['threshold'] {
  const found = evidence.assessment.threshold.evidence;
  return {
    pstar: pstar.value === null ? Number.NaN : Number(pstar.value),
    source: pstar.source,
    note: pstar.note,
    improvement: banded(found.improvement, found.improvementR),
    n: found.n,
    evR: found.evR,
    evAllR: found.evAllR,
    inSampleImprovementR: found.inSampleImprovementR,
    groups: found.groups,
  };
}

function walkForwardOf({ built, evidence }: Training): ModelReportInput['walkForward'] {
  const { months, walkForward } = evidence;
  const { dataset } = built;
  const none = { estimate: Number.NaN, low: Number.NaN, high: Number.NaN };
  return {
    months: months.map((month) => {
      const results = Array.from(month.rows, (row) => dataset.pnlR[row]);
      const taken = results.filter((_, k) => month.probability[k] >= month.pstar);
      return {
        fromMs: month.fromMs,
        trainRows: month.trainRows,
        rows: month.rows.length,
        pstar: month.pstar,
        n: taken.length,
        evR: mean(taken),
        evAllR: mean(results),
        rocAuc: monthAuc(dataset, month),
      };
    }),
    improvement:
      walkForward === null ? none : banded(walkForward.gated.improvement, walkForward.gated.evR - walkForward.all.evR),
  };
}

/** Folds have the same number of trees unless one stopped early: points that all of them have. */
function meanCurve({ folds }: Fits): ModelReportInput['learningCurve'] {
  const points = Math.min(...folds.map(({ learningCurve }) => learningCurve.length));
  return Array.from({ length: points }, (_, k) => {
    const at = folds.map(({ learningCurve }) => learningCurve[k]);
    return {
      trees: at[0].trees,
      trainLogLoss: mean(at.map(({ trainLogLoss }) => trainLogLoss)),
      testLogLoss: mean(at.map(({ testLogLoss }) => testLogLoss)),
    };
  });
}
