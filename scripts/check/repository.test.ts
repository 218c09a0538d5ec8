import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LAYERS } from './layers.ts';
import { checkRepository } from './repository.ts';
import { RULES } from './violation.ts';

/** A tree without violations: path to text. Cases add or replace files. */
const CLEAN: Readonly<Record<string, string>> = {
  'package.json': json({ devDependencies: { '@donch/testkit': 'workspace:*', vitest: '5' } }),
  ...packageFiles('packages', 'core', 'pure', { zod: '4' }),
  ...packageFiles('packages', 'indicators', 'pure', { '@donch/core': 'workspace:*' }),
  ...packageFiles('packages', 'strategy', 'pure', { '@donch/core': 'workspace:*' }),
  ...packageFiles('packages', 'data', 'shell', { '@donch/core': 'workspace:*' }),
  ...packageFiles('packages', 'testkit', 'shell', { '@donch/core': 'workspace:*', vitest: '5' }),
  ...packageFiles('apps', 'live-bot', 'shell', { '@donch/strategy': 'workspace:*', '@donch/engine': 'workspace:*' }),
  'packages/core/src/index.ts': `export { a } from './a.ts';`,
  'packages/core/src/a.ts': `import type { Schema } from 'zod';\nexport const a: Schema | number = Math.max(1, 2);`,
  'packages/core/src/a.test.ts': `import { it } from 'vitest';\nimport '@donch/testkit';\nawait it('x', () => Date.now());`,
  'packages/indicators/src/index.ts': `export * from '@donch/core';`,
  'packages/strategy/src/index.ts': `import { a } from '@donch/core';\nexport const b = a;`,
  'packages/data/src/index.ts': `import { readFile } from 'node:fs/promises';\nexport const read = async () => readFile('x');`,
  'packages/testkit/src/index.ts': `import { a } from '@donch/core';\nimport { it } from 'vitest';\nexport { a, it };`,
  'apps/live-bot/src/main.ts': `import { b } from '@donch/strategy';\nimport type { E } from '@donch/engine';\nexport const c: E = b;`,
};

/** One planted violation per row: the rule that has to name it, and the file that is added. */
const PLANTED = [
  ['layer', 'packages/core/src/x.ts', `import { b } from '@donch/strategy';`],
  ['layer', 'packages/strategy/src/x.ts', `export * from '@donch/data';`],
  ['layer', 'packages/strategy/src/x.ts', `export { e } from '@donch/engine';`],
  ['layer', 'packages/strategy/src/x.ts', `import type { E } from '@donch/engine';`],
  ['layer', 'packages/strategy/src/x.ts', `export type E = import('@donch/engine').E;`],
  ['layer', 'packages/data/src/x.ts', `export const lazy = () => import('@donch/indicators');`],
  ['layer', 'packages/data/src/x.ts', `import { fake } from '@donch/testkit';`],
  ['layer', 'packages/data/src/x.test.ts', `import { b } from '@donch/strategy';`],
  ['layer', 'packages/testkit/src/x.ts', `import { main } from '@donch/live-bot';`],
  ['deep-import', 'packages/strategy/src/x.ts', `import { a } from '@donch/core/src/a.ts';`],
  ['relative-import', 'packages/strategy/src/x.ts', `import { a } from '../../core/src/a.ts';`],
  ['relative-import', 'packages/strategy/src/x.test.ts', `import { a } from '../../core/src/a.ts';`],
  ['dependency', 'packages/data/src/x.ts', `import { parse } from 'yaml';`],
  ['dependency', 'packages/data/src/x.ts', `import { parse } from '@noble/hashes/sha2.js';`],
  ['dependency', 'packages/data/src/x.ts', `import { it } from 'vitest';`],
  ['index', 'packages/core/src/domain/index.ts', `export {};`],
  ['index', 'apps/live-bot/src/index.ts', `export {};`],
  ['enum', 'packages/data/src/x.ts', `export declare enum Side { Long }`],
  ['enum', 'packages/data/src/x.test.ts', `const enum Side { Long }`],
  ['enum', 'scripts/x.ts', `enum Side { Long }`],
  ['composition', 'apps/live-bot/src/x.ts', `import '@donch/engine';\nimport { b } from '@donch/strategy';`],
  ['marker', 'packages/core/src/x.ts', `// allow(purity)\nexport {};`],
  ['marker', 'packages/core/src/x.ts', `// allow(purity): nothing here needs it\nexport {};`],
  ['marker', 'packages/core/src/x.ts', `// allow(everything): no such rule\nexport {};`],
  ['marker', 'packages/core/src/x.ts', `// oxlint-disable-next-line max-params\nexport {};`],
  ['marker', 'packages/core/src/x.ts', `/* oxlint-disable */\nexport {};`],
  ['marker', 'packages/core/src/x.ts', `// eslint-disable-next-line max-params -- not our linter\nexport {};`],
] as const;

function packageFiles(parent: string, name: string, base: string, dependencies: object): Record<string, string> {
  const manifest = {
    name: `@donch/${name}`,
    private: true,
    type: 'module',
    scripts: { types: 'tsc -p .' },
    dependencies,
  };
  return {
    [`${parent}/${name}/package.json`]: json(
      parent === 'packages' ? { ...manifest, exports: './src/index.ts' } : manifest,
    ),
    [`${parent}/${name}/tsconfig.json`]: json({ extends: `../../tsconfig.${base}.json`, include: ['src'] }),
  };
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

const roots: string[] = [];

/** Writes the clean tree with these files added or replaced, and checks it. */
function checkWith(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'donch-rules-'));
  roots.push(root);
  for (const [path, text] of Object.entries({ ...CLEAN, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return checkRepository(root);
}

/** The same for one file, as "rule path:line". */
function violationsOf(path: string, text: string): string[] {
  return checkWith({ [path]: text }).violations.map((v) => `${v.rule} ${v.path}:${v.line}`);
}

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

describe('the table of layers', () => {
  it('has arrows to lower levels only', () => {
    const arrows = Object.entries(LAYERS).flatMap(([from, layer]) => layer?.imports.map((to) => ({ from, to })) ?? []);
    expect(arrows.length).toBeGreaterThan(20);
    for (const { from, to } of arrows) {
      expect(LAYERS[to]?.level, `${from} -> ${to}`).toBeLessThan(LAYERS[from]?.level ?? Number.NaN);
    }
  });

  it('lets pure packages import pure packages only', () => {
    const pure = Object.values(LAYERS).filter((layer) => layer?.isShell === false);
    expect(pure.length).toBe(10);
    for (const layer of pure) {
      for (const target of layer?.imports ?? []) expect(LAYERS[target]?.isShell, target).toBe(false);
    }
  });
});

describe('the repository rules', () => {
  it('pass the clean tree, and see it', () => {
    const { violations, exceptions, files } = checkWith({});
    expect(violations).toEqual([]);
    expect(exceptions).toBe(0);
    expect(files).toBe(8);
  });

  it.each(PLANTED)('name %s in %s: %s', (rule, path, text) => {
    expect(violationsOf(path, text)).toContain(`${rule} ${path}:${rule === 'composition' ? 2 : 1}`);
  });

  it.each([
    ['exports', '"exports": "./src/index.ts"', '"exports": "./src/main.ts"'],
    ['types script', '"types": "tsc -p ."', '"types": "true"'],
    ['private', '"private": true', '"private": false'],
    ['name', '"name": "@donch/core"', '"name": "@donch/kern"'],
  ])('name manifest for a package.json with another %s', (_field, from, to) => {
    const path = 'packages/core/package.json';
    expect(violationsOf(path, CLEAN[path].replace(from, to))).toEqual([`manifest ${path}:1`]);
  });

  it.each([
    ['the wrong base', json({ extends: '../../tsconfig.shell.json' })],
    ['its own types', json({ extends: '../../tsconfig.pure.json', compilerOptions: { types: ['node'] } })],
  ])('name manifest for a pure tsconfig.json with %s', (_what, text) => {
    expect(violationsOf('packages/core/tsconfig.json', text)).toEqual(['manifest packages/core/tsconfig.json:1']);
  });

  it('name a package that the table does not know, and its missing parts', () => {
    const rules = violationsOf('packages/extra/src/x.ts', 'export {};');
    expect(rules).toContain('layer packages/extra:1');
    expect(rules).toContain('index packages/extra/src/index.ts:1');
    expect(rules).toContain('manifest packages/extra/package.json:1');
    expect(rules).toContain('manifest packages/extra/tsconfig.json:1');
  });

  it('refuse a file that cannot be parsed', () => {
    expect(() => checkWith({ 'packages/core/src/x.ts': 'export const = 1;' })).toThrow('packages/core/src/x.ts');
  });

  it('have a planted violation for every rule', () => {
    const planted = new Set<string>([...PLANTED.map(([rule]) => rule), 'manifest', 'purity']);
    expect([...planted].toSorted()).toEqual(Object.keys(RULES).toSorted());
  });
});

describe('the purity rule', () => {
  const path = 'packages/core/src/x.ts';

  it.each([
    `export const t = Date.now();`,
    `export const t = new Date();`,
    `export const t = Date();`,
    `export const t = [Date];`,
    `export const now = { Date };`,
    `export const t = performance.now();`,
    `export const r = Math.random();`,
    `export const r = Math['random']();`,
    `export const { random } = Math;`,
    `export const m = Math;`,
    `export const id = crypto.randomUUID();`,
    `setTimeout(() => 0, 1);`,
    `queueMicrotask(() => 0);`,
    `export const e = process.env;`,
    `console.log(1);`,
    `export const f = fetch;`,
    `export const n = new Intl.NumberFormat();`,
    `export const s = (1).toLocaleString();`,
    `export const s = 'a'.localeCompare('b');`,
    `export const s = 'a'['toLocaleUpperCase']();`,
    `export const p = Promise.resolve(1);`,
    `export async function f() {}`,
    `export const f = async () => 1;`,
    `export class C { async f() {} }`,
    `await 1;`,
    `for await (const x of [1]) x;`,
    `export const lazy = () => import('./a.ts');`,
    `export const g = globalThis;`,
    `export const f = new Function('return 1');`,
    `export const r = new WeakRef({});`,
    `export const x = (Date as unknown) satisfies unknown;`,
    `import { readFileSync } from 'node:fs';`,
    `import { readFileSync } from 'fs';`,
    `import type { Stats } from 'node:fs';`,
    `import pino from 'pino';`,
  ])('refuses %s', (text) => {
    expect(violationsOf(path, text)).toContain(`purity ${path}:1`);
  });

  it.each([
    `export const x = { process: 1, Date: 2 }.process;`,
    `export const f = (process: number, { console }: { console: number }) => process + console;`,
    `export const { abs, max } = Math;`,
    `export interface Port { send(at: Date): Promise<void> }`,
    `export type F = typeof Promise;`,
    `export const x = (y: unknown) => y as Promise<number>;`,
    `export function* steps() { yield 1; }`,
    `export const s = 'Date.now()'; // Math.random()`,
  ])('accepts %s', (text) => {
    expect(violationsOf(path, text)).toEqual([]);
  });

  it('leaves shell packages and tests alone', () => {
    expect(violationsOf('packages/data/src/x.ts', 'export const t = Date.now();')).toEqual([]);
    expect(violationsOf('packages/core/src/x.test.ts', 'export const t = Date.now();')).toEqual([]);
  });
});

describe('an inline marker', () => {
  const path = 'packages/core/src/x.ts';

  it.each([
    ['above the line', `// allow(purity): read once, for the tests\nexport const t = Date.now();`],
    ['on the line', `export const t = Date.now(); // allow(purity): read once, for the tests`],
  ])('%s allows the violation and is counted', (_where, text) => {
    const { violations, exceptions } = checkWith({ [path]: text });
    expect(violations).toEqual([]);
    expect(exceptions).toBe(1);
  });

  it('does not reach the second line below', () => {
    const found = violationsOf(path, `// allow(purity): too far away\n\nexport const t = Date.now();`);
    expect(found).toEqual([`purity ${path}:3`, `marker ${path}:1`]);
  });

  it('allows the rule that it names only', () => {
    const found = violationsOf(path, `// allow(enum): another rule\nexport const t = Date.now();`);
    expect(found).toEqual([`purity ${path}:2`, `marker ${path}:1`]);
  });

  it('of the linter counts when it gives its reason', () => {
    const { violations, exceptions } = checkWith({
      [path]: '// oxlint-disable-next-line eqeqeq -- the reason\nexport {};',
    });
    expect(violations).toEqual([]);
    expect(exceptions).toBe(1);
  });
});
