/** The kernels in plain JavaScript: what every machine can run, and what the faster ones must equal bit by bit. */
import {
  BLOCK_DOUBLES,
  blocksOf,
  CELLS,
  LANES,
  type Kernels,
  type LeafRows,
  type PartitionCounts,
  type PartitionTask,
  type TrainingMemory,
  type TrainingShape,
} from './kernels.ts';
import { scanFeature, type SplitCandidate, type SplitLimits, type SplitQuestion } from './split-scan.ts';

/** Kernels and the memory that they work in. */
export function createJsKernels(shape: TrainingShape): Kernels {
  const blocks = blocksOf(shape.features);
  return new JsKernels(shape.rows, blocks, {
    bins: new Uint8Array(blocks * shape.rows * LANES),
    histograms: new Float64Array(shape.slots * blocks * BLOCK_DOUBLES),
    gradients: new Float32Array(2 * shape.rows),
    rows: new Int32Array(shape.rows),
  });
}

class JsKernels implements Kernels {
  readonly memory: TrainingMemory;
  readonly #rows: number;
  readonly #blocks: number;
  /** {gradient, hessian} of a leaf's rows, in their order. */
  readonly #gathered: Float32Array;
  readonly #right: Int32Array;

  constructor(rows: number, blocks: number, memory: TrainingMemory) {
    this.memory = memory;
    this.#rows = rows;
    this.#blocks = blocks;
    this.#gathered = new Float32Array(2 * rows);
    this.#right = new Int32Array(rows);
  }

  buildHistogram({ from, count }: LeafRows, slot: number): void {
    const { bins, histograms, gradients, rows } = this.memory;
    const leaf = rows.subarray(from, from + count);
    const gathered = this.#gathered;
    for (let k = 0; k < count; k += 1) {
      gathered[2 * k] = gradients[2 * leaf[k]];
      gathered[2 * k + 1] = gradients[2 * leaf[k] + 1];
    }
    for (let block = 0; block < this.#blocks; block += 1) {
      const start = (slot * this.#blocks + block) * BLOCK_DOUBLES;
      const words = bins.subarray(block * this.#rows * LANES, (block + 1) * this.#rows * LANES);
      addBlock(words, leaf, gathered, histograms.subarray(start, start + BLOCK_DOUBLES));
    }
  }

  subtractHistogram(slot: number, other: number): void {
    const { histograms } = this.memory;
    const size = this.#blocks * BLOCK_DOUBLES;
    const [to, from] = [slot * size, other * size];
    for (let k = 0; k < size; k += 1) histograms[to + k] -= histograms[from + k];
  }

  partition({ from, count, feature, bin, missingBin, isMissingLeft }: PartitionTask): PartitionCounts {
    const { bins, rows } = this.memory;
    const right = this.#right;
    const at = Math.floor(feature / LANES) * this.#rows * LANES + (feature % LANES);
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

  scan(question: SplitQuestion, limits: SplitLimits, best: SplitCandidate): boolean {
    return scanFeature(this.memory.histograms, question, limits, best);
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
