import { addCommonFlags, type CommonFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

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
