import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LAYERS } from '../check/layers.ts';
import { brokenLinks, documentsOf } from './links.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('the documents of the repository', () => {
  const files = documentsOf(ROOT);

  it('are found', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'docs/ARCHITECTURE.md', 'packages/core/README.md']));
    expect(files.filter((path) => path.includes('node_modules'))).toEqual([]);
  });

  it('link to files and headings that exist', () => {
    expect(brokenLinks(ROOT, files)).toEqual([]);
  });
});

describe('README.md', () => {
  it('shows commands that exist', () => {
    const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
    const shown = [...textOf('README.md').matchAll(/^\.\/donch ([a-z-]+)/gm)].map(([, name]) => name);
    const known = [...textOf('docs/CLI.md').matchAll(/^## donch ([a-z-]+)/gm)].map(([, name]) => name);
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('docs/ARCHITECTURE.md', () => {
  const text = readFileSync(join(ROOT, 'docs', 'ARCHITECTURE.md'), 'utf8').replaceAll('\r\n', '\n');
  const section = text.slice(text.indexOf('\n## Layers'), text.indexOf('\n## Abstractions'));
  const rows = [...section.matchAll(/^\| `([a-z-]+)`( \(shell\))? \| ([^|]*)\|/gm)].map(([, name, shell, imports]) => ({
    name,
    isShell: shell !== undefined,
    imports: imports.trim(),
  }));

  it('names every package of the table of layers', () => {
    expect(Object.keys(LAYERS).filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
  });

  it('says the same as the table of layers', () => {
    expect(rows.length).toBeGreaterThan(10);
    const inCode = rows.map(({ name, imports }) => ({
      name,
      isShell: LAYERS[name]?.isShell,
      imports: imports.startsWith('all above') ? imports : LAYERS[name]?.imports.join(', '),
    }));
    expect(rows).toEqual(inCode);
    const levels = rows.map(({ name }) => LAYERS[name]?.level ?? Number.NaN);
    expect(levels).toEqual(levels.toSorted((a, b) => a - b));
  });
});

describe('brokenLinks', () => {
  const root = mkdtempSync(join(tmpdir(), 'donch-links-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('docs/other.md', '# Other `code`, and: more\n\n## Twice\n\n## Twice\n\n```sh\n# no heading\n```\n');
  write('docs/two words.md', '# Two\n');
  write('code.ts', '');

  it.each<[string, string, string | null]>([
    ['a file', '[a](docs/other.md)', null],
    ['a folder', '[a](docs/)', null],
    ['an escaped name', '[a](docs/two%20words.md)', null],
    ['a heading', '[a](docs/other.md#other-code-and-more)', null],
    ['the second of two equal headings', '[a](docs/other.md#twice-1)', null],
    ['a heading of its own', '# Here\n[a](#here)', null],
    ['another site', '[a](https://example.com/x.md#y) [b](mailto:a@example.com)', null],
    ['a link in code', '`[a](gone.md)`\n\n```md\n[a](gone.md)\n```', null],
    ['a missing file', '[a](docs/gone.md)', 'no such file'],
    ['a missing file with a title', '[a](docs/gone.md "title")', 'no such file'],
    ['a missing image', '![a](gone.png)', 'no such file'],
    ['a missing image in a link', '[![a](gone.png)](docs/other.md)', 'no such file'],
    ['a link behind code in its text', '[`a`](gone.md)', 'no such file'],
    ['a missing definition', '[a]: gone.md', 'no such file'],
    ['a link behind a fence', '```\nx\n```\n[a](gone.md)', 'no such file'],
    ['a missing heading', '[a](docs/other.md#gone)', 'no such heading'],
    ['a heading that is a comment in code', '[a](docs/other.md#no-heading)', 'no such heading'],
    ['a missing heading of its own', '# Here\n[a](#there)', 'no such heading'],
    ['an anchor into code', '[a](code.ts#L1)', 'an anchor into a file that is no document'],
    ['a path out of the repository', '[a](../x.md)', 'leads out of the repository'],
    ['an absolute path', '[a](/docs/other.md)', 'an absolute path: it means something else on every machine'],
  ])('judges %s', (_, text, problem) => {
    write('README.md', text);
    expect(brokenLinks(root, ['README.md']).map((link) => link.problem)).toEqual(problem === null ? [] : [problem]);
  });

  it('says where', () => {
    write('docs/a.md', 'x\n\n[a](gone.md)\n');
    expect(brokenLinks(root, documentsOf(root)).filter(({ file }) => file === 'docs/a.md')).toEqual([
      { file: 'docs/a.md', line: 3, target: 'gone.md', problem: 'no such file' },
    ]);
  });
});
