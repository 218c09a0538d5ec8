import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantFolder, removeFolder, REPOSITORY, runNode } from './planted.ts';

const lines = (count: number, text: string) => `${text}\n`.repeat(count);
const LONG_FILE = `export const f = () => 1;\n${lines(400, 'f();')}`;
const LONG_FUNCTION = `export function f(x: number): number {\n${lines(70, '  x++;')}  return x;\n}`;
const COMMENTED_FUNCTION = `export function f(x: number): number {\n${lines(65, '  x++; // c\n\n  // c')}  return x;\n}`;

/** Files that the linter has to refuse: the rule, the path, the text. */
const REFUSED = [
  ['import(no-cycle)', 'src/cycle-a.ts', `import { b } from './cycle-b.ts';\nexport const a = (): number => b();`],
  ['import(no-default-export)', 'src/default-export.ts', 'const x = 1;\nexport default x;'],
  ['typescript(no-explicit-any)', 'src/any.ts', 'export const f = (x: any) => String(x);'],
  ['typescript(no-unsafe-assignment)', 'src/unsafe.ts', `export const x: number = JSON.parse('1');`],
  ['typescript(no-unsafe-return)', 'src/unsafe-return.ts', `export const f = (): number => JSON.parse('1');`],
  ['typescript(ban-ts-comment)', 'src/ignore.ts', `// @ts-ignore\nexport const x: number = 'a';`],
  ['typescript(no-floating-promises)', 'src/floating.ts', 'export const f = () => { Promise.resolve(1); };'],
  ['typescript(no-floating-promises)', 'src/floating.test.ts', 'export const f = () => { Promise.resolve(1); };'],
  [
    'typescript(no-misused-promises)',
    'src/misused.ts',
    'export const f = (p: Promise<boolean>) => { if (p) return; };',
  ],
  ['typescript(await-thenable)', 'src/thenable.ts', 'export const f = async () => { await 1; };'],
  ['typescript(only-throw-error)', 'src/throw.ts', `export const f = () => { throw 'text'; };`],
  [
    'typescript(switch-exhaustiveness-check)',
    'src/switch.ts',
    `export function f(x: 'a' | 'b'): void { switch (x) { case 'a': f(x); } }`,
  ],
  ['eslint(max-params)', 'src/params.ts', 'export const f = (a: 1, b: 2, c: 3, d: 4, e: 5) => a + b + c + d + e;'],
  ['eslint(max-lines-per-function)', 'src/long-function.ts', LONG_FUNCTION],
  ['eslint(max-lines)', 'src/long-file.ts', LONG_FILE],
  ['unicorn(filename-case)', 'src/fileName.ts', 'export const x = 1;'],
  ['unicorn(filename-case)', 'src/file_name.ts', 'export const x = 1;'],
  ['eslint(eqeqeq)', 'src/equal.ts', 'export const f = (a: number) => a == 1;'],
  ['eslint(no-shadow)', 'src/shadow.ts', 'const x = 1;\nexport const f = (x: number) => x;\nexport { x };'],
  ['vitest(no-focused-tests)', 'src/focused.test.ts', `import { it } from 'vitest';\nit.only('x', () => {});`],
  ['vitest(no-disabled-tests)', 'src/disabled.test.ts', `import { it } from 'vitest';\nit.skip('x', () => {});`],
  ['vitest(valid-title)', 'src/title.test.ts', `import { it } from 'vitest';\nit('should work', () => {});`],
  ['Unused oxlint-disable', 'src/directive.ts', '// oxlint-disable-next-line eqeqeq -- no need\nexport const x = 1;'],
] as const;

/** Files at the edge that it has to accept. */
const ACCEPTED: Readonly<Record<string, string>> = {
  'src/cycle-b.ts': `export const b = (): number => 1;`,
  'src/commented-function.ts': COMMENTED_FUNCTION,
  'src/commented-file.ts': `export const f = () => 1;\n${lines(390, 'f(); // c\n\n// c')}`,
  'src/long-function.test.ts': LONG_FUNCTION,
  'src/long-file.long.ts': LONG_FILE,
  'src/four.ts': 'export const f = (a: 1, b: 2, c: 3, d: 4) => a + b + c + d;',
};

/** The fields of the linter's JSON report that are read. */
type LintReport = {
  readonly diagnostics: readonly { readonly code?: string; readonly message: string; readonly filename: string }[];
};

let root = '';
let found: readonly { readonly rule: string; readonly path: string }[] = [];

beforeAll(() => {
  root = plantFolder({
    'tsconfig.json': JSON.stringify({ extends: join(REPOSITORY, 'tsconfig.shell.json'), include: ['src'] }),
    ...ACCEPTED,
    ...Object.fromEntries(REFUSED.map(([, path, text]) => [path, text])),
    'src/cycle-b.ts': `import { a } from './cycle-a.ts';\nexport const b = (): number => a();`,
  });
  const args = ['-c', join(REPOSITORY, '.oxlintrc.json'), '-f', 'json', 'src'];
  const report = JSON.parse(runNode('node_modules/oxlint/bin/oxlint', args, root).stdout) as LintReport;
  found = report.diagnostics.map(({ code, message, filename }) => ({
    rule: `${code ?? ''} ${message}`,
    path: filename.replaceAll('\\', '/'),
  }));
});

afterAll(() => {
  removeFolder(root);
});

describe('the linter', () => {
  it.each(REFUSED)('names %s in %s', (rule, path) => {
    const rules = found.filter((diagnostic) => diagnostic.path === path).map((diagnostic) => diagnostic.rule);
    expect(rules.join('\n')).toContain(rule);
  });

  it('counts neither blank lines nor comments, and lets tests be long', () => {
    const accepted = Object.keys(ACCEPTED).filter((path) => path !== 'src/cycle-b.ts');
    expect(found.filter(({ path }) => accepted.includes(path))).toEqual([]);
  });
});
