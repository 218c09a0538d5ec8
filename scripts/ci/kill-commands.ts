/** Import, scout, backtest and run survive SIGKILL: 10 random moments; `npm run test:long -- kill-commands` has 60. */
import { killCommands } from '../../apps/research-cli/src/testing/kill-commands.ts';
import { must } from './donch.ts';

const { killsByCommand, problems } = await killCommands(10, 1);
must(problems.length === 0, problems.join('\n'));
console.log(`kills ${JSON.stringify(killsByCommand)}: the same store and the same results`);
