/** Graphs that other programs write: what is scored, and what is refused and how. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DonchError } from '@donch/core';
import { formatOnnx } from '@donch/meta';
import { afterAll, describe, expect, it } from 'vitest';
import { ONNX_BYTES_MAX, OnnxGraph } from './onnx-graph.ts';
import { loadOnnxLibrary } from './onnx-library.ts';
import { everyKindOfSplit } from './testing/every-kind-of-split.ts';
import {
  attribute,
  CLASSIFIER,
  classifierParts,
  constant,
  field,
  joined,
  model,
  node,
  type ModelParts,
  type Port,
} from './testing/onnx-bytes.ts';

const X: Port = { name: 'X', type: 1, shape: ['N', 3] };
const X_DOUBLE: Port = { name: 'X', type: 11, shape: ['N', 'F'] };
const P_COLUMN: Port = { name: 'p', type: 1, shape: ['N', 1] };

/** p = sigmoid(x0 - x2), as one column. */
const SIGMOID_PARTS = [
  constant('W', [3, 1], [1, 0, -1]),
  node({ op: 'MatMul', inputs: ['X', 'W'], outputs: ['margin'] }),
  node({ op: 'Sigmoid', inputs: ['margin'], outputs: ['p'] }),
];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

async function scoresOf(bytes: Uint8Array, rows: readonly number[]): Promise<number[]> {
  const graph = await OnnxGraph.open(bytes, { file: 'model.onnx', featureCount: 3 });
  const { margin, pRaw, p } = await graph.score(Float32Array.from(rows), rows.length / 3);
  await graph.close();
  expect(graph.kind).toBe('foreign');
  expect(p).toEqual(pRaw);
  expect(margin.every(Number.isNaN)).toBe(true);
  return [...p];
}

async function refusal(bytes: Uint8Array, rows: readonly number[] = [0, 0, 0, 1, 1, 1]): Promise<DonchError> {
  try {
    const graph = await OnnxGraph.open(bytes, { file: 'model.onnx', featureCount: 3 });
    await graph.score(Float32Array.from(rows), rows.length / 3);
  } catch (error) {
    if (error instanceof DonchError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Code, file and expectation are there. */
function isComplete({ code, detail }: DonchError): boolean {
  return code === 'bad_model' && detail.file === 'model.onnx' && detail.expected !== undefined;
}

describe('a foreign graph', () => {
  it('of a classifier gives the probability of its second class', async () => {
    const found = await scoresOf(CLASSIFIER, [0.4, 0, 0, 0.6, 0, 1, 0.6, 0, 2, 0.6, 0, Number.NaN]);
    for (const [at, logOdds] of [-0.5, 0.25, 0.75, 0.25].entries()) expect(found[at]).toBeCloseTo(sigmoid(logOdds), 6);
  });

  it.each<[string, ModelParts]>([
    ['[N, 1]', { inputs: [X], outputs: [P_COLUMN], parts: SIGMOID_PARTS }],
    [
      '[N]',
      {
        inputs: [X],
        outputs: [{ name: 'q', type: 1, shape: ['N'] }],
        parts: [
          ...SIGMOID_PARTS,
          constant('unused', [1], [0]),
          node({
            op: 'ReduceMean',
            inputs: ['p'],
            outputs: ['q'],
            attributes: [attribute('axes', [1]), attribute('keepdims', 0)],
          }),
        ],
      },
    ],
    [
      'float64 in and out, lengths left open',
      {
        inputs: [X_DOUBLE],
        outputs: [{ name: 'p', type: 11, shape: ['N', 'C'] }],
        parts: [
          node({ op: 'Cast', inputs: ['W32'], outputs: ['W'], attributes: [attribute('to', 11)] }),
          constant('W32', [3, 1], [1, 0, -1]),
          ...SIGMOID_PARTS.slice(1),
        ],
      },
    ],
  ])('gives the probability of %s', async (_, parts) => {
    const found = await scoresOf(model(parts), [1, 5, 0, 0, 5, 2]);
    expect(found[0]).toBeCloseTo(sigmoid(1), 6);
    expect(found[1]).toBeCloseTo(sigmoid(-2), 6);
    expect(found.length).toBe(2);
  });

  it('scores many batches as it scores one row', async () => {
    const graph = await OnnxGraph.open(model({ inputs: [X], outputs: [P_COLUMN], parts: SIGMOID_PARTS }), {
      file: 'model.onnx',
      featureCount: 3,
    });
    const rowCount = 20_001;
    const rows = Float32Array.from({ length: 3 * rowCount }, (_, at) => (at % 97) / 97);
    const { p } = await graph.score(rows, rowCount);
    for (const row of [0, 1, 8_191, 8_192, 16_384, 20_000])
      expect(p[row]).toBeCloseTo(sigmoid(rows[3 * row] - rows[3 * row + 2]), 6);
    expect((await graph.score(new Float32Array(0), 0)).p.length).toBe(0);
    await graph.close();
  });

  it('that rounds a little above 1 gives 1', async () => {
    const parts = [constant('one', [3, 1], [1, 0, 0]), node({ op: 'MatMul', inputs: ['X', 'one'], outputs: ['p'] })];
    const bytes = model({ inputs: [X], outputs: [P_COLUMN], parts });
    expect(await scoresOf(bytes, [1.0000007, 0, 0, -0.0000007, 0, 0, Number.NaN, 0, 0])).toEqual([1, 0, Number.NaN]);
  });
});

/** A sequence of maps, as ZipMap gives it. */
const ZIP_MAP_OUTPUT = field(12, [
  field(1, 'zipped'),
  field(2, [field(4, [field(1, [field(5, [field(1, 7), field(2, [field(1, [field(1, 1)])])])])])]),
]);

const MARGIN: Port = { name: 'margin', type: 1, shape: ['N', 1] };
const LABEL: Port = { name: 'label', type: 7, shape: ['N'] };

describe('refused with what is wrong', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /0 graphs/],
    ['a text', Buffer.from('tree\nversion=v4\n'), /not an ONNX model, or a damaged one/],
    ['a cut file', CLASSIFIER.slice(0, 300), /a field of \d+ bytes at byte \d+, where \d+ are left/],
    ['zeros', new Uint8Array(100), /a field without a number at byte 0/],
    [
      'a text of other bytes than UTF-8',
      joined([field(2, Uint8Array.of(0xff, 0xfe)), CLASSIFIER]),
      /a text that is not UTF-8 at byte 2/,
    ],
    [
      'two inputs',
      model({
        inputs: [X, { name: 'Y', type: 1, shape: ['N', 1] }],
        outputs: [P_COLUMN],
        parts: [...SIGMOID_PARTS.slice(0, 2), node({ op: 'Sigmoid', inputs: ['Y'], outputs: ['p'] })],
      }),
      /the inputs of the graph are X float32\[N, 3\], Y float32\[N, 1\]; expected one tensor/,
    ],
    [
      'other features',
      model({
        inputs: [{ ...X, shape: ['N', 4] }],
        outputs: [LABEL, { ...MARGIN, name: 'probabilities', shape: ['N', 2] }],
        parts: [classifierParts()],
      }),
      /X float32\[N, 4\]; expected one tensor float32\[N, 3\]/,
    ],
    [
      'a fixed number of rows',
      model({ inputs: [{ ...X, shape: [1, 3] }], outputs: [{ ...P_COLUMN, shape: [1, 1] }], parts: SIGMOID_PARTS }),
      /X float32\[1, 3\]/,
    ],
    [
      'labels only',
      model({ inputs: [X], outputs: [LABEL], parts: [classifierParts()] }),
      /outputs of the graph are label int64\[N\]/,
    ],
    [
      'two probabilities',
      model({ inputs: [X], outputs: [MARGIN, P_COLUMN], parts: SIGMOID_PARTS }),
      /margin float32\[N, 1\], p float32\[N, 1\]; expected one tensor/,
    ],
    [
      'ZipMap',
      model({
        inputs: [X],
        outputs: [LABEL],
        otherOutputs: [ZIP_MAP_OUTPUT],
        parts: [
          classifierParts(),
          node({
            op: 'ZipMap',
            domain: 'ai.onnx.ml',
            inputs: ['probabilities'],
            outputs: ['zipped'],
            attributes: [attribute('classlabels_int64s', [0, 1])],
          }),
        ],
      }),
      /zipped \(no tensor\)[^]*without ZipMap/,
    ],
    [
      'a margin',
      model({
        inputs: [X],
        outputs: [MARGIN],
        parts: [constant('W', [3, 1], [7, 0, 0]), node({ op: 'MatMul', inputs: ['X', 'W'], outputs: ['margin'] })],
      }),
      /row 2 scores 7; expected a probability from 0 to 1/,
    ],
    [
      'two columns of something else',
      model({
        inputs: [X],
        outputs: [{ ...P_COLUMN, shape: ['N', 2] }],
        parts: [
          constant('W', [3, 2], [1, 0, 0, 0, 0, 0.5]),
          node({ op: 'MatMul', inputs: ['X', 'W'], outputs: ['p'] }),
        ],
      }),
      /the two columns of row 1 add up to 0; expected 1/,
    ],
    [
      'one number for all rows',
      model({
        inputs: [X],
        outputs: [{ ...P_COLUMN, shape: ['A', 'B'] }],
        parts: [node({ op: 'ReduceMean', inputs: ['X'], outputs: ['p'] })],
      }),
      /the graph gave float32\[1, 1\]; expected \[2, 2\], \[2, 1\] or \[2\] numbers/,
    ],
    [
      'an operator that there is not',
      model({ inputs: [X], outputs: [P_COLUMN], parts: [node({ op: 'Sgmoid', inputs: ['X'], outputs: ['p'] })] }),
      /the graph cannot be loaded: .*Sgmoid/,
    ],
    [
      'control flow',
      model({
        inputs: [X],
        outputs: [P_COLUMN],
        parts: [
          node({
            op: 'Loop',
            inputs: ['', '', 'X'],
            outputs: ['p'],
            attributes: [joined([field(1, 'body'), field(6, [field(2, 'inner')]), field(20, 5)])],
          }),
        ],
      }),
      /the operator "Loop" runs a graph of its own; expected no control flow/,
    ],
    [
      'data in another file',
      model({
        inputs: [X],
        outputs: [P_COLUMN],
        parts: [
          field(5, [
            field(1, 3),
            field(1, 1),
            field(2, 1),
            field(8, 'W'),
            field(13, [field(1, 'location'), field(2, 'weights.bin')]),
            field(14, 1),
          ]),
          ...SIGMOID_PARTS.slice(1),
        ],
      }),
      /a tensor whose data are in another file/,
    ],
  ])('%s', async (_, bytes, text) => {
    const error = await refusal(bytes);
    expect(error.message).toMatch(text);
    expect(isComplete(error)).toBe(true);
  });

  it('a graph of ours for other features', async () => {
    const bytes = formatOnnx(everyKindOfSplit(), { kind: 'none' }, new Map());
    const error = await refusal(bytes);
    expect(error.message).toMatch(/the graph is X float32\[N, 4\] -> margin .*; expected X float32\[N, 3\] ->/);
    expect(isComplete(error)).toBe(true);
  });

  it('a graph that only says that it is ours', async () => {
    const bytes = model({ inputs: [X], outputs: [P_COLUMN], parts: SIGMOID_PARTS, producer: 'donch' });
    const error = await refusal(bytes);
    expect(error.message).toMatch(/the graph is X float32\[N, 3\] -> p float32\[N, 1\]; expected/);
    expect(isComplete(error)).toBe(true);
  });
});

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'donch-onnx-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (name: string): Promise<OnnxGraph> => OnnxGraph.read({ file: join(folder, name), featureCount: 4 });

  it('of ours keeps its metadata', async () => {
    const metadata = new Map([
      ['strategy', 'Donchian-Ausbruch für €'],
      ['empty', ''],
    ]);
    writeFileSync(join(folder, 'own.onnx'), formatOnnx(everyKindOfSplit(), { kind: 'none' }, metadata));
    const graph = await read('own.onnx');
    expect(graph.kind).toBe('own');
    expect(new Map(graph.metadata)).toEqual(metadata);
    await graph.close();
  });

  it('that is not there or is a folder is refused as the disk says', async () => {
    await expect(read('none.onnx')).rejects.toMatchObject({ code: 'no_such_file' });
    await expect(read('.')).rejects.toMatchObject({ code: 'not_a_file' });
  });

  it('that is too large is not read', async () => {
    const path = join(folder, 'large.onnx');
    writeFileSync(path, '');
    truncateSync(path, ONNX_BYTES_MAX + 1);
    await expect(read('large.onnx')).rejects.toThrow(
      /large\.onnx: the file has 268435457 bytes; expected at most 268435456/,
    );
  });
});

it('a library that cannot be loaded is named with the way out', async () => {
  const failing = (): Promise<never> =>
    Promise.reject(new Error('libstdc++.so.6: cannot open shared object file\nat x'));
  const error = await loadOnnxLibrary('model.onnx', failing).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'bad_model', detail: { file: 'model.onnx' } });
  expect(String(error)).toMatch(
    /the ONNX library cannot be loaded.*libstdc\+\+\.so\.6: cannot open shared object file;/,
  );
  expect(String(error)).toMatch(/install/);
});
