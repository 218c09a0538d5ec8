/**
 * The folder that users look at (`results/meta_export`): a view of the newest bundle, replaced as a whole. Files of the user in it stay.
 */
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { DonchError } from '@donch/core';
import { copyFileAtomic, namesIn, renameOver, withIoErrors } from '@donch/data';
import { BUNDLE_FILES } from '@donch/meta';
import { isFolder, isNoBundle, MANIFEST_NAME, placeFolder, readBundle, readManifest } from './bundle-folder.ts';

export interface PublishedBundle {
  /** Files and folders of the user that were carried over from the view before. */
  readonly carriedOver: readonly string[];
  /** Where a folder without a bundle (a pack of the earlier system) was moved to; null = there was none. */
  readonly movedTo: string | null;
}

/** The view before, while the new one takes its place; left behind only by a process that was killed in that instant. */
const previousView = (outdir: string): string => join(dirname(outdir), `.${basename(outdir)}.donch-previous`);

/**
 * Shows a bundle in `outdir`: a copy is made beside it, then takes its place. What does not have the name of a file of a bundle is carried
 * over (an `ev_curve.csv` that was written anew belongs to the bundle before and is not); a folder of files without a manifest is moved aside,
 * so that nothing of an earlier system is lost. Throws `bad_outdir` for a folder that holds something else, which is then left alone,
 * and `bad_bundle`, `no_bundle`.
 */
export function publishBundle(bundleFolder: string, outdir: string): PublishedBundle {
  const bundle = readBundle(bundleFolder);
  checkPlace(bundleFolder, outdir);
  finishInterrupted(outdir);
  const before = contentOf(outdir);
  const carriedOver = before.kind === 'bundle' ? namesIn(outdir).filter((name) => !isOurs(name)) : [];
  const movedTo = before.kind === 'files' ? freePath(outdir) : null;
  placeFolder(
    outdir,
    (draft) => {
      for (const name of [...Object.keys(bundle.manifest.files), MANIFEST_NAME])
        copyFileAtomic(join(bundleFolder, name), join(draft, name));
      for (const name of carriedOver) copyUsersFile(join(outdir, name), join(draft, name));
    },
    (draft) => replaceFolder(draft, outdir, movedTo),
  );
  return { carriedOver, movedTo };
}

function copyUsersFile(from: string, to: string): void {
  withIoErrors(from, 'copy it to the new folder', () =>
    cpSync(from, to, { recursive: true, preserveTimestamps: true }),
  );
}

/** What a write that was cut off leaves behind. */
const TEMPORARY = /^\..+\.\d+-\d+\.tmp$/;

const isOurs = (name: string): boolean =>
  name === MANIFEST_NAME || (BUNDLE_FILES as readonly string[]).includes(name) || TEMPORARY.test(name);

/** Neither a folder that the bundle lies in nor one among the stored bundles. */
function checkPlace(bundleFolder: string, outdir: string): void {
  const way = relative(resolve(outdir), resolve(bundleFolder));
  const isOutside = way.startsWith('..') || isAbsolute(way);
  if (isOutside && dirname(resolve(outdir)) !== dirname(resolve(bundleFolder))) return;
  throw badOutdir(outdir, 'it is where bundles are stored');
}

type Content = { readonly kind: 'none' | 'empty' | 'files' | 'bundle' };

function contentOf(outdir: string): Content {
  if (!existsSync(outdir)) return { kind: 'none' };
  if (!isFolder(outdir)) throw badOutdir(outdir, 'it is a file');
  const entries = withIoErrors(outdir, 'list the folder', () => readdirSync(outdir, { withFileTypes: true }));
  if (entries.length === 0) return { kind: 'empty' };
  if (entries.some(({ name }) => name === MANIFEST_NAME)) {
    readViewed(outdir);
    return { kind: 'bundle' };
  }
  if (entries.every((entry) => entry.isFile() && entry.name !== 'config.yaml')) return { kind: 'files' };
  throw badOutdir(outdir, `it holds ${entries.find((entry) => !entry.isFile())?.name ?? 'config.yaml'}`);
}

/** A manifest of a run, or one that is damaged, is not ours to replace. */
function readViewed(outdir: string): void {
  try {
    readManifest(outdir);
  } catch (cause) {
    if (!isNoBundle(cause)) throw cause;
    throw badOutdir(outdir, `its ${MANIFEST_NAME} is not one of a bundle`, cause);
  }
}

const badOutdir = (outdir: string, found: string, cause?: Error): DonchError =>
  new DonchError('bad_outdir', `the folder ${outdir} cannot show the bundle: ${found}`, {
    expected: 'a new folder, an empty one, or one that showed a bundle',
    remedy: 'Name another --outdir, or move that folder away. The bundle is stored under models/ all the same.',
    ...(cause !== undefined && { cause }),
  });

/** A view that was taken away and not replaced comes back. */
function finishInterrupted(outdir: string): void {
  const previous = previousView(outdir);
  if (!existsSync(previous)) return;
  withIoErrors(outdir, 'finish the replacement', () => {
    if (existsSync(outdir)) rmSync(previous, { recursive: true });
    else renameOver(previous, outdir);
  });
}

function replaceFolder(fresh: string, outdir: string, movedTo: string | null): void {
  const isThere = existsSync(outdir);
  const previous = movedTo ?? previousView(outdir);
  if (isThere) renameOver(outdir, previous);
  try {
    renameOver(fresh, outdir);
  } catch (cause) {
    if (isThere) renameOver(previous, outdir);
    throw cause;
  }
  if (isThere && movedTo === null) rmSync(previous, { recursive: true });
}

function freePath(outdir: string): string {
  for (let count = 1; ; count += 1) {
    const path = `${outdir}.before-${count}`;
    if (!existsSync(path)) return path;
  }
}
