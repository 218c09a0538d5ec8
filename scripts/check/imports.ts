/** The rules about imports: arrows between packages, package borders, declared dependencies, pure packages' libraries. */

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { COMPOSED_IN_TRADER, LAYERS, PURE_LIBRARIES, TEST_PACKAGE } from './layers.ts';
import { type ImportSite, isTestFile, type SourceFile } from './source-file.ts';
import type { RuleName, Violation } from './violation.ts';
import type { Manifest, WorkspacePackage } from './workspace.ts';

const SCOPE = '@donch/';

/** Violations of the import rules in one file of a package; `rootManifest` declares the tools that all tests share. */
export function checkImports(file: SourceFile, owner: WorkspacePackage, rootManifest: Manifest): Violation[] {
  const violations: Violation[] = [];
  for (const site of file.imports) {
    const report = (rule: RuleName, message: string) =>
      violations.push({ rule, path: file.path, line: site.line, message });
    if (site.specifier.startsWith('.')) checkRelative(site, file.path, owner, report);
    else if (site.specifier.startsWith(SCOPE)) checkArrow(site, file.path, owner, report);
    else checkLibrary(site, file.path, owner, report);
    checkDeclared(site, file.path, { owner, rootManifest }, report);
  }
  return [...violations, ...checkComposition(file, owner)];
}

type Report = (rule: RuleName, message: string) => void;

function checkRelative(site: ImportSite, path: string, owner: WorkspacePackage, report: Report): void {
  const target = posix.join(posix.dirname(path), site.specifier);
  if (target.startsWith(`${owner.folder}/`)) return;
  report('relative-import', `"${site.specifier}" leaves "${owner.folder}": import the other package by its name`);
}

function checkArrow(site: ImportSite, path: string, owner: WorkspacePackage, report: Report): void {
  const [target = '', ...rest] = site.specifier.slice(SCOPE.length).split('/');
  if (rest.length > 0) report('deep-import', `found "${site.specifier}", expected "${SCOPE}${target}"`);
  if (isTestFile(path) && target === TEST_PACKAGE) return;
  const allowed = LAYERS[owner.name]?.imports ?? [];
  if (allowed.includes(target)) return;
  const expected = allowed.length > 0 ? allowed.join(', ') : 'no package';
  report('layer', `"${owner.name}" may not import "${target}"; the table allows ${expected}`);
}

function checkLibrary(site: ImportSite, path: string, owner: WorkspacePackage, report: Report): void {
  if (isTestFile(path) || LAYERS[owner.name]?.isShell !== false) return;
  if (isBuiltin(site.specifier)) report('purity', `imports Node's "${site.specifier}"`);
  else if (!PURE_LIBRARIES.includes(packageOf(site.specifier))) {
    report('purity', `imports "${site.specifier}", which is not among the libraries of pure packages (layers.ts)`);
  }
}

type Manifests = {
  readonly owner: WorkspacePackage;
  readonly rootManifest: Manifest;
};

function checkDeclared(site: ImportSite, path: string, { owner, rootManifest }: Manifests, report: Report): void {
  const { specifier } = site;
  if (specifier.startsWith('.') || specifier === '' || isBuiltin(specifier)) return;
  const name = packageOf(specifier);
  const { dependencies, optionalDependencies, devDependencies } = owner.manifest;
  const places = [dependencies, optionalDependencies];
  // The test tools are declared once, at the root: a testkit among a package's own dependencies would make a cycle.
  if (isTestFile(path)) places.push(devDependencies, rootManifest.devDependencies);
  if (places.some((place) => place !== undefined && name in place)) return;
  report('dependency', `"${name}" is missing in the dependencies of "${owner.folder}/package.json"`);
}

function checkComposition(file: SourceFile, owner: WorkspacePackage): Violation[] {
  if (owner.kind !== 'app') return [];
  const valueOf = (name: string) => file.imports.find((site) => !site.isTypeOnly && site.specifier === SCOPE + name);
  const sites = COMPOSED_IN_TRADER.map(valueOf).filter((site) => site !== undefined);
  const [site] = sites;
  if (site === undefined || sites.length < COMPOSED_IN_TRADER.length) return [];
  const message = `imports values of ${COMPOSED_IN_TRADER.join(' and ')}: call trader instead`;
  return [{ rule: 'composition', path: file.path, line: site.line, message }];
}

/** "@scope/name/deep" -> "@scope/name", "name/deep" -> "name". */
function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
