import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the product: its package.json carries the version. */
export const PRODUCT_FOLDER = join(import.meta.dirname, '..', '..', '..');

/** Version of the program. */
export function donchVersion(): string {
  const { version } = JSON.parse(readFileSync(join(PRODUCT_FOLDER, 'package.json'), 'utf8')) as { version: string };
  return version;
}
