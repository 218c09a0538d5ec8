/** Damaged files through the whole of OnnxGraph. */
import { DonchError } from '@donch/core';
import { formatOnnx } from '@donch/meta';
import { OnnxGraph } from '../onnx-graph.ts';
import { everyKindOfSplit } from './every-kind-of-split.ts';
import { CLASSIFIER, damaged } from './onnx-bytes.ts';

export interface FuzzReport {
  readonly files: number;
  readonly refused: number;
  readonly scored: number;
  /** Anything else than a refusal by name or numbers. */
  readonly violations: readonly string[];
}

const metadata = new Map([['features', 'a b c d']]);
const SOURCES: readonly { readonly bytes: Uint8Array; readonly featureCount: number }[] = [
  {
    bytes: formatOnnx(everyKindOfSplit(), { kind: 'isotonic', x: [0.3, 0.4, 0.7], y: [0.1, 0.5, 0.9] }, metadata),
    featureCount: 4,
  },
  { bytes: formatOnnx(everyKindOfSplit(), { kind: 'platt', a: -1, b: 0.1 }, metadata), featureCount: 4 },
  { bytes: CLASSIFIER, featureCount: 3 },
];

/** Files number `from` to `from + files`, of the sources in turn. */
export async function fuzzGraphs({
  from,
  files,
}: {
  readonly from: number;
  readonly files: number;
}): Promise<FuzzReport> {
  let [refused, scored] = [0, 0];
  const violations: string[] = [];
  for (let seed = from; seed < from + files; seed += 1) {
    const { bytes, featureCount } = SOURCES[seed % SOURCES.length];
    const outcome = await outcomeOf(damaged(bytes, seed), featureCount);
    if (outcome === 'refused') refused += 1;
    else if (outcome === 'scored') scored += 1;
    else violations.push(`file ${seed}: ${outcome}`);
  }
  return { files, refused, scored, violations };
}

const ROWS = 5;

async function outcomeOf(bytes: Uint8Array, featureCount: number): Promise<string> {
  try {
    const graph = await OnnxGraph.open(bytes, { file: 'damaged.onnx', featureCount });
    const { p } = await graph.score(new Float32Array(ROWS * featureCount).fill(0.4), ROWS);
    await graph.close();
    const isNumbers = p.length === ROWS && p.every((value) => Number.isNaN(value) || (value >= 0 && value <= 1));
    return isNumbers ? 'scored' : `scores ${p.join(' ')}`;
  } catch (error) {
    if (!(error instanceof DonchError)) return String(error);
    const { code, detail } = error;
    const isComplete = code === 'bad_model' && detail.file === 'damaged.onnx' && detail.expected !== undefined;
    return isComplete ? 'refused' : error.message;
  }
}
