/** Monte Carlo over the order and the choice of returns: what else the same returns could have looked like. */
import { invariant, type Prng } from '@donch/core';
import { circularBlockIndices, plainIndices, shuffledIndices, uniformsOf } from './resample-indices.ts';

/**
 * `bootstrap`: draws with replacement, assumes independent returns; the final return varies.
 * `shuffle`: every return once in random order; the final return is the same in every path, only the way there varies - so use
 * it for drawdowns, never for the spread of outcomes.
 * `circular_blocks`: blocks with replacement, keeps what depends on the returns before.
 */
export type PathRule =
  | { readonly kind: 'bootstrap' }
  | { readonly kind: 'shuffle' }
  | { readonly kind: 'circular_blocks'; readonly blockLength: number };

export interface PathOptions {
  readonly rule: PathRule;
  readonly draws: number;
  readonly prng: Prng;
}

/** One entry per draw. */
export interface ResampledPaths {
  /** Compounded return of the whole path, fraction. */
  readonly totalReturnFrac: Float64Array;
  /** Deepest relative drawdown of the path, the starting capital included, <= 0. */
  readonly drawdownFrac: Float64Array;
  /** Mean return per period. */
  readonly meanReturn: Float64Array;
}

/** Draws paths of as many returns as there are, compounds each and measures it. */
export function resamplePaths(returns: ArrayLike<number>, { rule, draws, prng }: PathOptions): ResampledPaths {
  invariant(returns.length > 0 && draws > 0, 'there are returns and draws');
  const paths = {
    totalReturnFrac: new Float64Array(draws),
    drawdownFrac: new Float64Array(draws),
    meanReturn: new Float64Array(draws),
  };
  const indices = new Int32Array(returns.length);
  for (let draw = 0; draw < draws; draw += 1) {
    drawIndices(indices, rule, prng);
    measurePath(returns, indices, paths, draw);
  }
  return paths;
}

function drawIndices(indices: Int32Array, rule: PathRule, prng: Prng): void {
  const n = indices.length;
  const uniform = uniformsOf(prng);
  switch (rule.kind) {
    case 'bootstrap':
      return plainIndices(indices, n, uniform);
    case 'shuffle':
      return shuffledIndices(indices, uniform);
    case 'circular_blocks':
      return circularBlockIndices(indices, { n, blockLength: rule.blockLength }, uniform);
  }
}

function measurePath(returns: ArrayLike<number>, indices: Int32Array, paths: ResampledPaths, draw: number): void {
  let equity = 1;
  let peak = 1;
  let deepest = 0;
  let sum = 0;
  for (const index of indices) {
    equity *= 1 + returns[index];
    sum += returns[index];
    if (equity > peak) peak = equity;
    else if (equity / peak - 1 < deepest) deepest = equity / peak - 1;
  }
  paths.totalReturnFrac[draw] = equity - 1;
  paths.drawdownFrac[draw] = deepest;
  paths.meanReturn[draw] = sum / indices.length;
}
