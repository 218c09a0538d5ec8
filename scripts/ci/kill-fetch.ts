/** Downloads survive SIGKILL: 5 random moments; `npm run test:long -- kill-fetch` has 50. */
import { killFetch } from '../../apps/research-cli/src/testing/kill-fetch.ts';
import { must } from './donch.ts';

const { kills, killsInside, problems } = await killFetch(5, 1);
must(problems.length === 0, problems.join('\n'));
console.log(`${kills} kills of downloads, ${killsInside} while the store held a part: the same bytes`);
