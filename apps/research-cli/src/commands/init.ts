import type { Command } from 'commander';
import { runCommand, type CommonFlags } from '../cli/command-runner.ts';
import { addCommonFlags } from '../cli/flags.ts';

export function defineInit(program: Command): void {
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
      runCommand(flags, async ({ terminal }) => {
        const { initProject } = await import('../pipeline/init-project.ts');
        const { made, kept, folder: path } = initProject(folder);
        for (const file of made) terminal.result(`made ${file}`);
        for (const file of kept) terminal.result(`kept ${file}`);
        terminal.result('next: donch import <files> --venue <venue> --interval <interval>, then donch run');
        terminal.document({ ok: true, folder: path, made, kept });
      }),
    );
}
