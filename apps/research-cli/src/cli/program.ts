/** The command line as a commander program. Commands are declared here; what they do is loaded only when they run. */
import { Command } from 'commander';
import { defineBacktest } from '../commands/backtest.ts';
import { defineConfig } from '../commands/config.ts';
import { defineData } from '../commands/data.ts';
import { defineDemo } from '../commands/demo.ts';
import { defineDoctor } from '../commands/doctor.ts';
import { defineExport } from '../commands/export.ts';
import { defineImport } from '../commands/import.ts';
import { defineInit } from '../commands/init.ts';
import { defineList } from '../commands/list.ts';
import { defineLookahead } from '../commands/lookahead.ts';
import { defineNullTest } from '../commands/null-test.ts';
import { defineReport } from '../commands/report.ts';
import { defineRun } from '../commands/run.ts';
import { defineScout } from '../commands/scout.ts';
import { defineWhy } from '../commands/why.ts';
import type { CommandWork } from './command-runner.ts';
import type { CommonFlags } from './flags.ts';
import { donchVersion } from './version.ts';

/** Runs the work of the command that was chosen. */
export type Runner = (flags: CommonFlags, work: CommandWork) => Promise<void>;

export interface ProgramOutput {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/** In the order in which help lists them. */
const DEFINITIONS: readonly ((program: Command, run: Runner) => void)[] = [
  defineDemo,
  defineInit,
  defineImport,
  defineRun,
  defineScout,
  defineBacktest,
  defineReport,
  defineWhy,
  defineList,
  defineExport,
  defineConfig,
  defineData,
  defineDoctor,
  defineLookahead,
  defineNullTest,
];

/** The whole program; parsing throws CommanderError where it would end the process. */
export function buildProgram(run: Runner, output: ProgramOutput): Command {
  // what is set here holds for the commands that are added after it
  const program = new Command('donch')
    .description('Research and trade Donchian breakouts on crypto perpetuals, with one code path for both.')
    .version(donchVersion())
    .configureOutput(output)
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(donch --help lists the commands, donch <command> --help its flags)')
    .exitOverride();
  for (const define of DEFINITIONS) define(program, run);
  return program;
}
