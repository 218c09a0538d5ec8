/**
 * What an ONNX file says about itself, read before a library sees it. Files that could make scoring hang or read other files are
 * refused here: control flow may never end, and data outside are not part of what was hashed.
 */
import { DonchError } from '@donch/core';
import { ProtobufDamage, protobufFields, type ProtobufField } from './protobuf-reader.ts';

export interface OnnxOutline {
  /** The program that wrote it; '' = unnamed. */
  readonly producer: string;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Throws `bad_model` for what is no ONNX model, for control flow and for data in other files. */
export function readOnnxOutline(bytes: Uint8Array, file: string): OnnxOutline {
  try {
    return outlineOf(bytes, file);
  } catch (error) {
    if (!(error instanceof ProtobufDamage)) throw error;
    throw new DonchError('bad_model', `not an ONNX model, or a damaged one: ${error.message}`, {
      file,
      expected: 'an ONNX model',
      remedy: 'Copy or export the model again.',
      cause: error,
    });
  }
}

/** Field numbers of onnx.proto. */
const MODEL = { producer: 2, graph: 7, metadata: 14, functions: 25 } as const;
const GRAPH = { node: 1, constant: 5, sparseConstant: 15 } as const;
const FUNCTION = { node: 7 } as const;
const NODE = { operator: 4, attribute: 5 } as const;
const ATTRIBUTE_TENSORS: readonly number[] = [5, 10];
const ATTRIBUTE_GRAPHS: readonly number[] = [6, 11];
const ATTRIBUTE_SPARSE_TENSORS: readonly number[] = [22, 23];
const SPARSE_TENSOR_PARTS: readonly number[] = [1, 2];
const TENSOR_EXTERNAL_DATA = 13;

function outlineOf(bytes: Uint8Array, file: string): OnnxOutline {
  const metadata = new Map<string, string>();
  let producer = '';
  let graphs = 0;
  for (const field of protobufFields(bytes)) {
    if (field.number === MODEL.producer) producer = textOf(field);
    if (field.number === MODEL.metadata) addMetadata(metadata, field);
    if (field.number === MODEL.functions)
      for (const part of inside(field)) if (part.number === FUNCTION.node) checkNode(part, file);
    if (field.number !== MODEL.graph) continue;
    graphs += 1;
    checkGraph(field, file);
  }
  if (graphs === 1) return { producer, metadata };
  throw new DonchError('bad_model', `${graphs} graphs`, { file, expected: 'an ONNX model, which has one' });
}

function addMetadata(metadata: Map<string, string>, entry: ProtobufField): void {
  let [key, value] = ['', ''];
  for (const field of inside(entry)) {
    if (field.number === 1) key = textOf(field);
    if (field.number === 2) value = textOf(field);
  }
  metadata.set(key, value);
}

function checkGraph(graph: ProtobufField, file: string): void {
  for (const part of inside(graph)) {
    if (part.number === GRAPH.node) checkNode(part, file);
    if (part.number === GRAPH.constant) checkTensor(part, file);
    if (part.number === GRAPH.sparseConstant) checkSparseTensor(part, file);
  }
}

function checkNode(node: ProtobufField, file: string): void {
  let operator = '';
  let hasGraph = false;
  for (const field of inside(node)) {
    if (field.number === NODE.operator) operator = textOf(field);
    if (field.number !== NODE.attribute) continue;
    for (const part of inside(field)) {
      if (ATTRIBUTE_TENSORS.includes(part.number)) checkTensor(part, file);
      if (ATTRIBUTE_SPARSE_TENSORS.includes(part.number)) checkSparseTensor(part, file);
      if (ATTRIBUTE_GRAPHS.includes(part.number)) hasGraph = true;
    }
  }
  if (!hasGraph) return;
  throw new DonchError('bad_model', `the operator "${operator}" runs a graph of its own`, {
    file,
    expected: 'no control flow, which may never end',
    remedy: 'Export the model without If, Loop and Scan.',
  });
}

function checkSparseTensor(tensor: ProtobufField, file: string): void {
  for (const part of inside(tensor)) if (SPARSE_TENSOR_PARTS.includes(part.number)) checkTensor(part, file);
}

function checkTensor(tensor: ProtobufField, file: string): void {
  for (const { number } of inside(tensor))
    if (number === TENSOR_EXTERNAL_DATA)
      throw new DonchError('bad_model', 'a tensor whose data are in another file', {
        file,
        expected: 'all in one file',
        remedy: 'Export the model without external data.',
      });
}

/** The fields of a message inside of another. */
function inside({ bytes, at }: ProtobufField): Iterable<ProtobufField> {
  if (bytes === null) throw new ProtobufDamage(`a number instead of a message before byte ${at}`);
  return protobufFields(bytes, at);
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf({ bytes, at }: ProtobufField): string {
  if (bytes === null) throw new ProtobufDamage(`a number instead of a text before byte ${at}`);
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new ProtobufDamage(`a text that is not UTF-8 at byte ${at}`);
  }
}
