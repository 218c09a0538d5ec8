import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface TrialsFlags extends ProjectFlags {
  readonly limit: string;
}

export function defineTrials(program: Command, run: Runner): void {
  addProjectFlags(
    program.command('trials').description('how often you have looked: every configuration ever evaluated'),
  )
    .option('--limit <number>', 'how many windows of data at most', '20')
    .addHelpText(
      'after',
      `
The best of many trials looks good by luck alone, and the more, the better it looks. results/ledger/ counts every backtest, every variant
of a sweep and every search for a p*; a run that is found again is no new trial. Whoever deletes it fools himself.

Examples:
  donch trials
  donch trials --json`,
    )
    .action((flags: TrialsFlags) =>
      run(flags, async (context) => {
        const { listTrials } = await import('../pipeline/list-trials.ts');
        await listTrials(flags, context);
      }),
    );
}
