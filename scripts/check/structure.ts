/** The rules about the form of a package: its index, its manifest, its compiler settings; and the ban of enums. */

import { LAYERS } from './layers.ts';
import { type SourceFile, walk } from './source-file.ts';
import type { RuleName, Violation } from './violation.ts';
import type { WorkspacePackage } from './workspace.ts';

type Report = (rule: RuleName, path: string, message: string) => void;

/** Violations of the form of one package. */
export function checkStructure(owner: WorkspacePackage): Violation[] {
  const violations: Violation[] = [];
  const report: Report = (rule, path, message) => violations.push({ rule, path, line: 1, message });
  if (!(owner.name in LAYERS)) report('layer', owner.folder, `"${owner.name}" is missing in scripts/check/layers.ts`);
  checkIndex(owner, report);
  checkManifest(owner, report);
  if (owner.kind !== 'bench') checkTsconfig(owner, report);
  return violations;
}

/** Enums, which Node's type stripping cannot run and `declare` or `const` would hide from the compiler's own rule. */
export function checkEnums(file: SourceFile): Violation[] {
  const violations: Violation[] = [];
  walk(file.program, (node) => {
    if (node.type !== 'TSEnumDeclaration') return;
    const message = `enum "${node.id.name}": use a union of literals or an "as const" object`;
    violations.push({ rule: 'enum', path: file.path, line: file.lineAt(node.start), message });
  });
  return violations;
}

function checkIndex(owner: WorkspacePackage, report: Report): void {
  const expected = owner.kind === 'package' ? [`${owner.folder}/src/index.ts`] : [];
  const found = owner.files.filter((path) => /(?:^|\/)index\.[cm]?[jt]s$/.test(path));
  for (const path of found) {
    if (!expected.includes(path)) report('index', path, 'an index inside: import the file by its own name');
  }
  for (const path of expected) {
    if (!found.includes(path)) report('index', path, 'is missing');
  }
}

/** A package without the `types` script or with another export would drop out of the checks without a word. */
function checkManifest(owner: WorkspacePackage, report: Report): void {
  const { manifest } = owner;
  const expected: Record<string, unknown> = { name: `@donch/${owner.name}`, private: true, type: 'module' };
  if (owner.kind === 'package') expected['exports'] = './src/index.ts';
  for (const [field, value] of Object.entries(expected)) {
    const found: unknown = Reflect.get(manifest, field);
    if (found === value) continue;
    const message = `"${field}": found ${JSON.stringify(found)}, expected ${JSON.stringify(value)}`;
    report('manifest', `${owner.folder}/package.json`, message);
  }
  if (owner.kind !== 'bench' && manifest.scripts?.['types'] !== 'tsc -p .') {
    report('manifest', `${owner.folder}/package.json`, 'the script "types": "tsc -p ." is missing');
  }
}

/** The base that a tsconfig.json extends decides which globals compile, so it has to be that of the layer table. */
function checkTsconfig(owner: WorkspacePackage, report: Report): void {
  const base = LAYERS[owner.name]?.isShell === false ? 'pure' : 'shell';
  const extendsBase = new RegExp(`"extends":\\s*"../../tsconfig.${base}.json"`);
  if (extendsBase.test(owner.tsconfig ?? '') && !/"(?:lib|types)"/.test(owner.tsconfig ?? '')) return;
  const message = `expected "extends": "../../tsconfig.${base}.json", and neither "lib" nor "types"`;
  report('manifest', `${owner.folder}/tsconfig.json`, message);
}
