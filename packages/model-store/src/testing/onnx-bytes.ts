/** ONNX files put together by hand, as other programs write them, and damaged ones. */
import { createPrng } from '@donch/core';

type Content = number | string | Uint8Array | readonly Uint8Array[];

/** One field of a message: a number, a text, bytes, or a message of fields. */
export function field(number: number, content: Content): Uint8Array {
  if (typeof content === 'number') return joined([varint(number * 8), varint(content)]);
  const bytes =
    typeof content === 'string' ? Buffer.from(content) : content instanceof Uint8Array ? content : joined(content);
  return joined([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

type AttributeValue = number | string | { readonly floats: readonly number[] } | readonly number[] | readonly string[];

export function attribute(name: string, value: AttributeValue): Uint8Array {
  const part = field(1, name);
  if (typeof value === 'number') return joined([part, field(3, value), field(20, 2)]);
  if (typeof value === 'string') return joined([part, field(4, value), field(20, 3)]);
  if ('floats' in value) return joined([part, field(7, floatBytes(value.floats)), field(20, 6)]);
  if (typeof value[0] === 'string') return joined([part, ...value.map((text) => field(9, String(text))), field(20, 8)]);
  return joined([part, ...value.map((whole) => field(8, Number(whole))), field(20, 7)]);
}

function floatBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

export interface NodeParts {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly Uint8Array[];
}

export function node({ op, domain = '', inputs, outputs, attributes = [] }: NodeParts): Uint8Array {
  return field(1, [
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, op),
    ...attributes.map((bytes) => field(5, bytes)),
    field(7, domain),
  ]);
}

/** A constant of float32. */
export function constant(name: string, shape: readonly number[], values: readonly number[]): Uint8Array {
  return field(5, [...shape.map((size) => field(1, size)), field(2, 1), field(8, name), field(9, floatBytes(values))]);
}

export interface Port {
  readonly name: string;
  /** 1 float32, 7 int64, 11 float64. */
  readonly type: number;
  readonly shape: readonly (number | string)[];
}

function port({ name, type, shape }: Port): Uint8Array {
  const sizes = shape.map((size) => field(1, [typeof size === 'number' ? field(1, size) : field(2, size)]));
  return joined([field(1, name), field(2, [field(1, [field(1, type), field(2, sizes)])])]);
}

export interface ModelParts {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Nodes and constants. */
  readonly parts: readonly Uint8Array[];
  readonly producer?: string;
  /** Outputs that are no tensors, as they stand in the graph. */
  readonly otherOutputs?: readonly Uint8Array[];
}

/** A model of operator sets 15 and ai.onnx.ml 1, as converters of today write them. */
export function model({ inputs, outputs, parts, producer = 'skl2onnx', otherOutputs = [] }: ModelParts): Uint8Array {
  return joined([
    field(1, 8),
    field(2, producer),
    field(7, [
      ...parts,
      field(2, 'graph'),
      ...inputs.map((input) => field(11, port(input))),
      ...outputs.map((output) => field(12, port(output))),
      ...otherOutputs,
    ]),
    field(8, [field(1, ''), field(2, 15)]),
    field(8, [field(1, 'ai.onnx.ml'), field(2, 1)]),
  ]);
}

/** A classifier as skl2onnx writes it: one tree over three features, label and probabilities [N, 2]. */
export function classifierParts(): Uint8Array {
  return node({
    op: 'TreeEnsembleClassifier',
    domain: 'ai.onnx.ml',
    inputs: ['X'],
    outputs: ['label', 'probabilities'],
    attributes: [
      attribute('class_ids', [0, 0, 0]),
      attribute('class_nodeids', [1, 3, 4]),
      attribute('class_treeids', [0, 0, 0]),
      attribute('class_weights', { floats: [-0.5, 0.25, 0.75] }),
      attribute('classlabels_int64s', [0, 1]),
      attribute('nodes_falsenodeids', [2, 0, 4, 0, 0]),
      attribute('nodes_featureids', [0, 0, 2, 0, 0]),
      attribute('nodes_missing_value_tracks_true', [0, 0, 1, 0, 0]),
      attribute('nodes_modes', ['BRANCH_LEQ', 'LEAF', 'BRANCH_LEQ', 'LEAF', 'LEAF']),
      attribute('nodes_nodeids', [0, 1, 2, 3, 4]),
      attribute('nodes_treeids', [0, 0, 0, 0, 0]),
      attribute('nodes_truenodeids', [1, 0, 3, 0, 0]),
      attribute('nodes_values', { floats: [0.5, 0, 1.5, 0, 0] }),
      attribute('post_transform', 'LOGISTIC'),
    ],
  });
}

export const CLASSIFIER: Uint8Array = model({
  inputs: [{ name: 'X', type: 1, shape: ['N', 3] }],
  outputs: [
    { name: 'label', type: 7, shape: ['N'] },
    { name: 'probabilities', type: 1, shape: ['N', 2] },
  ],
  parts: [classifierParts()],
});

const TELLING_BYTES = [0, 1, 2, 127, 128, 255];

/** A file after one to three accidents: bits flipped, bytes replaced, stretches cut out, bytes put in. */
export function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const prng = createPrng(seed, 'damage');
  let out = Uint8Array.from(bytes);
  for (let accident = 1 + prng.below(3); accident > 0 && out.length > 0; accident -= 1) {
    const at = prng.below(out.length);
    const kind = prng.below(6); // half of them keep the length, without which little else is reached
    if (kind < 2) out[at] ^= 1 << prng.below(8);
    else if (kind < 4) out[at] = TELLING_BYTES[prng.below(TELLING_BYTES.length)];
    else if (kind === 4) out = cut(out, at, 1 + prng.below(prng.below(4) === 0 ? out.length : 8));
    else
      out = putIn(
        out,
        at,
        Array.from({ length: 1 + prng.below(8) }, () => prng.below(256)),
      );
  }
  return out;
}

function cut(bytes: Uint8Array, at: number, count: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + count)]);
}

function putIn(bytes: Uint8Array, at: number, more: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...bytes.subarray(0, at), ...more, ...bytes.subarray(at)]);
}
