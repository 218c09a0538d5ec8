/** The files behind the paths a user names: folders are walked, what is not importable is listed and not opened. */

import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DonchError } from '@donch/core';
import { withIoErrors } from '../io-error.ts';
import { isImportable } from './file-name.ts';

export interface FoundFile {
  readonly path: string;
  /** Names of the folders around the file that may tell something, outermost first: evidence for the venue. */
  readonly folders: readonly string[];
}

export interface FoundFiles {
  readonly files: readonly FoundFile[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

/** Folders deeper than this are a loop or a mistake. */
const DEPTH_MAX = 16;

/** All importable files in a fixed order; throws `no_such_file` for a path that does not exist. */
export function findFiles(paths: readonly string[]): FoundFiles {
  const files = new Map<string, FoundFile>();
  const skipped: { file: string; reason: string }[] = [];
  const add = (path: string, folders: readonly string[]): void => {
    const key = realpathSync(path);
    if (!files.has(key)) files.set(key, { path, folders });
  };
  const walk = (folder: string, folders: readonly string[]): void => {
    if (folders.length > DEPTH_MAX)
      return void skipped.push({ file: folder, reason: `more than ${DEPTH_MAX} folders deep` });
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) skipped.push({ file: path, reason: 'a link to nothing' });
      else if (stats.isDirectory()) walk(path, [...folders, name]);
      else if (name.startsWith('.') || !stats.isFile() || !isImportable(path))
        skipped.push({ file: path, reason: 'no importable ending' });
      else add(path, folders);
    }
  };
  for (const given of paths) {
    const path = existingPath(given);
    withIoErrors(path, 'read', () => {
      if (statSync(path).isDirectory()) walk(path, nearFolders(resolve(path)));
      else add(path, nearFolders(dirname(resolve(path))));
    });
  }
  return { files: [...files.values()], skipped };
}

/** Names of a folder and of the one around it: `bybit/5m` tells more than `5m`, and names further up are about other things. */
function nearFolders(folder: string): string[] {
  return [basename(dirname(folder)), basename(folder)];
}

/** Users of Windows type backslashes everywhere; a name that really holds one wins. */
function existingPath(path: string): string {
  if (existsSync(path)) return path;
  const slashes = path.replaceAll('\\', '/');
  if (existsSync(slashes)) return slashes;
  throw new DonchError('no_such_file', 'there is no such file or folder', { file: path });
}
