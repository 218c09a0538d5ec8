/** p*: the least probability with which a signal is traded, and what that brought on rows that had no part in the choice. */
import { invariant } from '@donch/core';
import { type ClusterInterval, groupBounds, purgedSplit, type Refusal, type TestBlock, WEEKS_MIN } from '@donch/stats';
import type { Calibrator } from '../calibration/calibrator.ts';
import { type CalibratorKind, chooseOn, type CrossFitOptions } from './choose-calibrator.ts';
import { betweenProbabilities } from './ev-curve.ts';
import { calibratedAt, rowPool, type RowPool, type ScoredRows } from './scored-rows.ts';
import { type DrawOptions, drawWeeks, percentileInterval, totalOf, type WeekSums, weeksOf } from './week-draws.ts';

export interface ThresholdOptions extends CrossFitOptions, DrawOptions {
  /** Signals (sum of weights) that must lie above p*, in all rows and in the cross-fitted figure. `--min-trades`, usually 150. */
  readonly minTrades: number;
}

/**
 * Why there is no p*. `constant_probability`: nothing to tell rows apart by. `too_few_trades`: fewer than the minimum above every
 * threshold. `no_improvement`: no threshold is better than taking all, or than taking none. `too_few_weeks`: no interval. `not_proven`: the lower bound of the
 * improvement is not above 0. `loses`: what is taken is better than the rest and still loses money.
 */
type NoThresholdReason =
  | 'constant_probability'
  | 'too_few_trades'
  | 'no_improvement'
  | 'too_few_weeks'
  | 'not_proven'
  | 'loses';

/** A group of time, judged by what the others taught. */
interface CrossFittedGroup {
  readonly fromMs: number;
  readonly toMs: number;
  readonly trainRows: number;
  readonly calibrator: CalibratorKind;
  /** NaN: the others named no threshold, all rows of this group are taken. */
  readonly pstar: number;
  readonly rows: number;
  /** Sum of weights at or above the group's threshold. */
  readonly n: number;
  readonly evR: number;
  readonly evAllR: number;
}

interface ThresholdEvidence {
  /**
   * Mean over the groups, weighted by their rows, of EV(p >= p*) - EV(all) inside the group, R. Groups are compared inside because
   * pooled sums are not fair: a group with high results makes the others choose a high threshold, takes part in a smaller sum, and so
   * weighs more (on noise that is worth +0.01 to +0.03 R). A group in which nothing is taken counts as 0.
   */
  readonly improvementR: number;
  /** Its cluster bootstrap, with the thresholds of the groups as they are. */
  readonly improvement: ClusterInterval | Refusal;
  /** Signals taken (sum of weights), their share, their mean result, that of all. */
  readonly n: number;
  readonly coverageFrac: number;
  readonly evR: number;
  readonly evAllR: number;
  /** EV(p >= p*) - EV(all) on the rows on which p* was chosen: never evidence, only what the cross-fit takes off. NaN without p*. */
  readonly inSampleImprovementR: number;
  readonly groups: readonly CrossFittedGroup[];
}

interface Judged {
  /** Fitted on all rows; belongs to p*. */
  readonly calibrator: Calibrator;
  readonly evidence: ThresholdEvidence;
  /** Thresholds that were compared on all rows: what a choice among them must be corrected for. */
  readonly thresholds: number;
}

export type ThresholdChoice =
  | (Judged & { readonly kind: 'named'; readonly pstar: number })
  | (Judged & {
      readonly kind: 'none';
      readonly reason: NoThresholdReason;
      /** What was found where `needed` is the least: trades, weeks, or R. */
      readonly found: number;
      readonly needed: number;
    });

/**
 * Calibrates, chooses p*, and judges the choice. Evidence: for each group of time, calibrator and threshold come from the other groups
 * (without rows whose labels overlap the group's, on both sides, and without the embargo behind it) and are applied to this one. The
 * deployed p* is the same procedure on all rows. It is named only if the lower 95 % bound of the cross-fitted improvement is above 0, at
 * least `minTrades` signals lie above it, and what is taken does not lose.
 *
 * The threshold with the greatest gain is chosen: sum over p >= t of (result - max(EV of all, 0)). A taken trade must bring more than
 * the average one, and more than none. Measured on 200 to 500 data sets of noise and of effects: this criterion found planted effects
 * more often than the greatest EV and the greatest lower bound (0.98 against 0.65 and 0.81 of a step of 0.4 R at 2,000 rows), its
 * threshold scatters least, and it does not run to the few rows at the top.
 *
 * The interval holds the thresholds as they are; the groups share most of their teachers, so the figure of noise scatters 1.2 to 1.4 times
 * as much as the interval says. Its lower end lies at 2.5 %; measured on five kinds of noise (`choose-threshold.long.ts`), a p*
 * is named in 3 to 6 % of 500 data sets.
 */
export function chooseThreshold(scored: ScoredRows, options: ThresholdOptions): ThresholdChoice {
  const pool = rowPool(scored);
  invariant(options.groups >= 2 && options.minTrades > 0, 'there are other groups and a minimum of trades');
  const rows = Int32Array.from({ length: pool.rows }, (_, row) => row);
  const deployed = learn(pool, rows, options);
  const evidence = crossFitted(pool, deployed, options);
  const judged = { calibrator: deployed.calibrator, evidence, thresholds: deployed.thresholds };
  const obstacle = obstacleOf(deployed, evidence, options);
  if (obstacle !== null) return { kind: 'none', ...judged, ...obstacle };
  return { kind: 'named', pstar: deployed.pstar, ...judged };
}

/** Text of a threshold that reads back to the same bits: 17 significant digits. */
export function formatThreshold(pstar: number): string {
  return pstar.toPrecision(17);
}

interface Obstacle {
  readonly reason: NoThresholdReason;
  readonly found: number;
  readonly needed: number;
}

function obstacleOf(
  deployed: Learned,
  { n, evR, improvement }: ThresholdEvidence,
  { minTrades }: ThresholdOptions,
): Obstacle | null {
  if (deployed.obstacle !== null) return deployed.obstacle;
  if (!(n >= minTrades)) return { reason: 'too_few_trades', found: n, needed: minTrades };
  if (improvement.kind === 'refused') return { reason: 'too_few_weeks', found: improvement.found, needed: WEEKS_MIN };
  if (!(improvement.low > 0)) return { reason: 'not_proven', found: improvement.low, needed: 0 };
  if (!(evR > 0)) return { reason: 'loses', found: evR, needed: 0 };
  return null;
}

interface Learned extends Candidate {
  readonly calibrator: Calibrator;
}

/** Calibrator and threshold of some rows. The least number of trades is the same share of them as of all. */
function learn(pool: RowPool, rows: Int32Array, options: ThresholdOptions): Learned {
  const { calibrator } = chooseOn(pool, rows, options);
  const minTrades = pool.rows > 0 ? (options.minTrades * rows.length) / pool.rows : options.minTrades;
  return { calibrator, ...bestThreshold(pool, rows, { calibrator, minTrades }) };
}

interface Candidate {
  /** NaN when there is none. */
  readonly pstar: number;
  /** EV above it minus EV of all, on the same rows. */
  readonly improvementR: number;
  /** Thresholds that were compared. */
  readonly thresholds: number;
  readonly obstacle: Obstacle | null;
}

/** The half-way point between two neighbouring probabilities with the greatest gain; of equal ones the lowest. */
function bestThreshold(
  pool: RowPool,
  rows: Int32Array,
  { calibrator, minTrades }: { readonly calibrator: Calibrator; readonly minTrades: number },
): Candidate {
  const { paths, byScore, rowByScore, pnlR } = pool;
  const isTaken = new Uint8Array(pool.rows);
  let total = 0;
  for (const row of rows) {
    isTaken[row] = 1;
    total += pnlR[row];
  }
  const evAllR = total / rows.length;
  const worth = Math.max(evAllR, 0);
  let [count, sum, previous, cuts, countMax] = [0, 0, Number.NaN, 0, 0];
  let best = { pstar: Number.NaN, gain: 0, evR: Number.NaN };
  // from the highest score down: calibrators keep the order
  for (let at = byScore.length - 1; at >= 0; at -= 1) {
    const row = rowByScore[at];
    if (isTaken[row] === 0) continue;
    const p = calibratedAt(calibrator, pool, byScore[at]);
    const cut = betweenProbabilities(p, previous);
    if (!Number.isNaN(cut)) {
      const n = count / paths;
      cuts += 1;
      countMax = n;
      const gain = sum / paths - n * worth;
      if (n >= minTrades && gain > 0 && gain >= best.gain) best = { pstar: cut, gain, evR: sum / count };
    }
    count += 1;
    sum += pnlR[row];
    previous = p;
  }
  const found = { pstar: best.pstar, improvementR: best.evR - evAllR, thresholds: cuts };
  if (cuts === 0) return { ...found, obstacle: { reason: 'constant_probability', found: 1, needed: 2 } };
  if (!(countMax >= minTrades))
    return { ...found, obstacle: { reason: 'too_few_trades', found: countMax, needed: minTrades } };
  if (Number.isNaN(best.pstar)) return { ...found, obstacle: { reason: 'no_improvement', found: 0, needed: 0 } };
  return { ...found, obstacle: null };
}

function crossFitted(pool: RowPool, deployed: Learned, options: ThresholdOptions): ThresholdEvidence {
  const bounds = groupBounds(pool.rows, options.groups);
  const groups: CrossFittedGroup[] = [];
  const share = new Float64Array(pool.rows);
  for (let group = 0; group < options.groups; group += 1) {
    const block = { from: bounds[group], to: bounds[group + 1] };
    if (block.from < block.to) groups.push(judgeGroup(pool, block, { share, options }));
  }
  const sums = groupSums(pool, bounds, share);
  const drawn = drawWeeks(sums, 1, (from, into) => (into[0] = improvementOf(from)), options);
  const improvementR = improvementOf(totalOf(sums));
  const taken = sumsOf(pool, share, { from: 0, to: pool.rows });
  return {
    improvementR,
    improvement: percentileInterval(improvementR, drawn[0], weeksWithTrades(sums)),
    n: taken.n,
    coverageFrac: taken.n / pool.rows,
    evR: taken.evR,
    evAllR: taken.evAllR,
    inSampleImprovementR: deployed.improvementR,
    groups,
  };
}

interface Judging {
  /** Filled for the rows of the block: share of each row's paths on which it is taken. */
  readonly share: Float64Array;
  readonly options: ThresholdOptions;
}

function judgeGroup(pool: RowPool, block: TestBlock, { share, options }: Judging): CrossFittedGroup {
  const { train } = purgedSplit(pool, [block], options.embargoMs);
  const learned = learn(pool, train, options);
  for (let row = block.from; row < block.to; row += 1) share[row] = takenShare(pool, row, learned);
  return {
    fromMs: pool.startMs[block.from],
    toMs: pool.startMs[block.to - 1],
    trainRows: train.length,
    calibrator: learned.calibrator.kind,
    pstar: learned.pstar,
    rows: block.to - block.from,
    ...sumsOf(pool, share, block),
  };
}

function sumsOf(
  { pnlR }: RowPool,
  share: Float64Array,
  { from, to }: TestBlock,
): Pick<CrossFittedGroup, 'n' | 'evR' | 'evAllR'> {
  let [n, sumR, sumAllR] = [0, 0, 0];
  for (let row = from; row < to; row += 1) {
    n += share[row];
    sumR += share[row] * pnlR[row];
    sumAllR += pnlR[row];
  }
  return { n, evR: sumR / n, evAllR: sumAllR / (to - from) };
}

/** Numbers per week and group: weight taken, result taken, weight of all, result of all. */
const WIDTH = 4;

function groupSums(pool: RowPool, bounds: readonly number[], share: Float64Array): WeekSums {
  const weeks = weeksOf(pool.startMs);
  const width = WIDTH * (bounds.length - 1);
  const values = new Float64Array(weeks.count * width);
  let group = 0;
  for (let row = 0; row < pool.rows; row += 1) {
    while (row >= bounds[group + 1]) group += 1;
    const at = weeks.ofRow[row] * width + WIDTH * group;
    values[at] += share[row];
    values[at + 1] += share[row] * pool.pnlR[row];
    values[at + 2] += 1;
    values[at + 3] += pool.pnlR[row];
  }
  return { weeks: weeks.count, width, values };
}

function weeksWithTrades({ weeks, width, values }: WeekSums): number {
  let found = 0;
  for (let week = 0; week < weeks; week += 1) {
    const sums = values.subarray(week * width, (week + 1) * width);
    if (sums.some((value, at) => at % WIDTH === 0 && value > 0)) found += 1;
  }
  return found;
}

/** Share of a row's paths on which it is taken: all of them where no threshold was named. */
function takenShare(pool: RowPool, row: number, { calibrator, pstar }: Learned): number {
  if (Number.isNaN(pstar)) return 1;
  let taken = 0;
  for (let prediction = row * pool.paths; prediction < (row + 1) * pool.paths; prediction += 1)
    if (calibratedAt(calibrator, pool, prediction) >= pstar) taken += 1;
  return taken / pool.paths;
}

/** See `ThresholdEvidence.improvementR`. */
function improvementOf(sums: Float64Array): number {
  let [improvement, rows] = [0, 0];
  for (let at = 0; at < sums.length; at += WIDTH) {
    const [taken, all] = [sums[at], sums[at + 2]];
    rows += all;
    if (taken > 0) improvement += all * (sums[at + 1] / taken) - sums[at + 3];
  }
  return improvement / rows;
}
