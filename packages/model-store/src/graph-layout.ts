/** What goes into a graph and what comes out, as the graph declares it. */
import { DonchError } from '@donch/core';
import type { InferenceSession } from 'onnxruntime-node';

export interface GraphLayout {
  readonly kind: 'own' | 'foreign';
  readonly input: string;
  readonly inputType: 'float32' | 'float64';
  /** Names of the outputs that are read. */
  readonly outputs: readonly string[];
}

interface Declared {
  readonly file: string;
  readonly featureCount: number;
}

type Port = InferenceSession.ValueMetadata;

/** What `formatOnnx` writes and nothing else: X float32[N, features] -> margin, p_raw, p float64[N, 1]. */
export function ownLayout(session: InferenceSession, { file, featureCount }: Declared): GraphLayout {
  const expected = `X float32[N, ${featureCount}] -> margin, p_raw, p float64[N, 1]`;
  const found = `${portsText(session.inputMetadata)} -> ${portsText(session.outputMetadata)}`;
  const written = `X float32[N, ${featureCount}] -> ${OWN_OUTPUTS.map((name) => `${name} float64[N, 1]`).join(', ')}`;
  if (found === written) return { kind: 'own', input: 'X', inputType: 'float32', outputs: OWN_OUTPUTS };
  throw new DonchError('bad_model', `the graph is ${found}`, {
    file,
    expected,
    remedy: 'Export the model again with this version of donch, for these features.',
  });
}

const OWN_OUTPUTS: readonly string[] = ['margin', 'p_raw', 'p'];

/** One input of all features, and one output that can be a probability; labels and the like are left alone. */
export function foreignLayout(session: InferenceSession, { file, featureCount }: Declared): GraphLayout {
  const [input] = session.inputMetadata;
  if (session.inputMetadata.length !== 1 || !isFeatures(input, featureCount))
    throw new DonchError('bad_model', `the inputs of the graph are ${portsText(session.inputMetadata)}`, {
      file,
      expected: `one tensor float32[N, ${featureCount}], or float64`,
      remedy: 'Export the model with one input of all features, in the order in which they are given.',
    });
  const probabilities = session.outputMetadata.filter(canBeProbability);
  if (probabilities.length === 1)
    return {
      kind: 'foreign',
      input: input.name,
      inputType: input.type === 'float64' ? 'float64' : 'float32',
      outputs: [probabilities[0].name],
    };
  throw new DonchError('bad_model', `the outputs of the graph are ${portsText(session.outputMetadata)}`, {
    file,
    expected: 'one tensor of probabilities, float32 or float64: [N, 2] of two classes, [N, 1] or [N]',
    remedy: session.outputMetadata.some(({ isTensor }) => !isTensor)
      ? 'Export the classifier without ZipMap (skl2onnx: options={"zipmap": False}).'
      : 'Export the probability alone.',
  });
}

function isFeatures(port: Port, featureCount: number): port is InferenceSession.TensorValueMetadata {
  if (!isReal(port) || port.shape.length !== 2) return false;
  const [rows, columns] = port.shape;
  return typeof rows === 'string' && (typeof columns === 'string' || columns === featureCount);
}

/** A length without a number is looked at when there are scores. */
function canBeProbability(port: Port): boolean {
  if (!isReal(port) || port.shape.length > 2) return false;
  if (port.shape.length < 2) return true;
  const columns = port.shape[1];
  return typeof columns === 'string' || columns === 1 || columns === 2;
}

function isReal(port: Port): port is InferenceSession.TensorValueMetadata {
  return port.isTensor && (port.type === 'float32' || port.type === 'float64');
}

function portsText(ports: readonly Port[]): string {
  return ports.length === 0 ? 'none' : ports.map(portText).join(', ');
}

function portText(port: Port): string {
  if (!port.isTensor) return `${port.name} (no tensor)`;
  return `${port.name} ${port.type}[${port.shape.map((size) => (size === '' ? '?' : size)).join(', ')}]`;
}
