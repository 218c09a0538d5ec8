import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_KEYS, OBSOLETE_KEYS, TABLES } from '@donch/core';
import { FEATURES, strategyJsonSchema } from '@donch/strategy';
import { describe, expect, it } from 'vitest';
import { markdownTable } from './docs/markdown.ts';
import { generatedFiles } from './generate-docs.ts';

const FILES = generatedFiles();
const textOf = (path: string): string =>
  readFileSync(join(import.meta.dirname, '..', path), 'utf8').replaceAll('\r\n', '\n');

describe('generated documents', () => {
  it.each([...FILES.keys()])('%s is current (else: node scripts/run.mjs scripts/generate-docs.ts)', (path) => {
    expect(textOf(path)).toBe(FILES.get(path));
  });

  it('name every table column, feature, key and key of the strategy file', () => {
    const rows = (path: string): Set<string> =>
      new Set([...(FILES.get(path) ?? '').matchAll(/^\| `([^`]+)` /gm)].map(([, name]) => name));
    const columns = Object.values(TABLES).flatMap((table) => table.columns.map(({ name }) => name));
    expect(columns.filter((name) => !rows('docs/TABLES.md').has(name))).toEqual([]);
    expect(FEATURES.filter(({ name }) => !rows('docs/FEATURES.md').has(name))).toEqual([]);
    const keys = [...Object.keys(CONFIG_KEYS), ...Object.keys(OBSOLETE_KEYS)];
    expect(keys.filter((key) => !rows('docs/CONFIG.md').has(key))).toEqual([]);
    const leaves = [...rows('docs/STRATEGY.md')].map((path) => path.split('.').at(-1));
    expect(keysIn(strategyJsonSchema()).filter((key) => !leaves.includes(key))).toEqual([]);
  });

  it('have a meaning in every row', () => {
    for (const [path, text] of FILES) {
      const empty = text.split('\n').filter((line) => /^\| `[^`]+` +\|( +\|)+$/.test(line));
      expect(empty, path).toEqual([]);
    }
  });
});

/** Names of all keys with a value (not of groups). */
function keysIn(schema: Readonly<Record<string, unknown>>): string[] {
  const options = (schema['anyOf'] ?? [schema]) as readonly Readonly<Record<string, unknown>>[];
  return options.flatMap(({ properties = {} }) =>
    Object.entries(properties as Readonly<Record<string, Readonly<Record<string, unknown>>>>).flatMap(
      ([name, child]) => {
        const below = keysIn(child);
        return below.length === 0 ? [name] : below;
      },
    ),
  );
}

describe('a markdown table', () => {
  it('is aligned and escapes bars', () => {
    expect(markdownTable(['a', 'word'], [['x | y', 'z']])).toBe(
      '| a      | word |\n| ------ | ---- |\n| x \\| y | z    |',
    );
  });
});
