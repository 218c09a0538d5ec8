/**
 * The bundle that trading uses: a copy under `models/<yyyymmdd>-<id>/`, and a text file `models/current` whose first line names it. The
 * lines below name those before, so that one atomic write moves the pointer and its history together.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DonchError, formatDay } from '@donch/core';
import { copyFileAtomic, namesIn, withIoErrors, writeFileAtomic } from '@donch/data';
import { isFolder, isNoBundle, MANIFEST_NAME, placeFolder, readBundle } from './bundle-folder.ts';

/** Deployed bundles that are kept, the current one included. */
const DEPLOYED_KEPT = 6;

const POINTER_NAME = 'current';
const DEPLOYED = /^\d{8}-[0-9a-f]{16}$/;

export interface Deployment {
  /** Name of the folder below models/. */
  readonly name: string;
  readonly folder: string;
  /** Where a rollback leads; null = nowhere. */
  readonly previous: string | null;
  /** Folders of older deployments that were deleted. */
  readonly removed: readonly string[];
}

/**
 * Copies a bundle and points to the copy. The caller has loaded it: what does not load is not deployed. Deploying the current bundle once
 * more changes nothing. Throws as `readBundle`, and what the disk says.
 */
export function deployBundle(modelsFolder: string, bundleFolder: string, nowMs: number): Deployment {
  const { id, manifest } = readBundle(bundleFolder);
  const before = pointerLines(modelsFolder);
  const isCurrent = before.length > 0 && before[0].endsWith(`-${id}`) && isSame(join(modelsFolder, before[0]), id);
  const name = isCurrent ? before[0] : `${formatDay(nowMs).replaceAll('-', '')}-${id}`;
  const folder = join(modelsFolder, name);
  if (!isSame(folder, id)) {
    rmSync(folder, { recursive: true, force: true });
    placeFolder(folder, (draft) => {
      for (const file of [...Object.keys(manifest.files), MANIFEST_NAME])
        copyFileAtomic(join(bundleFolder, file), join(draft, file));
    });
  }
  const lines = [name, ...before.filter((line) => line !== name)].slice(0, DEPLOYED_KEPT);
  writePointer(modelsFolder, lines);
  return { name, folder, previous: lines[1] ?? null, removed: removeOld(modelsFolder, lines) };
}

/** Points to the bundle before the current one. Throws `no_bundle` when there is none, and as `readBundle` when it is damaged. */
export function rollbackBundle(modelsFolder: string): Deployment {
  const lines = pointerLines(modelsFolder).slice(1);
  if (lines.length === 0)
    throw new DonchError('no_bundle', 'no bundle was deployed before the current one', {
      expected: 'at least two deployments',
      remedy: 'Deploy another one: donch deploy-model <folder>. They are kept under models/.',
    });
  const [name] = lines;
  const folder = join(modelsFolder, name);
  readBundle(folder);
  writePointer(modelsFolder, lines);
  return { name, folder, previous: lines[1] ?? null, removed: [] };
}

/** Folder of the bundle before the current one, or null: what `rollbackBundle` would lead to. */
export function previousBundle(modelsFolder: string): string | null {
  const [, previous] = pointerLines(modelsFolder);
  return previous === undefined ? null : join(modelsFolder, previous);
}

/** Folder of the deployed bundle, or null. Throws `bad_bundle` when the pointer is damaged. */
export function currentBundle(modelsFolder: string): string | null {
  const [current] = pointerLines(modelsFolder);
  return current === undefined ? null : join(modelsFolder, current);
}

/** Current first, then those before; empty = nothing was deployed. */
function pointerLines(modelsFolder: string): string[] {
  if (!namesIn(modelsFolder).includes(POINTER_NAME)) return [];
  const file = join(modelsFolder, POINTER_NAME);
  const lines = withIoErrors(file, 'read the pointer', () => readFileSync(file, 'utf8'))
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const wrong = lines.findIndex((line) => !DEPLOYED.test(line));
  if (wrong < 0 && lines.length > 0) return lines;
  throw new DonchError('bad_bundle', wrong < 0 ? 'the file is empty' : `the line is "${lines[wrong].slice(0, 80)}"`, {
    file,
    ...(wrong >= 0 && { line: wrong + 1 }),
    expected: 'names of deployed bundles, such as 20250131-0123456789abcdef',
    remedy: 'Delete the file and deploy again: donch deploy-model <folder>.',
  });
}

const writePointer = (modelsFolder: string, lines: readonly string[]): void =>
  writeFileAtomic(join(modelsFolder, POINTER_NAME), `${lines.join('\n')}\n`);

function isSame(folder: string, id: string): boolean {
  if (!isFolder(folder)) return false;
  try {
    return readBundle(folder).id === id;
  } catch (error) {
    if (!isNoBundle(error)) throw error;
    return false;
  }
}

/** What was rolled back stays as long as there is room beside the history; the oldest go first. */
function removeOld(modelsFolder: string, kept: readonly string[]): string[] {
  const others = namesIn(modelsFolder)
    .filter((name) => DEPLOYED.test(name) && !kept.includes(name))
    .toReversed();
  const removed = others.slice(Math.max(0, DEPLOYED_KEPT - kept.length));
  for (const name of removed)
    withIoErrors(join(modelsFolder, name), 'delete the old deployment', () =>
      rmSync(join(modelsFolder, name), { recursive: true }),
    );
  return removed;
}
