/** All repository rules over one tree. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkImports } from './imports.ts';
import { LAYERS } from './layers.ts';
import { checkPurity } from './purity.ts';
import { isTestFile, parseSourceFile, type SourceFile } from './source-file.ts';
import { checkEnums, checkStructure } from './structure.ts';
import { applyMarkers, type Violation } from './violation.ts';
import { listSourceFiles, readManifest, readWorkspace, type WorkspacePackage } from './workspace.ts';

export type RepositoryReport = {
  readonly violations: readonly Violation[];
  /** Exceptions that inline markers and linter directives make. */
  readonly exceptions: number;
  /** Source files that were read. A check that sees nothing passes, so the caller looks at it. */
  readonly files: number;
};

/** Folders outside the workspace's packages whose files keep the rules that do not concern packages. */
const TOOL_FOLDERS = ['bin', 'scripts'];

/** Checks the tree below `root`. Throws an Error that names the file when one cannot be parsed. */
export function checkRepository(root: string): RepositoryReport {
  const violations: Violation[] = [];
  let exceptions = 0;
  let files = 0;
  const rootManifest = readManifest(root);
  const judge = (path: string, check: (file: SourceFile) => Violation[]) => {
    const file = parseSourceFile(path, readFileSync(join(root, path), 'utf8'));
    const judged = applyMarkers(file, check(file));
    violations.push(...judged.violations);
    exceptions += judged.exceptions;
    files++;
  };
  for (const owner of readWorkspace(root)) {
    violations.push(...checkStructure(owner));
    for (const path of owner.files) {
      judge(path, (file) => [
        ...checkImports(file, owner, rootManifest),
        ...(isPure(owner, path) ? checkPurity(file) : []),
        ...checkEnums(file),
      ]);
    }
  }
  for (const path of TOOL_FOLDERS.flatMap((folder) => listSourceFiles(root, folder))) judge(path, checkEnums);
  return { violations, exceptions, files };
}

/** Tests of a pure package may use files and clocks. */
function isPure(owner: WorkspacePackage, path: string): boolean {
  return LAYERS[owner.name]?.isShell === false && !isTestFile(path);
}
