/**
 * Order safety: a thousand runs on a virtual clock and twenty with processes, sockets, ccxt and SIGKILL, each with faults of its own.
 * `npm run test:long -- chaos` has a thousand of the latter.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHAOS_STRATEGY } from '../../apps/live-bot/src/testing/chaos-strategy.ts';
import { checkIn, donch, must, timed, type Json } from './donch.ts';

await checkIn((folder) => {
  donch(['init', '.'], folder);
  const strategy = join(folder, 'strategies', 'chaos.yaml');
  writeFileSync(strategy, CHAOS_STRATEGY);
  const chaos = ['chaos', '--strategy', strategy];
  const [virtual, virtualTime] = timed(() => donch([...chaos, '--seeds', '1000', '--minutes', '15'], folder));
  const [real, realTime] = timed(() => donch([...chaos, '--processes', '--seeds', '20', '--minutes', '6'], folder));
  must(Number(virtual['fills']) > 5_000 && Number(virtual['kills']) > 1_000, `too little happened: ${said(virtual)}`);
  must(Number(real['fills']) > 30 && Number(real['kills']) > 20, `too little happened: ${said(real)}`);
  return [`virtual clock, ${virtualTime}: ${said(virtual)}`, `processes, ${realTime}: ${said(real)}`];
});

function said({ seeds, faults, kills, orders, fills, unprotectedSecondsMax }: Json): string {
  const n = String;
  return `${n(seeds)} seeds, ${n(faults)} faults, ${n(kills)} kills, ${n(orders)} orders, ${n(fills)} executions, ${n(unprotectedSecondsMax)} s without a stop at most; nothing lost, doubled or wrong`;
}
