import { addProjectFlags, addStrategyFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface ChaosFlags extends ProjectFlags {
  readonly strategy?: readonly string[];
  readonly seeds: string;
  readonly firstSeed: string;
  readonly minutes?: string;
  readonly scenario?: readonly string[];
  readonly processes?: boolean;
}

export function defineChaos(program: Command, run: Runner): void {
  addStrategyFlags(
    addProjectFlags(program.command('chaos').description('your settings against an exchange that misbehaves')),
  )
    .option('--seeds <n>', 'number of runs, each with faults and kills of its own', '50')
    .option('--first-seed <n>', 'seed of the first run', '1')
    .option('--minutes <n>', 'length of a run')
    .option('--scenario <ids...>', 'only these faults of requests, e.g. F4 F17')
    .option(
      '--processes',
      'as in life: a process that is killed, sockets, the exchange client; about 40 s per four runs',
    )
    .addHelpText(
      'after',
      `
The trader with your exits and sizing trades on a stateful exchange inside this program that speaks Bybit's protocol. Requests
hang, are cut off, answered with nonsense or carried out without an answer; stops vanish, orders fill in parts, people close
positions by hand; the trader is killed and starts again. Entries are drawn by chance, limits on how often it trades are off.
Afterwards the exchange's ledger is compared with the trader's journal: every execution once, every verdict true.

Examples:
  donch chaos                            fifty runs on a virtual clock
  donch chaos --processes --seeds 8      eight with real processes and kill -9
  donch chaos --scenario F2 F4 --json    only answers that are lost after the order was taken`,
    )
    .action((flags: ChaosFlags) =>
      run(flags, async (context) => {
        const { runChaosCommand } = await import('../chaos/run-chaos-command.ts');
        return runChaosCommand(flags, context);
      }),
    );
}
