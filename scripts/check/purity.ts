/**
 * The purity rule inside a file: no clock, no randomness, no timers, no locale, nothing asynchronous. Types may name a
 * Promise (the ports do); values may not. The compiler settings of pure packages (tsconfig.pure.json) refuse the globals of
 * Node and the browser; this rule adds what the language itself offers, and names the reason.
 */

import type { Node } from 'oxc-parser';
import { type Place, type SourceFile, walk } from './source-file.ts';
import type { Violation } from './violation.ts';

const CLOCK = 'reads the clock: time is an argument';
const CHANCE = 'is random: take a seeded generator as an argument';
const TIMER = 'schedules: pure code is synchronous';
const WORLD = 'talks to the world: the shell does that';
const LOCALE = 'depends on the locale of the machine';
const ASYNC = 'is asynchronous: pure code is synchronous';
const ESCAPE = 'reaches every global';
const MEMORY = 'depends on the garbage collector';

/** Globals that a pure file may not mention as a value. `Date` as a whole: even its pure parts are in core/time. */
const GLOBALS: Readonly<Record<string, string>> = {
  Date: CLOCK,
  Temporal: CLOCK,
  performance: CLOCK,
  crypto: CHANCE,
  setTimeout: TIMER,
  setInterval: TIMER,
  setImmediate: TIMER,
  clearTimeout: TIMER,
  clearInterval: TIMER,
  clearImmediate: TIMER,
  queueMicrotask: TIMER,
  requestAnimationFrame: TIMER,
  process: WORLD,
  console: WORLD,
  fetch: WORLD,
  XMLHttpRequest: WORLD,
  WebSocket: WORLD,
  navigator: WORLD,
  localStorage: WORLD,
  require: WORLD,
  Intl: LOCALE,
  Promise: ASYNC,
  globalThis: ESCAPE,
  window: ESCAPE,
  self: ESCAPE,
  global: ESCAPE,
  eval: ESCAPE,
  Function: ESCAPE,
  WeakRef: MEMORY,
  FinalizationRegistry: MEMORY,
};

/** Violations of the purity rule in one file. */
export function checkPurity(file: SourceFile): Violation[] {
  const violations: Violation[] = [];
  const bound = boundNames(file.program);
  walk(file.program, (node, place) => {
    if (isTypeOnly(node)) return false;
    const message = asyncMessage(node) ?? memberMessage(node) ?? globalMessage(node, place, bound);
    if (message !== undefined)
      violations.push({ rule: 'purity', path: file.path, line: file.lineAt(node.start), message });
    return true;
  });
  return violations;
}

/** Wrappers around an expression are the only TypeScript nodes that hold values (and enums, which have their own rule). */
function isTypeOnly(node: Node): boolean {
  if (node.type === 'ImportDeclaration') return true;
  return node.type.startsWith('TS') && !node.type.endsWith('Expression') && !node.type.endsWith('Assertion');
}

function asyncMessage(node: Node): string | undefined {
  if (node.type === 'AwaitExpression') return `"await" ${ASYNC}`;
  if (node.type === 'ForOfStatement' && node.await) return `"for await" ${ASYNC}`;
  if (node.type === 'ImportExpression') return `"import()" ${ASYNC}`;
  return 'async' in node && node.async ? `"async" ${ASYNC}` : undefined;
}

function memberMessage(node: Node): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  const name = propertyName(node);
  if (name === 'localeCompare' || name?.startsWith('toLocale') === true) return `".${name}" ${LOCALE}`;
  const isMath = node.object.type === 'Identifier' && node.object.name === 'Math';
  return isMath && name === 'random' ? `"Math.random" ${CHANCE}` : undefined;
}

/** Name of a property read: `a.name` or `a['name']`; undefined for a computed one. */
function propertyName(node: Node & { type: 'MemberExpression' }): string | undefined {
  if (!node.computed && node.property.type === 'Identifier') return node.property.name;
  return node.computed && node.property.type === 'Literal' ? String(node.property.value) : undefined;
}

function globalMessage(node: Node, place: Place, bound: ReadonlySet<string>): string | undefined {
  if (node.type !== 'Identifier' || !isReference(place) || bound.has(node.name)) return undefined;
  if (node.name === 'Math') return isPlainMath(place) ? undefined : `"Math" as a value: "Math.random" ${CHANCE}`;
  const reason = Object.hasOwn(GLOBALS, node.name) ? GLOBALS[node.name] : undefined;
  return reason === undefined ? undefined : `"${node.name}" ${reason}`;
}

/** `Math.abs` and `const { abs, max } = Math` say which functions they use; `const m = Math` does not. */
function isPlainMath({ parent, field }: Place): boolean {
  if (parent?.type === 'MemberExpression') return field === 'object' && propertyName(parent) !== undefined;
  if (parent?.type !== 'VariableDeclarator' || parent.id.type !== 'ObjectPattern') return false;
  return parent.id.properties.every(
    (property) => property.type === 'Property' && property.key.type === 'Identifier' && property.key.name !== 'random',
  );
}

/** False where an identifier is only a name: a property, a key, a label, an exported alias. */
function isReference({ parent, field }: Place): boolean {
  if (parent === undefined) return false;
  if (field === 'label') return false;
  if (parent.type === 'ExportSpecifier') return field === 'local';
  const isKey = field === 'key' || (parent.type === 'MemberExpression' && field === 'property');
  return !isKey || ('computed' in parent && parent.computed);
}

/**
 * Names that the file declares anywhere. A global hidden behind such a name elsewhere in the file is the compiler's to find:
 * it knows none of the globals of Node and the browser.
 */
function boundNames(program: Node): ReadonlySet<string> {
  const names = new Set<string>();
  walk(program, (node, { parent, field }) => {
    if (node.type === 'Identifier' && isBinding(parent, field)) names.add(node.name);
    if (node.type !== 'ObjectPattern') return;
    for (const { value } of node.properties.filter((property) => property.type === 'Property')) {
      if (value.type === 'Identifier') names.add(value.name);
    }
  });
  return names;
}

function isBinding(parent: Node | undefined, field: string): boolean {
  switch (parent?.type) {
    case 'VariableDeclarator':
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ClassDeclaration':
      return field === 'id' || field === 'params';
    case 'ArrowFunctionExpression':
      return field === 'params';
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return field === 'local';
    case 'CatchClause':
      return field === 'param';
    case 'AssignmentPattern':
      return field === 'left';
    case 'ArrayPattern':
    case 'RestElement':
      return true;
    default:
      return false;
  }
}
