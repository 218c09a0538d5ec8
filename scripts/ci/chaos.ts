/**
 * Order safety: a thousand runs on a virtual clock and twenty with processes, sockets, ccxt and SIGKILL, each with faults of its own.
 * `npm run test:long -- chaos` has a thousand of the latter.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHAOS_STRATEGY } from '../../apps/live-bot/src/testing/chaos-strategy.ts';
import { checkIn, donch, must, timed, type Json } from './donch.ts';

/** Runs with processes follow the clock: on a machine that is busy with other things little happens in each. */
const SEEDS = 20;
const ROUNDS_MAX = 4;

await checkIn((folder) => {
  donch(['init', '.'], folder);
  const strategy = join(folder, 'strategies', 'chaos.yaml');
  writeFileSync(strategy, CHAOS_STRATEGY);
  const chaos = ['chaos', '--strategy', strategy];
  const [virtual, virtualTime] = timed(() => donch([...chaos, '--seeds', '1000', '--minutes', '15'], folder));
  const real: Json[] = [];
  const [, realTime] = timed(() => {
    for (let round = 0; round < ROUNDS_MAX && !isEnough(real); round += 1) {
      const first = String(1 + round * SEEDS);
      real.push(
        donch([...chaos, '--processes', '--seeds', String(SEEDS), '--first-seed', first, '--minutes', '6'], folder),
      );
    }
  });
  must(Number(virtual['fills']) > 5_000 && Number(virtual['kills']) > 1_000, `too little happened: ${said(virtual)}`);
  must(isEnough(real), `too little happened: ${real.map(said).join('; ')}`);
  return [`virtual clock, ${virtualTime}: ${said(virtual)}`, `processes, ${realTime}: ${real.map(said).join('; ')}`];
});

function isEnough(runs: readonly Json[]): boolean {
  const sum = (name: string): number => runs.reduce((total, run) => total + Number(run[name]), 0);
  return sum('fills') > 30 && sum('kills') > 20;
}

function said({ seeds, faults, kills, orders, fills, unprotectedSecondsMax }: Json): string {
  const n = String;
  return `${n(seeds)} seeds, ${n(faults)} faults, ${n(kills)} kills, ${n(orders)} orders, ${n(fills)} executions, ${n(unprotectedSecondsMax)} s without a stop at most; nothing lost, doubled or wrong`;
}
