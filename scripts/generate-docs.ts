/**
 * Writes the documents that are made from the sources: command line, tables, features, configuration keys, strategy keys, and the schema with
 * which editors check strategy files. A test demands that the checked-in files are current.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { strategyJsonSchema } from '@donch/strategy';
import { cliManual } from './docs/cli-document.ts';
import { completions } from './docs/completion.ts';
import { configDocument } from './docs/config-document.ts';
import { configJsonSchema } from './docs/config-schema.ts';
import { featuresDocument } from './docs/features-document.ts';
import { strategyDocument } from './docs/strategy-document.ts';
import { tablesDocument } from './docs/tables-document.ts';

const ROOT = join(import.meta.dirname, '..');

/** Text of every generated file, by its path from the root. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...completions(),
    ['docs/CLI.md', cliManual()],
    ['docs/TABLES.md', tablesDocument()],
    ['docs/FEATURES.md', featuresDocument()],
    ['docs/CONFIG.md', configDocument()],
    ['docs/STRATEGY.md', strategyDocument()],
    ['strategies/config.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
    ['strategies/strategy.schema.json', `${JSON.stringify(strategyJsonSchema(), null, 2)}\n`],
  ]);
}

if (import.meta.main) {
  for (const [path, text] of generatedFiles()) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
    console.log(`wrote ${path}`);
  }
}
