/** An ONNX file of typed parts: nodes, constants, inputs and outputs. Field numbers: onnx.proto3 of ONNX 1.16 (IR 10). */
import { ProtobufWriter } from './protobuf-writer.ts';

/** Codes of `TensorProto.DataType`. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int64: 7, float64: 11 } as const;
type ElementType = keyof typeof ELEMENT_TYPES;

export interface OnnxTensor {
  readonly name: string;
  readonly type: 'float64' | 'uint8';
  /** [] = one number. */
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A number is an integer >= 0; a list is of such. */
export type OnnxAttribute = number | readonly number[] | OnnxTensor;

export interface OnnxNode {
  readonly op: string;
  /** '' = ai.onnx. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

interface OnnxPort {
  readonly name: string;
  readonly type: ElementType;
  /** A name stands for a length that is known when the graph runs. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  /** Operator sets by domain. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graphName: string;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /** Each after those that it reads. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
}

/** The bytes of a ModelProto. Metadata stand in the order of their keys: the same model, the same bytes. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const writer = new ProtobufWriter();
  writer.int(1, model.irVersion);
  writer.text(2, model.producer);
  writer.message(7, (graph) => writeGraph(graph, model));
  for (const [domain, version] of Object.entries(model.opsets))
    writer.message(8, (opset) => {
      opset.text(1, domain);
      opset.int(2, version);
    });
  for (const [key, value] of [...model.metadata].sort(([a], [b]) => (a < b ? -1 : 1)))
    writer.message(14, (entry) => {
      entry.text(1, key);
      entry.text(2, value);
    });
  return writer.finish();
}

function writeGraph(writer: ProtobufWriter, { graphName, nodes, constants, inputs, outputs }: OnnxModel): void {
  for (const node of nodes) writer.message(1, (inner) => writeNode(inner, node));
  writer.text(2, graphName);
  for (const constant of constants) writer.message(5, (inner) => writeTensor(inner, constant));
  for (const port of inputs) writer.message(11, (inner) => writePort(inner, port));
  for (const port of outputs) writer.message(12, (inner) => writePort(inner, port));
}

function writeNode(writer: ProtobufWriter, { op, domain = '', inputs, output, attributes = {} }: OnnxNode): void {
  for (const name of inputs) writer.text(1, name);
  writer.text(2, output);
  writer.text(3, output);
  writer.text(4, op);
  for (const [name, value] of Object.entries(attributes))
    writer.message(5, (inner) => writeAttribute(inner, name, value));
  if (domain !== '') writer.text(7, domain);
}

const ATTRIBUTE_INT = 2;
const ATTRIBUTE_TENSOR = 4;
const ATTRIBUTE_INTS = 7;

function writeAttribute(writer: ProtobufWriter, name: string, value: OnnxAttribute): void {
  writer.text(1, name);
  if (typeof value === 'number') writer.int(3, value);
  else if ('shape' in value) writer.message(5, (inner) => writeTensor(inner, value));
  else writer.ints(8, value);
  writer.int(20, typeof value === 'number' ? ATTRIBUTE_INT : 'shape' in value ? ATTRIBUTE_TENSOR : ATTRIBUTE_INTS);
}

function writeTensor(writer: ProtobufWriter, { name, type, shape, values }: OnnxTensor): void {
  writer.ints(1, shape);
  writer.int(2, ELEMENT_TYPES[type]);
  writer.text(8, name);
  writer.bytes(9, type === 'uint8' ? Uint8Array.from(values) : littleEndian(values));
}

function littleEndian(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let at = 0; at < values.length; at += 1) view.setFloat64(8 * at, values[at], true);
  return new Uint8Array(view.buffer);
}

function writePort(writer: ProtobufWriter, { name, type, shape }: OnnxPort): void {
  writer.text(1, name);
  writer.message(2, (union) => {
    union.message(1, (tensor) => {
      tensor.int(1, ELEMENT_TYPES[type]);
      tensor.message(2, (dims) => {
        for (const size of shape)
          dims.message(1, (dim) => (typeof size === 'number' ? dim.int(1, size) : dim.text(2, size)));
      });
    });
  });
}
