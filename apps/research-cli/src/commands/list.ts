import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export interface ListFlags extends ProjectFlags {
  readonly limit: string;
}

export function defineList(program: Command, run: Runner): void {
  addProjectFlags(program.command('list').description('the runs of this project, newest first, with their figures'))
    .option('--limit <number>', 'how many at most', '20')
    .addHelpText(
      'after',
      `
The run marked * is the one that results/ shows. Any of them answers: donch why BTCUSDT --run <id>, donch export trades --run <id>.

Examples:
  donch list
  donch list --limit 1000 --json`,
    )
    .action((flags: ListFlags) =>
      run(flags, async (context) => {
        const { listRuns } = await import('../pipeline/list-runs.ts');
        await listRuns(flags, context);
      }),
    );
}
