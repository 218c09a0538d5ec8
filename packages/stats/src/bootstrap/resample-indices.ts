/**
 * Which observations a resample takes, as indices written into `out`. Chance comes as functions of the position that give
 * uniforms in [0, 1), so that the rules can be checked with given numbers; `uniformsOf` makes them from a generator.
 */
import { invariant, type Prng } from '@donch/core';

/** Uniform in [0, 1) for a position. */
export type Uniform = (position: number) => number;

/** Uniforms of a generator, drawn as they are asked for. */
export function uniformsOf(prng: Prng): Uniform {
  return () => prng.next();
}

/** `out.length` draws with replacement from `0 .. n-1`: for independent observations. */
export function plainIndices(out: Int32Array, n: number, uniform: Uniform): void {
  invariant(n >= 1, 'there is something to draw from');
  for (let k = 0; k < out.length; k += 1) out[k] = Math.floor(uniform(k) * n);
}

/** A random permutation of `0 .. out.length-1` (Fisher-Yates): every observation once, the order changes. */
export function shuffledIndices(out: Int32Array, uniform: Uniform): void {
  for (let k = 0; k < out.length; k += 1) out[k] = k;
  for (let k = out.length - 1; k > 0; k -= 1) {
    const other = Math.floor(uniform(k) * (k + 1));
    const swap = out[k];
    out[k] = out[other];
    out[other] = swap;
  }
}

export interface BlockOptions {
  /** Number of observations. */
  readonly n: number;
  /** Length of a block, about as long as dependence lasts (the holding period). */
  readonly blockLength: number;
}

/** Blocks of fixed length that start at `floor(u n)` and wrap around the end; `start` is asked once per block. */
export function circularBlockIndices(out: Int32Array, { n, blockLength }: BlockOptions, start: Uniform): void {
  invariant(Number.isInteger(blockLength) && blockLength >= 1 && n >= 1, 'a block has a length');
  for (let k = 0, block = 0; k < out.length; block += 1) {
    const from = Math.floor(start(block) * n);
    for (let j = 0; j < blockLength && k < out.length; j += 1, k += 1) out[k] = (from + j) % n;
  }
}

/** Blocks of fixed length that lie inside the series (moving block bootstrap): its ends are drawn less often. */
export function movingBlockIndices(out: Int32Array, { n, blockLength }: BlockOptions, start: Uniform): void {
  invariant(Number.isInteger(blockLength) && blockLength >= 1 && blockLength <= n, 'a block lies inside the series');
  for (let k = 0, block = 0; k < out.length; block += 1) {
    const from = Math.floor(start(block) * (n - blockLength + 1));
    for (let j = 0; j < blockLength && k < out.length; j += 1, k += 1) out[k] = from + j;
  }
}

export interface StationaryOptions {
  readonly n: number;
  /** Probability of a new block at each position: blocks are 1 / p long on average. */
  readonly restartProbability: number;
  readonly start: Uniform;
  readonly restart: Uniform;
}

/**
 * Stationary bootstrap (D. Politis, J. Romano 1994): blocks of geometric length that wrap around the end. Position 0 starts a
 * block; position k starts one when `restart(k) < p`, at `floor(start(k) n)`.
 */
export function stationaryIndices(out: Int32Array, { n, restartProbability, start, restart }: StationaryOptions): void {
  invariant(n >= 1 && restartProbability > 0 && restartProbability <= 1, 'a restart has a probability');
  for (let k = 0; k < out.length; k += 1) {
    const isNew = k === 0 || restart(k) < restartProbability;
    out[k] = isNew ? Math.floor(start(k) * n) : (out[k - 1] + 1) % n;
  }
}

/**
 * How dependent observations are drawn. `stationary`: geometric blocks of `blockLength` on average, the resample is stationary and
 * little depends on the exact length; `circular_blocks`: blocks of exactly `blockLength` (the last is cut). Both draw every
 * observation equally often. A block is about as long as dependence lasts: the holding period.
 */
export interface BlockRule {
  readonly kind: 'stationary' | 'circular_blocks';
  readonly blockLength: number;
}

/** Fewer blocks than this hold too little chance to resample; as many as the least weeks of an interval of trades. */
export const BLOCKS_MIN = 12;

/** Indices of one resample of `n` observations by the rule. */
export function drawBlockIndices(out: Int32Array, n: number, { rule, prng }: { rule: BlockRule; prng: Prng }): void {
  const uniform = uniformsOf(prng);
  const { kind, blockLength } = rule;
  if (kind === 'circular_blocks') return circularBlockIndices(out, { n, blockLength }, uniform);
  stationaryIndices(out, { n, restartProbability: 1 / blockLength, start: uniform, restart: uniform });
}
