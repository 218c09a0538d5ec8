/** The project folder: where config.yaml lies, and what relative paths count from. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { DonchError } from '@donch/core';

export interface Project {
  /** Folder of config.yaml, absolute. */
  readonly folder: string;
  readonly configPath: string;
}

export const CONFIG_NAME = 'config.yaml';

/** The project that a folder lies in: the nearest folder from there upwards with a config.yaml; null when there is none. */
export function findProject(startFolder: string): Project | null {
  for (let folder = resolve(startFolder); ; folder = dirname(folder)) {
    const configPath = join(folder, CONFIG_NAME);
    if (existsSync(configPath)) return { folder, configPath };
    if (folder === dirname(folder)) return null;
  }
}

const DRIVE = /^[A-Za-z]:\//;

/**
 * A path that a user wrote, absolute: `\` and `/` both separate, relative ones count from the project folder wherever the command
 * was started. Throws `bad_path` for an empty one, one with a zero byte, and for a Windows drive on another system.
 */
export function resolveUserPath(projectFolder: string, text: string): string {
  const path = text.trim().replaceAll('\\', '/');
  if (path === '') throw new DonchError('bad_path', 'the path is empty', { expected: 'a path' });
  if (path.includes('\0')) throw new DonchError('bad_path', 'the path holds a zero byte', { expected: 'a path' });
  if (DRIVE.test(path) && process.platform !== 'win32') {
    throw new DonchError('bad_path', `the path "${text}" names a Windows drive`, {
      expected: 'a path of this system',
      remedy: 'Write it relative to the folder of config.yaml: such paths mean the same on every system.',
    });
  }
  return isAbsolute(path) ? resolve(path) : resolve(projectFolder, path);
}
