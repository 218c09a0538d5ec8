/** The folder of shared reference data beside the repository: outside numbers that tests compare with. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'vitest';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

/**
 * Path of a file or folder in the shared reference data: below the folder that the environment variable DONCH_SHARED names,
 * else below `../shared` beside the repository. The path need not exist.
 */
export function sharedDir(...parts: readonly string[]): string {
  return join(process.env['DONCH_SHARED'] ?? resolve(REPOSITORY, '../shared'), ...parts);
}

/**
 * `describe` for tests that read the shared reference data. A clone of the repository alone does not have the data: there the
 * block is one visibly skipped test. In CI it throws instead, because a check that sees nothing must not pass.
 */
export function describeWithShared(name: string, body: () => void): void {
  if (existsSync(sharedDir())) {
    describe(name, body);
    return;
  }
  if (process.env['CI'] === 'true') {
    throw new Error(`found no folder "${sharedDir()}", expected the shared reference data in CI`);
  }
  describe(name, () => {
    it.skip(`needs the shared reference data in "${sharedDir()}" (or DONCH_SHARED)`, () => {});
  });
}
