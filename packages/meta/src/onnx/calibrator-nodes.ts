/** Calibrators as nodes of an ONNX graph: `margin` and `p_raw` in, `p` out. */
import { assertNever, invariant } from '@donch/core';
import type { Calibrator } from '../calibration/calibrator.ts';
import { ELEMENT_TYPES, type OnnxNode, type OnnxTensor } from './onnx-graph.ts';
import { ensembleAttributes, type Ensemble, type EnsembleNode } from './tree-ensemble.ts';

export interface GraphPart {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
}

/** One number. */
export function scalar(name: string, value: number): OnnxTensor {
  return { name, type: 'float64', shape: [], values: [value] };
}

/** Platt reads the margin, isotonic the probability; without a calibrator p is p_raw. */
export function calibratorNodes(calibrator: Calibrator): GraphPart {
  switch (calibrator.kind) {
    case 'none':
      return { nodes: [{ op: 'Identity', inputs: ['p_raw'], output: 'p' }], constants: [] };
    case 'platt':
      return plattNodes(calibrator);
    case 'isotonic':
      return isotonicNodes(calibrator);
    default:
      return assertNever(calibrator, 'calibrator');
  }
}

/** 1 / (1 + exp(a x margin + b)) = sigmoid(-a x margin - b). */
function plattNodes({ a, b }: Extract<Calibrator, { kind: 'platt' }>): GraphPart {
  invariant(Number.isFinite(a) && Number.isFinite(b), "Platt's parameters are finite");
  return {
    constants: [scalar('platt_slope', -a), scalar('platt_intercept', -b)],
    nodes: [
      { op: 'Mul', inputs: ['margin', 'platt_slope'], output: 'platt_scaled' },
      { op: 'Add', inputs: ['platt_scaled', 'platt_intercept'], output: 'platt_margin' },
      { op: 'Sigmoid', inputs: ['platt_margin'], output: 'p' },
    ],
  };
}

/**
 * y0 + dy (p_raw - x0) / dx with the numbers of the piece that p_raw lies in; a tree finds the piece, because comparing with every
 * threshold takes memory of rows x thresholds. NaN lands in the last piece and stays NaN.
 */
function isotonicNodes({ x, y }: Extract<Calibrator, { kind: 'isotonic' }>): GraphPart {
  invariant(
    x.length > 0 && x.length === y.length,
    'an isotonic calibrator has as many values as thresholds, at least one',
  );
  invariant(
    [...x, ...y].every(Number.isFinite) && x.every((value, at) => at === 0 || value > x[at - 1]),
    'thresholds of an isotonic calibrator are finite and ascend',
  );
  const pieces = Array.from({ length: x.length + 1 }, (_, piece) => pieceOf({ x, y }, piece));
  const column = (name: string, values: readonly number[]): OnnxTensor => ({
    name,
    type: 'float64',
    shape: [values.length],
    values,
  });
  return {
    constants: [
      column(
        'piece_x',
        pieces.map(({ x0 }) => x0),
      ),
      column(
        'piece_dx',
        pieces.map(({ dx }) => dx),
      ),
      column(
        'piece_y',
        pieces.map(({ y0 }) => y0),
      ),
      column(
        'piece_dy',
        pieces.map(({ dy }) => dy),
      ),
    ],
    nodes: [
      {
        op: 'TreeEnsemble',
        domain: 'ai.onnx.ml',
        inputs: ['p_raw'],
        output: 'piece_number',
        attributes: ensembleAttributes(searchTree(x)),
      },
      { op: 'Cast', inputs: ['piece_number'], output: 'piece', attributes: { to: ELEMENT_TYPES.int64 } },
      ...['x', 'dx', 'y', 'dy'].map((name) => ({
        op: 'Gather',
        inputs: [`piece_${name}`, 'piece'],
        output: `row_${name}`,
      })),
      { op: 'Sub', inputs: ['p_raw', 'row_x'], output: 'beyond' },
      { op: 'Mul', inputs: ['row_dy', 'beyond'], output: 'risen' },
      { op: 'Div', inputs: ['risen', 'row_dx'], output: 'rise' },
      { op: 'Add', inputs: ['row_y', 'rise'], output: 'p' },
    ],
  };
}

interface Piece {
  readonly x0: number;
  readonly dx: number;
  readonly y0: number;
  readonly dy: number;
}

/** Piece k ends at threshold k; the first and the last are flat. */
function pieceOf({ x, y }: { readonly x: readonly number[]; readonly y: readonly number[] }, piece: number): Piece {
  if (piece === 0) return { x0: x[0], dx: 1, y0: y[0], dy: 0 };
  const before = piece - 1;
  if (piece === x.length) return { x0: x[before], dx: 1, y0: y[before], dy: 0 };
  return { x0: x[before], dx: x[piece] - x[before], y0: y[before], dy: y[piece] - y[before] };
}

/** A balanced tree whose leaf for a value is how many thresholds lie below it. */
function searchTree(thresholds: readonly number[]): Ensemble {
  const nodes: EnsembleNode[] = [];
  const build = (first: number, last: number): number => {
    if (first === last) return first;
    const middle = Math.floor((first + last) / 2);
    const at = nodes.length;
    const [leftIsLeaf, rightIsLeaf] = [first === middle, middle + 1 === last];
    const node = { column: 0, threshold: thresholds[middle], members: [], nanGoesLeft: false, leftIsLeaf, rightIsLeaf };
    nodes.push({ ...node, left: 0, right: 0 });
    const left = build(first, middle);
    nodes[at] = { ...node, left, right: build(middle + 1, last) };
    return at;
  };
  build(0, thresholds.length);
  return { nodes, leafValues: Array.from({ length: thresholds.length + 1 }, (_, piece) => piece), roots: [0] };
}
