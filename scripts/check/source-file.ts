/** Reading one source file: its imports, its comments and its syntax tree, each with line numbers. */

import { type Comment, type Node, parseSync, visitorKeys } from 'oxc-parser';

/** One `import`, `export ... from` or `import()` of a file. */
export type ImportSite = {
  readonly specifier: string;
  /** True when the whole statement disappears with the types. */
  readonly isTypeOnly: boolean;
  readonly line: number;
};

export type SourceFile = {
  /** Path from the repository root, with forward slashes. */
  readonly path: string;
  readonly program: Node;
  readonly comments: readonly Comment[];
  readonly imports: readonly ImportSite[];
  /** Line (1-based) of an offset in the text. */
  readonly lineAt: (offset: number) => number;
};

/** True for files that only vitest runs: unit tests and long tests. */
export function isTestFile(path: string): boolean {
  return path.endsWith('.test.ts') || path.endsWith('.long.ts');
}

/** Parses a file. Throws an Error that names the file when its syntax is wrong. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text, {
    sourceType: path.endsWith('.cjs') ? 'commonjs' : 'module',
  });
  const [error] = errors;
  if (error !== undefined) throw new Error(`cannot parse "${path}": ${error.message}`);
  const lineAt = lineCounter(text);
  return { path, program, comments, imports: collectImports(program, lineAt), lineAt };
}

/** Where a node hangs in the tree: its parent and the parent's field that holds it. */
export type Place = {
  readonly parent: Node | undefined;
  readonly field: string;
};

/** Calls `visit` for every node, parents first. A `false` from `visit` skips the node's children. */
export function walk(node: Node, visit: (node: Node, place: Place) => boolean | void): void {
  walkFrom(node, { parent: undefined, field: '' }, visit);
}

function walkFrom(node: Node, place: Place, visit: (node: Node, place: Place) => boolean | void): void {
  if (visit(node, place) === false) return;
  for (const field of visitorKeys[node.type] ?? []) {
    const value: unknown = Reflect.get(node, field);
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isNode(child)) walkFrom(child, { parent: node, field }, visit);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function collectImports(program: Node, lineAt: (offset: number) => number): ImportSite[] {
  const sites: ImportSite[] = [];
  walk(program, (node) => {
    if (node.type === 'ImportExpression' || node.type === 'TSImportType') {
      const specifier = node.source.type === 'Literal' ? String(node.source.value) : '';
      sites.push({ specifier, isTypeOnly: node.type === 'TSImportType', line: lineAt(node.start) });
    }
    if (node.type === 'ImportDeclaration') {
      const isTypeOnly = node.importKind === 'type' || isTypesOnly(node.specifiers);
      sites.push({ specifier: node.source.value, isTypeOnly, line: lineAt(node.start) });
    }
    if (node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && node.source !== null)) {
      const specifier = node.source?.value ?? '';
      sites.push({ specifier, isTypeOnly: node.exportKind === 'type', line: lineAt(node.start) });
    }
  });
  return sites;
}

/** `import { type A, type B }`; a statement without any name is an import for its effect. */
function isTypesOnly(specifiers: readonly Node[]): boolean {
  return (
    specifiers.length > 0 && specifiers.every((node) => node.type === 'ImportSpecifier' && node.importKind === 'type')
  );
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return (offset) => {
    const index = starts.findLastIndex((start) => start <= offset);
    return index + 1;
  };
}
