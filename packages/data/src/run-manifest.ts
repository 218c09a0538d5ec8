/** What a run directory says about itself: what was computed, from what, by which code, and its files with their hashes. */
import { DonchError, hashJson } from '@donch/core';
import { z } from 'zod';

const NAME = /^[a-z][a-z0-9_-]{0,39}$/;
const HASH = z.string().regex(/^[0-9a-f]{64}$/);
/** Relative, with `/`, never out of the folder. */
const INNER_PATH = z
  .string()
  .refine((path) => !path.startsWith('/') && !/(^|\/)\.\.?(\/|$)|\\|:/.test(path) && path !== '');

/**
 * Everything that decides a result. Two runs with the same identity have the same id and the same files, byte for byte; time and
 * place of the computation are therefore not part of it.
 */
const IDENTITY = z.object({
  /** `backtest`, `sweep`, ... */
  command: z.string().regex(NAME),
  /** SHA-256 (or another stable id) of every input by name: files, bundles, the data certificate. */
  inputs: z.record(z.string(), z.string()),
  /** Everything else the result depends on: window, flags. Plain JSON. */
  parameters: z.record(z.string(), z.json()),
  spec_hash: z.string().nullable(),
  config_hash: z.string().nullable(),
  universe_hash: z.string().nullable(),
  seed: z.number().nullable(),
  /** hashSources(...).hash */
  source_hash: z.string(),
  donch_version: z.string(),
  /** Functions such as Math.exp may differ between versions. */
  node_version: z.string(),
});
export type RunIdentity = Readonly<z.infer<typeof IDENTITY>>;

const FILE = z.object({ path: INNER_PATH, size: z.int().nonnegative(), sha256: HASH });
export type RunFile = Readonly<z.infer<typeof FILE>>;

const SCHEMA_VERSION = 1;
const MANIFEST = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  run_id: z.string(),
  ...IDENTITY.shape,
  /** Figures that a listing shows. Plain JSON. */
  summary: z.record(z.string(), z.json()),
  /** Sorted by path. */
  files: z.array(FILE),
  /** SHA-256 of the canonical JSON of all the other members. */
  manifest_hash: HASH,
});
export type RunManifest = Readonly<z.infer<typeof MANIFEST>>;

/** Id of a run: the command and 64 bits of the hash of its identity. Throws `bad_run` for an identity that is not plain JSON. */
export function runIdOf(identity: RunIdentity): string {
  const parsed = IDENTITY.safeParse(identity);
  if (!parsed.success)
    throw new DonchError('bad_run', z.prettifyError(parsed.error), { expected: 'an identity of plain JSON' });
  return `${identity.command}-${hashJson(parsed.data).slice(0, 16)}`;
}

export interface ManifestParts {
  readonly identity: RunIdentity;
  readonly summary: RunManifest['summary'];
  readonly files: readonly RunFile[];
}

/** Manifest of a finished run. */
export function makeManifest({ identity, summary, files }: ManifestParts): RunManifest {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const body = {
    schema_version: SCHEMA_VERSION,
    run_id: runIdOf(identity),
    ...IDENTITY.parse(identity),
    summary,
    files: sorted,
  };
  return MANIFEST.parse({ ...body, manifest_hash: hashJson(body) });
}

/** Text of a manifest, for people too. */
export function formatManifest(manifest: RunManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Reads a manifest. Throws `run_damaged` when any byte of it is not what was written, `newer_schema` for a newer version. */
export function parseManifest(text: string, file: string): RunManifest {
  const json = parseJson(text, file);
  const version =
    typeof json === 'object' && json !== null && 'schema_version' in json ? json.schema_version : undefined;
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw new DonchError('newer_schema', `the manifest has schema version ${version}`, {
      file,
      expected: `at most ${SCHEMA_VERSION}`,
      remedy: 'A newer DONCH made this run: update the program.',
    });
  }
  const parsed = MANIFEST.safeParse(json);
  if (!parsed.success) throw damaged(file, 'the manifest does not have the form of one');
  const { manifest_hash: claimed, ...body } = parsed.data;
  if (hashJson(body) !== claimed) throw damaged(file, 'the manifest does not match its hash');
  return parsed.data;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DonchError('run_damaged', 'the manifest is not JSON', {
      file,
      expected: 'a manifest as it was written',
      cause,
    });
  }
}

function damaged(file: string, found: string): DonchError {
  return new DonchError('run_damaged', found, { file, expected: 'a manifest as it was written' });
}
