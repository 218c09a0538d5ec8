/**
 * The best split of one feature of one leaf, from its histogram. The order of additions is LightGBM's, and so is every sum: from the
 * right with missing values on the left, then, when there are any, from the left with missing values on the right.
 */

/** A hair of hessian that keeps divisions finite: 1e-15 as a float32. */
export const HESSIAN_EPSILON = Math.fround(1e-15);

/** What holds for all splits of a training. */
export interface SplitLimits {
  readonly rowsInLeafMin: number;
  readonly hessianInLeafMin: number;
  readonly lambdaL1: number;
  readonly lambdaL2: number;
  readonly gainMin: number;
}

export interface LeafSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
}

export interface SplitQuestion {
  /** First double of the feature's histogram. */
  readonly at: number;
  readonly binCount: number;
  readonly hasMissing: boolean;
  readonly mostFrequentBin: number;
  readonly sums: LeafSums;
  /** 1: the output must not fall with the feature, -1: must not rise, 0: free. */
  readonly monotone: -1 | 0 | 1;
  /** Bounds of outputs, from monotone splits above. */
  readonly outputMin: number;
  readonly outputMax: number;
}

export interface SplitCandidate {
  gain: number;
  /** Bins up to this one go left. */
  bin: number;
  leftGradient: number;
  leftHessian: number;
  isMissingLeft: boolean;
}

/** Output of a leaf: -G / (H + l2), the gradient shrunk by l1. */
export function leafOutput(gradient: number, hessian: number, { lambdaL1, lambdaL2 }: SplitLimits): number {
  const size = Math.max(0, Math.abs(gradient) - lambdaL1);
  return -(gradient < 0 ? -size : size) / (hessian + lambdaL2);
}

function leafGain(gradient: number, hessian: number, l1: number, l2: number): number {
  const size = Math.abs(gradient) - l1;
  return size > 0 ? (size * size) / (hessian + l2) : 0;
}

/** Recomputes the cell of the most frequent bin as the rest of the leaf: the other cells are few. Bin 0 is never read. */
export function fixMostFrequentCell(
  histograms: Float64Array,
  { at, binCount, mostFrequentBin, sums }: SplitQuestion,
): void {
  if (mostFrequentBin === 0) return;
  let { gradient, hessian } = sums;
  for (let bin = 0; bin < binCount; bin += 1) {
    if (bin === mostFrequentBin) continue;
    gradient -= histograms[at + 2 * bin];
    hessian -= histograms[at + 2 * bin + 1];
  }
  histograms[at + 2 * mostFrequentBin] = gradient;
  histograms[at + 2 * mostFrequentBin + 1] = hessian;
}

interface Scan extends SplitQuestion {
  readonly histograms: Float64Array;
  readonly limits: SplitLimits;
  /** The leaf's hessian with its two epsilons. */
  readonly hessian: number;
  readonly rowsPerHessian: number;
  readonly gainToBeat: number;
  readonly isBounded: boolean;
}

/** Looks at every bin boundary. `best.gain` is what the split gains over the leaf, beyond `gainMin`. */
export function scanFeature(
  histograms: Float64Array,
  question: SplitQuestion,
  limits: SplitLimits,
  best: SplitCandidate,
): boolean {
  const { sums, binCount, hasMissing } = question;
  const hessian = sums.hessian + 2 * HESSIAN_EPSILON;
  const scan: Scan = {
    ...question,
    histograms,
    limits,
    hessian,
    rowsPerHessian: sums.rows / hessian,
    gainToBeat: leafGain(sums.gradient, hessian, limits.lambdaL1, limits.lambdaL2) + limits.gainMin,
    isBounded: question.monotone !== 0 || question.outputMin > -Infinity || question.outputMax < Infinity,
  };
  best.gain = -Infinity;
  const bothWays = hasMissing && binCount > 2;
  const fromRight = scanFromRight(scan, bothWays ? binCount - 2 : binCount - 1, best);
  if (hasMissing && !bothWays) best.isMissingLeft = false;
  const fromLeft = bothWays && scanFromLeft(scan, best);
  return fromRight || fromLeft;
}

/** The best boundary of one direction, by the gain of both sides; bin -1 = none. */
interface Boundary {
  readonly gain: number;
  readonly bin: number;
  readonly leftGradient: number;
  readonly leftHessian: number;
}

/** Takes the boundary over when it is strictly better. False: there was none. */
function keepBetter(boundary: Boundary, best: SplitCandidate, gainToBeat: number, isMissingLeft: boolean): boolean {
  if (boundary.bin < 0) return false;
  if (boundary.gain > best.gain + gainToBeat) {
    best.gain = boundary.gain - gainToBeat;
    best.bin = boundary.bin;
    best.leftGradient = boundary.leftGradient;
    best.leftHessian = boundary.leftHessian;
    best.isMissingLeft = isMissingLeft;
  }
  return true;
}

/** Missing values stay left. */
function scanFromRight(scan: Scan, lastBin: number, best: SplitCandidate): boolean {
  const { histograms, at, sums, hessian, rowsPerHessian, gainToBeat, limits, isBounded } = scan;
  const { rowsInLeafMin, hessianInLeafMin, lambdaL1, lambdaL2 } = limits;
  let [bestGain, bestBin, bestGradient, bestHessian] = [gainToBeat, -1, 0, 0];
  let rightGradient = 0;
  let rightHessian = HESSIAN_EPSILON;
  let rightRows = 0;
  for (let bin = lastBin; bin >= 1; bin -= 1) {
    const binHessian = histograms[at + 2 * bin + 1];
    rightGradient += histograms[at + 2 * bin];
    rightHessian += binHessian;
    rightRows += (binHessian * rowsPerHessian + 0.5) | 0;
    if (rightRows < rowsInLeafMin || rightHessian < hessianInLeafMin) continue;
    const leftHessian = hessian - rightHessian;
    if (sums.rows - rightRows < rowsInLeafMin || leftHessian < hessianInLeafMin) break;
    const leftGradient = sums.gradient - rightGradient;
    const gain = isBounded
      ? boundedGain(scan, { leftGradient, leftHessian, rightGradient, rightHessian })
      : leafGain(leftGradient, leftHessian, lambdaL1, lambdaL2) +
        leafGain(rightGradient, rightHessian, lambdaL1, lambdaL2);
    if (!(gain > bestGain)) continue;
    [bestGain, bestBin, bestGradient, bestHessian] = [gain, bin - 1, leftGradient, leftHessian];
  }
  const boundary = { gain: bestGain, bin: bestBin, leftGradient: bestGradient, leftHessian: bestHessian };
  return keepBetter(boundary, best, gainToBeat, true);
}

/** Missing values go right. */
function scanFromLeft(scan: Scan, best: SplitCandidate): boolean {
  const { histograms, at, binCount, sums, hessian, rowsPerHessian, gainToBeat, limits, mostFrequentBin, isBounded } =
    scan;
  const { rowsInLeafMin, hessianInLeafMin, lambdaL1, lambdaL2 } = limits;
  let [bestGain, bestBin, bestGradient, bestHessian] = [gainToBeat, -1, 0, 0];
  let leftGradient = 0;
  let leftHessian = HESSIAN_EPSILON;
  let leftRows = 0;
  if (mostFrequentBin === 0) {
    leftGradient = sums.gradient;
    leftHessian = hessian - HESSIAN_EPSILON;
    leftRows = sums.rows;
    for (let bin = 1; bin < binCount; bin += 1) {
      const binHessian = histograms[at + 2 * bin + 1];
      leftGradient -= histograms[at + 2 * bin];
      leftHessian -= binHessian;
      leftRows -= (binHessian * rowsPerHessian + 0.5) | 0;
    }
  }
  for (let bin = 0; bin <= binCount - 2; bin += 1) {
    if (bin > 0 || mostFrequentBin !== 0) {
      const binHessian = histograms[at + 2 * bin + 1];
      leftGradient += histograms[at + 2 * bin];
      leftHessian += binHessian;
      leftRows += (binHessian * rowsPerHessian + 0.5) | 0;
    }
    if (leftRows < rowsInLeafMin || leftHessian < hessianInLeafMin) continue;
    const rightHessian = hessian - leftHessian;
    if (sums.rows - leftRows < rowsInLeafMin || rightHessian < hessianInLeafMin) break;
    const rightGradient = sums.gradient - leftGradient;
    const gain = isBounded
      ? boundedGain(scan, { leftGradient, leftHessian, rightGradient, rightHessian })
      : leafGain(leftGradient, leftHessian, lambdaL1, lambdaL2) +
        leafGain(rightGradient, rightHessian, lambdaL1, lambdaL2);
    if (!(gain > bestGain)) continue;
    [bestGain, bestBin, bestGradient, bestHessian] = [gain, bin, leftGradient, leftHessian];
  }
  const boundary = { gain: bestGain, bin: bestBin, leftGradient: bestGradient, leftHessian: bestHessian };
  return keepBetter(boundary, best, gainToBeat, false);
}

interface Sides {
  readonly leftGradient: number;
  readonly leftHessian: number;
  readonly rightGradient: number;
  readonly rightHessian: number;
}

/** Gain of outputs that keep their bounds; 0 for sides in the wrong order. */
function boundedGain({ limits, monotone, outputMin, outputMax }: Scan, sides: Sides): number {
  const bounded = (gradient: number, hessian: number): number =>
    Math.min(outputMax, Math.max(outputMin, leafOutput(gradient, hessian, limits)));
  const left = bounded(sides.leftGradient, sides.leftHessian);
  const right = bounded(sides.rightGradient, sides.rightHessian);
  if (monotone * (right - left) < 0) return 0;
  return (
    gainGiven(sides.leftGradient, sides.leftHessian, left, limits) +
    gainGiven(sides.rightGradient, sides.rightHessian, right, limits)
  );
}

function gainGiven(gradient: number, hessian: number, output: number, { lambdaL1, lambdaL2 }: SplitLimits): number {
  const size = Math.max(0, Math.abs(gradient) - lambdaL1);
  const shrunk = gradient < 0 ? -size : size;
  return -(2 * shrunk * output + (hessian + lambdaL2) * output * output);
}
