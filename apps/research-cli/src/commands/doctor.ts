import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export function defineDoctor(program: Command, run: Runner): void {
  addProjectFlags(program.command('doctor').description('is everything in order here? each check with its remedy'))
    .addHelpText(
      'after',
      `
Looks at Node, installation, project, folders, disk space, lock, data, strategies. Exit code 4 when a check fails.

Examples:
  donch doctor
  donch doctor --json`,
    )
    .action((flags: ProjectFlags) =>
      run(flags, async (context) => {
        const { runDoctor } = await import('../pipeline/doctor.ts');
        return runDoctor(flags, context);
      }),
    );
}
