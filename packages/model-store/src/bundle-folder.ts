/** Bundles on disk: immutable folders `<models>/<id>/`, made under another name, synchronised, renamed into place. */
import { hash } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DonchError, DonchErrors, invariant } from '@donch/core';
import { isLeftOver, makeFolder, namesIn, renameOver, settleFolder, withIoErrors, writeFileAtomic } from '@donch/data';
import { BUNDLE_FILES, type BundleFile, type BundleManifest } from '@donch/meta';
import { formatManifest, identifyManifest, parseManifest, type IdentifiedManifest } from './manifest-json.ts';
import { MODEL_FILES } from './model-files.ts';

export const MANIFEST_NAME = 'manifest.json';

/**
 * Written over in the folder that users look at (`donch ev --out results/meta_export/ev_curve.csv`), and nothing decides by it: other
 * content is told, not refused.
 */
const REWRITABLE_FILE: BundleFile = 'ev_curve.csv';

/** Larger files are no part of a model. */
const FILE_BYTES_MAX = 1_024 * 2 ** 20;

export interface BundleContent {
  readonly manifest: Omit<BundleManifest, 'files'>;
  /** By name; those of `modelFiles` and whatever else is there of BUNDLE_FILES. */
  readonly files: ReadonlyMap<BundleFile, string | Uint8Array>;
}

export interface Bundle extends IdentifiedManifest {
  readonly folder: string;
}

export interface SavedBundle extends Bundle {
  /** False: it was there already, and nothing was written. */
  readonly isNew: boolean;
}

/** Bytes of the files of a bundle, with their hashes compared. */
export interface BundleBytes extends Bundle {
  readonly files: ReadonlyMap<BundleFile, Uint8Array>;
  /** Files with other content that are told and not refused. */
  readonly notes: readonly string[];
}

const DRAFT = /^\.draft-(\d+)-\d+$/;
let drafts = 0;

/**
 * Stores a bundle below the models folder, under the hash of its manifest and files. A bundle with that id which is not as it was
 * written is moved aside. Throws `bad_bundle` for a manifest that could not be read back, and what the disk says.
 */
export function saveBundle(modelsFolder: string, { manifest, files }: BundleContent): SavedBundle {
  for (const name of MODEL_FILES) invariant(files.has(name), `a bundle has the file ${name}`);
  const hashes = Object.fromEntries(
    BUNDLE_FILES.flatMap((name) => {
      const content = files.get(name);
      return content === undefined ? [] : [[name, hash('sha256', content)]];
    }),
  );
  const identified = identifyManifest({ ...manifest, files: hashes });
  const folder = join(modelsFolder, identified.id);
  if (isWhole(folder)) return { ...identified, folder, isNew: false };
  placeFolder(folder, (draft) => {
    for (const [name, content] of files) writeFileAtomic(join(draft, name), content, { syncFolder: false });
    writeFileAtomic(join(draft, MANIFEST_NAME), formatManifest(identified));
  });
  return { ...identified, folder, isNew: true };
}

/** True when the bundle is there, to the byte; one that is damaged is moved aside. */
function isWhole(folder: string): boolean {
  if (!isFolder(folder)) return false;
  try {
    return readBundle(folder).notes.length === 0 || moveAside(folder);
  } catch (error) {
    if (!isNoBundle(error)) throw error;
    return moveAside(folder);
  }
}

/** True for the errors that say: here is no bundle, or a damaged one. Not for one of a newer program. */
export function isNoBundle(error: unknown): error is DonchError | DonchErrors {
  const isExpected = error instanceof DonchError || error instanceof DonchErrors;
  return isExpected && (error.code === 'bad_bundle' || error.code === 'no_bundle');
}

function moveAside(folder: string): false {
  let count = 1;
  while (isFolder(`${folder}.damaged-${count}`)) count += 1;
  withIoErrors(folder, 'move the damaged bundle aside', () => renameOver(folder, `${folder}.damaged-${count}`));
  return false;
}

/** Makes a folder whole or not at all. Removes what killed processes left beside it. */
export function placeFolder(
  folder: string,
  fill: (draft: string) => void,
  place: (draft: string) => void = (draft) => renameOver(draft, folder),
): void {
  const parent = dirname(folder);
  for (const name of namesIn(parent)) {
    const match = DRAFT.exec(name);
    if (match !== null && isLeftOver(join(parent, name), Number(match[1])))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
  drafts += 1;
  const draft = join(parent, `.draft-${process.pid}-${drafts}`);
  try {
    withIoErrors(draft, 'make the folder', () => makeFolder(draft));
    fill(draft);
    settleFolder(draft);
    withIoErrors(folder, 'rename the folder into place', () => place(draft));
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
  settleFolder(parent);
}

/** True when a folder looks like one of a bundle. */
export function hasManifest(folder: string): boolean {
  return isFile(join(folder, MANIFEST_NAME));
}

/**
 * The manifest of a bundle, without a look at its files. Throws `no_bundle` when there is none, `newer_schema`, `bad_bundle`.
 */
export function readManifest(folder: string): Bundle {
  const path = join(folder, MANIFEST_NAME);
  if (!isFolder(folder)) throw noBundle(folder, `there is no folder ${folder}`);
  if (!isFile(path)) throw noBundle(folder, `the folder ${folder} has no ${MANIFEST_NAME}`);
  const text = withIoErrors(path, 'read the manifest', () => readFileSync(path, 'utf8'));
  return { ...parseManifest(text, path), folder };
}

const noBundle = (folder: string, found: string): DonchError =>
  new DonchError('no_bundle', found, {
    expected: 'the folder of a bundle, as `donch train` and `donch model import` write it',
    remedy: isFile(join(folder, 'model.txt'))
      ? 'Read a model that was trained elsewhere with `donch model import`.'
      : 'Name the folder, or set WINPROB_ARTIFACT_DIR.',
  });

/** A bundle and the bytes of its files. What else lies in the folder is not looked at. Throws as `readManifest`. */
export function readBundle(folder: string): BundleBytes {
  const bundle = readManifest(folder);
  const { files: hashes } = bundle.manifest;
  for (const name of MODEL_FILES)
    if (hashes[name] === undefined)
      throw new DonchError('bad_bundle', `the manifest lists no ${name}`, {
        file: join(folder, MANIFEST_NAME),
        path: 'files',
        expected: MODEL_FILES.join(', '),
        remedy: RESTORE,
      });
  const files = new Map<BundleFile, Uint8Array>();
  const notes: string[] = [];
  for (const name of BUNDLE_FILES) {
    const expected = hashes[name];
    if (expected === undefined) continue;
    const bytes = fileOf(folder, name);
    const found = hash('sha256', bytes);
    if (found === expected) files.set(name, bytes);
    else if (name === REWRITABLE_FILE) notes.push(`${name} is not the one of the bundle: it was written anew`);
    else
      throw new DonchError('bad_bundle', `the file has the SHA-256 ${found}`, {
        file: join(folder, name),
        expected,
        remedy: RESTORE,
      });
  }
  return { ...bundle, files, notes };
}

export const RESTORE = 'The file is not the one that was written: take the bundle from models/, or make it again.';

function fileOf(folder: string, name: BundleFile): Uint8Array {
  const path = join(folder, name);
  if (!isFile(path))
    throw new DonchError('bad_bundle', 'the file is missing', {
      file: path,
      expected: 'every file that the manifest lists',
      remedy: RESTORE,
    });
  return withIoErrors(path, 'read the file', () => {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX)
      throw new DonchError('bad_bundle', `the file has ${size} bytes`, {
        file: path,
        expected: `at most ${FILE_BYTES_MAX}`,
      });
    return readFileSync(path);
  });
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
