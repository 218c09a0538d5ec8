/**
 * From scores to probabilities that mean what they say. Fitted on out-of-fold scores only: who fits on scores of rows that the model
 * was trained on calibrates its memory.
 */

export type Calibrator =
  | { readonly kind: 'none' }
  /** p = 1 / (1 + exp(a x score + b)); a < 0 where a higher score means a higher probability. */
  | { readonly kind: 'platt'; readonly a: number; readonly b: number }
  /** Linear between thresholds, flat outside. */
  | { readonly kind: 'isotonic'; readonly x: readonly number[]; readonly y: readonly number[] };

export interface CalibrationRows {
  /** Margins for Platt; any score for isotonic. */
  readonly score: ArrayLike<number>;
  /** 0 or 1. */
  readonly y: ArrayLike<number>;
  readonly weight?: ArrayLike<number>;
}

/** Applies a calibrator; `none` takes the score for a probability. NaN stays NaN. */
export function calibrate(calibrator: Calibrator, score: number): number {
  if (calibrator.kind === 'none') return score;
  if (calibrator.kind === 'platt') return 1 / (1 + Math.exp(calibrator.a * score + calibrator.b));
  return interpolated(calibrator, score);
}

function interpolated({ x, y }: Extract<Calibrator, { kind: 'isotonic' }>, score: number): number {
  if (Number.isNaN(score)) return Number.NaN;
  if (score <= x[0]) return y[0];
  const above = x.findIndex((threshold) => threshold >= score);
  if (above < 0) return y[y.length - 1];
  const below = above - 1;
  return y[below] + ((y[above] - y[below]) * (score - x[below])) / (x[above] - x[below]);
}

const NEWTON_STEPS = 200;
/** Relative length of a step within which Newton's method needs no watching: the next one is about its square. */
const NEAR = 1e-5;

/**
 * Platt's sigmoid with his smoothed targets (N+ + 1)/(N+ + 2) and 1/(N- + 2), by Newton's method with halved steps. Platt (1999),
 * Lin, Lin, Weng (2007). NaN parameters when a class is missing.
 */
export function fitPlatt({ score, y, weight }: CalibrationRows): Extract<Calibrator, { kind: 'platt' }> {
  let [positives, negatives] = [0, 0];
  for (let row = 0; row < y.length; row += 1) {
    if (y[row] === 1) positives += weight?.[row] ?? 1;
    else negatives += weight?.[row] ?? 1;
  }
  if (positives === 0 || negatives === 0) return { kind: 'platt', a: Number.NaN, b: Number.NaN };
  const rows: PlattRows = {
    score,
    weight,
    target: Float64Array.from(y, (value) => (value === 1 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2))),
  };
  let [a, b] = [0, Math.log((negatives + 1) / (positives + 1))];
  let loss = plattLoss(rows, a, b);
  let lastLength = Infinity;
  for (let step = 0; step < NEWTON_STEPS; step += 1) {
    const { stepA, stepB } = newtonStep(rows, a, b);
    const length = (Math.abs(stepA) + Math.abs(stepB)) / (1 + Math.abs(a) + Math.abs(b));
    if (length < NEAR) {
      // the loss cannot tell such steps apart any more; they shrink by squaring until they are rounding
      if (!(length < lastLength)) break;
      a += stepA;
      b += stepB;
      lastLength = length;
      continue;
    }
    let size = 1;
    let next = plattLoss(rows, a + stepA, b + stepB);
    while (next > loss && size > 1e-10) {
      size /= 2;
      next = plattLoss(rows, a + size * stepA, b + size * stepB);
    }
    a += size * stepA;
    b += size * stepB;
    loss = next;
  }
  return { kind: 'platt', a, b };
}

interface PlattRows {
  readonly score: ArrayLike<number>;
  readonly target: Float64Array;
  readonly weight: ArrayLike<number> | undefined;
}

/** Cross entropy of targets and sigmoid, written so that no exponential overflows. */
function plattLoss({ score, target, weight }: PlattRows, a: number, b: number): number {
  let sum = 0;
  for (let row = 0; row < target.length; row += 1) {
    const f = a * score[row] + b;
    sum +=
      (weight?.[row] ?? 1) *
      (f >= 0 ? target[row] * f + Math.log1p(Math.exp(-f)) : (target[row] - 1) * f + Math.log1p(Math.exp(f)));
  }
  return sum;
}

function newtonStep(
  { score, target, weight }: PlattRows,
  a: number,
  b: number,
): { readonly stepA: number; readonly stepB: number } {
  let [gradientA, gradientB, aa, ab, bb] = [0, 0, 0, 0, 0];
  for (let row = 0; row < target.length; row += 1) {
    const w = weight?.[row] ?? 1;
    const x = score[row];
    const p = 1 / (1 + Math.exp(a * x + b));
    const difference = w * (target[row] - p);
    const curvature = w * p * (1 - p);
    gradientA += x * difference;
    gradientB += difference;
    aa += x * x * curvature;
    ab += x * curvature;
    bb += curvature;
  }
  const determinant = aa * bb - ab * ab;
  // scores that do not differ say nothing about a
  if (!(determinant > 1e-12 * aa * bb)) return { stepA: 0, stepB: bb > 0 ? -gradientB / bb : 0 };
  return {
    stepA: -(bb * gradientA - ab * gradientB) / determinant,
    stepB: -(aa * gradientB - ab * gradientA) / determinant,
  };
}

interface Pool {
  xFrom: number;
  xTo: number;
  weight: number;
  mean: number;
}

/** Isotonic regression: pool adjacent violators over rows of equal score merged first; the ends of pools are the thresholds. */
export function fitIsotonic(rows: CalibrationRows): Extract<Calibrator, { kind: 'isotonic' }> {
  const { score, y } = rows;
  const order = Array.from({ length: y.length }, (_, row) => row).sort((a, b) => score[a] - score[b]);
  const pools: Pool[] = [];
  for (const merged of equalScores(order, rows)) {
    pools.push(merged);
    while (pools.length > 1 && pools[pools.length - 2].mean >= pools[pools.length - 1].mean) mergeLast(pools);
  }
  const x: number[] = [];
  const means: number[] = [];
  for (const { xFrom, xTo, mean } of pools) {
    x.push(xFrom);
    means.push(mean);
    if (xTo === xFrom) continue;
    x.push(xTo);
    means.push(mean);
  }
  return { kind: 'isotonic', x, y: means };
}

function equalScores(order: readonly number[], { score, y, weight }: CalibrationRows): Pool[] {
  const merged: Pool[] = [];
  for (const row of order) {
    const w = weight?.[row] ?? 1;
    const last = merged.at(-1);
    if (last === undefined || last.xTo !== score[row])
      merged.push({ xFrom: score[row], xTo: score[row], weight: w, mean: y[row] });
    else {
      last.mean = (last.mean * last.weight + y[row] * w) / (last.weight + w);
      last.weight += w;
    }
  }
  return merged;
}

function mergeLast(pools: Pool[]): void {
  const last = pools.pop();
  const before = pools[pools.length - 1];
  if (last === undefined) return;
  const weight = before.weight + last.weight;
  before.mean = (before.mean * before.weight + last.mean * last.weight) / weight;
  before.weight = weight;
  before.xTo = last.xTo;
}
