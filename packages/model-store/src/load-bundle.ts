/**
 * From a folder to a model that may decide: every file compared with its hash, every feature with its definition, every part with the
 * others, and the answers of the parity rows with those computed now, by the predictor and by onnxruntime. The first difference ends it.
 */
import { join } from 'node:path';
import { DonchError, nearestWord } from '@donch/core';
import {
  encodedNames,
  encodeParity,
  parityDifference,
  parseLightGbm,
  PARITY_ROWS_MIN,
  type BundleFile,
  type EncodedFeature,
  type Model,
  type ParityDifference,
  type ParityRow,
} from '@donch/meta';
import { featureHash, type CompiledStrategy } from '@donch/strategy';
import { MANIFEST_NAME, readBundle, RESTORE, type Bundle, type BundleBytes } from './bundle-folder.ts';
import {
  categoryMap,
  graphMetadata,
  parseCalibrator,
  parseCategoryMap,
  parseFeatureNames,
  parseParity,
  pstarText,
} from './model-files.ts';
import { OnnxGraph } from './onnx-graph.ts';

/** A feature as it is computed now. */
export type RegisteredFeature = Omit<EncodedFeature, 'missing'>;

/** The features of a strategy in the order of the registry, with the hashes that a bundle is bound to. */
export function registeredFeatures({
  features,
  settings,
}: Pick<CompiledStrategy, 'features' | 'settings'>): RegisteredFeature[] {
  return features.map((def) => {
    const { name, unit, dtype, categories = [] } = def;
    return { name, unit, dtype, categories, hash: featureHash(def, settings) };
  });
}

/** The features that a model may learn from, as it knows them; values that identify a symbol are none. */
export function modelFeatures(strategy: Pick<CompiledStrategy, 'features' | 'settings'>): EncodedFeature[] {
  const context = new Set(strategy.features.filter(({ role }) => role === 'context').map(({ name }) => name));
  return registeredFeatures(strategy)
    .filter(({ name }) => !context.has(name))
    .map((feature) => ({ ...feature, missing: 'missing' }));
}

export interface LoadOptions {
  /** In the order of the registry. */
  readonly registry: readonly RegisteredFeature[];
}

export interface LoadedBundle extends Bundle {
  readonly model: Model;
  /** NaN = the bundle names no p*. */
  readonly pstar: number;
  readonly parity: {
    readonly rows: number;
    /** Largest difference of a score between the predictor, which must be exact, and onnxruntime. */
    readonly onnxDifferenceMax: number;
  };
  /** What is told and not refused. */
  readonly notes: readonly string[];
}

/**
 * Loads a bundle. Throws `no_bundle`, `newer_schema`, and `bad_bundle` (`bad_model` for what is no model at all) that names the first
 * difference: file, field, what was found and what was expected.
 */
export async function loadBundle(folder: string, { registry }: LoadOptions): Promise<LoadedBundle> {
  const bundle = readBundle(folder);
  const { manifest, notes, id } = bundle;
  checkFeatures(bundle, registry);
  const parts = new Parts(bundle);
  checkNames(manifest.features, parts);
  const model: Model = {
    features: manifest.features,
    booster: checkedBooster(manifest.features, parts),
    calibrator: parseCalibrator(parts.text('calibrator.json'), parts.path('calibrator.json')),
  };
  if (parts.text('pstar.txt') !== pstarText(manifest.pstar))
    throw parts.differs('pstar.txt', {
      found: parts.text('pstar.txt').trim(),
      expected: `${manifest.pstar.value ?? 'none'}, as the manifest has it`,
    });
  const rows = parseParity(parts.text('parity.json'), parts.path('parity.json'));
  checkParity(model, rows, parts);
  const onnxDifferenceMax = await checkGraph(model, rows, parts);
  const pstar = manifest.pstar.value === null ? Number.NaN : Number(manifest.pstar.value);
  return { id, folder, manifest, model, pstar, notes, parity: { rows: rows.length, onnxDifferenceMax } };
}

interface Difference {
  readonly path?: string;
  readonly found: string;
  readonly expected: string;
  readonly remedy?: string;
}

/** Files of a bundle that were read. */
class Parts {
  readonly #bundle: BundleBytes;

  constructor(bundle: BundleBytes) {
    this.#bundle = bundle;
  }

  path(name: BundleFile): string {
    return join(this.#bundle.folder, name);
  }

  bytes(name: BundleFile): Uint8Array {
    return this.#bundle.files.get(name) ?? new Uint8Array();
  }

  text(name: BundleFile): string {
    return new TextDecoder().decode(this.bytes(name));
  }

  /** Node that made the bundle, when it is another one: functions such as exp may differ. */
  get otherNode(): string {
    const { node } = this.#bundle.manifest.versions;
    return node === process.version ? '' : ` The bundle was made with Node ${node}, this is ${process.version}.`;
  }

  differs(name: BundleFile, { path, found, expected, remedy = PARTS_DIFFER }: Difference): DonchError {
    return new DonchError('bad_bundle', found, {
      file: this.path(name),
      ...(path !== undefined && { path }),
      expected,
      remedy,
    });
  }
}

const PARTS_DIFFER = 'Files of this bundle do not belong together: take the bundle from models/, or make it again.';

/** Every feature is one that is computed now, by the same definition and settings, in the same order. */
function checkFeatures({ manifest, folder }: Bundle, registry: readonly RegisteredFeature[]): void {
  const places = new Map(registry.map((feature, place) => [feature.name, place]));
  let before = -1;
  for (const [at, feature] of manifest.features.entries()) {
    const differs = (field: string, { found, expected, remedy = TRAIN_AGAIN }: Difference): DonchError =>
      new DonchError('bad_bundle', found, {
        file: join(folder, MANIFEST_NAME),
        path: `features.${at}${field}`,
        expected,
        remedy,
      });
    const place = places.get(feature.name);
    if (place === undefined) throw differs('.name', unknownFeature(feature.name, [...places.keys()]));
    if (place <= before)
      throw differs('.name', {
        found: `the feature ${feature.name} stands behind ${registry[before].name}`,
        expected: `the order of the registry: ${feature.name} before ${registry[before].name}, each once`,
      });
    before = place;
    const problem = definitionProblem(feature, registry[place]);
    if (problem !== null) throw differs(problem.path ?? '', problem);
  }
}

const TRAIN_AGAIN =
  'The model was made for other features than this program and these settings compute: train again, or undo the change.';

function unknownFeature(name: string, known: readonly string[]): Difference {
  const nearest = nearestWord(name, known);
  return {
    found: `there is no feature ${name}`,
    expected: `a feature that is computed here${nearest === null ? '' : `, such as ${nearest}`}`,
  };
}

function definitionProblem(feature: EncodedFeature, now: RegisteredFeature): Difference | null {
  for (const field of ['dtype', 'unit'] as const)
    if (feature[field] !== now[field])
      return {
        path: `.${field}`,
        found: `${feature.name} was ${feature[field]} when the model was made`,
        expected: `${now[field]}, which it is now`,
      };
  const unknown = feature.categories.find((category) => !now.categories.includes(category));
  if (unknown !== undefined)
    return {
      path: '.categories',
      found: `the model knows the category "${unknown}" of ${feature.name}`,
      expected: now.categories.length === 0 ? 'no category' : now.categories.join(', '),
    };
  if (feature.dtype === 'category' && feature.categories.length === 0)
    return { path: '.categories', found: `${feature.name} has no category`, expected: 'at least one' };
  if (feature.hash === now.hash) return null;
  return {
    path: '.hash',
    found: `the definition of ${feature.name}, or a setting that it depends on, has the hash ${feature.hash}`,
    expected: `that of now: ${now.hash}`,
  };
}

function checkNames(features: readonly EncodedFeature[], parts: Parts): void {
  const expected = encodedNames(features);
  const names = parseFeatureNames(parts.text('feature_names.json'), parts.path('feature_names.json'));
  const place = firstDifference(names, expected);
  if (place >= 0)
    throw parts.differs('feature_names.json', {
      path: String(place),
      found: names[place] ?? 'the end',
      expected: expected[place] ?? `${expected.length} names`,
    });
  checkCategories(features, parts);
}

function checkCategories(features: readonly EncodedFeature[], parts: Parts): void {
  const found = parseCategoryMap(parts.text('ohe.json'), parts.path('ohe.json'));
  const expected = categoryMap(features);
  for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const [is, must] = [found, expected].map((map) => (Object.hasOwn(map, name) ? map[name] : undefined));
    if (is !== undefined && must !== undefined && firstDifference(is, must) < 0) continue;
    throw parts.differs('ohe.json', {
      path: name,
      found: is === undefined ? 'there are no categories' : is.join(', '),
      expected: must === undefined ? 'nothing: the model has no such category feature' : must.join(', '),
    });
  }
}

/** Position of the first difference; -1 = none. */
function firstDifference(found: readonly string[], expected: readonly string[]): number {
  for (let at = 0; at < Math.max(found.length, expected.length); at += 1) if (found[at] !== expected[at]) return at;
  return -1;
}

function checkedBooster(features: readonly EncodedFeature[], parts: Parts): Model['booster'] {
  const booster = parseLightGbm(parts.text('model.txt'), parts.path('model.txt'));
  const expected = encodedNames(features);
  const place = firstDifference(booster.featureNames, expected);
  if (place < 0) return booster;
  throw parts.differs('model.txt', {
    path: `feature_names.${place}`,
    found: booster.featureNames[place] ?? 'the end',
    expected: expected[place] ?? `${expected.length} names`,
  });
}

function checkParity(model: Model, rows: readonly ParityRow[], parts: Parts): void {
  if (rows.length < PARITY_ROWS_MIN)
    throw parts.differs('parity.json', {
      path: 'rows',
      found: `${rows.length} rows`,
      expected: `at least ${PARITY_ROWS_MIN}`,
    });
  const difference = parityDifference(model, rows);
  if (difference !== null) throw parityError(difference, parts);
}

function parityError({ row, field, found, expected }: ParityDifference, parts: Parts): DonchError {
  return parts.differs('parity.json', {
    path: `rows.${row}.${field === 'pRaw' ? 'p_raw' : field}`,
    found,
    expected: field.startsWith('features') ? expected : `${expected}, which the model answers`,
    remedy: `The model does not decide as the one that was assessed.${parts.otherNode} ${RESTORE}`,
  });
}

/** Sums of doubles in another order. */
const ONNX_DIFFERENCE_MAX = 1e-12;

async function checkGraph(model: Model, rows: readonly ParityRow[], parts: Parts): Promise<number> {
  const encoded = encodeParity(model.features, rows);
  if ('field' in encoded) throw parityError(encoded, parts);
  const file = parts.path('model.onnx');
  const graph = await OnnxGraph.open(parts.bytes('model.onnx'), {
    file,
    featureCount: encodedNames(model.features).length,
  });
  try {
    checkMetadata(graph, model, parts);
    const scores = await graph.score(encoded, rows.length);
    return largestDifference(rows, { scores, tolerance: tolerances(model) }, parts);
  } finally {
    await graph.close();
  }
}

function checkMetadata({ kind, metadata }: OnnxGraph, { features }: Model, parts: Parts): void {
  if (kind !== 'own')
    throw parts.differs('model.onnx', { found: 'a graph of another program', expected: 'one that donch wrote' });
  for (const [name, expected] of graphMetadata(features)) {
    const found = metadata.get(name);
    if (found !== expected)
      throw parts.differs('model.onnx', { path: `metadata.${name}`, found: found ?? 'nothing', expected });
  }
}

type Tolerance = Readonly<Record<'margin' | 'pRaw' | 'p', number>>;

/** An isotonic calibrator multiplies the last bits of p_raw by its slope. */
function tolerances({ calibrator }: Model): Tolerance {
  const [margin, pRaw] = [ONNX_DIFFERENCE_MAX, ONNX_DIFFERENCE_MAX];
  if (calibrator.kind !== 'isotonic') return { margin, pRaw, p: ONNX_DIFFERENCE_MAX };
  const { x, y } = calibrator;
  const slopeMax = x.reduce(
    (max, value, at) => (at === 0 ? 0 : Math.max(max, (y[at] - y[at - 1]) / (value - x[at - 1]))),
    0,
  );
  return { margin, pRaw, p: ONNX_DIFFERENCE_MAX + 2 * Number.EPSILON * slopeMax };
}

interface GraphAnswers {
  readonly scores: Readonly<Record<keyof Tolerance, ArrayLike<number>>>;
  readonly tolerance: Tolerance;
}

function largestDifference(rows: readonly ParityRow[], { scores, tolerance }: GraphAnswers, parts: Parts): number {
  let largest = 0;
  for (const [row, given] of rows.entries()) {
    for (const field of ['margin', 'pRaw', 'p'] as const) {
      const difference = Math.abs(scores[field][row] - given[field]);
      if (!(difference <= tolerance[field] * Math.max(1, Math.abs(given[field]))))
        throw parts.differs('model.onnx', {
          path: `${field === 'pRaw' ? 'p_raw' : field} of parity row ${row}`,
          found: String(scores[field][row]),
          expected: `${given[field]}, which the predictor answers`,
          remedy: `The graph is not that of model.txt and calibrator.json. ${RESTORE}`,
        });
      largest = Math.max(largest, difference);
    }
  }
  return largest;
}
