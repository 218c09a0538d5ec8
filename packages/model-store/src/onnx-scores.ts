/** Tensors that a graph gave, as probabilities: their shapes and values are looked at, because a wrong one trades. */
import { DonchError } from '@donch/core';
import type { Tensor } from 'onnxruntime-node';

/** One number per row. */
export interface OnnxScores {
  /** Log odds before the calibrator; NaN of foreign graphs. */
  readonly margin: Float64Array;
  /** The probability before the calibrator. */
  readonly pRaw: Float64Array;
  /** The calibrated probability; of foreign graphs `pRaw`. NaN where the graph says NaN. */
  readonly p: Float64Array;
}

interface Target {
  readonly scores: OnnxScores;
  /** Rows [from, to) of the scores are filled. */
  readonly from: number;
  readonly to: number;
  readonly file: string;
}

/** Fills in margin, p_raw and p of an own graph, which come in this order. */
export function ownScores(tensors: readonly Tensor[], { scores, from, to, file }: Target): void {
  for (const [at, column] of [scores.margin, scores.pRaw, scores.p].entries()) {
    const { values, columns } = columnsOf(tensors[at], to - from, file);
    if (columns !== 1) throw wrongShape(tensors[at], '[N, 1]', file);
    for (let row = from; row < to; row += 1)
      column[row] = column === scores.margin ? values[row - from] : probability(values[row - from], row, file);
  }
}

/** Fills in the probability of a foreign graph: of two classes the second. */
export function foreignScores(tensor: Tensor, { scores, from, to, file }: Target): void {
  const { values, columns } = columnsOf(tensor, to - from, file);
  for (let row = from; row < to; row += 1) {
    const first = (row - from) * columns;
    if (columns === 2) checkSum(values[first] + values[first + 1], row, file);
    scores.pRaw[row] = probability(values[first + columns - 1], row, file);
    scores.p[row] = scores.pRaw[row];
  }
}

function columnsOf(
  tensor: Tensor,
  rows: number,
  file: string,
): { readonly values: Float32Array | Float64Array; readonly columns: number } {
  const { data, dims } = tensor;
  const columns = dims.length === 1 ? 1 : dims[1];
  const isReal = data instanceof Float32Array || data instanceof Float64Array;
  if (
    isReal &&
    dims.length <= 2 &&
    dims[0] === rows &&
    (columns === 1 || columns === 2) &&
    data.length === rows * columns
  )
    return { values: data, columns };
  throw wrongShape(tensor, `[${rows}, 2], [${rows}, 1] or [${rows}] numbers`, file);
}

function wrongShape({ type, dims }: Tensor, expected: string, file: string): DonchError {
  return new DonchError('bad_model', `the graph gave ${type}[${dims.join(', ')}]`, {
    file,
    expected,
    remedy: 'Export the model so that every row gives its own probability.',
  });
}

/** Sums of many float32 leaves end this far above 1 or below 0. */
const ROUNDING_MAX = 1e-5;

function probability(value: number, row: number, file: string): number {
  if (Number.isNaN(value)) return value;
  if (value >= -ROUNDING_MAX && value <= 1 + ROUNDING_MAX) return Math.min(1, Math.max(0, value));
  throw notProbability(`row ${row + 1} scores ${value}`, 'a probability from 0 to 1', file);
}

/** Two columns that do not add up to 1 are something else than two classes. */
function checkSum(sum: number, row: number, file: string): void {
  if (Number.isNaN(sum) || Math.abs(sum - 1) <= 10 * ROUNDING_MAX) return;
  throw notProbability(`the two columns of row ${row + 1} add up to ${sum}`, '1: probabilities of two classes', file);
}

function notProbability(found: string, expected: string, file: string): DonchError {
  return new DonchError('bad_model', found, {
    file,
    expected,
    remedy: 'Export the probability, not the margin.',
  });
}
