import { expect, it } from 'vitest';
import { killCommands } from './testing/kill-commands.ts';

it('import, scout, backtest and run survive SIGKILL at 60 random moments', async () => {
  const report = await killCommands(60, 1);
  console.log(JSON.stringify(report));
  expect(report.problems).toEqual([]);
  expect(Math.min(...Object.values(report.killsByCommand))).toBeGreaterThan(5);
});
