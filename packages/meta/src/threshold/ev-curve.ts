/** What trades bring, in R, if only those with a probability at or above a threshold are taken. */
import { invariant } from '@donch/core';
import { type ClusterInterval, groupBounds, type Refusal } from '@donch/stats';
import { canonicalOrder, indicesByValue, type ScoredRows } from './scored-rows.ts';
import { type DrawOptions, drawWeeks, percentileInterval, totalOf, weeksOf } from './week-draws.ts';

/** Rows with calibrated probabilities, `probability[row * paths + path]`, NaN = unpredicted. Every (row, path) weighs 1 / paths. */
export interface CalibratedRows extends Pick<ScoredRows, 'decisionTimeMs' | 'pnlR' | 'paths'> {
  readonly probability: ArrayLike<number>;
}

export interface EvCurveOptions extends DrawOptions {
  /** Ascending; `defaultThresholds` when the user names none. */
  readonly thresholds: readonly number[];
  /** Groups of equally many rows in order of time, for the stability over time. */
  readonly groups: number;
}

interface EvFigures {
  /** Sum of weights: signals, as a mean over the paths. */
  readonly n: number;
  /** Mean result, R; NaN without rows, here and below. */
  readonly evR: number;
  readonly totalR: number;
  /** Share with a result above 0. */
  readonly winRateFrac: number;
  /** Cluster bootstrap of `evR`; refused below 12 weeks with such rows. */
  readonly ev: ClusterInterval | Refusal;
  /** `evR` of each group of time and of each path. */
  readonly groupEvR: readonly number[];
  readonly pathEvR: readonly number[];
}

interface EvPoint extends EvFigures {
  /** Rows with p >= threshold. */
  readonly threshold: number;
  /** Their share of all rows. */
  readonly coverageFrac: number;
  /** EV of these rows minus EV of all rows, on the same draws. */
  readonly improvement: ClusterInterval | Refusal;
}

export interface EvCurve {
  /** Every row, whether predicted or not. */
  readonly all: EvFigures;
  readonly points: readonly EvPoint[];
}

/**
 * EV by threshold with bands. It shows the shape; a threshold that is picked from it was chosen and judged on the same rows
 * (`chooseThreshold` does not do that). Probabilities are best those of `chooseCalibrator`: each group calibrated on the others.
 */
export function evCurve(rows: CalibratedRows, options: EvCurveOptions): EvCurve {
  const { thresholds } = options;
  invariant(
    thresholds.every((threshold, k) => k === 0 || threshold > thresholds[k - 1]),
    'thresholds ascend',
  );
  const cells = cellsOf(rows, options);
  const [all, ...points] = figuresOf(cells, options);
  const total = all.figures.n;
  return {
    all: all.figures,
    points: points.map(({ figures, improvement }, k) => ({
      threshold: thresholds[k],
      coverageFrac: figures.n / total,
      ...figures,
      improvement,
    })),
  };
}

/** Sums of weight, result and wins: cell 0 for all rows, cell k + 1 for p >= threshold k. */
interface Cells {
  readonly count: number;
  readonly weeks: number;
  /** Per week and cell: weight, result. */
  readonly byWeek: Float64Array;
  /** Per group (path) and cell: weight, result. */
  readonly byGroup: readonly Float64Array[];
  readonly byPath: readonly Float64Array[];
  /** Per cell. */
  readonly wins: Float64Array;
}

function cellsOf(
  { decisionTimeMs, pnlR, paths, probability }: CalibratedRows,
  { thresholds, groups }: EvCurveOptions,
): Cells {
  const rows = decisionTimeMs.length;
  invariant(probability.length === rows * paths && pnlR.length === rows, 'every row has one probability per path');
  const order = canonicalOrder([decisionTimeMs, pnlR], { values: probability, width: paths });
  const weeks = weeksOf(decisionTimeMs);
  const bounds = groupBounds(rows, groups);
  const count = thresholds.length + 1;
  const empty = (): Float64Array => new Float64Array(2 * count);
  const byWeek = new Float64Array(weeks.count * 2 * count);
  const byGroup = Array.from({ length: groups }, empty);
  const byPath = Array.from({ length: paths }, empty);
  const wins = new Float64Array(count);
  let group = 0;
  for (let at = 0; at < rows; at += 1) {
    while (at >= bounds[group + 1]) group += 1;
    const row = order[at];
    const week = byWeek.subarray(weeks.ofRow[row] * 2 * count, (weeks.ofRow[row] + 1) * 2 * count);
    for (let path = 0; path < paths; path += 1) {
      // in the last cell that it reaches; the others get theirs when the cells are added up
      const cell = reached(thresholds, probability[row * paths + path]);
      for (const sums of [week, byGroup[group], byPath[path]]) {
        sums[2 * cell] += 1 / paths;
        sums[2 * cell + 1] += pnlR[row] / paths;
      }
      if (pnlR[row] > 0) wins[cell] += 1 / paths;
    }
  }
  for (let week = 0; week < weeks.count; week += 1) addUp(byWeek.subarray(week * 2 * count, (week + 1) * 2 * count), 2);
  for (const sums of [...byGroup, ...byPath]) addUp(sums, 2);
  addUp(wins, 1);
  return { count, weeks: weeks.count, byWeek, byGroup, byPath, wins };
}

/** Number of thresholds at or below p; 0 for NaN. */
function reached(thresholds: readonly number[], p: number): number {
  let [low, high] = [0, thresholds.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (p >= thresholds[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Each cell becomes the sum of itself and those above; `width` numbers per cell. */
function addUp(sums: Float64Array, width: number): void {
  for (let at = sums.length - width - 1; at >= 0; at -= 1) sums[at] += sums[at + width];
}

interface CellFigures {
  readonly figures: EvFigures;
  readonly improvement: ClusterInterval | Refusal;
}

function figuresOf({ count, weeks, byWeek, byGroup, byPath, wins }: Cells, options: DrawOptions): CellFigures[] {
  const sums = { weeks, width: 2 * count, values: byWeek };
  const evsOf = (from: Float64Array, into: Float64Array): void => {
    for (let cell = 0; cell < count; cell += 1) {
      into[cell] = from[2 * cell + 1] / from[2 * cell];
      into[count + cell] = into[cell] - into[0];
    }
  };
  const drawn = drawWeeks(sums, 2 * count, evsOf, options);
  const total = totalOf(sums);
  const ev = new Float64Array(2 * count);
  evsOf(total, ev);
  return Array.from({ length: count }, (_, cell) => {
    const evOf = (part: Float64Array): number => part[2 * cell + 1] / part[2 * cell];
    const tradedWeeks = weeksWith(byWeek, { cell, count });
    return {
      figures: {
        n: total[2 * cell],
        evR: ev[cell],
        totalR: total[2 * cell + 1],
        winRateFrac: wins[cell] / total[2 * cell],
        ev: percentileInterval(ev[cell], drawn[cell], tradedWeeks),
        groupEvR: byGroup.map(evOf),
        pathEvR: byPath.map(evOf),
      },
      improvement: percentileInterval(ev[count + cell], drawn[count + cell], tradedWeeks),
    };
  });
}

function weeksWith(byWeek: Float64Array, { cell, count }: { readonly cell: number; readonly count: number }): number {
  let found = 0;
  for (let at = 2 * cell; at < byWeek.length; at += 2 * count) if (byWeek[at] > 0) found += 1;
  return found;
}

/** Probabilities that are nearer to each other than this count as one: research and live agree to about 1e-15, not to the last bit. */
const GAP_MIN = 1e-9;

/** Half-way between two neighbouring probabilities, or NaN when they count as one. */
export function betweenProbabilities(lower: number, upper: number): number {
  return upper - lower > GAP_MIN ? lower + (upper - lower) / 2 : Number.NaN;
}

/** Shares of rows that the default thresholds keep. */
const DECILES = 10;

/**
 * 0.30, 0.35, ..., 0.90, which users know, and where they say little (calibrated probabilities crowd around the base rate) the
 * thresholds that keep about 90, 80, ..., 10 % of the predictions, half-way between two of them. Ascending.
 */
export function defaultThresholds(probability: ArrayLike<number>): number[] {
  const grid = new Set(Array.from({ length: 13 }, (_, k) => (6 + k) / 20));
  const values = Float64Array.from(probability);
  const sorted = Float64Array.from(indicesByValue(values), (at) => values[at]);
  for (let decile = 1; decile < DECILES; decile += 1) {
    let at = Math.floor((decile * sorted.length) / DECILES);
    while (at > 0 && Number.isNaN(betweenProbabilities(sorted[at - 1], sorted[at]))) at -= 1;
    if (at > 0) grid.add(betweenProbabilities(sorted[at - 1], sorted[at]));
  }
  return [...grid].sort((a, b) => a - b);
}
