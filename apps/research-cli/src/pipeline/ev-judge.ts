/** The judgement of `donch ev`: the curve, the choice of p*, and what the choice looks like on the rows that it was made on. */
import { createPrng } from '@donch/core';
import {
  chooseCalibrator,
  chooseThreshold,
  defaultThresholds,
  evCurve,
  type EvCurve,
  type ScoredRows,
  type ThresholdChoice,
} from '@donch/meta';
import type { EvSource } from './ev-source.ts';

export interface Judged {
  /** Signals. */
  readonly rows: number;
  readonly paths: number;
  readonly curve: EvCurve;
  readonly choice: ThresholdChoice;
  /** The curve at the threshold; null without one. Of a chosen threshold it is no evidence: it was chosen on these very rows. */
  readonly atPstar: EvPoint | null;
}

export type EvPoint = EvCurve['points'][number];

export interface EvJudgement {
  /** The user's own threshold, else the one chosen on all signals; NaN = none. */
  readonly pstar: number;
  readonly all: Judged;
  /** The signals that were traded, by the same probabilities; null when it is not known which. */
  readonly traded: Judged | null;
}

export interface Thresholds {
  /** Null = the default ones. */
  readonly grid: readonly number[] | null;
  /** Stands in the curve too; null = none. */
  readonly pstar: number | null;
}

/**
 * Judges as the training does: the same options give the same curve and the same p*, bit by bit. Traded signals are read off the same
 * probabilities; what threshold they alone would ask for is told beside it and never deployed, for the gate comes before the portfolio.
 */
export function judgeEv({ scored, calibrators, judge, traded }: EvSource, { grid, pstar }: Thresholds): EvJudgement {
  const options = { ...judge, ...(calibrators !== undefined && { calibrators }) };
  const { probability } = chooseCalibrator(scored, options);
  const thresholds = withThreshold(grid ?? defaultThresholds(probability), pstar);
  const rows = Int32Array.from({ length: scored.decisionTimeMs.length }, (_, row) => row);
  const chosen = choose(scored, options, 'threshold');
  const deployed = pstar ?? (chosen.kind === 'named' ? chosen.pstar : Number.NaN);
  const judged = (part: Int32Array, choice: ThresholdChoice, name: string): Judged => {
    const calibrated = { ...takeScored(scored, part), probability: takeScores(probability, scored.paths, part) };
    const curveAt = (at: readonly number[], stream: string): EvCurve =>
      evCurve(calibrated, { groups: judge.groups, thresholds: at, prng: createPrng(judge.seed, stream) });
    return {
      rows: part.length,
      paths: scored.paths,
      curve: curveAt(thresholds, name),
      choice,
      atPstar: Number.isNaN(deployed) ? null : curveAt([deployed], `${name} at p*`).points[0],
    };
  };
  return {
    pstar: deployed,
    all: judged(rows, chosen, 'curve'),
    traded:
      traded === null
        ? null
        : judged(traded.rows, choose(takeScored(scored, traded.rows), options, 'traded threshold'), 'traded curve'),
  };
}

type ChoiceOptions = EvSource['judge'] & Pick<EvSource, 'calibrators'>;

const choose = (rows: ScoredRows, options: ChoiceOptions, stream: string): ThresholdChoice =>
  chooseThreshold(rows, { ...options, prng: createPrng(options.seed, stream) });

function withThreshold(thresholds: readonly number[], more: number | null): readonly number[] {
  if (more === null || thresholds.includes(more)) return thresholds;
  return [...thresholds, more].sort((a, b) => a - b);
}

function takeScored(scored: ScoredRows, rows: Int32Array): ScoredRows {
  const take = (values: ArrayLike<number>): Float64Array => Float64Array.from(rows, (row) => values[row]);
  return {
    ...scored,
    decisionTimeMs: take(scored.decisionTimeMs),
    labelEndMs: take(scored.labelEndMs),
    y: take(scored.y),
    pnlR: take(scored.pnlR),
    score: takeScores(scored.score, scored.paths, rows),
  };
}

function takeScores(values: ArrayLike<number>, paths: number, rows: Int32Array): Float64Array {
  const taken = new Float64Array(rows.length * paths);
  rows.forEach((row, at) => {
    for (let path = 0; path < paths; path += 1) taken[at * paths + path] = values[row * paths + path];
  });
  return taken;
}
