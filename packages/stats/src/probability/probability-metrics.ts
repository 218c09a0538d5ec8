/**
 * How good probabilities of a yes-or-no outcome are. Everywhere: `y` 0 or 1, `p` in [0, 1], `weight` > 0 (missing = 1 each), as long
 * as each other. NaN where the figure does not exist (no row, one class only).
 */

export interface Scored {
  readonly y: ArrayLike<number>;
  readonly p: ArrayLike<number>;
  readonly weight?: ArrayLike<number>;
}

const weightAt = ({ weight }: Scored, row: number): number => weight?.[row] ?? 1;

function weightedMean(scored: Scored, valueOf: (row: number) => number): number {
  let [sum, total] = [0, 0];
  for (let row = 0; row < scored.y.length; row += 1) {
    const weight = weightAt(scored, row);
    sum += weight * valueOf(row);
    total += weight;
  }
  return sum / total;
}

/** Share of the rows with y = 1. */
export function baseRate(scored: Scored): number {
  return weightedMean(scored, (row) => scored.y[row]);
}

/** Mean of (p - y)^2, 0 is perfect. Brier (1950), for the positive class. */
export function brierScore(scored: Scored): number {
  return weightedMean(scored, (row) => (scored.p[row] - scored.y[row]) ** 2);
}

/** Mean negative log-likelihood; p is kept `eps` away from 0 and 1 (default: the machine's epsilon, as scikit-learn). */
export function logLoss(scored: Scored, eps = Number.EPSILON): number {
  return weightedMean(scored, (row) => {
    const p = Math.min(1 - eps, Math.max(eps, scored.p[row]));
    return scored.y[row] === 1 ? -Math.log(p) : -Math.log(1 - p);
  });
}

interface Threshold {
  /** Weights of the rows at this score. */
  readonly positive: number;
  readonly negative: number;
}

/** Distinct scores from high to low: rows of one score enter together. */
function thresholdsOf(scored: Scored): Threshold[] {
  const order = Array.from({ length: scored.y.length }, (_, row) => row).sort((a, b) => scored.p[b] - scored.p[a]);
  const found: { positive: number; negative: number }[] = [];
  let last = Number.NaN;
  for (const row of order) {
    if (scored.p[row] !== last) found.push({ positive: 0, negative: 0 });
    last = scored.p[row];
    found[found.length - 1][scored.y[row] === 1 ? 'positive' : 'negative'] += weightAt(scored, row);
  }
  return found;
}

/** P(score of a positive > score of a negative) + P(tie) / 2: the area under the ROC curve. NaN with one class only. */
export function rocAuc(scored: Scored): number {
  let [above, positives, negatives] = [0, 0, 0];
  for (const { positive, negative } of thresholdsOf(scored)) {
    above += negative * (positives + positive / 2);
    positives += positive;
    negatives += negative;
  }
  return above / (positives * negatives);
}

/** Sum of (recall step x precision) over distinct scores, not interpolated. NaN without positives. */
export function averagePrecision(scored: Scored): number {
  const thresholds = thresholdsOf(scored);
  const total = thresholds.reduce((sum, { positive }) => sum + positive, 0);
  let [hits, rows, sum] = [0, 0, 0];
  for (const { positive, negative } of thresholds) {
    hits += positive;
    rows += positive + negative;
    sum += (positive / total) * (hits / rows);
  }
  return sum;
}

/** A bin of the reliability curve with rows in it. */
export interface ReliabilityBin {
  /** Index among the equal-width bins. */
  readonly bin: number;
  readonly rows: number;
  readonly weight: number;
  readonly meanP: number;
  /** Share of y = 1. */
  readonly frequency: number;
}

/** Equal-width bins (a, b], the first [0, b], as scikit-learn's `calibration_curve`; empty bins are left out. */
export function reliabilityBins(scored: Scored, bins = 10): ReliabilityBin[] {
  const edges = Array.from({ length: bins + 1 }, (_, edge) => edge / bins);
  const sums = edges.slice(1).map(() => ({ rows: 0, weight: 0, p: 0, y: 0 }));
  for (let row = 0; row < scored.y.length; row += 1) {
    const bin = Math.max(0, edges.findIndex((edge) => scored.p[row] <= edge) - 1);
    const weight = weightAt(scored, row);
    const sum = sums[bin];
    sum.rows += 1;
    sum.weight += weight;
    sum.p += weight * scored.p[row];
    sum.y += weight * scored.y[row];
  }
  return sums.flatMap(({ rows, weight, p, y }, bin) =>
    rows === 0 ? [] : [{ bin, rows, weight, meanP: p / weight, frequency: y / weight }],
  );
}

/** Expected calibration error: |frequency - mean p| of the bins, weighted by their rows. Guo et al. (2017), positive class. */
export function expectedCalibrationError(scored: Scored, bins = 10): number {
  const found = reliabilityBins(scored, bins);
  const total = found.reduce((sum, { weight }) => sum + weight, 0);
  return found.reduce((sum, { weight, meanP, frequency }) => sum + weight * Math.abs(frequency - meanP), 0) / total;
}
