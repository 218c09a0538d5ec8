import { expect, it } from 'vitest';
import { killSessions } from './testing/kill-sessions.ts';

it('a session survives SIGKILL at 200 random moments', async () => {
  const report = await killSessions(200, 1);
  console.log(JSON.stringify(report));
  expect(report.problems).toEqual([]);
  expect(report.killsInsideJournal).toBeGreaterThan(50);
});
