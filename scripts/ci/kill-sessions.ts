/** Live sessions survive SIGKILL: 20 random moments; `npm run test:long -- kill-sessions` has 200. */
import { killSessions } from '../../apps/live-bot/src/testing/kill-sessions.ts';
import { must } from './donch.ts';

const { kills, sessions, killsInsideJournal, problems } = await killSessions(20, 1);
must(problems.length === 0, problems.join('\n'));
console.log(
  `${kills} kills of ${sessions} sessions, ${killsInsideJournal} while the journal was written: the same bytes`,
);
