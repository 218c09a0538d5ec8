import { describe, expect, it } from 'vitest';
import { cliManual, DOCUMENTS } from './cli-document.ts';

describe('docs/CLI.md', () => {
  const manual = cliManual();

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
