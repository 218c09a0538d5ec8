/** Finding the workspace's packages and their source files on disk. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** One package of the workspace. */
export type WorkspacePackage = {
  /** Name of the folder, which is the name without "@donch/". */
  readonly name: string;
  /** Path from the repository root, with forward slashes: "packages/core". */
  readonly folder: string;
  readonly kind: 'package' | 'app' | 'bench';
  /** Source files, as paths from the repository root with forward slashes. */
  readonly files: readonly string[];
  readonly manifest: Manifest;
  /** Text of tsconfig.json; undefined where there is none. */
  readonly tsconfig: string | undefined;
};

/** The fields of package.json that the rules read. */
export type Manifest = {
  readonly name?: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly exports?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const SOURCE_FILE = /\.(?:ts|mts|cts|js|mjs|cjs)$/;
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'coverage', '.turbo']);

/** All packages under packages/ and apps/, and bench/ when it is one. */
export function readWorkspace(root: string): WorkspacePackage[] {
  const under = (parent: string) => listFolders(join(root, parent)).map((name) => `${parent}/${name}`);
  return [
    ...under('packages').map((folder) => readPackage(root, folder, 'package')),
    ...under('apps').map((folder) => readPackage(root, folder, 'app')),
    ...(existsSync(join(root, 'bench')) ? [readPackage(root, 'bench', 'bench')] : []),
  ];
}

/** The manifest of a folder; an empty one where package.json is missing. */
export function readManifest(folder: string): Manifest {
  const path = join(folder, 'package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest) : {};
}

/** Source files below a folder, as paths from the root with forward slashes, in a stable order. */
export function listSourceFiles(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && SOURCE_FILE.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.split('/').some((part) => SKIPPED_FOLDERS.has(part)))
    .toSorted();
}

function readPackage(root: string, folder: string, kind: WorkspacePackage['kind']): WorkspacePackage {
  const tsconfigPath = join(root, folder, 'tsconfig.json');
  return {
    name: folder.slice(folder.lastIndexOf('/') + 1),
    folder,
    kind,
    files: listSourceFiles(root, folder),
    manifest: readManifest(join(root, folder)),
    tsconfig: existsSync(tsconfigPath) ? readFileSync(tsconfigPath, 'utf8') : undefined,
  };
}

function listFolders(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}
