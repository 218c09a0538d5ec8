/**
 * The path inside a bar: a Brownian bridge from 0 to the bar's own return, in units of the bar's volatility.
 * The return is drawn first and the path to it afterwards; for a Brownian motion with any constant drift that is the same
 * law as stepping through the bar, because the bridge does not depend on the drift.
 */
import { invariant } from '@donch/core';
import { EXPONENTIAL_MAX, exponentialAt, NormalRows, NormalStream, uniformKey } from './synthetic-market-random.ts';

/** Fewest sub-steps of a bar: with one step per bar a long breakout strategy earns a spurious +0.05 R. */
export const SUB_STEPS_MIN = 10;

export const SUB_STEPS_MAX = 63;

/** Counters per bar and side in the stream of exponentials; exceeds the number of sub-steps. */
const COUNTERS_PER_SIDE = 64;

/**
 * Highest and lowest point of the path of one bar. Between two sub-steps the extreme of the Brownian bridge is drawn from its
 * exact law, P(max > m) = exp(-2 (m - a)(m - b) / h) for a bridge from a to b of duration h (Karatzas and Shreve, "Brownian
 * Motion and Stochastic Calculus", 1991, 4.3.40), so the high and the low are those of a continuous path: a stop inside the
 * bar is passed at its own price and not jumped over.
 */
export class BarPath {
  /** Highest and lowest point of the path drawn last, >= and <= both its ends; units of the bar's volatility. */
  high = 0;
  low = 0;
  /** Its end. */
  end = 0;
  private readonly steps: number;
  private readonly key: number;
  private readonly noise: NormalRows;
  /** The path at the sub-steps, and its mirror image: the low is minus the maximum of that. */
  private readonly points: Float64Array;
  private readonly mirror: Float64Array;

  /** `stream` names the random streams of the path inside the bars, besides the seed. */
  constructor(subSteps: number, seed: number, stream: string) {
    invariant(subSteps >= SUB_STEPS_MIN && subSteps <= SUB_STEPS_MAX, 'a bar has enough sub-steps to fit its extremes');
    this.steps = subSteps;
    this.key = uniformKey(seed, `${stream} extremes`);
    this.noise = new NormalRows(new NormalStream(seed, `${stream} steps`), subSteps, true);
    this.points = new Float64Array(subSteps + 1);
    this.mirror = new Float64Array(subSteps + 1);
  }

  /** Draws the path of bar `bar` that ends at `end`. */
  draw(end: number, bar: number): void {
    const { steps, points, mirror } = this;
    const offset = this.noise.advance();
    const normals = this.noise.values;
    const sd = 1 / Math.sqrt(steps);
    let walk = 0;
    for (let j = 0; j < steps; j += 1) {
      points[j] = walk;
      walk += normals[offset + j] * sd;
    }
    const slope = (end - walk) / steps;
    points[steps] = end;
    mirror[steps] = -end;
    let highAt = end > 0 ? steps : 0;
    let lowAt = steps - highAt;
    let high = points[highAt];
    let low = points[lowAt];
    for (let j = 1; j < steps; j += 1) {
      const x = points[j] + j * slope;
      points[j] = x;
      mirror[j] = -x;
      if (x > high) {
        high = x;
        highAt = j;
      }
      if (x < low) {
        low = x;
        lowAt = j;
      }
    }
    const counter = bar * 2 * COUNTERS_PER_SIDE;
    this.end = end;
    this.high = bridgeMax(points, highAt, this.key, counter);
    this.low = -bridgeMax(mirror, lowAt, this.key, counter + COUNTERS_PER_SIDE);
  }
}

/**
 * Maximum of the path through `points`, the highest of which is `points[top]`. The sub-steps at that point come first: they
 * raise the maximum most, and then most of the others are out of reach.
 */
function bridgeMax(points: Float64Array, top: number, key: number, counter: number): number {
  const steps = points.length - 1;
  let max = points[top];
  if (top > 0) {
    max = Math.max(max, stepMax(points[top - 1], points[top], steps, exponentialAt(key, counter + top)));
  }
  if (top < steps) {
    max = Math.max(max, stepMax(points[top], points[top + 1], steps, exponentialAt(key, counter + top + 1)));
  }
  for (let j = 1; j <= steps; j += 1) {
    const needed = 2 * steps * (max - points[j - 1]) * (max - points[j]);
    if (needed >= EXPONENTIAL_MAX || j === top || j === top + 1) continue;
    const exponential = exponentialAt(key, counter + j);
    if (exponential > needed) max = stepMax(points[j - 1], points[j], steps, exponential);
  }
  return max;
}

/** Maximum of a Brownian bridge from a to b of duration 1/steps: inverse of its exact law at exp(-exponential). */
function stepMax(a: number, b: number, steps: number, exponential: number): number {
  const difference = a - b;
  return 0.5 * (a + b + Math.sqrt(difference * difference + (2 * exponential) / steps));
}
