/** Monte Carlo over the order and the choice of results: what else the same returns or trades could have looked like. */
import { invariant, type Prng } from '@donch/core';
import { type BlockRule, drawBlockIndices, plainIndices, shuffledIndices, uniformsOf } from './resample-indices.ts';

/**
 * `bootstrap`: draws with replacement, assumes independent returns; the final return varies.
 * `shuffle`: every return once in random order; the final return is the same in every path, only the way there varies - so use
 * it for drawdowns, never for the spread of outcomes.
 * A `BlockRule` draws blocks with replacement and keeps what depends on the returns before.
 */
export type PathRule = { readonly kind: 'bootstrap' } | { readonly kind: 'shuffle' } | BlockRule;

/** `compounded`: results are fractions of the capital before them. `fixed`: results are amounts, whatever the capital. */
export type Sizing = 'compounded' | 'fixed';

export interface PathStart {
  /** `compounded` unless told otherwise. */
  readonly sizing?: Sizing;
  /** Default 1. */
  readonly startCapital?: number;
}

export interface PathOptions extends PathStart {
  readonly rule: PathRule;
  readonly draws: number;
  readonly prng: Prng;
}

/** What a path says. Capital that is gone stays gone: such a path ends with -1 and so does its drawdown. NaN with a missing result. */
export interface PathFigures {
  /** Final / starting capital - 1. */
  readonly totalReturnFrac: number;
  /** Deepest relative drawdown of the path, the starting capital included, <= 0. */
  readonly drawdownFrac: number;
  /** Deepest drawdown in units of capital, <= 0; may be at another place. */
  readonly drawdownCash: number;
  /** Lowest / starting capital - 1, <= 0. */
  readonly lowestFrac: number;
  /** Most consecutive points below the peak before them. */
  readonly underwaterMax: number;
  /** Mean of the results. */
  readonly meanReturn: number;
}

/** One entry per draw. */
export type ResampledPaths = { readonly [Figure in keyof PathFigures]: Float64Array };

/** Draws paths of as many results as there are and measures each. */
export function resamplePaths(results: ArrayLike<number>, options: PathOptions): ResampledPaths {
  const { rule, draws, prng } = options;
  invariant(draws > 0, 'there are draws');
  const paths = {
    totalReturnFrac: new Float64Array(draws),
    drawdownFrac: new Float64Array(draws),
    drawdownCash: new Float64Array(draws),
    lowestFrac: new Float64Array(draws),
    underwaterMax: new Float64Array(draws),
    meanReturn: new Float64Array(draws),
  };
  const drawn = new Float64Array(results.length);
  const indices = new Int32Array(results.length);
  for (let draw = 0; draw < draws; draw += 1) {
    drawIndices(indices, rule, prng);
    for (let k = 0; k < indices.length; k += 1) drawn[k] = results[indices[k]];
    const figures = measurePath(drawn, options);
    paths.totalReturnFrac[draw] = figures.totalReturnFrac;
    paths.drawdownFrac[draw] = figures.drawdownFrac;
    paths.drawdownCash[draw] = figures.drawdownCash;
    paths.lowestFrac[draw] = figures.lowestFrac;
    paths.underwaterMax[draw] = figures.underwaterMax;
    paths.meanReturn[draw] = figures.meanReturn;
  }
  return paths;
}

function drawIndices(indices: Int32Array, rule: PathRule, prng: Prng): void {
  const n = indices.length;
  switch (rule.kind) {
    case 'bootstrap':
      return plainIndices(indices, n, uniformsOf(prng));
    case 'shuffle':
      return shuffledIndices(indices, uniformsOf(prng));
    case 'stationary':
    case 'circular_blocks':
      return drawBlockIndices(indices, n, { rule, prng });
  }
}

/** The figures of results in their own order. */
export function measurePath(
  results: ArrayLike<number>,
  { sizing = 'compounded', startCapital = 1 }: PathStart = {},
): PathFigures {
  invariant(results.length > 0 && startCapital > 0, 'a path has results and starts with capital');
  let capital = startCapital;
  let [peak, lowest, sum] = [capital, capital, 0];
  let [drawdownFrac, drawdownCash] = [0, 0];
  let [underwater, underwaterMax] = [0, 0];
  for (let k = 0; k < results.length; k += 1) {
    sum += results[k];
    const next = sizing === 'fixed' ? capital + results[k] : capital * (1 + results[k]);
    // Math.max and Math.min pass a NaN on.
    capital = capital === 0 ? 0 : Math.max(next, 0);
    if (capital >= peak) {
      peak = capital;
      underwater = 0;
      continue;
    }
    underwater += 1;
    underwaterMax = Math.max(underwaterMax, underwater);
    lowest = Math.min(lowest, capital);
    drawdownFrac = Math.min(drawdownFrac, capital / peak - 1);
    drawdownCash = Math.min(drawdownCash, capital - peak);
  }
  return {
    totalReturnFrac: capital / startCapital - 1,
    drawdownFrac,
    drawdownCash,
    lowestFrac: lowest / startCapital - 1,
    underwaterMax,
    meanReturn: sum / results.length,
  };
}
