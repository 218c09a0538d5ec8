import { EXIT } from '@donch/cli';
import { afterAll, describe, expect, it } from 'vitest';
import { documentProblems } from './testing/document-problems.ts';
import { documentIn, donch } from './testing/run-donch.ts';
import { temporaryFolder } from './testing/tiny-project.ts';

const root = temporaryFolder('null-test');
afterAll(root.remove);

/** Too few seeds for a verdict, which is a finding; the figures are there. */
async function found(args: readonly string[]): Promise<Record<string, unknown>> {
  const ended = await donch(['null-test', ...args, '--json'], { cwd: root.path });
  expect(ended.code).toBe(EXIT.finding);
  const document = documentIn(ended);
  expect(documentProblems('null-test', document)).toEqual([]);
  return document;
}

describe('donch null-test', () => {
  it('has figures without a verdict on one market', async () => {
    const document = await found(['--seeds', '1', '--seed', '3']);
    expect(document).toMatchObject({ ok: false, seeds: 1, meanR: null, sweep: null });
    expect(Number(document['trades'])).toBeGreaterThan(100);
  });

  it('sweeps a market with the grid of the flags, and shows what a planted mistake earns there', async () => {
    const grid = ['--sweep', '--seeds', '1', '--vary', 'SL_ATR_MULT=1.5,2,2.5,3', '--vary', 'TIME_EXIT_HOURS=12,24,72'];
    const honest = await found(grid);
    const planted = await found([...grid, '--plant', 'rs_week']);
    for (const { seeds, sweep } of [honest, planted]) {
      expect(seeds).toBe(1);
      expect(sweep).toMatchObject({ variants: 12, judged: 1, skilledMax: 1, findings: ['too_few'], pbo: null });
      const [{ tag, dsr, pbo }] = (sweep as { readonly perSeed: readonly Record<string, unknown>[] }).perSeed;
      expect(tag).toMatch(/^sl[123.5]+-t(?:12|24|72)$/);
      for (const probability of [dsr, pbo]) expect(probability).toBeGreaterThanOrEqual(0);
    }
    const average = ({ perSeedMeanR }: Record<string, unknown>): number => (perSeedMeanR as readonly number[])[0];
    expect(average(planted)).toBeGreaterThan(average(honest) + 0.1);
  });
});
