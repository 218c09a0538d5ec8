/** Temporary folders with planted files, for the tests that prove that a check bites. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Root folder of the repository. */
export const REPOSITORY = resolve(import.meta.dirname, '../..');

/** Path to text. */
export type Files = Readonly<Record<string, string>>;

/** A temporary folder with these files; `node_modules` of the repository is linked in. Remove it with `removeFolder`. */
export function plantFolder(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'donch-planted-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'), 'junction');
  return root;
}

export function removeFolder(root: string): void {
  // The link itself, not what it points to: rmSync does not follow it.
  rmSync(root, { recursive: true });
}

export type Ended = {
  readonly code: number | null;
  readonly stdout: string;
};

/** Runs a script of the repository (path from its root) with Node in a folder, to its end. It may fail. */
export function runNode(script: string, args: readonly string[], cwd: string): Ended {
  const { status, stdout } = spawnSync(process.execPath, [join(REPOSITORY, script), ...args], {
    cwd,
    encoding: 'utf8',
  });
  return { code: status, stdout };
}
