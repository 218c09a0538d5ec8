import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantFolder, removeFolder, REPOSITORY, runNode } from './planted.ts';

/** Files that the settings of pure packages have to refuse, with the text that the compiler's message contains. */
const REFUSED = [
  ['process', 'export const e = process.env;', "Cannot find name 'process'"],
  ['console', 'console.log(1);', "Cannot find name 'console'"],
  ['timers', 'setTimeout(() => 0, 1);', "Cannot find name 'setTimeout'"],
  ['fetch', `export const f = fetch('x');`, "Cannot find name 'fetch'"],
  ['performance', 'export const t = performance.now();', "Cannot find name 'performance'"],
  ['crypto', 'export const id = crypto.randomUUID();', "Cannot find name 'crypto'"],
  ['buffer', `export const b = Buffer.from('x');`, "Cannot find name 'Buffer'"],
  ['dom', 'export const d = document.title;', "Cannot find name 'document'"],
  ['node-module', `import { readFileSync } from 'node:fs';\nexport const r = readFileSync;`, "'node:fs'"],
  ['enum', 'export enum Side { Long }', 'erasableSyntaxOnly'],
  ['parameter-property', 'export class C { constructor(readonly x: number) {} }', 'erasableSyntaxOnly'],
  ['type-import', `import { T } from './ok.ts';\nexport const t: T = 1;`, 'verbatimModuleSyntax'],
  ['import-js', `import { ok } from './ok';\nexport const x = ok;`, 'explicit file extensions'],
  ['implicit-any', 'export const f = (x) => x;', "implicitly has an 'any' type"],
  ['null', 'export const f = (x: string | null): number => x.length;', "'x' is possibly 'null'"],
  ['optional', 'export const x: { a?: number } = { a: undefined };', 'exactOptionalPropertyTypes'],
  ['override', 'class A { f() {} }\nexport class B extends A { f() {} }', "'override' modifier"],
  ['unused-local', 'const x = 1;\nexport {};', "'x' is declared but"],
  ['unused-parameter', 'export const f = (x: number) => 1;', "'x' is declared but"],
  ['return', 'export function f(x: number) { if (x > 0) return 1; }', 'Not all code paths return a value'],
  ['fallthrough', 'export function f(x: number) { switch (x) { case 1: x++; case 2: x--; } }', 'Fallthrough case'],
] as const;

let root = '';
let output: readonly string[] = [];

beforeAll(() => {
  root = plantFolder({
    'package.json': '{"type": "module"}',
    'tsconfig.json': JSON.stringify({ extends: join(REPOSITORY, 'tsconfig.pure.json'), include: ['src'] }),
    'src/ok.ts': `export type T = number;\nexport const ok = Math.max(Number('1'), new Float64Array(3).length);`,
    ...Object.fromEntries(REFUSED.map(([name, text]) => [`src/${name}.ts`, text])),
  });
  output = runNode('node_modules/typescript/bin/tsc', ['-p', '.', '--pretty', 'false'], root).stdout.split('\n');
});

afterAll(() => {
  removeFolder(root);
});

describe('the compiler settings of pure packages', () => {
  it.each(REFUSED)('refuse %s: %s', (name, _text, message) => {
    const errors = output.filter((line) => line.startsWith(`src/${name}.ts(`));
    expect(errors.join('\n')).toContain(message);
  });

  it('accept the language itself', () => {
    expect(output.filter((line) => line.startsWith('src/ok.ts'))).toEqual([]);
  });
});
