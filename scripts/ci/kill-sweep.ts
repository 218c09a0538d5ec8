/** Sweeps survive SIGKILL: 6 random moments of one project; `npm run test:long -- kill-sweep` has 60, and 20 over real data. */
import { killSweep, TINY_SWEEP } from '../../apps/research-cli/src/testing/kill-sweep.ts';
import { must } from './donch.ts';

const { kills, killsByPhase, killsWithChunks, problems } = await killSweep({ ...TINY_SWEEP, kills: 6, seed: 1 });
must(problems.length === 0, problems.join('\n'));
must(killsWithChunks > 0, `none of ${kills} kills fell while a sweep waited: ${JSON.stringify(killsByPhase)}`);
console.log(
  `${kills} kills of sweeps ${JSON.stringify(killsByPhase)}, ${killsWithChunks} while finished chunks waited: the same bytes, nothing left over`,
);
