/** Which code computed a result: a hash over the source files of the packages that an entry point uses. */
import { createHash, hash } from 'node:crypto';
import { readFileSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { withIoErrors } from './io-error.ts';

export interface SourceHash {
  /** SHA-256 over the hashes of the packages. */
  readonly hash: string;
  /** Hash by package name, sorted by name. */
  readonly packages: Readonly<Record<string, string>>;
}

const SCOPE = '@donch/';
const MANIFEST = z.object({ name: z.string(), dependencies: z.record(z.string(), z.string()).optional() });

/**
 * Hash of a package and of all workspace packages it depends on, directly or not: every `.ts` file below `src` that is not a test.
 * Line ends do not count. Third-party packages are pinned by the lockfile, not here.
 */
export function hashSources(entryFolder: string): SourceHash {
  const packages = new Map<string, string>();
  addPackage(entryFolder, packages);
  const sorted = Object.fromEntries([...packages].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { hash: hash('sha256', JSON.stringify(sorted)), packages: sorted };
}

function addPackage(folder: string, packages: Map<string, string>): void {
  const path = join(folder, 'package.json');
  const { name, dependencies = {} } = MANIFEST.parse(JSON.parse(readText(path)));
  if (packages.has(name)) return;
  packages.set(name, hashFolder(join(folder, 'src')));
  for (const dependency of Object.keys(dependencies)) {
    if (dependency.startsWith(SCOPE)) addPackage(realpathSync(join(folder, 'node_modules', dependency)), packages);
  }
}

function hashFolder(folder: string): string {
  const digest = createHash('sha256');
  const names = withIoErrors(folder, 'list the sources', () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }),
  );
  const sources = names.map((name) => name.replaceAll('\\', '/')).filter(isSource);
  for (const name of sources.sort()) {
    digest.update(`${name} ${hash('sha256', readText(join(folder, name)).replaceAll('\r\n', '\n'))}\n`);
  }
  return digest.digest('hex');
}

function isSource(name: string): boolean {
  return name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('.long.ts');
}

function readText(path: string): string {
  return withIoErrors(path, 'read the source', () => readFileSync(path, 'utf8'));
}
