/** What the page about a model shows; plain values, NaN = unknown. */

export interface ModelReportInput {
  readonly strategy: string;
  readonly side: string;
  /** What is predicted, in words. */
  readonly target: string;
  readonly rows: number;
  /** Signals without an outcome. */
  readonly unlabelledSignals: number;
  readonly instruments: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly baseRateFrac: number;
  /** Of the training, as name and value. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly metrics: readonly ModelMetrics[];
  readonly calibration: ModelCalibration;
  /** One curve per path, by falling threshold. */
  readonly precisionRecall: readonly (readonly PrecisionRecallPoint[])[];
  readonly ev: ModelEv;
  readonly threshold: ModelThreshold;
  readonly walkForward: ModelWalkForward;
  readonly importance: readonly FeatureImportance[];
  /** Means over the folds. */
  readonly learningCurve: readonly {
    readonly trees: number;
    readonly trainLogLoss: number;
    readonly testLogLoss: number;
  }[];
  readonly probes: ModelProbes;
  /** What the reader must know, in sentences. */
  readonly warnings: readonly string[];
}

/** Out-of-fold figures of one fold or path, before and after calibration. */
export interface ModelMetrics {
  readonly scope: 'fold' | 'path';
  readonly index: number;
  readonly stage: 'raw' | 'calibrated';
  readonly prAuc: number;
  readonly rocAuc: number;
  readonly brier: number;
  readonly logLoss: number;
  readonly ece: number;
  readonly baseRateFrac: number;
  /** NaN for a path. */
  readonly trainRows: number;
  readonly testRows: number;
}

/** A bin of the reliability curve. */
export interface ReliabilityPoint {
  readonly meanP: number;
  readonly frequency: number;
  readonly rows: number;
}

export interface ModelCalibration {
  readonly kind: 'none' | 'platt' | 'isotonic';
  /** Out-of-fold log-loss by kind; NaN = not tried. */
  readonly logLoss: Readonly<Record<'none' | 'platt' | 'isotonic', number>>;
  readonly before: readonly ReliabilityPoint[];
  readonly after: readonly ReliabilityPoint[];
}

export interface PrecisionRecallPoint {
  readonly recall: number;
  readonly precision: number;
}

/** A figure with its 95 % interval; NaN ends = none. */
export interface Banded {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export interface ModelEv {
  readonly all: Banded;
  readonly points: readonly {
    readonly threshold: number;
    /** Signals at or above it, as a mean over the paths. */
    readonly n: number;
    readonly coverageFrac: number;
    readonly totalR: number;
    readonly winRateFrac: number;
    readonly ev: Banded;
    /** EV of these minus EV of all. */
    readonly improvement: Banded;
  }[];
}

export interface ModelThreshold {
  /** NaN = no p*. */
  readonly pstar: number;
  readonly source: 'chosen' | 'user' | 'none';
  /** Why there is none, or what the user's own choice means; '' otherwise. */
  readonly note: string;
  /** Cross-fitted: each group of time judged by calibrator and threshold of the others. */
  readonly improvement: Banded;
  readonly n: number;
  readonly evR: number;
  readonly evAllR: number;
  /** The same read on the rows on which p* was chosen: shown so that the optimism can be seen. */
  readonly inSampleImprovementR: number;
  readonly groups: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly pstar: number;
    readonly rows: number;
    readonly n: number;
    readonly evR: number;
    readonly evAllR: number;
  }[];
}

export interface ModelWalkForward {
  readonly months: readonly {
    readonly fromMs: number;
    readonly trainRows: number;
    readonly rows: number;
    /** NaN = none was known then. */
    readonly pstar: number;
    readonly n: number;
    readonly evR: number;
    readonly evAllR: number;
    readonly rocAuc: number;
  }[];
  /** Gated minus all, over the months with a p*. */
  readonly improvement: Banded;
}

export interface FeatureImportance {
  readonly name: string;
  /** Of the deployed model: sum of gains, number of splits. */
  readonly gain: number;
  readonly splits: number;
  /** Growth of the out-of-fold log-loss when the feature is shuffled: mean and sd over the folds. */
  readonly permutation: number;
  readonly permutationSd: number;
  /** Mean |contribution| to the margin. */
  readonly shap: number;
}

export interface ModelProbes {
  readonly permutations: number;
  /** Mean fold-wise AUC of models trained on shuffled labels, and its standard error. */
  readonly permutedAuc: number;
  readonly permutedAucSe: number;
  /** Of those trainings, how many named a p*. */
  readonly permutedNamed: number;
  readonly isPlantFound: boolean;
  readonly isTestBlind: boolean;
  readonly suspicious: readonly { readonly name: string; readonly auc: number }[];
}
