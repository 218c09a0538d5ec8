/**
 * The loops that training spends its time in, over one flat memory, so that a second implementation can take over the same bytes.
 * Histograms are built eight features at a time: a block of 8 x 256 cells of two doubles stays in the processor's first cache.
 */
import type { FeatureBins } from './feature-bins.ts';
import type { LeafSums, SplitCandidate, SplitLimits } from './split-scan.ts';

/** Features in a block: one byte of the row's word each. */
export const LANES = 8;
/** Cells of one feature; a cell is {sum of gradients, sum of hessians}. */
export const CELLS = 256;
/** Doubles of a block's histogram. */
export const BLOCK_DOUBLES = LANES * CELLS * 2;

/** A feature that can split: its place among all, and its bins. */
export interface UsableFeature {
  readonly index: number;
  readonly bins: FeatureBins;
}

/** What a training's kernels are made for. A feature is named by its place among the usable ones. */
export interface TrainingShape {
  readonly rows: number;
  readonly features: readonly UsableFeature[];
  /** Histograms kept at the same time. */
  readonly slots: number;
  readonly limits: SplitLimits;
  /** By index of the feature: 1 and -1 as in `SplitQuestion`; empty = none. */
  readonly monotone: readonly (-1 | 0 | 1)[];
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
  /** Byte of slot s, feature f: s x features + f. 1 = a split may gain; histograms of other features are not kept. */
  readonly splittable: Uint8Array;
}

/** A stretch of `rows`. */
export interface LeafRows {
  readonly from: number;
  readonly count: number;
}

/** A leaf whose best split is looked for. */
export interface LeafQuestion {
  readonly slot: number;
  /** Slot of the sibling, whose cells are taken off first; -1 = the histogram was built from rows. */
  readonly minus: number;
  readonly sums: LeafSums;
  /** Bounds of outputs, from monotone splits above. */
  readonly outputMin: number;
  readonly outputMax: number;
}

export interface LeafSplit extends SplitCandidate {
  readonly feature: number;
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
  /** Writes the bins of one feature; `rows` of the column, in their order, are the training rows. */
  writeBins(feature: number, column: Float32Array, rows: Int32Array): void;
  /** Fills a slot with the sums over the rows of a leaf, for every block with a splittable feature. */
  buildHistogram(leaf: LeafRows, slot: number): void;
  /** The best split over the slot's splittable features, of equal ones the first; features without gain are crossed out there. */
  findBest(question: LeafQuestion): LeafSplit | null;
  /** Puts the rows that go left first, both sides in order. */
  partition(task: PartitionTask): PartitionCounts;
}

export const blocksOf = (features: number): number => Math.ceil(features / LANES);

/** First double of a feature's histogram. */
export function histogramStart(features: number, slot: number, feature: number): number {
  return slot * blocksOf(features) * BLOCK_DOUBLES + feature * CELLS * 2;
}
