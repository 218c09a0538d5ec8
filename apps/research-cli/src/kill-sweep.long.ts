import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { expect, it } from 'vitest';
import { killSweep, TINY_SWEEP } from './testing/kill-sweep.ts';
import { makeRealProject } from './testing/real-project.ts';

it('a sweep that is killed at 60 random moments ends with the bytes of one that was not', async () => {
  const report = await killSweep({ ...TINY_SWEEP, kills: 60, seed: 1 });
  console.log(JSON.stringify(report));
  expect(report.problems).toEqual([]);
  expect(Math.min(...Object.values(report.killsByPhase))).toBeGreaterThan(2);
  expect(report.killsWithChunks).toBeGreaterThan(15);
});

/** Six sets of signals, 36 exits each. */
const REAL_GRID = `DON_N_DAYS: [10, 20, 40]
VOL_MULTIPLE: [1.5, 2]
SL_ATR_MULT: [1.5, 2, 2.5, 3]
FINAL_TP_ATR_MULT: [6, 8, 12]
TIME_EXIT_HOURS: [24, 72, null]
`;

describeWithShared('a sweep of 216 variants over real data', () => {
  it('that is killed at 20 random moments ends with the bytes of one that was not', async () => {
    const report = await killSweep({
      kills: 20,
      seed: 2,
      make: async (folder) => {
        await makeRealProject(folder, sharedDir(), null);
        writeFileSync(join(folder, 'grid.yaml'), REAL_GRID);
      },
      args: ['sweep', '--grid', 'grid.yaml', '--robust-topk', '3'],
      chunks: 6,
      isScanned: true,
    });
    console.log(JSON.stringify(report));
    expect(report.problems).toEqual([]);
    expect(report.killsWithChunks).toBeGreaterThan(4);
  });
});
