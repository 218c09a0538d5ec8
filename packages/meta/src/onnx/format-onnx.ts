/**
 * A model as an ONNX file, calibrator included. Everything is computed in double; the trees compare float32 features with double
 * thresholds, as our own predictor does.
 */
import { invariant } from '@donch/core';
import { CATEGORY_MAX, ZERO_THRESHOLD, type Booster } from '../booster/booster.ts';
import type { Calibrator } from '../calibration/calibrator.ts';
import { calibratorNodes, scalar, type GraphPart } from './calibrator-nodes.ts';
import { ELEMENT_TYPES, encodeOnnx } from './onnx-graph.ts';
import { ensembleAttributes, ensembleOf, NO_CATEGORY, treeColumnsOf, type TreeColumns } from './tree-ensemble.ts';

/** The format of ONNX 1.16, the first with TreeEnsemble. */
const IR_VERSION = 10;
const OPSETS = { '': 17, 'ai.onnx.ml': 5 };

/**
 * The bytes of the graph X float32[N, features] -> `margin`, `p_raw`, `p` (float64[N, 1] each): the sum of the trees, its sigmoid,
 * and the calibrated probability. The same model, calibrator and metadata give the same bytes.
 */
export function formatOnnx(
  booster: Booster,
  calibrator: Calibrator,
  metadata: ReadonlyMap<string, string>,
): Uint8Array {
  invariant(booster.trees.length > 0, 'a model has trees');
  const columns = treeColumnsOf(booster);
  const parts = [columnNodes(columns), marginNodes(booster, columns), calibratorNodes(calibrator)];
  const output = (name: string) => ({ name, type: 'float64', shape: ['N', 1] }) as const;
  return encodeOnnx({
    irVersion: IR_VERSION,
    producer: 'donch',
    opsets: OPSETS,
    metadata,
    graphName: 'win_probability',
    inputs: [{ name: 'X', type: 'float32', shape: ['N', columns.features] }],
    outputs: ['margin', 'p_raw', 'p'].map(output),
    nodes: parts.flatMap(({ nodes }) => nodes),
    constants: parts.flatMap(({ constants }) => constants),
  });
}

/** X in double, and beside it the forms of the features that splits ask for: `columns`. */
function columnNodes({ zeroMissingFrom, categoriesFrom }: TreeColumns): GraphPart {
  const forms = [
    ...(zeroMissingFrom < 0 ? [] : [zeroMissingNodes()]),
    ...(categoriesFrom < 0 ? [] : [categoryNodes()]),
  ];
  const output = forms.length === 0 ? 'columns' : 'features';
  const names = ['features', ...forms.map(({ nodes }) => nodes[nodes.length - 1].output)];
  return {
    nodes: [
      { op: 'Cast', inputs: ['X'], output, attributes: { to: ELEMENT_TYPES.float64 } },
      ...forms.flatMap(({ nodes }) => nodes),
      ...(forms.length === 0 ? [] : [{ op: 'Concat', inputs: names, output: 'columns', attributes: { axis: 1 } }]),
    ],
    constants: forms.flatMap(({ constants }) => constants),
  };
}

/** Zeros become NaN. */
function zeroMissingNodes(): GraphPart {
  return {
    constants: [scalar('zero_max', ZERO_THRESHOLD), scalar('nan', Number.NaN)],
    nodes: [
      { op: 'Abs', inputs: ['features'], output: 'magnitudes' },
      { op: 'LessOrEqual', inputs: ['magnitudes', 'zero_max'], output: 'is_zero' },
      { op: 'Where', inputs: ['is_zero', 'nan', 'features'], output: 'zero_missing' },
    ],
  };
}

/** Cut to whole numbers; what is no category is one that no set has, before anything is cast: casting NaN means nothing. */
function categoryNodes(): GraphPart {
  return {
    constants: [
      scalar('category_above', -1),
      scalar('category_below', CATEGORY_MAX),
      scalar('no_category', NO_CATEGORY),
    ],
    nodes: [
      { op: 'Greater', inputs: ['features', 'category_above'], output: 'is_above' },
      { op: 'Less', inputs: ['features', 'category_below'], output: 'is_below' },
      { op: 'And', inputs: ['is_above', 'is_below'], output: 'is_category' },
      { op: 'Where', inputs: ['is_category', 'features', 'no_category'], output: 'category_values' },
      { op: 'Cast', inputs: ['category_values'], output: 'category_numbers', attributes: { to: ELEMENT_TYPES.int64 } },
      { op: 'Cast', inputs: ['category_numbers'], output: 'categories', attributes: { to: ELEMENT_TYPES.float64 } },
    ],
  };
}

/** The start score is in the leaves of the first tree. */
const BASE = 0;

function marginNodes(booster: Booster, columns: TreeColumns): GraphPart {
  const isScaled = booster.sigmoid !== 1;
  return {
    constants: [scalar('base', BASE), ...(isScaled ? [scalar('sigmoid', booster.sigmoid)] : [])],
    nodes: [
      {
        op: 'TreeEnsemble',
        domain: 'ai.onnx.ml',
        inputs: ['columns'],
        output: 'tree_sum',
        attributes: ensembleAttributes(ensembleOf(booster, columns)),
      },
      { op: 'Add', inputs: ['tree_sum', 'base'], output: 'margin' },
      ...(isScaled ? [{ op: 'Mul', inputs: ['margin', 'sigmoid'], output: 'scaled_margin' }] : []),
      { op: 'Sigmoid', inputs: [isScaled ? 'scaled_margin' : 'margin'], output: 'p_raw' },
    ],
  };
}
