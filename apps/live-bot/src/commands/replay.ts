import { addProjectFlags, type ProjectFlags, type Runner } from '@donch/cli';
import type { Command } from 'commander';

export function defineReplay(program: Command, run: Runner): void {
  addProjectFlags(
    program
      .command('replay')
      .argument('[session-or-day]', 'id of a session, or a day of the latest one (2025-10-05)')
      .description('does the same program decide the same on the recorded bars? byte by byte'),
  )
    .addHelpText(
      'after',
      `
The recorded bar sets, fills, answers and operator commands go through the same trader again. A difference is printed as the
first differing field with both values. Bars that the store holds with other values than were traded on are named apart: they
were revised later, which is no difference of logic. Exit code 4 when anything differs.

Examples:
  donch replay                  the latest session
  donch replay 2025-10-05       what differs on that day
  donch replay 3f2a81c09b7e4d55 --json`,
    )
    .action((what: string | undefined, flags: ProjectFlags) =>
      run(flags, async (context) => {
        const { runReplay } = await import('../session/run-replay.ts');
        return runReplay(what, flags, context);
      }),
    );
}
