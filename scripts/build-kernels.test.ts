import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KERNELS_FILE, kernelsFile } from './build-kernels.ts';

it('the checked-in kernels are what their source compiles to (else: npm run build:kernels)', async () => {
  const text = readFileSync(join(import.meta.dirname, '..', KERNELS_FILE), 'utf8').replaceAll('\r\n', '\n');
  expect(text).toBe(await kernelsFile());
});
