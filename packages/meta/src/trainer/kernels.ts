/**
 * The loops that training spends its time in, over one flat memory, so that a second implementation can take over the same bytes.
 * Histograms are built eight features at a time: a block of 8 x 256 cells of two doubles stays in the processor's first cache.
 */
import type { SplitCandidate, SplitLimits, SplitQuestion } from './split-scan.ts';

/** Features in a block: one byte of the row's word each. */
export const LANES = 8;
/** Cells of one feature; a cell is {sum of gradients, sum of hessians}. */
export const CELLS = 256;
/** Doubles of a block's histogram. */
export const BLOCK_DOUBLES = LANES * CELLS * 2;

export interface TrainingShape {
  readonly rows: number;
  /** Features that can split. */
  readonly features: number;
  /** Histograms kept at the same time. */
  readonly slots: number;
}

export interface TrainingMemory {
  /** Byte of block b, row r, lane l: ((b x rows) + r) x 8 + l. */
  readonly bins: Uint8Array;
  /** Double of slot s, block b, lane l, bin k: ((s x blocks + b) x 8 + l) x 512 + 2k. */
  readonly histograms: Float64Array;
  /** {gradient, hessian} by row. */
  readonly gradients: Float32Array;
  /** Row numbers, those of a leaf next to each other and ascending. */
  readonly rows: Int32Array;
}

/** A stretch of `rows`. */
export interface LeafRows {
  readonly from: number;
  readonly count: number;
}

export interface PartitionTask extends LeafRows {
  readonly feature: number;
  /** Bins up to this one go left. */
  readonly bin: number;
  /** Bin of missing values, -1 = none. */
  readonly missingBin: number;
  readonly isMissingLeft: boolean;
}

export interface PartitionCounts {
  readonly left: number;
  /** Rows with a missing value, on whichever side. */
  readonly missing: number;
}

export interface Kernels {
  readonly memory: TrainingMemory;
  /** Fills a slot with the sums over the rows of a leaf. */
  buildHistogram(leaf: LeafRows, slot: number): void;
  /** Cells of `slot` minus those of `other`, in place. */
  subtractHistogram(slot: number, other: number): void;
  /** Puts the rows that go left first, both sides in order. */
  partition(task: PartitionTask): PartitionCounts;
  /** The best split of one feature; false: there is none. `best` is overwritten. */
  scan(question: SplitQuestion, limits: SplitLimits, best: SplitCandidate): boolean;
}

export const blocksOf = (features: number): number => Math.ceil(features / LANES);

/** First double of a feature's histogram. */
export function histogramStart({ features }: TrainingShape, slot: number, feature: number): number {
  return slot * blocksOf(features) * BLOCK_DOUBLES + feature * CELLS * 2;
}
