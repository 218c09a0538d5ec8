/**
 * pnpm test:long <name> [<name> ...]: the tests with full counts. A long test is a file <name>.long.ts beside the code that
 * registers vitest tests; without a name the known names are printed.
 */

import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { runVitest } from './vitest-run.ts';

const SUFFIX = '.long.ts';

const paths = globSync(`{packages,apps,bench,scripts,strategies}/**/*${SUFFIX}`, { exclude: ['**/node_modules/**'] });
const nameOf = (path: string) => basename(path, SUFFIX);
const known = [...new Set(paths.map(nameOf))].toSorted();
const names = process.argv.slice(2);
const unknown = names.find((name) => !known.includes(name));

if (names.length === 0) printNames();
else if (unknown === undefined) {
  const selected = paths.filter((path) => names.includes(nameOf(path)));
  await runVitest(['--config', 'vitest.long.config.ts', ...selected]);
} else {
  console.error(`found "${unknown}", expected the name of a long test:`);
  printNames();
  process.exitCode = 1;
}

function printNames(): void {
  console.log(known.map((name) => `  ${name}`).join('\n') || '  (there is no long test yet)');
}
