/** One command line, start to end: what the `main.ts` of an app calls with the process and tests call with values. */
import { CommanderError } from 'commander';
import type { CliIo } from './cli-io.ts';
import { EXIT } from './exit-status.ts';
import { buildProgram, type Definition } from './program.ts';

/** Parses and runs `donch <args>` with the commands of an app; returns the exit code. Never throws for anything that stands in `args` or in files. */
export async function runProgram(
  definitions: readonly Definition[],
  args: readonly string[],
  io: CliIo,
): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = buildProgram(
    definitions,
    async (flags, work) => {
      const { runCommand } = await import('./command-runner.ts');
      exitCode = await runCommand(flags, work, io);
    },
    { writeOut: io.stdout, writeErr: io.stderr },
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    await reportUsage(error, args, io);
    return EXIT.usage;
  }
}

/** Commander has told people what is wrong; programs that asked for JSON get a document too. */
async function reportUsage({ message }: CommanderError, args: readonly string[], io: CliIo): Promise<void> {
  if (!args.includes('--json')) return;
  const { errorDocument } = await import('./command-runner.ts');
  const text = message.replace(/^error: /, '');
  io.stdout(`${JSON.stringify(errorDocument({ code: 'bad_argument', message: text }, EXIT.usage))}\n`);
}
