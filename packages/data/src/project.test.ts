import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DonchError } from '@donch/core';
import { afterAll, describe, expect, it } from 'vitest';
import { findProject, resolveUserPath } from './project.ts';
import { hashSources } from './source-hash.ts';
import { parseSymbols, readSymbolsFile } from './symbols-file.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'donch-project-')));
afterAll(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('findProject', () => {
  it('is the nearest folder upwards with a config.yaml', () => {
    write('outer/config.yaml', '');
    write('outer/inner/config.yaml', '');
    write('outer/inner/results/runs/x', '');
    const inner = join(root, 'outer/inner');
    expect(findProject(join(inner, 'results/runs'))).toEqual({ folder: inner, configPath: join(inner, 'config.yaml') });
    expect(findProject(join(root, 'outer'))?.folder).toBe(join(root, 'outer'));
    expect(findProject(root)).toBeNull();
  });
});

describe('resolveUserPath', () => {
  it.each([
    ['results/trades.csv', 'results/trades.csv'],
    ['results\\trades.csv', 'results/trades.csv'],
    [' .\\results\\..\\signals/x.parquet ', 'signals/x.parquet'],
  ])('counts %s from the project folder', (text, expected) => {
    expect(resolveUserPath(root, text)).toBe(join(root, expected));
  });

  it('leaves absolute paths alone', () => {
    expect(resolveUserPath(root, join(root, 'a'))).toBe(join(root, 'a'));
  });

  it('refuses an empty path', () => {
    expect(() => resolveUserPath(root, '  ')).toThrow(DonchError);
  });

  it.skipIf(process.platform === 'win32')('refuses a Windows drive here', () => {
    expect(() => resolveUserPath(root, 'C:\\donch\\results')).toThrow('names a Windows drive');
  });
});

describe('symbols.txt', () => {
  const text =
    '\uFEFF# universe\r\nETHUSDT\n\n  1000BONKUSDT  # meme\nETHUSDT\nbtcusdt\nnot a symbol\n币安人生USDT\nSOLUSD\n';
  const known = new Set(['ETHUSDT', '1000BONKUSDT', 'BTCUSDT', '币安人生USDT', 'SOLUSDT']);

  it('gives each symbol once, with its line, and every problem with its line', () => {
    const { symbols, problems } = parseSymbols(text, 'symbols.txt', known);
    expect(symbols).toEqual([
      { symbol: 'ETHUSDT', line: 2 },
      { symbol: '1000BONKUSDT', line: 4 },
      { symbol: 'btcusdt', line: 6 },
      { symbol: '币安人生USDT', line: 8 },
      { symbol: 'SOLUSD', line: 9 },
    ]);
    expect(problems.map((problem) => [problem.code, problem.detail.line, problem.detail.expected])).toEqual([
      ['duplicate_symbol', 5, undefined],
      ['unknown_symbol', 6, '"BTCUSDT"'],
      ['bad_symbol', 7, 'one symbol per line: letters, digits, _ . -'],
      ['unknown_symbol', 9, '"SOLUSDT"'],
    ]);
    expect(problems[0].message).toContain('symbols.txt, line 5: "ETHUSDT" stands on line 2 already');
  });

  it('is read from a file, and an empty one is no problem', () => {
    write('symbols.txt', '# nothing\n\n');
    expect(readSymbolsFile(join(root, 'symbols.txt'))).toEqual({ symbols: [], problems: [] });
    expect(() => readSymbolsFile(join(root, 'absent.txt'))).toThrow('no such file');
  });
});

describe('hashSources', () => {
  const manifest = (name: string, dependencies: Record<string, string> = {}) => JSON.stringify({ name, dependencies });

  it('covers the sources of a package and of what it uses, and nothing else', () => {
    write('ws/app/package.json', manifest('@donch/app', { '@donch/lib': 'workspace:*', zod: '4' }));
    write('ws/app/src/main.ts', 'a');
    write('ws/app/node_modules/@donch/lib/package.json', manifest('@donch/lib'));
    write('ws/app/node_modules/@donch/lib/src/deep/lib.ts', 'b\n');
    const folder = join(root, 'ws/app');
    const before = hashSources(folder);
    expect(Object.keys(before.packages)).toEqual(['@donch/app', '@donch/lib']);
    // Tests, other files and line ends do not count.
    write('ws/app/src/main.test.ts', 'x');
    write('ws/app/src/notes.md', 'x');
    write('ws/app/node_modules/@donch/lib/src/deep/lib.ts', 'b\r\n');
    expect(hashSources(folder)).toEqual(before);
    write('ws/app/node_modules/@donch/lib/src/deep/lib.ts', 'c\n');
    const after = hashSources(folder);
    expect(after.hash).not.toBe(before.hash);
    expect(after.packages['@donch/app']).toBe(before.packages['@donch/app']);
  });

  it('works on this package', () => {
    const { packages } = hashSources(join(import.meta.dirname, '..'));
    expect(Object.keys(packages)).toEqual(['@donch/core', '@donch/data']);
  });
});
