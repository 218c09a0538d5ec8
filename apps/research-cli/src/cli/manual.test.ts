import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEAKS } from '@donch/backtester';
import { PRODUCT_FOLDER } from '@donch/cli';
import { describe, expect, it } from 'vitest';
import { PLANTS } from '../commands/lookahead.ts';
import { DOCUMENTS } from './documents.ts';
import { cliManual } from './manual.ts';

describe('docs/CLI.md', () => {
  const manual = cliManual();

  it('is what the program says; scripts/generate-docs.ts writes it anew', () => {
    const page = readFileSync(join(PRODUCT_FOLDER, 'docs', 'CLI.md'), 'utf8');
    expect(page.replaceAll('\r\n', '\n')).toBe(manual);
  });

  it('has a section with examples and a document for every command, and no document without a command', () => {
    const sections = manual.split(/^## donch /m).slice(1);
    expect(sections.map((section) => section.slice(0, section.indexOf('\n'))).sort()).toEqual(
      Object.keys(DOCUMENTS).sort(),
    );
    for (const section of sections) {
      expect(section).toMatch(/^```sh\ndonch /m);
      expect(section).toMatch(/`--json`/);
    }
  });
});

it('the leaks that --plant knows are those of the backtester', () => {
  expect(PLANTS).toEqual([...LEAKS]);
});
