/** The command line of an app as a commander program. Commands are declared; what they do is loaded only when they run. */
import { Command } from 'commander';
import type { CommandWork } from './command-runner.ts';
import type { CommonFlags } from './flags.ts';
import { donchVersion } from './version.ts';

/** Runs the work of the command that was chosen. */
export type Runner = (flags: CommonFlags, work: CommandWork) => Promise<void>;

/** Adds one command to the program. */
export type Definition = (program: Command, run: Runner) => void;

export interface ProgramOutput {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/** The whole program; parsing throws CommanderError where it would end the process. */
export function buildProgram(definitions: readonly Definition[], run: Runner, output: ProgramOutput): Command {
  // what is set here holds for the commands that are added after it
  const program = new Command('donch')
    .description('Research and trade Donchian breakouts on crypto perpetuals, with one code path for both.')
    .version(donchVersion())
    .configureOutput(output)
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(donch --help lists the commands, donch <command> --help its flags)')
    .exitOverride();
  for (const define of definitions) define(program, run);
  return program;
}
