/** `donch model import --onnx`: a graph of another program is tried out and scores signals; it cannot decide. */
import { readFileSync } from 'node:fs';
import type { CommandContext } from '@donch/cli';
import { columnOf, createPrng, TABLES, type Column, type Table } from '@donch/core';
import { resolveUserPath, withIoErrors, writeTable } from '@donch/data';
import { encodeTable, type EncodedFeature } from '@donch/meta';
import {
  foreignColumns,
  OnnxGraph,
  parseFeatureNames,
  type ForeignColumn,
  type RegisteredFeature,
} from '@donch/model-store';
import { documentOf } from '../cli/documents.ts';
import type { ModelImportFlags } from '../commands/model.ts';
import { readSignals } from './foreign-signals.ts';

/** Rows that every graph has to score. */
const TRIAL_ROWS = 256;

/** Tries the graph out; with `--signals` writes predictions. Throws `bad_model` and what `foreignColumns` throws. */
export async function tryOnnx(
  flags: ModelImportFlags & { readonly onnx: string },
  registry: readonly RegisteredFeature[],
  context: CommandContext,
): Promise<void> {
  const { terminal, cwd } = context;
  const text = (flag: string) => {
    const file = resolveUserPath(cwd, flag);
    return { file, text: withIoErrors(file, 'read the file', () => readFileSync(file, 'utf8')) };
  };
  const featureNames = text(flags.features ?? '');
  const categories = flags.categories === undefined ? null : text(flags.categories);
  const names = parseFeatureNames(featureNames.text, featureNames.file);
  const columns = foreignColumns({ featureNames, categories }, names, registry);
  const graph = await OnnxGraph.read({ file: resolveUserPath(cwd, flags.onnx), featureCount: columns.length });
  try {
    await graph.score(trialRows(columns), TRIAL_ROWS);
    const written = await writePredictions(graph, columns, { flags, cwd });
    terminal.result(
      [
        `${flags.onnx} scores rows of ${columns.length} columns`,
        'it is no bundle: trading decides with trees that are recomputed to the bit, and this graph is run by onnxruntime alone',
        written === null
          ? 'let it score signals: --signals <file> --out <predictions>'
          : `${written.path}: ${written.rows} predictions, for donch ev --pred and donch apply-meta --pred`,
      ].join('\n'),
    );
    terminal.document(onnxDocument(columns, written));
  } finally {
    await graph.close();
  }
}

/** Numbers of all sizes, a tenth of them missing; categories as they are encoded. */
function trialRows(columns: readonly ForeignColumn[]): Float32Array {
  const prng = createPrng(1, 'trial');
  const value = ({ category }: ForeignColumn): number => {
    if (category !== null) return prng.below(2);
    return prng.next() < 0.1 ? Number.NaN : prng.normal() * 10 ** (prng.below(7) - 3);
  };
  return Float32Array.from({ length: TRIAL_ROWS * columns.length }, (_, at) => value(columns[at % columns.length]));
}

interface Written {
  readonly path: string;
  readonly rows: number;
}

interface Request {
  readonly flags: ModelImportFlags;
  readonly cwd: string;
}

async function writePredictions(
  graph: OnnxGraph,
  columns: readonly ForeignColumn[],
  { flags: { signals: file, out }, cwd }: Request,
): Promise<Written | null> {
  if (file === undefined || out === undefined) return null;
  const signals = await readSignals(file, cwd);
  const { p } = await graph.score(rowsOfSignals(signals, columns), signals.length);
  const { path } = writeTable(resolveUserPath(cwd, out), predictionsTable(signals, p), TABLES.predictions);
  return { path, rows: signals.length };
}

/** Row after row in the order of the graph's columns, encoded as everywhere. */
function rowsOfSignals(signals: Table, columns: readonly ForeignColumn[]): Float32Array {
  const byFeature = new Map<RegisteredFeature, string[]>();
  for (const { feature, category } of columns)
    byFeature.set(feature, [...(byFeature.get(feature) ?? []), ...(category === null ? [] : [category])]);
  const features = [...byFeature].map(([feature, categories]): EncodedFeature => ({
    ...feature,
    categories,
    missing: 'missing',
  }));
  const { names, columns: encoded } = encodeTable(features, signals);
  const sources = columns.map(({ ours }) => encoded[names.indexOf(ours)]);
  return Float32Array.from(
    { length: signals.length * columns.length },
    (_, at) => sources[at % columns.length][Math.floor(at / columns.length)],
  );
}

function predictionsTable(signals: Table, p: Float64Array): Table {
  const unknown: Column = { type: 'float', values: new Float64Array(signals.length).fill(Number.NaN) };
  const columns = new Map<string, Column>(
    TABLES.predictions.columns.map(({ name, type }) => {
      if (name === 'p' || name === 'p_raw') return [name, { type: 'float', values: p }];
      if (signals.columns.has(name)) return [name, columnOf(signals, name)];
      return [name, type === 'text' ? { type, values: Array<null>(signals.length).fill(null) } : { ...unknown, type }];
    }),
  );
  return { name: 'predictions', length: signals.length, columns };
}

function onnxDocument(columns: readonly ForeignColumn[], written: Written | null): object {
  return documentOf('model import', {
    ok: true,
    bundleId: null,
    folder: null,
    isNew: false,
    features: columns.length,
    trees: null,
    pstar: null,
    renamed: columns.flatMap(({ theirs, ours }) => (theirs === ours ? [] : [{ old: theirs, name: ours }])),
    predictions: written?.path ?? null,
    predictionRows: written?.rows ?? 0,
    warnings: [],
  });
}
