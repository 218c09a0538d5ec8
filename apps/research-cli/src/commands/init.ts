import type { Command } from 'commander';
import { addCommonFlags, type CommonFlags } from '../cli/flags.ts';
import type { Runner } from '../cli/program.ts';

export function defineInit(program: Command, run: Runner): void {
  addCommonFlags(
    program
      .command('init')
      .argument('[folder]', 'project folder', '.')
      .description('make a project: config.yaml, symbols.txt, strategies'),
  )
    .addHelpText(
      'after',
      `
Files that exist are kept as they are.

Examples:
  donch init .
  donch init my-project`,
    )
    .action((folder: string, flags: CommonFlags) =>
      run(flags, async (context) => {
        const { runInit } = await import('../pipeline/init-project.ts');
        runInit(folder, context);
      }),
    );
}
