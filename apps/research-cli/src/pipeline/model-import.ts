/** `donch model import`: a LightGBM text as a bundle; an ONNX graph of others as predictions. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { donchVersion, type CommandContext } from '@donch/cli';
import { DAY_MS, DonchError, bucketStartMs, parseTimeArgument } from '@donch/core';
import { resolveUserPath, withIoErrors } from '@donch/data';
import { BUNDLE_SCHEMA_VERSION, formatThreshold, makeParity, type BundleFile, type BundleManifest } from '@donch/meta';
import {
  importModel,
  loadBundle,
  modelFiles,
  publishBundle,
  registeredFeatures,
  saveBundle,
  type ImportedModel,
  type RegisteredFeature,
  type SavedBundle,
  type SourceText,
} from '@donch/model-store';
import { openProject, type ProjectContext } from '@donch/project';
import type { CompiledStrategy } from '@donch/strategy';
import { documentOf } from '../cli/documents.ts';
import type { ModelImportFlags } from '../commands/model.ts';
import { bindingOf, surroundingsOf, venueHere, type Surroundings } from './model-folder.ts';
import { tryOnnx } from './model-onnx.ts';
import { whilePublishing } from './publish-lock.ts';

/** `donch model import`. */
export async function importForeignModel(flags: ModelImportFlags, context: CommandContext): Promise<void> {
  checkFlags(flags);
  const project = openProject(flags, context);
  const surroundings = await surroundingsOf(project, flags, context);
  const strategy = onlyStrategy(surroundings);
  if (flags.onnx !== undefined) await tryOnnx({ ...flags, onnx: flags.onnx }, registeredFeatures(strategy), context);
  else await importText({ project, surroundings, strategy }, flags, context);
}

const TEXT_FLAGS = ['model', 'featureNames', 'calibrator', 'pstar', 'trainedUntil', 'outdir'] as const;
const ONNX_FLAGS = ['features', 'signals', 'out'] as const;

/** One of the two ways, with all that it needs. */
function checkFlags(flags: ModelImportFlags): void {
  const isOnnx = flags.onnx !== undefined;
  const wrong = (isOnnx ? TEXT_FLAGS : ONNX_FLAGS).find((name) => flags[name] !== undefined);
  const missing = (isOnnx ? (['features'] as const) : (['model', 'featureNames'] as const)).find(
    (name) => flags[name] === undefined,
  );
  if (wrong !== undefined)
    throw new DonchError('bad_argument', `${flagOf(wrong)} ${isOnnx ? 'with' : 'without'} --onnx`, { expected: WAYS });
  if (missing !== undefined) throw new DonchError('bad_argument', `${flagOf(missing)} is missing`, { expected: WAYS });
  if (isOnnx && (flags.signals === undefined) !== (flags.out === undefined))
    throw new DonchError('bad_argument', 'one of --signals and --out', { expected: 'both, or neither' });
  // a flag is mended sooner than a file
  pstarOf(flags.pstar);
  trainedUntilMs(flags.trainedUntil);
}

const WAYS = '--model and --feature-names for a bundle, or --onnx and --features for predictions';

const flagOf = (name: string): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function onlyStrategy({ strategies }: Surroundings): CompiledStrategy {
  if (strategies.length === 1) return strategies[0];
  throw new DonchError('bad_argument', `${strategies.length} strategies`, {
    expected: 'one --strategy: a model belongs to one set-up',
  });
}

interface Target {
  readonly project: ProjectContext;
  readonly surroundings: Surroundings;
  readonly strategy: CompiledStrategy;
}

async function importText(target: Target, flags: ModelImportFlags, context: CommandContext): Promise<void> {
  const { project, strategy } = target;
  const { terminal, cwd } = context;
  const source = (flag: string | undefined): SourceText | null => (flag === undefined ? null : readSource(flag, cwd));
  const registry = registeredFeatures(strategy);
  const imported = importModel(
    {
      model: readSource(flags.model ?? '', cwd),
      featureNames: readSource(flags.featureNames ?? '', cwd),
      categories: source(flags.categories),
      calibrator: source(flags.calibrator),
    },
    registry,
  );
  const bundle = await stored(imported, { target, flags, registry });
  const warnings = [
    ...imported.notes,
    ...(flags.outdir === undefined ? [] : shownAt(resolveUserPath(cwd, flags.outdir), bundle, project)),
    ...(flags.trainedUntil === undefined
      ? ['without --trained-until every signal before today counts as known to it']
      : []),
  ];
  for (const warning of warnings) terminal.warn(warning);
  terminal.result(importedLines(imported, bundle).join('\n'));
  terminal.document(importDocument(imported, { bundle, warnings }));
}

interface Storing {
  readonly target: Target;
  readonly flags: ModelImportFlags;
  readonly registry: readonly RegisteredFeature[];
}

/** Stores the bundle and loads it as trading would. */
async function stored({ model }: ImportedModel, { target, flags, registry }: Storing): Promise<SavedBundle> {
  const pstar = pstarOf(flags.pstar);
  const parity = makeParity(model, { name: 'signals', length: 0, columns: new Map() });
  const files = modelFiles({ model, pstar, parity });
  const settings: readonly [BundleFile, string] = [
    'config_snapshot.json',
    `${JSON.stringify(target.strategy.settings, null, 2)}\n`,
  ];
  const bundle = saveBundle(target.project.modelsFolder, {
    manifest: {
      schemaVersion: BUNDLE_SCHEMA_VERSION,
      // which universe it was trained on is not known
      binding: bindingOf(target.strategy, { universe: null, venue: venueOf(target) }),
      features: model.features,
      label: { target: 'unknown', mfeK: Number.NaN, rThreshold: Number.NaN, baseRateFrac: Number.NaN },
      training: { ...UNKNOWN_TRAINING, labelEndMs: trainedUntilMs(flags.trainedUntil) },
      pstar,
      origin: 'imported',
      versions: { donch: donchVersion(), node: process.version },
    },
    files: new Map([...files, settings]),
  });
  await loadBundle(bundle.folder, { registry });
  return bundle;
}

const UNKNOWN_TRAINING: Omit<BundleManifest['training'], 'labelEndMs'> = {
  rows: Number.NaN,
  fromMs: Number.NaN,
  toMs: Number.NaN,
  candlesHash: null,
  signalsHash: null,
  params: null,
  seed: null,
};

function venueOf({ project, surroundings }: Target): string {
  const venue = venueHere(project, surroundings);
  if (venue !== null) return venue;
  throw new DonchError('no_venue', 'neither the settings nor the store name a venue', {
    expected: 'the venue whose signals the model is for',
    remedy: `write VENUE into ${project.configPath}`,
  });
}

/** Nothing after today can have taught it. */
function trainedUntilMs(flag: string | undefined): number {
  if (flag !== undefined) return parseTimeArgument(flag, '--trained-until');
  return bucketStartMs(Date.now(), DAY_MS) + DAY_MS;
}

function pstarOf(flag: string | undefined): BundleManifest['pstar'] {
  if (flag === undefined) return { value: null, source: 'none', note: 'imported without --pstar' };
  const value = flag.trim() === '' ? Number.NaN : Number(flag);
  if (!(value > 0 && value < 1))
    throw new DonchError('bad_argument', `--pstar is "${flag}"`, { expected: 'a probability above 0 and below 1' });
  return { value: formatThreshold(value), source: 'user', note: 'given with the import' };
}

function shownAt(outdir: string, { folder }: SavedBundle, { modelsFolder }: ProjectContext): string[] {
  const { movedTo } = whilePublishing(modelsFolder, () => publishBundle(folder, outdir));
  return movedTo === null ? [] : [`what was in ${outdir} is in ${movedTo} now`];
}

/** First bytes of what Python and its tools write in place of text. */
const BINARY: readonly (readonly [what: string, ...bytes: number[]])[] = [
  ['a pickle', 0x80],
  ['a compressed pickle (joblib)', 0x78],
  ['a compressed file (gzip)', 0x1f, 0x8b],
  ['a compressed file (bzip2)', 0x42, 0x5a, 0x68],
  ['a compressed file (xz)', 0xfd, 0x37, 0x7a],
  ['a compressed file (lz4)', 0x04, 0x22, 0x4d],
  ['an archive (zip)', 0x50, 0x4b],
  ['an ONNX graph', 0x08],
];

/** Largest text of a model; 1,000 trees of 31 leaves are 4 MB. */
const TEXT_BYTES_MAX = 512 * 2 ** 20;

/** Reads a text file. Throws `bad_model` for a pickle, with the way out, and what the disk says. */
function readSource(flag: string, cwd: string): SourceText {
  const file = resolveUserPath(cwd, flag);
  const head = withIoErrors(file, 'read the file', () => headOf(file));
  const binary = BINARY.find(([, ...bytes]) => bytes.every((byte, at) => head[at] === byte));
  if (binary !== undefined) throw binaryFile(file, binary[0]);
  const bytes = withIoErrors(file, 'read the file', () => readFileSync(file));
  if (bytes.length <= TEXT_BYTES_MAX) return { file, text: new TextDecoder().decode(bytes) };
  throw new DonchError('bad_model', `the file has ${bytes.length} bytes`, {
    file,
    expected: `at most ${TEXT_BYTES_MAX}`,
  });
}

function headOf(file: string): Uint8Array {
  const fd = openSync(file, 'r');
  try {
    const head = new Uint8Array(8);
    return head.subarray(0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}

function binaryFile(file: string, what: string): DonchError {
  if (what.includes('ONNX'))
    return new DonchError('bad_model', what, {
      file,
      expected: 'text',
      remedy: 'Give a graph with --onnx and --features.',
    });
  return new DonchError('bad_model', what, {
    file,
    expected: 'text: the booster as LightGBM writes it, names and categories as JSON',
    remedy:
      'A pickle runs programs when it is read, so it is not. Open it once where it was made and write text: ' +
      'model.booster_.save_model("model.txt"), and the categories as JSON (docs/MIGRATION.md, "Model files").',
  });
}

function importedLines({ model, renamed }: ImportedModel, { id, folder, isNew, manifest }: SavedBundle): string[] {
  const { pstar, features } = manifest;
  return [
    `bundle ${id} (imported): ${folder}${isNew ? '' : ', which was there already'}`,
    `  ${model.booster.trees.length} trees, ${features.length} features, calibrator ${model.calibrator.kind}`,
    ...renamed.map(([old, name]) => `  ${old} is ${name} here`),
    `  p*: ${pstar.value === null ? `none (${pstar.note})` : String(Number(pstar.value))}`,
    `use it: WINPROB_ARTIFACT_DIR: ${folder}, or donch deploy-model ${id}`,
  ];
}

interface Stored {
  readonly bundle: SavedBundle;
  readonly warnings: readonly string[];
}

function importDocument({ model, renamed }: ImportedModel, { bundle, warnings }: Stored): object {
  const { id, folder, isNew, manifest } = bundle;
  return documentOf('model import', {
    ok: true,
    bundleId: id,
    folder,
    isNew,
    features: model.booster.featureNames.length,
    trees: model.booster.trees.length,
    pstar: manifest.pstar.value === null ? null : Number(manifest.pstar.value),
    renamed: renamed.map(([old, name]) => ({ old, name })),
    predictions: null,
    predictionRows: 0,
    warnings,
  });
}
