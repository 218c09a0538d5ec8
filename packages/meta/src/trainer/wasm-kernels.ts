/** The kernels in WebAssembly (packages/meta/assembly/kernels.ts): the same sums in the same order, several times as fast. */
import { invariant } from '@donch/core';
import type { FeatureBins } from './feature-bins.ts';
import { findBestSplit } from './find-best-split.ts';
import { createJsKernels } from './js-kernels.ts';
import { KERNELS_WASM } from './kernels-wasm.ts';
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

/** What is used of the language's WebAssembly, which its own type library leaves to the one of browsers. */
interface WasmRuntime {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
declare const WebAssembly: WasmRuntime | undefined;

/** Numbers in the order of the parameters in the AssemblyScript source; addresses are unsigned 32-bit. */
type Call = (...numbers: readonly number[]) => number;
type WasmFunction =
  | 'heapBase'
  | 'setShape'
  | 'setData'
  | 'setScratch'
  | 'setTables'
  | 'setLimits'
  | 'writeBins'
  | 'buildHistogram'
  | 'findBest'
  | 'partition';
type WasmExports = Readonly<Record<WasmFunction, Call>>;

const PAGE_BYTES = 65_536;
/** Addresses have 32 bits. */
const MEMORY_BYTES_MAX = 2 ** 32;
/** Values that are turned into bins with one call. */
const VALUES = 4_096;
/** Rows whose words are gathered at a time. */
const WORDS_BYTES = 2_048;
const ALIGNMENT_BYTES = 64;

/** The fastest kernels that there are: WebAssembly where it runs and the training fits into its 4 GB, else plain JavaScript. */
export function createKernels(shape: TrainingShape): Kernels {
  return createWasmKernels(shape) ?? createJsKernels(shape);
}

/** Kernels in WebAssembly; null where it does not run or the training needs more than 4 GB. */
export function createWasmKernels(shape: TrainingShape): Kernels | null {
  if (typeof WebAssembly === 'undefined') return null;
  module ??= compiled(WebAssembly);
  if (module === null) return null;
  const bytes = layoutOf(shape, HEAP_BASE_MAX).bytes;
  if (bytes > MEMORY_BYTES_MAX) return null;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return new WasmKernels(shape, exports as WasmExports, memory.buffer);
}

/** The data of the compiler itself lies below: the kernels have none to speak of. */
const HEAP_BASE_MAX = PAGE_BYTES;

/** Compiled once per thread; null where the machine cannot run it. */
let module: object | null | undefined;

function compiled(runtime: WasmRuntime): object | null {
  const bytes = bytesOfBase64(KERNELS_WASM);
  return runtime.validate(bytes) ? new runtime.Module(bytes) : null;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function bytesOfBase64(text: string): Uint8Array {
  const digits = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let [bits, count, at] = [0, 0, 0];
  for (const digit of digits) {
    bits = ((bits << 6) | BASE64.indexOf(digit)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at] = (bits >> count) & 0xff;
    at += 1;
  }
  return bytes;
}

/** Addresses of everything, and where it ends. */
function layoutOf({ rows, features, slots }: TrainingShape, start: number) {
  const blocks = blocksOf(features.length);
  let end = start;
  const take = (bytes: number): number => {
    const at = end;
    end = Math.ceil((at + bytes) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    return at;
  };
  const places = {
    table: take(features.length * 16),
    rests: take(LANES * 16),
    result: take(40),
    bounds: take(CELLS * 8),
    values: take(VALUES * 4),
    words: take(WORDS_BYTES),
    splittable: take(slots * features.length),
    histograms: take(slots * blocks * BLOCK_DOUBLES * 8),
    gradients: take(rows * 8),
    gathered: take(rows * 8),
    rows: take(rows * 4),
    right: take(rows * 4),
    bins: take(blocks * rows * LANES),
  };
  return { ...places, bytes: end };
}

class WasmKernels implements Kernels {
  readonly memory: TrainingMemory;
  readonly #shape: TrainingShape;
  readonly #wasm: WasmExports;
  readonly #values: Float32Array;
  readonly #bounds: Float64Array;
  readonly #resultNumbers: Float64Array;
  readonly #resultWords: Int32Array;
  readonly #isMonotone: boolean;

  constructor(shape: TrainingShape, wasm: WasmExports, buffer: ArrayBuffer) {
    const { rows, features, slots, limits } = shape;
    invariant(wasm.heapBase() <= HEAP_BASE_MAX, 'the memory of the kernels starts above their own data');
    const at = layoutOf(shape, HEAP_BASE_MAX);
    const blocks = blocksOf(features.length);
    this.#shape = shape;
    this.#wasm = wasm;
    this.#isMonotone = shape.monotone.some((sign) => sign !== 0);
    this.memory = {
      bins: new Uint8Array(buffer, at.bins, blocks * rows * LANES),
      histograms: new Float64Array(buffer, at.histograms, slots * blocks * BLOCK_DOUBLES),
      gradients: new Float32Array(buffer, at.gradients, 2 * rows),
      rows: new Int32Array(buffer, at.rows, rows),
      splittable: new Uint8Array(buffer, at.splittable, slots * features.length),
    };
    this.#values = new Float32Array(buffer, at.values, VALUES);
    this.#bounds = new Float64Array(buffer, at.bounds, CELLS);
    this.#resultNumbers = new Float64Array(buffer, at.result, 3);
    this.#resultWords = new Int32Array(buffer, at.result + 24, 4);
    new Int32Array(buffer, at.table, features.length * 4).set(features.flatMap(({ bins }) => tableEntry(bins)));
    wasm.setShape(rows, features.length);
    wasm.setData(at.bins, at.histograms, at.gradients, at.rows, at.splittable);
    wasm.setScratch(at.gathered, at.right, at.words, at.values, at.bounds);
    wasm.setTables(at.table, at.rests, at.result);
    const { rowsInLeafMin, hessianInLeafMin, lambdaL1, lambdaL2, gainMin } = limits;
    wasm.setLimits(rowsInLeafMin, hessianInLeafMin, lambdaL1, lambdaL2, gainMin);
  }

  writeBins(feature: number, column: Float32Array, rows: Int32Array): void {
    const { upperBounds, binCount } = this.#shape.features[feature].bins;
    const values = this.#values;
    this.#bounds.fill(Infinity).set(upperBounds);
    for (let from = 0; from < rows.length; from += VALUES) {
      const count = Math.min(VALUES, rows.length - from);
      for (let k = 0; k < count; k += 1) values[k] = column[rows[from + k]];
      this.#wasm.writeBins(feature, from, count, binCount - 1);
    }
  }

  buildHistogram({ from, count }: LeafRows, slot: number): void {
    this.#wasm.buildHistogram(from, count, slot);
  }

  findBest(question: LeafQuestion): LeafSplit | null {
    // Bounds of outputs are rare and not worth a second scan in assembly: the plain one works in the same memory.
    if (this.#isMonotone) return findBestSplit(this.memory, this.#shape, question);
    const { slot, minus, sums } = question;
    if (this.#wasm.findBest(slot, minus, sums.gradient, sums.hessian, sums.rows) === 0) return null;
    const [gain, leftGradient, leftHessian] = this.#resultNumbers;
    const [feature, bin, missingLeft] = this.#resultWords;
    return { feature, bin, gain, leftGradient, leftHessian, isMissingLeft: missingLeft !== 0 };
  }

  partition({ from, count, feature, bin, missingBin, isMissingLeft }: PartitionTask): PartitionCounts {
    const left = this.#wasm.partition(from, count, feature, bin, missingBin, isMissingLeft ? 1 : 0);
    return { left, missing: this.#resultWords[3] };
  }
}

/** As `table` of the AssemblyScript source has it. */
const tableEntry = ({ binCount, hasMissing, mostFrequentBin }: FeatureBins): number[] => [
  binCount,
  hasMissing ? 1 : 0,
  mostFrequentBin,
  0,
];
