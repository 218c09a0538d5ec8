/** What choosing among trials costs: every figure is there, or the reason why it is not. None of them is ever 0 or 1 by default. */
import type { Refusal } from '../bootstrap/interval.ts';
import type { Histogram } from '../metrics/histogram.ts';
import type { Adjustment } from '../multiple-tests/adjusted-p-values.ts';
import type { OverfittingProbability, OverfittingRefusal } from '../pbo/overfitting-probability.ts';
import type { DeflatedSharpe, MinBacktest, TrialSpread } from '../sharpe/deflated-sharpe.ts';
import type { SharpeInference } from '../sharpe/sharpe-inference.ts';
import type { SharpeRefusal } from '../sharpe/sharpe-sample.ts';
import type { SuperiorityRefusal, SuperiorityTest } from '../spa/superiority.ts';
import type { EffectiveTrials } from '../trials/effective-trials.ts';

/** The verdict on the winner of a search, and on the search. Sharpe ratios are annual (365 days) where not said otherwise. */
export interface SelectionVerdict {
  readonly chosenId: string;
  readonly chosenTag: string;
  readonly firstDayMs: number;
  readonly days: number;
  readonly counts: TrialCounts;
  /** The chosen one alone, as if it were the only one that was ever tried. */
  readonly sharpe: SharpeInference | SharpeRefusal;
  /** The chosen one as the best of many. */
  readonly deflation: Deflation;
  /** The way of choosing, repeated on halves of the days; of the drawn trials. */
  readonly overfitting: SelectionOverfitting | OverfittingRefusal;
  /** All trials of the window as tests. */
  readonly multipleTests: MultipleTests | Refusal<SelectionRefusalReason>;
  /** The way of choosing, repeated as time goes on; of the drawn trials. */
  readonly walkForward: {
    readonly rolling: SelectionWalkForward | Refusal<SelectionRefusalReason>;
    readonly expanding: SelectionWalkForward | Refusal<SelectionRefusalReason>;
  };
  /** The way of choosing, repeated on most groups of days and tried on the others; of the drawn trials. */
  readonly paths: SelectionPaths | Refusal<SelectionRefusalReason>;
  /** All measured trials against something that needs no search; the first is `NO_POSITION`. */
  readonly superiority: readonly BenchmarkTest[];
}

/** How many there were. */
export interface TrialCounts {
  /** N raw: distinct configurations on overlapping windows. */
  readonly configurations: number;
  /** Trials of exactly this window, from which the spread comes. */
  readonly ledger: number;
  /** Trials whose daily returns are at hand. */
  readonly measured: number;
  /** Of these, the ones that were not kept for their result. */
  readonly drawn: number;
}

/**
 * `too_few_trials`: one trial is no choice (`found` trials; the least). `too_few_observations`: (days; the least). `no_spread`: (steps,
 * splits or paths with a Sharpe ratio; how many there are).
 */
export type SelectionRefusalReason = 'too_few_trials' | 'too_few_observations' | 'no_spread';

/** What is left of a Sharpe ratio when the search behind it counts. */
export interface Deflation {
  /** V[SR], per day: over the trials of this window, ddof 1. */
  readonly spread: TrialSpread | SharpeRefusal;
  /** How many independent trials the drawn ones are worth. */
  readonly effective: EffectiveTrials | SharpeRefusal;
  /** DSR with N raw: the one to quote. */
  readonly dsr: DeflatedSharpe | SharpeRefusal;
  /** DSR with the number of clusters of the drawn trials as N and the same V[SR]: the kind reading, never to be shown alone. */
  readonly dsrEffective: DeflatedSharpe | SharpeRefusal;
  /** Sharpe ratio that the best of N raw trials is expected to show without any skill. */
  readonly expectedMax: ExpectedMaxSharpe | SharpeRefusal;
  /** Years of data below which N raw trials without skill are expected to show the Sharpe ratio of the chosen one. */
  readonly minBacktest: MinBacktest | SharpeRefusal;
}

export interface ExpectedMaxSharpe {
  readonly kind: 'expected_max_sharpe';
  readonly trials: number;
  /** Annual: sqrt(V[SR]) E[max of N] sqrt(365). */
  readonly annualSharpe: number;
}

export interface SelectionOverfitting {
  readonly kind: 'overfitting';
  /** Combinations refer to the drawn trials in order of their ids. */
  readonly result: OverfittingProbability;
  /** Of the logits; 0 is an edge, what lies left of it is below the median out of sample. */
  readonly logits: Histogram;
}

/** Findings among tests of "the true Sharpe ratio is above 0", p = 1 - PSR, one test per trial of the window. */
export interface MultipleTests {
  readonly kind: 'multiple_tests';
  readonly tests: number;
  /** Tests whose PSR is refused (never traded, too few days): no finding, but tests, p = 1. */
  readonly withoutPsr: number;
  /** Level of a finding, 0.05. */
  readonly level: number;
  /** Without any correction. */
  readonly plain: TestFindings;
  readonly adjusted: readonly (TestFindings & { readonly adjustment: Adjustment })[];
}

export interface TestFindings {
  /** Trials with a p value up to the level. */
  readonly findings: number;
  /** P value of the chosen one. */
  readonly chosenPValue: number;
}

/** At each step the trial with the highest Sharpe ratio on the days before is held over the next days. */
export interface SelectionWalkForward {
  readonly kind: 'walk_forward';
  readonly form: 'rolling' | 'expanding';
  /** Days to choose on: of every step (rolling), of the first one (expanding). */
  readonly trainDays: number;
  readonly testDays: number;
  readonly embargoDays: number;
  readonly steps: readonly WalkForwardStep[];
  /** Different trials that were chosen. */
  readonly distinctChosen: number;
  /** Out-of-sample days of all steps behind each other. */
  readonly firstDayMs: number;
  readonly returns: Float64Array;
  /** 1 at the start, then the end of each day, compounded: one more than days. */
  readonly equity: Float64Array;
  /** Means over the steps, each with the weight of its test days, of what the chosen trials showed where they were chosen. */
  readonly inSample: StretchFigures;
  readonly outOfSample: StretchFigures;
  readonly efficiency: WalkForwardEfficiency | Refusal<'in_sample_not_positive'>;
}

export interface WalkForwardStep {
  readonly chosenId: string;
  readonly chosenTag: string;
  /** Starts of days, UTC ms, ends exclusive. */
  readonly trainFromMs: number;
  readonly trainToMs: number;
  readonly testFromMs: number;
  readonly testToMs: number;
  readonly inSample: StretchFigures;
  readonly outOfSample: StretchFigures;
}

export interface StretchFigures {
  /** NaN without spread. */
  readonly annualSharpe: number;
  /** Mean daily return x 365, not compounded. */
  readonly annualReturnFrac: number;
}

/** Out-of-sample / in-sample mean return. Refused (`in_sample_not_positive`) when the latter is not above 0. */
export interface WalkForwardEfficiency {
  readonly kind: 'efficiency';
  /** 1 = nothing was lost; below 0 = the choices lost money. */
  readonly ratio: number;
}

/**
 * Combinatorial purged cross-validation of the choice: in every split the trial with the highest Sharpe ratio on the training days is
 * held on the tested groups; every path is one tested piece per group, so all days once. Paths share days and choices: their spread
 * understates what is not known, and their number is no number of observations.
 */
export interface SelectionPaths {
  readonly kind: 'paths';
  readonly groups: number;
  readonly testGroups: number;
  readonly embargoDays: number;
  readonly splits: number;
  /** Daily returns of each path, all days. */
  readonly returns: readonly Float64Array[];
  /** Per path, annual. */
  readonly sharpe: Float64Array;
  readonly medianSharpe: number;
  /** 5 % quantile of the paths. */
  readonly lowSharpe: number;
  /** Share of paths below 0. */
  readonly lossFrac: number;
  /** Share of splits in which the chosen trial of the verdict was chosen too. */
  readonly sameChoiceFrac: number;
  readonly distinctChosen: number;
}

/** Benchmark of having no position at all: return 0. */
export const NO_POSITION = 'no position';

export interface BenchmarkTest {
  readonly benchmark: string;
  /** Mean block of days of the bootstrap. */
  readonly blockDays: number;
  /** `bestModel` is an index into the measured trials in order of their ids; `bestId` names it. */
  readonly test: (SuperiorityTest & { readonly bestId: string }) | Refusal<SuperiorityRefusal>;
}
