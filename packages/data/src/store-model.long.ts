/** pnpm test:long store-model: thousands of sequences. RUNS and SEED choose how many and which. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkStoreModel } from './store-model.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-model-'));
afterAll(() => rmSync(root, { recursive: true }));

const runs = Number(process.env['RUNS'] ?? 2_000);
const seed = Number(process.env['SEED'] ?? 1);

it(`${runs} sequences (seed ${seed}) leave what a map of bars would hold`, async () => {
  expect(await checkStoreModel({ folder: root, runs, seed })).toBeNull();
});
