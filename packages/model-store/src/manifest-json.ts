/** `manifest.json` of a bundle: snake_case, canonical, with an id that is a hash of everything else in it. */
import { DonchError, DonchErrors, hashJson } from '@donch/core';
import { BUNDLE_FILES, BUNDLE_SCHEMA_VERSION, type BundleManifest } from '@donch/meta';
import { z } from 'zod';

/** A manifest and the id of its bundle. */
export interface IdentifiedManifest {
  /** 16 hex digits. */
  readonly id: string;
  readonly manifest: BundleManifest;
}

const ID_DIGITS = 16;

const HASH = z.string().regex(/^[0-9a-f]{64}$/);
/** Names stand in text files whose words end at white space. */
const WORD = z.string().regex(/^\S+$/);
const COUNT = z.int().nonnegative();

/** NaN in the manifest, null in the file: JSON has no other word for what is not known. */
const MAYBE_NUMBER = z.union([z.number(), z.nan(), z.null().transform(() => Number.NaN)]);

const PARAMS = z.strictObject({
  trees: COUNT,
  learningRate: z.number(),
  leaves: COUNT,
  depthMax: COUNT.nullable(),
  rowsInLeafMin: COUNT,
  hessianInLeafMin: z.number(),
  lambdaL1: z.number(),
  lambdaL2: z.number(),
  gainMin: z.number(),
  binsMax: COUNT,
  rowsPerBinMin: COUNT,
  rowFrac: z.number(),
  rowSeed: z.number(),
  featureFrac: z.number(),
  featureSeed: z.number(),
  positiveWeight: z.number(),
  sigmoid: z.number(),
  monotone: z.array(z.literal([-1, 0, 1])),
  unseenMissing: z.literal(['majority', 'lightgbm']),
});

const FEATURE = z.strictObject({
  name: WORD,
  unit: z.string(),
  dtype: z.literal(['float', 'int', 'bool', 'category']),
  hash: HASH,
  categories: z.array(WORD),
  missing: z.literal('missing'),
});

/** 17 digits at most, as `pstar.txt` has it. */
const PROBABILITY_TEXT = z
  .string()
  .regex(/^\d(\.\d+)?(e-\d+)?$/)
  .refine((text) => Number(text) >= 0 && Number(text) <= 1);

const MANIFEST: z.ZodType<BundleManifest> = z.strictObject({
  schemaVersion: z.literal(BUNDLE_SCHEMA_VERSION),
  binding: z.strictObject({
    strategyId: z.string(),
    setupHash: z.string(),
    filterHash: z.string(),
    exitHash: z.string(),
    universeHash: z.string().nullable(),
    venue: z.string(),
    interval: z.string(),
  }),
  features: z.array(FEATURE).min(1),
  label: z.strictObject({
    target: z.string(),
    mfeK: MAYBE_NUMBER,
    rThreshold: MAYBE_NUMBER,
    baseRateFrac: MAYBE_NUMBER.refine((share) => !(share < 0 || share > 1)),
  }),
  training: z.strictObject({
    rows: MAYBE_NUMBER,
    fromMs: MAYBE_NUMBER,
    toMs: MAYBE_NUMBER,
    labelEndMs: z.number(),
    candlesHash: z.string().nullable(),
    signalsHash: z.string().nullable(),
    params: PARAMS.nullable(),
    seed: z.number().nullable(),
  }),
  pstar: z.strictObject({
    value: PROBABILITY_TEXT.nullable(),
    source: z.literal(['chosen', 'user', 'none']),
    note: z.string(),
  }),
  origin: z.literal(['trained', 'imported']),
  versions: z.strictObject({ donch: z.string(), node: z.string() }),
  files: z.partialRecord(z.literal(BUNDLE_FILES), HASH),
});

/** Gives a manifest its id. Throws `bad_bundle`, `not_hashable` for one that could not be read back. */
export function identifyManifest(given: BundleManifest): IdentifiedManifest {
  const manifest = checkedManifest(given, 'manifest.json');
  return { id: idOf(manifest), manifest };
}

/** Text of a manifest, for people too. */
export function formatManifest({ id, manifest }: IdentifiedManifest): string {
  return `${JSON.stringify({ bundle_id: id, ...toSnake(manifest) }, null, 2)}\n`;
}

/**
 * Reads a manifest. Throws `newer_schema` for one of a newer program, `bad_bundle` with every problem when it has another form, when
 * it does not have the content of its id, and when any byte of it is not what was written.
 */
export function parseManifest(text: string, file: string): IdentifiedManifest {
  const json = parseJson(text, file);
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw bad(file, 'the manifest is no object', 'a manifest as it was written');
  const { bundle_id: claimed, ...body } = json as Readonly<Record<string, unknown>>;
  checkVersion(body['schema_version'], file);
  if (claimed === undefined) throw bad(file, 'the manifest has no bundle_id', 'the manifest of a model bundle');
  const manifest = checkedManifest(toCamel(body), file);
  const id = idOf(manifest);
  if (claimed !== id)
    throw new DonchError('bad_bundle', `the content has the id ${id}`, {
      file,
      path: 'bundle_id',
      expected: `what the manifest says it is: ${typeof claimed === 'string' ? claimed : 'nothing'}`,
      remedy: 'The manifest was changed after it was written: take the bundle from where it was made.',
    });
  const written = formatManifest({ id, manifest });
  if (text !== written) throw otherText(text, { file, written });
  return { id, manifest };
}

const idOf = (manifest: BundleManifest): string => hashJson(toSnake(manifest)).slice(0, ID_DIGITS);

/** JSON of a file of a bundle. Throws `bad_bundle`. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DonchError('bad_bundle', 'the file is not JSON', {
      file,
      expected: 'JSON as it was written',
      remedy: 'The file is damaged: take the bundle from where it was made.',
      cause,
    });
  }
}

function checkVersion(version: unknown, file: string): void {
  if (typeof version !== 'number' || !(version > BUNDLE_SCHEMA_VERSION)) return;
  throw new DonchError('newer_schema', `the bundle has schema version ${version}`, {
    file,
    path: 'schema_version',
    expected: `at most ${BUNDLE_SCHEMA_VERSION}`,
    remedy: 'A newer DONCH made this bundle: update the program.',
  });
}

/** The manifest with its members in one order. */
function checkedManifest(value: unknown, file: string): BundleManifest {
  const parsed = MANIFEST.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => problemOf(issue, file));
  throw problems.length === 1 ? problems[0] : new DonchErrors('bad_bundle', file, problems);
}

function problemOf(issue: z.core.$ZodIssue, file: string): DonchError {
  const isUnknown = issue.code === 'unrecognized_keys';
  const path = (isUnknown ? [...issue.path, issue.keys[0]] : issue.path).map((part) => snakeName(String(part)));
  return new DonchError('bad_bundle', isUnknown ? 'there is no such member' : issue.message, {
    file,
    path: path.join('.'),
  });
}

/** The first line that is not as the program writes it. */
function otherText(text: string, { file, written }: { readonly file: string; readonly written: string }): DonchError {
  const expected = written.split('\n');
  const found = text.split('\n');
  const at = found.findIndex((line, k) => line !== expected[k]);
  return new DonchError('bad_bundle', `the line is ${JSON.stringify(found[Math.max(0, at)].slice(0, 80))}`, {
    file,
    line: Math.max(0, at) + 1,
    expected: `the manifest as it was written: ${JSON.stringify(expected[Math.max(0, at)] ?? '')}`,
    remedy: 'The same content was written by another program: take the bundle from where it was made.',
  });
}

const bad = (file: string, found: string, expected: string): DonchError =>
  new DonchError('bad_bundle', found, { file, expected });

/** Keys are words of ours down to here; below there is nothing. */
const DEPTH_MAX = 5;

/** Names of files are not ours to change. */
const KEPT_KEY = 'files';

const snakeName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelName = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const toSnake = (manifest: BundleManifest): Record<string, unknown> =>
  renamed(manifest, snakeName, DEPTH_MAX) as Record<string, unknown>;
const toCamel = (body: unknown): unknown => renamed(body, camelName, DEPTH_MAX);

function renamed(value: unknown, rename: (name: string) => string, depth: number): unknown {
  if (Number.isNaN(value)) return null;
  if (depth === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      rename(name),
      name === KEPT_KEY ? member : renamed(member, rename, depth - 1),
    ]),
  );
}
