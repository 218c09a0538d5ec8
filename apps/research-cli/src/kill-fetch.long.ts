import { expect, it } from 'vitest';
import { killFetch } from './testing/kill-fetch.ts';

it('a download survives SIGKILL at 50 random moments: the same bytes', { timeout: 1_800_000 }, async () => {
  const report = await killFetch(50, 1);
  console.log(JSON.stringify(report));
  expect(report.problems).toEqual([]);
  expect(report.killsInside).toBeGreaterThan(10);
});
