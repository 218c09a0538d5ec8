/** pnpm test:long kill: hundreds of killed writers. KILLS and SEED choose how many and which. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { killWriters } from './kill-harness.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-kill-long-'));
afterAll(() => rmSync(root, { recursive: true }));

const kills = Number(process.env['KILLS'] ?? 300);
const seed = Number(process.env['SEED'] ?? 1);

it(`${kills} killed writers (seed ${seed}) never show a reader anything wrong`, async () => {
  const report = await killWriters({ folder: root, kills, seed });
  console.log(`${report.kills} kills, ${report.steps} steps, ${report.reads} reads beside a writer`);
  expect(report.violations).toEqual([]);
});
