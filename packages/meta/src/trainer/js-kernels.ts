/** The kernels in plain JavaScript: what every machine can run, and what the faster ones must equal bit by bit. */
import { binOf } from './feature-bins.ts';
import { findBestSplit } from './find-best-split.ts';
import {
  BLOCK_DOUBLES,
  blocksOf,
  CELLS,
  LANES,
  type Kernels,
  type LeafQuestion,
  type LeafRows,
  type LeafSplit,
  type PartitionCounts,
  type PartitionTask,
  type TrainingMemory,
  type TrainingShape,
} from './kernels.ts';

/** Kernels and the memory that they work in. */
export function createJsKernels(shape: TrainingShape): Kernels {
  const blocks = blocksOf(shape.features.length);
  return new JsKernels(shape, {
    bins: new Uint8Array(blocks * shape.rows * LANES),
    histograms: new Float64Array(shape.slots * blocks * BLOCK_DOUBLES),
    gradients: new Float32Array(2 * shape.rows),
    rows: new Int32Array(shape.rows),
    splittable: new Uint8Array(shape.slots * shape.features.length),
  });
}

class JsKernels implements Kernels {
  readonly memory: TrainingMemory;
  readonly #shape: TrainingShape;
  /** {gradient, hessian} of a leaf's rows, in their order. */
  readonly #gathered: Float32Array;
  readonly #right: Int32Array;

  constructor(shape: TrainingShape, memory: TrainingMemory) {
    this.memory = memory;
    this.#shape = shape;
    this.#gathered = new Float32Array(2 * shape.rows);
    this.#right = new Int32Array(shape.rows);
  }

  writeBins(feature: number, column: Float32Array, rows: Int32Array): void {
    const { upperBounds, binCount } = this.#shape.features[feature].bins;
    const { bins } = this.memory;
    const at = this.#columnStart(feature);
    for (let k = 0; k < rows.length; k += 1) {
      const value = column[rows[k]];
      bins[at + k * LANES] = Number.isNaN(value) ? binCount - 1 : binOf(upperBounds, value);
    }
  }

  buildHistogram({ from, count }: LeafRows, slot: number): void {
    const { bins, histograms, gradients, rows, splittable } = this.memory;
    const features = this.#shape.features.length;
    const leaf = rows.subarray(from, from + count);
    const gathered = this.#gathered;
    for (let k = 0; k < count; k += 1) {
      gathered[2 * k] = gradients[2 * leaf[k]];
      gathered[2 * k + 1] = gradients[2 * leaf[k] + 1];
    }
    const blockBytes = this.#shape.rows * LANES;
    for (let block = 0; block < blocksOf(features); block += 1) {
      const first = slot * features + block * LANES;
      const end = Math.min(first + LANES, (slot + 1) * features);
      if (!splittable.subarray(first, end).includes(1)) continue;
      const start = (slot * blocksOf(features) + block) * BLOCK_DOUBLES;
      const words = bins.subarray(block * blockBytes, (block + 1) * blockBytes);
      addBlock(words, leaf, gathered, histograms.subarray(start, start + BLOCK_DOUBLES));
    }
  }

  findBest(question: LeafQuestion): LeafSplit | null {
    return findBestSplit(this.memory, this.#shape, question);
  }

  partition({ from, count, feature, bin, missingBin, isMissingLeft }: PartitionTask): PartitionCounts {
    const { bins, rows } = this.memory;
    const right = this.#right;
    const at = this.#columnStart(feature);
    let [left, rights, missing] = [0, 0, 0];
    for (let k = from; k < from + count; k += 1) {
      const row = rows[k];
      const value = bins[at + row * LANES];
      const isMissing = value === missingBin;
      if (isMissing) missing += 1;
      if (isMissing ? isMissingLeft : value <= bin) {
        rows[from + left] = row;
        left += 1;
      } else {
        right[rights] = row;
        rights += 1;
      }
    }
    rows.set(right.subarray(0, rights), from + left);
    return { left, missing };
  }

  /** Byte of the first training row. */
  #columnStart(feature: number): number {
    return Math.floor(feature / LANES) * this.#shape.rows * LANES + (feature % LANES);
  }
}

const LANE_DOUBLES = 2 * CELLS;

/** The eight lanes are written out: a loop over them costs a third more (`npm run bench -- gbdt`). */
function addBlock(words: Uint8Array, leaf: Int32Array, gathered: Float32Array, cells: Float64Array): void {
  cells.fill(0);
  for (let k = 0; k < leaf.length; k += 1) {
    const word = leaf[k] * LANES;
    const gradient = gathered[2 * k];
    const hessian = gathered[2 * k + 1];
    let cell = 2 * words[word];
    cells[cell] += gradient;
    cells[cell + 1] += hessian;
    cell = LANE_DOUBLES + 2 * words[word + 1];
    cells[cell] += gradient;
    cells[cell + 1] += hessian;
    cell = 2 * LANE_DOUBLES + 2 * words[word + 2];
    cells[cell] += gradient;
    cells[cell + 1] += hessian;
    cell = 3 * LANE_DOUBLES + 2 * words[word + 3];
    cells[cell] += gradient;
    cells[cell + 1] += hessian;
    cell = 4 * LANE_DOUBLES + 2 * words[word + 4];
    cells[cell] += gradient;
    cells[cell + 1] += hessian;
    cell = 5 * LANE_DOUBLES + 2 * words[word + 5];
    cells[cell] += gradient;
    cells[cell + 1] += hessian;
    cell = 6 * LANE_DOUBLES + 2 * words[word + 6];
    cells[cell] += gradient;
    cells[cell + 1] += hessian;
    cell = 7 * LANE_DOUBLES + 2 * words[word + 7];
    cells[cell] += gradient;
    cells[cell + 1] += hessian;
  }
}
