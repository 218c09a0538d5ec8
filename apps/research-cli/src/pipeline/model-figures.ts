/** The figures of a training that commands print and write. */
import type { Assessment, BuiltDataset, BundleManifest, ThresholdChoice } from '@donch/meta';
import { mean } from '@donch/stats';
import { banded } from './ev-table.ts';
import type { Fits } from './training-fits.ts';
import type { PermutedFigures } from './training-probes.ts';
import type { MonthScores, walkForwardEv } from './walk-forward-scores.ts';

export interface TrainingEvidence {
  readonly assessment: Assessment;
  readonly months: readonly MonthScores[];
  /** Null: no month had a p*. */
  readonly walkForward: ReturnType<typeof walkForwardEv> | null;
  readonly permuted: PermutedFigures;
}

/** null = does not exist. */
export interface ModelFigures {
  readonly rows: number;
  /** Mean of the folds' areas under the ROC curve. */
  readonly aucOos: number | null;
  /** Mean of the paths' Brier scores, calibrated. */
  readonly brierOos: number | null;
  readonly baseRate: number;
  readonly pstar: number | null;
  readonly pstarSource: BundleManifest['pstar']['source'];
  readonly pstarNote: string;
  /** EV(p >= p*) - EV(all), each group of time judged by the others, R, with its interval. */
  readonly improvementR: number | null;
  readonly improvementLowR: number | null;
  readonly improvementHighR: number | null;
  /** Months with a model, of them with a p*, and gated minus all in these. */
  readonly walkForwardMonths: number;
  readonly walkForwardMonthsWithPstar: number;
  readonly walkForwardImprovementR: number | null;
  /** Mean area under the ROC curve of models of shuffled labels, its standard error, and how many of them named a p*. */
  readonly permutedAuc: number | null;
  readonly permutedAucSe: number | null;
  readonly permutedNamed: number;
  readonly permutations: number;
  /** Largest difference between our predictor and the ONNX runtime over the parity rows. */
  readonly parityMaxAbsDiff: number;
  /** What is wrong with the training; empty when nothing is. */
  readonly warnings: readonly string[];
}

interface FiguresInput {
  readonly built: BuiltDataset;
  readonly fits: Fits;
  readonly evidence: TrainingEvidence;
  readonly manifest: Pick<BundleManifest, 'pstar' | 'label'>;
  readonly parityMaxAbsDiff: number;
}

export function modelFigures({ built, fits, evidence, manifest, parityMaxAbsDiff }: FiguresInput): ModelFigures {
  const { assessment, months, walkForward, permuted } = evidence;
  const { metrics, threshold } = assessment;
  const folds = metrics.filter(({ scope, stage }) => scope === 'fold' && stage === 'raw').map(({ rocAuc }) => rocAuc);
  const paths = metrics.filter(({ scope, stage }) => scope === 'path' && stage === 'calibrated');
  const improvement = banded(threshold.evidence.improvement, threshold.evidence.improvementR);
  return {
    rows: built.dataset.y.length,
    aucOos: known(mean(folds.filter((auc) => !Number.isNaN(auc)))),
    brierOos: known(mean(paths.map(({ brier }) => brier))),
    baseRate: manifest.label.baseRateFrac,
    pstar: manifest.pstar.value === null ? null : Number(manifest.pstar.value),
    pstarSource: manifest.pstar.source,
    pstarNote: manifest.pstar.note,
    improvementR: known(improvement.estimate),
    improvementLowR: known(improvement.low),
    improvementHighR: known(improvement.high),
    walkForwardMonths: months.length,
    walkForwardMonthsWithPstar: months.filter(({ pstar }) => !Number.isNaN(pstar)).length,
    walkForwardImprovementR: walkForward === null ? null : known(walkForward.gated.evR - walkForward.all.evR),
    permutedAuc: known(permuted.auc),
    permutedAucSe: known(permuted.aucSe),
    permutedNamed: permuted.named,
    permutations: permuted.permutations,
    parityMaxAbsDiff,
    warnings: warningsOf(fits, permuted),
  };
}

const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Shuffled trainings that may name a p*: 2 of 20. */
const NAMED_MAX_FRAC = 0.1;
/** Standard errors that the mean of shuffled labels may lie from 0.5. */
const AUC_ERRORS_MAX = 3;

/** What is wrong with a training, in sentences. */
export function warningsOf({ suspicious, isPlantFound, isTestBlind }: Fits, permuted: PermutedFigures): string[] {
  const { auc, aucSe, named, permutations } = permuted;
  return [
    ...suspicious.map(
      ({ name, auc: alone }) =>
        `the feature ${name} alone orders the outcomes with an AUC of ${alone.toFixed(2)}: it probably knows them`,
    ),
    ...(isPlantFound ? [] : ['a planted feature that knows the outcomes was not found out']),
    ...(isTestBlind ? [] : ['changing the rows of a test changed the model that was trained without them']),
    ...(Math.abs(auc - 0.5) <= AUC_ERRORS_MAX * aucSe
      ? []
      : [
          `models of shuffled labels have a mean AUC of ${auc.toFixed(3)} (standard error ${aucSe.toFixed(3)}), not 0.5`,
        ]),
    ...(named <= NAMED_MAX_FRAC * permutations
      ? []
      : [`${named} of ${permutations} models of shuffled labels named a p*: the threshold rule is too easy here`]),
  ];
}

const NO_THRESHOLD: Readonly<Record<Extract<ThresholdChoice, { kind: 'none' }>['reason'], string>> = {
  constant_probability: 'the model gives all signals the same probability',
  too_few_trades: 'too few signals lie above any threshold',
  no_improvement: 'no threshold is better than taking all signals',
  too_few_weeks: 'there are too few weeks for an interval',
  not_proven: 'the improvement may be chance: its lower bound is not above 0',
  loses: 'what is taken is better than the rest and still loses money',
};

/** Why there is no p*, with the figures. */
export function noThresholdText(choice: Extract<ThresholdChoice, { kind: 'none' }>): string {
  const { reason, found, needed } = choice;
  const figures = Number.isFinite(found) ? ` (${Number(found.toPrecision(3))}, needed: ${needed})` : '';
  return `${NO_THRESHOLD[reason]}${figures}`;
}

/** What `donch train` prints. */
export function modelLines(figures: ModelFigures): string[] {
  const signed = (value: number | null): string =>
    value === null ? '-' : `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
  const text = (value: number | null): string => (value === null ? '-' : value.toFixed(3));
  return [
    `rows, base rate   ${figures.rows}, ${(100 * figures.baseRate).toFixed(1)} % positive`,
    `out of fold       AUC ${text(figures.aucOos)}, Brier ${text(figures.brierOos)}`,
    figures.pstar === null
      ? `p*                none: ${figures.pstarNote}`
      : `p*                ${figures.pstar.toFixed(4)}${figures.pstarNote === '' ? '' : ` (${figures.pstarNote})`}`,
    `EV(p >= p*) - EV  ${signed(figures.improvementR)} R, ${signed(figures.improvementLowR)} to ${signed(figures.improvementHighR)} (95 %, cross-fitted)`,
    `walk-forward      ${figures.walkForwardMonths} months with a model, ${figures.walkForwardMonthsWithPstar} with a p*${figures.walkForwardImprovementR === null ? '' : `; gated - all ${signed(figures.walkForwardImprovementR)} R`}`,
    `shuffled labels   AUC ${text(figures.permutedAuc)} +- ${text(figures.permutedAucSe)}, p* in ${figures.permutedNamed} of ${figures.permutations}`,
    ...figures.warnings.map((warning) => `WARNING           ${warning}`),
  ];
}
