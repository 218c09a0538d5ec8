import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { IMPORT_RULES } from './rules.ts';

it('the README lists every rule with what each mode does', () => {
  const text = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const listed = text.split('\n').filter((line) => /^\| `[a-z_]+` \| (?:error|warning|note) \|/.test(line));
  const expected = Object.entries(IMPORT_RULES).map(([rule, { severity, meaning, action, repair }]) => {
    const strict = severity === 'error' ? 'file refused' : 'as default';
    return `| \`${rule}\` | ${severity} | ${meaning} | ${action} | ${strict} | ${repair === '' ? 'as default' : repair} |`;
  });
  expect(listed).toEqual(expected);
});
